/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <glib-unix.h>
#include <unistd.h>

#include "agent/all/all.h"
#include "agent/api/api.h"
#include "agent/child/children.h"
#include "agent/child/launch.h"
#include "agent/configuration.h"
#include "agent/database/databases.h"
#include "agent/database/relay.h"
#include "agent/era/eras.h"
#include "agent/footprint.h"
#include "agent/gate.h"
#include "agent/grant/grants.h"
#include "agent/guard/entrance.h"
#include "agent/guard/guard.h"
#include "agent/hardening.h"
#include "agent/http/http.h"
#include "agent/lifetime.h"
#include "agent/lock/lock.h"
#include "agent/network/network.h"
#include "agent/notify.h"
#include "agent/oauth/refresher.h"
#include "agent/oauth/scheduler.h"
#include "agent/oauth/step-up.h"
#include "agent/pause.h"
#include "agent/policy/hints.h"
#include "agent/policy/usage.h"
#include "agent/prompt/prompts.h"
#include "agent/proxy/mcp.h"
#include "agent/room.h"
#include "agent/run-private.h"
#include "agent/ties.h"
#include "agent/uses.h"
#include "protocol/log.h"

#define CHILDREN_GRACE_MS 1000 /* for local servers to end by themselves */

static void
daemon_free (BfyDaemon *self)
{
  BfyAgent *agent = &self->agent;

  g_clear_pointer (&self->session, bfy_desktop_session_free);
  g_clear_pointer (&agent->scheduler, bfy_scheduler_free);
  g_clear_pointer (&agent->ties, bfy_ties_free);
  g_clear_pointer (&agent->room, bfy_room_free);
  g_clear_pointer (&agent->pauses, bfy_pauses_free);
  g_clear_pointer (&agent->lifetimes, bfy_lifetimes_free);
  g_clear_object (&agent->server);
  g_clear_pointer (&self->askpass, bfy_askpass_free);
  g_clear_pointer (&agent->prompts, bfy_prompts_free);
  g_clear_pointer (&agent->eras, bfy_eras_free);
  g_clear_pointer (&agent->children, bfy_children_free);
  g_clear_pointer (&agent->all, bfy_all_free);
  g_clear_pointer (&agent->lock, bfy_lock_free);
  g_clear_pointer (&agent->hints, bfy_hints_free);
  g_clear_pointer (&agent->refresher, bfy_refresher_free);
  g_clear_pointer (&agent->step_up, bfy_step_up_free);
  g_clear_pointer (&agent->databases, bfy_databases_free);
  g_clear_pointer (&agent->network, bfy_network_free);
  g_clear_pointer (&agent->sign_ins, g_hash_table_unref);
  g_clear_object (&agent->unlocker);
  g_clear_object (&agent->seals);
  bfy_log_set_known (NULL, NULL);
  if (agent->store != NULL)
    bfy_store_set_cleaner (agent->store, NULL, NULL);
  g_clear_pointer (&agent->guard, bfy_guard_unref);
  g_clear_pointer (&agent->sessions, bfy_sessions_free);
  g_clear_pointer (&agent->postboxes, bfy_postboxes_free);
  g_clear_object (&agent->credentials);
  g_clear_object (&agent->keyrings);
  g_clear_object (&agent->services);
  g_clear_pointer (&agent->usage, bfy_usage_free);
  g_clear_object (&agent->uses);
  g_clear_object (&agent->grants);
  g_clear_object (&agent->registry);
  if (agent->store != NULL)
    bfy_store_close (agent->store);
  g_clear_pointer (&self->journal, bfy_journal_free);
  g_clear_object (&agent->store);
  g_strfreev (agent->problems);
  g_clear_pointer (&agent->configuration, bfy_configuration_free);
  g_clear_pointer (&self->settings, bfy_settings_free);
  g_clear_pointer (&self->proxies, bfy_proxies_free);
  g_clear_pointer (&self->vault_key, bfy_secret_unref);
  g_clear_pointer (&self->loop, g_main_loop_unref);
  g_free (self->state_dir);
  g_free (self->config_dir);
  g_free (self->socket_path);
  g_free (self->inherited_path);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyDaemon, daemon_free)

static void
on_admit (BfyRequest *request, gpointer user_data)
{
  bfy_gate_admit (user_data, request);
}

static void
on_serve (BfyRequest *request, gpointer user_data)
{
  BfyRouteKind kind = bfy_request_get_route (request)->kind;

  if (kind == BFY_ROUTE_HTTP)
    bfy_http_serve (user_data, request);
  else if (kind != BFY_ROUTE_CONTROL)
    bfy_mcp_serve (user_data, request);
  else if (bfy_entrance_admit_body (user_data, request))
    bfy_api_serve (user_data, request);
  else
    bfy_request_reply_error_status (request, SOUP_STATUS_FORBIDDEN, BFY_ERROR_DENIED,
                                    "This request is not permitted; bindify log says why");
}

static const BfyServerHandler handler = { .admit = on_admit, .serve = on_serve };

static void
on_stopped (GObject *source, GAsyncResult *result, gpointer user_data)
{
  BfyDaemon *self = user_data;

  if (bfy_server_stop_finish (BFY_SERVER (source), result, NULL))
    g_main_loop_quit (self->loop);
}

/* The first signal asks politely; a second one does not wait for anybody. */
static gboolean
on_signal (gpointer user_data)
{
  BfyDaemon *self = user_data;

  if (self->n_signals++ > 0)
    {
      g_main_loop_quit (self->loop);
      return G_SOURCE_CONTINUE;
    }
  bfy_notify (self->start->notify_socket, "STOPPING=1");
  bfy_prompts_refuse_all (self->agent.prompts, NULL, BFY_ERROR_APPROVAL_DISMISSED,
                          "The agent is being stopped; nothing has been done, try again when it "
                          "runs");
  bfy_server_stop_async (self->agent.server, BFY_STOP_GRACE_MS, on_stopped, self);

  return G_SOURCE_CONTINUE;
}

static gboolean
on_forget (gpointer user_data)
{
  bfy_agent_forget_secrets (user_data, "SIGUSR1");

  return G_SOURCE_CONTINUE;
}

/* As if it had told us, which it does not. */
static void
on_session_over (gpointer user_data)
{
  g_message ("The session is over");
  on_signal (user_data);
}

static void
follow_session (BfyDaemon *self)
{
  const BfyStart *start = self->start;

  if (start->options->in_session)
    self->session = bfy_desktop_session_new (
        bfy_launch_lookup (start->variables, "DBUS_SESSION_BUS_ADDRESS"), on_session_over, self);
}

/* Lets what was cancelled at the end come to its end, so that it is recorded. */
static void
drain (void)
{
  for (guint i = 0; i < 1000 && g_main_context_iteration (NULL, FALSE); i++)
    continue;
}

gboolean
bfy_run_is_needless (const BfyStart *start)
{
  g_autofree char *path =
      start->options->in_session ? bfy_daemon_find_socket_path (start, NULL) : NULL;

  return path != NULL && bfy_desktop_session_has_agent (path);
}

gboolean
bfy_run (const BfyStart *start, GError **error)
{
  g_autoptr (BfyDaemon) self = g_new0 (BfyDaemon, 1);

  self->start = start;
  self->main_thread = g_thread_self ();
  self->agent.started_at_us = g_get_monotonic_time ();
  if (!bfy_daemon_open_state (self, error))
    return FALSE;
  bfy_daemon_open_keyrings (self);
  bfy_daemon_open_children (self);
  bfy_daemon_open_prompts (self);
  self->agent.all = bfy_all_new (&self->agent);
  self->agent.network = bfy_network_new (self->agent.registry, g_steal_pointer (&self->proxies),
                                         self->settings->proxy_resolves);
  self->agent.databases = bfy_databases_new (&self->agent);
  self->agent.step_up = bfy_step_up_new ();
  self->agent.refresher = bfy_refresher_new (&self->agent);
  self->agent.uses = bfy_uses_new ();
  self->agent.sessions = bfy_sessions_new (BFY_SESSIONS_MAX, BFY_SESSIONS_PER_CLIENT_MAX);
  self->agent.postboxes = bfy_postboxes_new (BFY_POSTBOXES_PER_CLIENT_MAX);
  self->agent.eras = bfy_eras_new (&self->agent, BFY_ERAS_ASKING_MS, BFY_ERAS_IDLE_MS);
  self->agent.lock = bfy_lock_new (&self->agent, self->settings->lock_on, error);
  if (self->agent.lock == NULL)
    return FALSE;
  self->agent.lifetimes = bfy_lifetimes_new (&self->agent);
  self->agent.pauses = bfy_pauses_new (&self->agent);
  self->agent.room = bfy_room_new (&self->agent);
  self->agent.ties = bfy_ties_new (&self->agent);
  self->agent.server = bfy_server_new (&handler, &self->agent);
  bfy_server_set_connections_max (self->agent.server, bfy_hardening_connections_max ());
  if (!bfy_daemon_listen_all (self, error))
    return FALSE;
  self->agent.relays = bfy_relays_new (&self->agent);

  self->loop = g_main_loop_new (NULL, FALSE);
  g_unix_signal_add (SIGTERM, on_signal, self);
  g_unix_signal_add (SIGINT, on_signal, self);
  g_unix_signal_add (SIGHUP, on_signal, self);
  g_unix_signal_add (SIGUSR1, on_forget, &self->agent);
  self->agent.scheduler = bfy_scheduler_new (&self->agent);
  bfy_lock_watch_logind (self->agent.lock);
  follow_session (self);
  bfy_daemon_announce (self);
  bfy_footprint_trim ();
  g_main_loop_run (self->loop);
  bfy_scheduler_stop (self->agent.scheduler);
  bfy_lock_stop (self->agent.lock);
  bfy_lifetimes_stop (self->agent.lifetimes);
  g_clear_pointer (&self->agent.ties, bfy_ties_free);
  g_clear_pointer (&self->agent.room, bfy_room_free);
  g_clear_pointer (&self->agent.pauses, bfy_pauses_free);
  bfy_children_stop (self->agent.children, CHILDREN_GRACE_MS);
  bfy_refresher_stop (self->agent.refresher);
  g_clear_pointer (&self->agent.relays, bfy_relays_free);
  drain ();
  if (self->socket_path != NULL)
    unlink (self->socket_path);

  return TRUE;
}
