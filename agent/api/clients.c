/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/api/api.h"
#include "protocol/client-key.h"
#include "protocol/json.h"

void
bfy_api_list_clients (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  g_autoptr (GPtrArray) clients = bfy_registry_clients (agent->registry);
  JsonObject *object = json_object_new ();
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < clients->len; i++)
    json_array_add_object_element (array, bfy_client_to_json (g_ptr_array_index (clients, i)));
  json_object_set_array_member (object, "clients", array);
  bfy_request_reply_json (request, 200, object);
}

static void
append_member (GString *text, const char *name, const char *value)
{
  g_string_append_printf (text, "%s\"%s\":", text->len > 1 ? "," : "", name);
  bfy_json_append_string (text, value, -1);
}

/* Written by hand, so that the key is copied once, into a buffer that is wiped. The HTTP library
 * copies it once more into its own. */
static void
reply_key (BfyAgent *agent, BfyRequest *request, BfyClient *client, const BfySecret *key)
{
  g_autoptr (BfySecret) printed = bfy_client_key_to_printed (key);
  const char *example = client->bindings != NULL ? client->bindings[0] : NULL;
  g_autofree char *url = bfy_api_endpoint (agent, example != NULL ? example : "NAME");
  g_autoptr (GString) text = g_string_sized_new (2048);

  g_string_append_c (text, '{');
  append_member (text, "id", client->id);
  append_member (text, "label", client->label);
  append_member (text, "key", bfy_secret_peek_text (printed));
  if (url != NULL)
    append_member (text, "url_example", url);
  else
    g_string_append (text, ",\"url_example\":null");
  g_string_append_c (text, '}');
  bfy_request_reply (request, 201, "application/json", text->str, (gssize) text->len);
  bfy_wipe (text->str, text->len);
}

static gboolean
check_bindings (BfyAgent *agent, const char *const *names, GError **error)
{
  for (; names != NULL && *names != NULL; names++)
    {
      if (bfy_registry_find (agent->registry, *names) != NULL)
        continue;
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_NOT_FOUND,
                           "The client cannot be limited to a binding that does not exist");
      return FALSE;
    }

  return TRUE;
}

static BfyClient *
add_client (BfyAgent *agent, BfyRequest *request, BfySecret **key, GError **error)
{
  static const char *const known[] = { "label", "bindings", NULL };
  g_autoptr (JsonObject) body = bfy_api_read_body (request, error);
  g_auto (GStrv) bindings = NULL;
  const char *label = NULL;

  if (body == NULL || !bfy_json_refuse_unknown (body, known, error) ||
      !bfy_json_get_string (body, "label", &label, error) ||
      !bfy_json_get_strings (body, "bindings", &bindings, error) ||
      !check_bindings (agent, (const char *const *) bindings, error))
    return NULL;
  if (label == NULL)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_BAD_REQUEST,
                           "“label” says what the client is called");
      return NULL;
    }

  return bfy_registry_add_client (agent->registry, label, (const char *const *) bindings, key,
                                  error);
}

static void
record (BfyAgent *agent, BfyRequest *request, const char *type, const BfyClient *client)
{
  BfyEvent *event = bfy_agent_new_event (type, NULL, request);

  event->detail = g_strdup (client->label);
  bfy_store_append_event (agent->store, event, TRUE);
}

void
bfy_api_add_client (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  g_autoptr (BfySecret) key = NULL;
  GError *error = NULL;
  g_autoptr (BfyClient) client = add_client (agent, request, &key, &error);

  if (client == NULL)
    {
      bfy_api_fail (request, error, NULL);
      return;
    }

  record (agent, request, "key_issued", client);
  reply_key (agent, request, client, key);
}

void
bfy_api_remove_client (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  GError *error = NULL;
  BfyClient *found = bfy_registry_find_client (agent->registry, argument, &error);
  g_autoptr (BfyClient) client = found != NULL ? bfy_client_ref (found) : NULL;

  if (client == NULL || !bfy_registry_remove_client (agent->registry, client->id, &error))
    {
      bfy_api_fail (request, error, NULL);
      return;
    }

  record (agent, request, "key_revoked", client);
  bfy_request_reply_empty (request, 204);
}
