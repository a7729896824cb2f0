/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/api/api.h"
#include "agent/move.h"
#include "protocol/json.h"
#include "protocol/name.h"

/* Collects the answers of all backends; the last one sends the reply. */
typedef struct
{
  BfyAgent *agent;     /* borrowed */
  BfyRequest *request; /* (owned) */
  JsonArray *keyrings; /* (owned) */
  guint n_left;
  gboolean has_desktop; /* a Secret Service answers */
} List;

static guint
count_bindings (BfyAgent *agent, const char *keyring)
{
  g_autoptr (GPtrArray) bindings = bfy_registry_bindings (agent->registry);
  guint n = 0;

  for (guint i = 0; i < bindings->len; i++)
    {
      const BfyBinding *binding = g_ptr_array_index (bindings, i);

      n += g_str_equal (binding->keyring, keyring);
    }

  return n;
}

/* Where a new credential would go now: what "auto" means depends on what is there. */
static const char *
default_keyring (const List *list)
{
  const char *preferred = bfy_keyrings_get_preferred (list->agent->keyrings);

  if (!g_str_equal (preferred, BFY_KEYRING_AUTO))
    return preferred;

  return list->has_desktop ? BFY_KEYRING_SECRET_SERVICE : BFY_KEYRING_VAULT;
}

static void
finish_list (List *list)
{
  JsonObject *object = json_object_new ();
  const char *chosen = default_keyring (list);

  bfy_agent_forget_if_locked (list->agent);
  for (guint i = 0; i < json_array_get_length (list->keyrings); i++)
    {
      JsonObject *entry = json_array_get_object_element (list->keyrings, i);

      json_object_set_boolean_member (
          entry, "is_default", g_str_equal (json_object_get_string_member (entry, "name"), chosen));
    }
  json_object_set_array_member (object, "keyrings", g_steal_pointer (&list->keyrings));
  bfy_request_reply_json (list->request, 200, object);
  bfy_request_unref (list->request);
  g_free (list);
}

JsonObject *
bfy_api_describe_keyring (BfyKeyring *keyring, GAsyncResult *checked, gboolean *is_there)
{
  JsonObject *entry = json_object_new ();
  g_autoptr (GError) error = NULL;
  BfyKeyringState state;

  json_object_set_string_member (entry, "name", bfy_keyring_get_name (keyring));
  if (bfy_keyring_check_finish (keyring, checked, &state, &error))
    {
      json_object_set_string_member (entry, "state", bfy_keyring_state_to_wire (state));
      json_object_set_null_member (entry, "message");
    }
  else
    {
      json_object_set_string_member (entry, "state", bfy_error_to_wire (bfy_error_code (error)));
      json_object_set_string_member (entry, "message", error->message);
    }
  if (is_there != NULL)
    *is_there = error == NULL && state != BFY_KEYRING_ABSENT;

  return entry;
}

static void
on_checked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  List *list = user_data;
  BfyKeyring *keyring = BFY_KEYRING (source);
  const char *name = bfy_keyring_get_name (keyring);
  g_autofree char *place = bfy_keyring_dup_place (keyring);
  gboolean is_there;
  JsonObject *entry = bfy_api_describe_keyring (keyring, result, &is_there);

  if (g_str_equal (name, BFY_KEYRING_SECRET_SERVICE))
    list->has_desktop = is_there;
  json_object_set_string_member (entry, "place", place);
  json_object_set_int_member (entry, "n_bindings", count_bindings (list->agent, name));
  json_array_add_object_element (list->keyrings, entry);
  if (--list->n_left == 0)
    finish_list (list);
}

void
bfy_api_list_keyrings (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  GPtrArray *keyrings = bfy_keyrings_list (agent->keyrings);
  List *list = g_new0 (List, 1);

  list->agent = agent;
  list->request = bfy_request_ref (request);
  list->keyrings = json_array_new ();
  list->n_left = keyrings->len;
  for (guint i = 0; i < keyrings->len; i++)
    bfy_keyring_check_async (g_ptr_array_index (keyrings, i), NULL, on_checked, list);
}

typedef struct
{
  BfyAgent *agent;     /* borrowed */
  BfyRequest *request; /* (owned) */
  BfyBinding *binding; /* (owned) */
} Moving;

static void
note_move (const Moving *moving, const BfyMove *move, const BfyBinding *binding)
{
  BfyEvent *event = bfy_agent_new_event ("moved", binding, moving->request);

  event->detail = g_strdup_printf ("%s to %s", move->from, binding->keyring);
  bfy_store_append_event (moving->agent->store, event, TRUE);
}

static void
on_moved (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Moving *moving = user_data;
  BfyBinding *current = bfy_registry_find_by_id (moving->agent->registry, moving->binding->id);
  g_auto (BfyMove) move = { 0 };
  GError *error = NULL;
  JsonObject *object;

  if (!bfy_move_finish (result, &move, &error))
    {
      bfy_api_fail (moving->request, error, moving->binding->name);
    }
  else
    {
      if (current == NULL)
        current = moving->binding;
      if (move.moved)
        note_move (moving, &move, current);
      object = json_object_new ();
      json_object_set_object_member (object, "binding",
                                     bfy_api_describe_binding (moving->agent, current));
      json_object_set_string_member (object, "from", move.from);
      json_object_set_boolean_member (object, "moved", move.moved);
      json_object_set_int_member (object, "n_cleaned", move.n_cleaned);
      if (move.left_over != NULL)
        json_object_set_string_member (object, "left_over", move.left_over);
      else
        json_object_set_null_member (object, "left_over");
      bfy_request_reply_json (moving->request, 200, object);
    }
  bfy_agent_forget_if_locked (moving->agent);
  bfy_request_unref (moving->request);
  bfy_binding_unref (moving->binding);
  g_free (moving);
}

static gboolean
read_target (JsonObject *body, const char **target, GError **error)
{
  if (!bfy_json_get_string (body, "keyring", target, error))
    return FALSE;
  if (*target != NULL && !g_str_equal (*target, BFY_KEYRING_AUTO))
    return TRUE;

  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                       "Say where to: secret-service, vault or memory");

  return FALSE;
}

void
bfy_api_move_binding (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  BfyBinding *binding = bfy_registry_find (agent->registry, argument);
  GError *error = NULL;
  g_autoptr (JsonObject) body = bfy_api_read_body (request, &error);
  g_autofree char *shown = bfy_text_to_line (argument, BFY_NAME_LENGTH_MAX);
  const char *target = NULL;
  Moving *moving;

  if (body != NULL && binding == NULL)
    error = g_error_new (BFY_ERROR, BFY_ERROR_NOT_FOUND, "There is no binding called “%s”", shown);
  if (error != NULL || !read_target (body, &target, &error))
    {
      bfy_api_fail (request, error, NULL);
      return;
    }

  moving = g_new0 (Moving, 1);
  moving->agent = agent;
  moving->request = bfy_request_ref (request);
  moving->binding = bfy_binding_ref (binding);
  bfy_move_async (agent, binding, target, on_moved, moving);
}
