/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/enrol/open-probe.h"

#include <libsoup/soup.h>

#define MODERN "2026-07-28"
#define LIST_TOOLS "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/list\",\"params\":{"

static const char legacy_body[] = LIST_TOOLS "}}";
static const char modern_body[] =
    LIST_TOOLS "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"" MODERN "\","
               "\"io.modelcontextprotocol/clientCapabilities\":{}}}}";

typedef struct
{
  BfyAgent *agent;     /* borrowed */
  BfyBinding *binding; /* (owned) */
  BfyProbeResult answer;
  BfyChallenge *challenge; /* (owned) (nullable) */
} OpenProbe;

static void
open_probe_free (gpointer user_data)
{
  OpenProbe *self = user_data;

  bfy_challenge_free (self->challenge);
  bfy_binding_unref (self->binding);
  g_free (self);
}

static GHashTable *
new_modern_headers (void)
{
  GHashTable *headers = g_hash_table_new (g_str_hash, g_str_equal);

  g_hash_table_insert (headers, (gpointer) "MCP-Protocol-Version", (gpointer) MODERN);
  g_hash_table_insert (headers, (gpointer) "Mcp-Method", (gpointer) "tools/list");

  return headers;
}

/* @body (nullable): instead of `initialize`. */
static void
send_probe (GTask *task, const char *body, GAsyncReadyCallback callback)
{
  OpenProbe *self = g_task_get_task_data (task);
  g_autoptr (BfyInjection) nothing = bfy_injection_new (BFY_INJECT_NONE, NULL, NULL);
  g_autoptr (GHashTable) headers = body == modern_body ? new_modern_headers () : NULL;
  BfyProbe probe;

  bfy_probe_init_mcp (&probe, self->binding, nothing, NULL);
  if (body != NULL)
    probe.body = body;
  probe.headers = headers;
  bfy_probe_async (self->agent, &probe, g_task_get_cancellable (task), callback, task);
}

/* Only a challenge is news: without a session, most have nothing else to say. */
static void
on_tools (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  OpenProbe *self = g_task_get_task_data (task);
  g_autoptr (BfyChallenge) challenge = bfy_probe_steal_challenge (result);
  BfyProbeResult answer;

  if (bfy_probe_finish (result, &answer, NULL) && answer.status == SOUP_STATUS_UNAUTHORIZED)
    {
      self->answer = answer;
      bfy_challenge_free (self->challenge);
      self->challenge = g_steal_pointer (&challenge);
    }
  g_task_return_boolean (task, TRUE);
}

/* What is still to be asked; NULL when the answer is clear. A server that knows no `initialize` may
 * be one of the versions without it. */
static const char *
next_body (guint status)
{
  if (SOUP_STATUS_IS_SUCCESSFUL (status))
    return legacy_body;
  if (status == SOUP_STATUS_UNAUTHORIZED || status == SOUP_STATUS_FORBIDDEN)
    return NULL;

  return SOUP_STATUS_IS_CLIENT_ERROR (status) ? modern_body : NULL;
}

static void
on_initialized (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  OpenProbe *self = g_task_get_task_data (task);
  const char *body;
  GError *error = NULL;

  self->challenge = bfy_probe_steal_challenge (result);
  if (!bfy_probe_finish (result, &self->answer, &error))
    {
      g_task_return_error (task, error);
      return;
    }

  body = next_body (self->answer.status);
  if (body != NULL)
    send_probe (g_steal_pointer (&task), body, on_tools);
  else
    g_task_return_boolean (task, TRUE);
}

void
bfy_open_probe_async (BfyAgent *agent,
                      const BfyBinding *binding,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  OpenProbe *self = g_new0 (OpenProbe, 1);

  g_task_set_source_tag (task, bfy_open_probe_async);
  g_task_set_task_data (task, self, open_probe_free);
  self->agent = agent;
  self->binding = bfy_binding_ref ((BfyBinding *) binding);
  send_probe (task, NULL, on_initialized);
}

gboolean
bfy_open_probe_finish (GAsyncResult *result,
                       BfyProbeResult *answer,
                       BfyChallenge **challenge,
                       GError **error)
{
  OpenProbe *self = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;
  *answer = self->answer;
  if (challenge != NULL)
    *challenge = g_steal_pointer (&self->challenge);

  return TRUE;
}
