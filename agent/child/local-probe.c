/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Which era a command speaks: asked of a server that may be lost by the question, because some end
 * when anything comes before initialize (mcp.md A.9). */

#include <string.h>

#include "agent/child/local-private.h"
#include "agent/child/version.h"
#include "bfy-config.h"
#include "protocol/json.h"

void
bfy_local_probe_free (BfyLocalProbe *probe)
{
  if (probe == NULL)
    return;

  g_source_destroy (probe->timer);
  g_source_unref (probe->timer);
  g_free (probe);
}

/* Everybody who waited; new ones may ask while they are told. */
static void
tell_askers (BfyLocal *self, BfyLocalEra era)
{
  g_autoptr (GArray) askers = self->askers;

  self->askers = g_array_new (FALSE, FALSE, sizeof (BfyLocalAsker));
  for (guint i = 0; i < askers->len; i++)
    {
      BfyLocalAsker *asker = &g_array_index (askers, BfyLocalAsker, i);

      asker->func (self, era, NULL, asker->user_data);
    }
}

/* @is_lasting: remembered for this command. */
static void
end_probe (BfyLocal *self, BfyLocalEra era, gboolean is_lasting)
{
  g_clear_pointer (&self->probe, bfy_local_probe_free);
  if (is_lasting)
    self->era = era;
  tell_askers (self, era);
}

/* The versions that a DiscoverResult names, or that the server offers instead of ours. */
static char *
find_versions (const BfyMuxMessage *message)
{
  BfyJsonSlice root, here;

  bfy_json_slice_root (message->text, message->length, &root);
  if (bfy_json_slice_member (&root, "result", &here) &&
      bfy_json_slice_member (&here, "supportedVersions", &here) && here.type == BFY_JSON_ARRAY)
    return g_strndup (here.start, here.length);
  if (message->is_error && message->error_code == -32022 &&
      bfy_json_slice_member (&root, "error", &here) &&
      bfy_json_slice_member (&here, "data", &here) &&
      bfy_json_slice_member (&here, "supported", &here) && here.type == BFY_JSON_ARRAY)
    return g_strndup (here.start, here.length);

  return NULL;
}

/* A server that answers well becomes the shared one: it need not be started again. */
static void
on_probe_response (BfyWaiter *waiter, const BfyMuxMessage *message)
{
  BfyLocalProbe *probe = (BfyLocalProbe *) waiter;
  BfyLocal *self = probe->local;
  BfySession *session = probe->session;

  g_free (self->versions);
  self->versions = find_versions (message);
  if (self->versions != NULL)
    {
      end_probe (self, BFY_LOCAL_MODERN, TRUE);
      return;
    }

  bfy_local_free_session (self, session);
  end_probe (self, BFY_LOCAL_LEGACY, TRUE);
}

/* Some servers end when anything comes before initialize; one that cannot run at all is not to be
 * remembered as an old one. */
static void
on_probe_failed (BfyWaiter *waiter, const char *reason)
{
  BfyLocal *self = ((BfyLocalProbe *) waiter)->local;

  end_probe (self, BFY_LOCAL_LEGACY, FALSE);
}

static void
on_probe_related (BfyWaiter *waiter, const char *json, gsize length)
{
}

static gboolean
on_probe_late (gpointer user_data)
{
  BfyLocalProbe *probe = user_data;
  BfyLocal *self = probe->local;

  bfy_session_forget (probe->session, &probe->waiter, FALSE);
  bfy_local_free_session (self, probe->session);
  end_probe (self, BFY_LOCAL_LEGACY, FALSE);

  return G_SOURCE_REMOVE;
}

static void
begin_probe (BfyLocal *self, BfySession *session)
{
  static const char discover[] =
      "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"server/discover\",\"params\":{\"_meta\":{"
      "\"io.modelcontextprotocol/protocolVersion\":\"" BFY_VERSION_MODERN "\","
      "\"io.modelcontextprotocol/clientInfo\":{\"name\":\"bindify\",\"version\":\"" BFY_VERSION
      "\"},\"io.modelcontextprotocol/clientCapabilities\":{}}}}";
  BfyLocalProbe *probe = g_new0 (BfyLocalProbe, 1);

  probe->waiter.response = on_probe_response;
  probe->waiter.related = on_probe_related;
  probe->waiter.failed = on_probe_failed;
  probe->local = self;
  probe->session = session;
  probe->timer = g_timeout_source_new (BFY_LOCAL_PROBE_MS);
  g_source_set_callback (probe->timer, on_probe_late, probe, NULL);
  g_source_attach (probe->timer, g_main_context_get_thread_default ());
  self->probe = probe;
  if (!bfy_session_request (session, &probe->waiter, discover, strlen (discover)))
    g_critical ("A new server is busy already");
}

void
bfy_local_find_era (BfyLocal *self, BfyLocalFunc func, gpointer user_data)
{
  BfyLocalAsker asker = { func, user_data };
  g_autoptr (GError) error = NULL;

  if (self->era == BFY_LOCAL_UNKNOWN && self->probe == NULL)
    {
      BfySession *session = bfy_local_get_shared (self, &error);

      if (session != NULL)
        begin_probe (self, session);
    }
  if (self->probe != NULL)
    g_array_append_val (self->askers, asker);
  else
    func (self, self->era, error, user_data);
}
