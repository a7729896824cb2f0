/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The settings that a person may change while the agent runs. What is being asked about, or was
 * refused, may not change any (agent/api/api.c): it could switch off what locks the agent, or how
 * long it is kept waiting. */

#include "agent/api/api.h"
#include "agent/configuration.h"
#include "agent/door/listen.h"

static void
reply_all (BfyAgent *agent, BfyRequest *request)
{
  bfy_request_reply_json (request, 200, bfy_configuration_describe (agent->configuration));
}

void
bfy_api_show_settings (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  reply_all (agent, request);
}

/* An agent that cannot have its port does not start at all, and then nobody could change it back
 * here: better to find out now. */
static gboolean
check_port (BfyAgent *agent, const char *value, GError **error)
{
  guint64 port = g_ascii_strtoull (value, NULL, 10);
  g_autoptr (GSocket) socket = NULL;

  if (port == 0 || port == bfy_server_get_port (agent->server))
    return TRUE;
  socket = bfy_listen_loopback (G_SOCKET_FAMILY_IPV4, (guint16) port, error);

  return socket != NULL;
}

static gboolean
read_value (JsonObject *body, const char *name, const char **value, GError **error)
{
  JsonNode *node = json_object_get_member (body, name);

  *value = NULL;
  if (JSON_NODE_HOLDS_NULL (node))
    return TRUE;
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    {
      *value = json_node_get_string (node);
      return TRUE;
    }
  g_set_error (error, BFY_ERROR, BFY_ERROR_BAD_REQUEST,
               "The value of a setting is a text, or null for what is built in");

  return FALSE;
}

static gboolean
read_change (BfyAgent *agent, JsonObject *body, const char *name, GArray *changes, GError **error)
{
  BfyConfigurationChange change = { bfy_setting_find (name, error), NULL };

  if (change.setting == NULL || !read_value (body, name, &change.value, error))
    return FALSE;
  if (change.value != NULL && !bfy_setting_check (change.setting, change.value, error))
    return FALSE;
  if (change.value != NULL && g_str_equal (name, "agent.port") &&
      !check_port (agent, change.value, error))
    return FALSE;
  g_array_append_val (changes, change);

  return TRUE;
}

/* @changes: (element-type BfyConfigurationChange), borrowing from @body. */
static gboolean
read_changes (BfyAgent *agent, JsonObject *body, GArray *changes, GError **error)
{
  g_autoptr (GList) names = json_object_get_members (body);

  for (GList *l = names; l != NULL; l = l->next)
    if (!read_change (agent, body, l->data, changes, error))
      return FALSE;
  if (changes->len > 0)
    return TRUE;

  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_BAD_REQUEST, "No setting is named");

  return FALSE;
}

static void
record (BfyAgent *agent, BfyRequest *request, const GArray *changes)
{
  for (guint i = 0; i < changes->len; i++)
    {
      const BfyConfigurationChange *change = &g_array_index (changes, BfyConfigurationChange, i);
      BfyEvent *event = bfy_agent_new_event ("settings_changed", NULL, request);

      event->detail =
          g_strdup_printf ("%s=%s", change->setting->name,
                           change->value != NULL ? change->value : change->setting->fallback);
      bfy_store_append_event (agent->store, event, TRUE);
    }
}

void
bfy_api_change_settings (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  GError *error = NULL;
  g_autoptr (JsonObject) body = bfy_api_read_body (request, &error);
  g_autoptr (GArray) changes = g_array_new (FALSE, FALSE, sizeof (BfyConfigurationChange));

  if (body == NULL || !read_changes (agent, body, changes, &error) ||
      !bfy_configuration_change (agent->configuration,
                                 &g_array_index (changes, BfyConfigurationChange, 0), changes->len,
                                 &error))
    {
      bfy_api_fail (request, error, NULL);
      return;
    }

  record (agent, request, changes);
  reply_all (agent, request);
}
