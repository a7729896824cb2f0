/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/api/vault-info.h"

#include "protocol/timestamp.h"

JsonArray *
bfy_vault_describe_slots (GArray *slots)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < slots->len; i++)
    {
      const BfyVaultSlot *slot = &g_array_index (slots, BfyVaultSlot, i);
      JsonObject *object = json_object_new ();

      json_object_set_int_member (object, "number", slot->number);
      json_object_set_string_member (object, "kind", bfy_vault_slot_kind_to_wire (slot->kind));
      bfy_time_set_member (object, "created_at", slot->created_at_s);
      json_object_set_object_member (object, "kdf", bfy_kdf_to_json (&slot->kdf));
      json_array_add_object_element (array, object);
    }

  return array;
}

static JsonArray *
describe_keys (GArray *keys)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < keys->len; i++)
    {
      const BfyVaultKeyInfo *key = &g_array_index (keys, BfyVaultKeyInfo, i);
      JsonObject *object = json_object_new ();

      json_object_set_string_member (object, "fingerprint", key->fingerprint);
      json_object_set_boolean_member (object, "active", key->is_active);
      json_object_set_int_member (object, "items", key->n_items);
      json_array_add_object_element (array, object);
    }

  return array;
}

static void
set_rotation (JsonObject *object, const BfyVaultInfo *info)
{
  JsonObject *rotation;

  if (info->rotation == BFY_ROTATION_NONE)
    {
      json_object_set_null_member (object, "rotation");
      return;
    }

  rotation = json_object_new ();
  json_object_set_string_member (rotation, "state", bfy_rotation_state_to_wire (info->rotation));
  json_object_set_int_member (rotation, "migrated", info->n_migrated);
  json_object_set_int_member (rotation, "left", info->n_left);
  json_object_set_object_member (object, "rotation", rotation);
}

JsonObject *
bfy_vault_describe (BfyVault *vault)
{
  g_autoptr (BfyVaultInfo) info = bfy_vault_get_info (vault);
  JsonObject *object = json_object_new ();
  JsonArray *orphans = json_array_new ();

  for (guint i = 0; info->orphans[i] != NULL; i++)
    json_array_add_string_element (orphans, info->orphans[i]);
  json_object_set_string_member (object, "state", bfy_keyring_state_to_wire (info->state));
  json_object_set_string_member (object, "path", info->path);
  json_object_set_int_member (object, "format", info->format);
  json_object_set_int_member (object, "generation", (gint64) info->generation);
  json_object_set_int_member (object, "items", info->n_items);
  json_object_set_array_member (object, "slots", bfy_vault_describe_slots (info->slots));
  json_object_set_array_member (object, "keys", describe_keys (info->keys));
  json_object_set_array_member (object, "orphans", orphans);
  set_rotation (object, info);
  if (info->problem != NULL)
    json_object_set_string_member (object, "problem", info->problem->message);
  else
    json_object_set_null_member (object, "problem");

  return object;
}
