/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/client.h"

#include "protocol/error.h"
#include "protocol/json.h"
#include "protocol/name.h"
#include "protocol/timestamp.h"

BfyClient *
bfy_client_new (const char *id, const char *label, const char *const *bindings)
{
  BfyClient *self = g_new0 (BfyClient, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->id = g_strdup (id);
  self->label = g_strdup (label);
  self->bindings = g_strdupv ((GStrv) bindings);

  return self;
}

BfyClient *
bfy_client_copy (const BfyClient *self)
{
  BfyClient *copy = bfy_client_new (self->id, self->label, (const char *const *) self->bindings);

  copy->created_at_s = self->created_at_s;
  copy->last_used_at_s = self->last_used_at_s;
  copy->has_decoy = self->has_decoy;

  return copy;
}

BfyClient *
bfy_client_ref (BfyClient *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
bfy_client_unref (BfyClient *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_free (self->id);
  g_free (self->label);
  g_strfreev (self->bindings);
  g_free (self);
}

gboolean
bfy_client_may_use (const BfyClient *self, const char *binding_name)
{
  return self->bindings == NULL ||
         g_strv_contains ((const char *const *) self->bindings, binding_name);
}

JsonObject *
bfy_client_to_json (const BfyClient *self)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "id", self->id);
  json_object_set_string_member (object, "label", self->label);
  if (self->bindings != NULL)
    {
      JsonArray *bindings = json_array_new ();

      for (guint i = 0; self->bindings[i] != NULL; i++)
        json_array_add_string_element (bindings, self->bindings[i]);
      json_object_set_array_member (object, "bindings", bindings);
    }
  else
    {
      json_object_set_null_member (object, "bindings");
    }
  json_object_set_boolean_member (object, "has_decoy", self->has_decoy);
  bfy_time_set_member (object, "created_at", self->created_at_s);
  bfy_time_set_member (object, "last_used_at", self->last_used_at_s);

  return object;
}

static gboolean
check_names (char **names, GError **error)
{
  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    {
      if (!bfy_name_check (names[i], error))
        return FALSE;
    }

  return TRUE;
}

BfyClient *
bfy_client_from_json (JsonObject *object, GError **error)
{
  g_autoptr (BfyClient) self = NULL;
  g_auto (GStrv) bindings = NULL;
  g_autofree char *normal_label = NULL;
  const char *id = NULL;
  const char *label = NULL;

  if (!bfy_json_get_string (object, "id", &id, error) ||
      !bfy_json_get_string (object, "label", &label, error) ||
      !bfy_json_get_strings (object, "bindings", &bindings, error) ||
      !check_names (bindings, error))
    return NULL;
  if (id == NULL)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_BAD_REQUEST, "The client lacks its “id”");
      return NULL;
    }
  normal_label = bfy_label_normalize (label, error);
  if (normal_label == NULL)
    return NULL;

  self = bfy_client_new (id, normal_label, (const char *const *) bindings);
  if (!bfy_json_get_boolean (object, "has_decoy", &self->has_decoy, error) ||
      !bfy_time_get_member (object, "created_at", &self->created_at_s, error) ||
      !bfy_time_get_member (object, "last_used_at", &self->last_used_at_s, error))
    return NULL;

  return g_steal_pointer (&self);
}
