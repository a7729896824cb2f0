/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/run.h"

#include <errno.h>
#include <glib-unix.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/all/all.h"
#include "agent/api/api.h"
#include "agent/child/children.h"
#include "agent/child/unit.h"
#include "agent/configuration.h"
#include "agent/desktop-session.h"
#include "agent/door/listen.h"
#include "agent/era/eras.h"
#include "agent/footprint.h"
#include "agent/gate.h"
#include "agent/grant/grants.h"
#include "agent/guard/entrance.h"
#include "agent/guard/guard.h"
#include "agent/hardening.h"
#include "agent/journal.h"
#include "agent/lifetime.h"
#include "agent/lock/lock.h"
#include "agent/log-lines.h"
#include "agent/network/environment.h"
#include "agent/network/network.h"
#include "agent/notify.h"
#include "agent/oauth/refresher.h"
#include "agent/oauth/scheduler.h"
#include "agent/oauth/step-up.h"
#include "agent/pause.h"
#include "agent/policy/hints.h"
#include "agent/policy/usage.h"
#include "agent/prompt/askpass.h"
#include "agent/prompt/prompts.h"
#include "agent/proxy/mcp.h"
#include "agent/settings.h"
#include "agent/systemd-credential.h"
#include "agent/uses.h"
#include "keyring/vault.h"
#include "protocol/log.h"
#include "protocol/token-shape.h"

#define CHILDREN_GRACE_MS 1000 /* for local servers to end by themselves */

/* Everything that lives as long as the daemon. */
typedef struct
{
  BfyAgent agent;
  const BfyStart *start;
  GThread *main_thread;       /* borrowed */
  BfySettings *settings;      /* (owned) */
  BfyProxies *proxies;        /* (owned) (nullable) until the network has them */
  BfyJournal *journal;        /* (owned) */
  BfySecret *vault_key;       /* (owned) (nullable) from systemd */
  char *state_dir;            /* (owned) */
  char *config_dir;           /* (owned) */
  BfyAskpass *askpass;        /* (owned) (nullable) */
  char *socket_path;          /* (owned) (nullable) NULL when the socket was inherited */
  char *inherited_path;       /* (owned) (nullable) whoever made that socket removes it */
  BfyDesktopSession *session; /* (owned) (nullable) that we belong to */
  GMainLoop *loop;            /* (owned) */
  guint n_signals;
} Daemon;

static void
daemon_free (Daemon *self)
{
  BfyAgent *agent = &self->agent;

  g_clear_pointer (&self->session, bfy_desktop_session_free);
  g_clear_pointer (&agent->scheduler, bfy_scheduler_free);
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

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Daemon, daemon_free)

static void
on_admit (BfyRequest *request, gpointer user_data)
{
  bfy_gate_admit (user_data, request);
}

static void
on_serve (BfyRequest *request, gpointer user_data)
{
  if (bfy_request_get_route (request)->kind != BFY_ROUTE_CONTROL)
    bfy_mcp_serve (user_data, request);
  else if (bfy_entrance_admit_body (user_data, request))
    bfy_api_serve (user_data, request);
  else
    bfy_request_reply_error_status (request, SOUP_STATUS_FORBIDDEN, BFY_ERROR_DENIED,
                                    "This request is not permitted; bindify log says why");
}

static const BfyServerHandler handler = { .admit = on_admit, .serve = on_serve };

/* A credential that cannot be used is none: then the vault is locked, and `status` says why. */
static void
take_systemd_credential (Daemon *self, GStrvBuilder *problems)
{
  g_autoptr (GError) error = NULL;

  if (self->start->credentials_dir == NULL)
    return;
  self->vault_key =
      bfy_systemd_credential_read (self->start->credentials_dir, BFY_SYSTEMD_VAULT_KEY, &error);
  if (self->vault_key == NULL && !g_error_matches (error, BFY_ERROR, BFY_ERROR_NOT_FOUND))
    g_strv_builder_add (problems, error->message);
}

static void
collect_problems (Daemon *self)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) of_services = bfy_services_problems (self->agent.services);

  if (self->settings->problems != NULL)
    g_strv_builder_addv (builder, (const char **) self->settings->problems);
  if (of_services != NULL)
    g_strv_builder_addv (builder, (const char **) of_services);
  if (bfy_proxies_get_problem (self->proxies) != NULL)
    g_strv_builder_add (builder, bfy_proxies_get_problem (self->proxies));
  take_systemd_credential (self, builder);
  self->agent.problems = g_strv_builder_end (builder);
  for (guint i = 0; self->agent.problems[i] != NULL; i++)
    g_warning ("%s", self->agent.problems[i]);
}

/* What the command line says besides. */
static void
open_configuration (Daemon *self, const char *path)
{
  const BfyOptions *options = self->start->options;
  g_autofree char *port = g_strdup_printf ("%d", options->port);
  g_autofree char *lifetime = g_strdup_printf ("%" G_GINT64_FORMAT, options->lifetime_s);

  self->agent.configuration = bfy_configuration_new (&self->agent, path, self->settings);
  if (options->port >= 0)
    bfy_configuration_override (self->agent.configuration, "agent.port", port);
  if (options->keyring != NULL)
    bfy_configuration_override (self->agent.configuration, "agent.keyring", options->keyring);
  if (options->lifetime_s >= 0)
    bfy_configuration_override (self->agent.configuration, "agent.lifetime", lifetime);
}

static gboolean
open_state (Daemon *self, GError **error)
{
  const BfyOptions *options = self->start->options;
  g_autofree char *config = NULL;
  g_autofree char *user_services = NULL;
  g_autoptr (GPtrArray) patterns = NULL;

  self->config_dir = bfy_paths_config_dir (&self->start->environment, error);
  if (self->config_dir == NULL)
    return FALSE;
  self->state_dir = bfy_paths_state_dir (&self->start->environment, options->state_dir, error);
  if (self->state_dir == NULL)
    return FALSE;

  config = options->config != NULL ? g_strdup (options->config)
                                   : g_build_filename (self->config_dir, "bindify.conf", NULL);
  user_services = g_build_filename (self->config_dir, "services.d", NULL);
  self->settings = bfy_settings_load (config);
  open_configuration (self, config);
  if (self->settings->logs_json)
    bfy_log_lines_start ();
  self->agent.limits = self->settings->limits;
  self->agent.client_metadata_url = self->settings->client_metadata_url;
  self->agent.profile = self->settings->profile;
  self->agent.lifetime_s =
      options->lifetime_s >= 0 ? options->lifetime_s : self->settings->lifetime_s;
  self->agent.services = bfy_services_new (
      options->services_dir != NULL ? options->services_dir : self->start->services_dir,
      user_services);
  patterns = bfy_services_token_patterns (self->agent.services);
  bfy_token_shape_add (patterns);
  self->proxies = bfy_environment_read_proxies (self->start->variables, self->settings->proxy);
  collect_problems (self);
  self->agent.state_dir = self->state_dir;
  self->agent.store = bfy_store_open (self->state_dir, error);
  if (self->agent.store == NULL)
    return FALSE;
  bfy_store_set_retention (self->agent.store, &self->settings->retention);
  self->journal = bfy_journal_new (self->agent.store);
  self->agent.registry = bfy_registry_new (self->agent.store, error);
  if (self->agent.registry == NULL)
    return FALSE;
  self->agent.grants = bfy_grants_new (self->agent.store, error);
  if (self->agent.grants == NULL)
    return FALSE;
  bfy_grants_follow (self->agent.grants, self->agent.registry);
  self->agent.hints = bfy_hints_new (self->agent.registry);
  self->agent.usage =
      bfy_usage_new (self->agent.store, self->agent.registry, bfy_agent_now_s, error);

  return self->agent.usage != NULL;
}

/* Threads of libraries log, too; what they say is cleaned by its looks alone. */
static char *
take_out_of_log (gpointer user_data, const char *text)
{
  Daemon *self = user_data;

  return g_thread_self () == self->main_thread ? bfy_guard_clean_text (self->agent.guard, text)
                                               : NULL;
}

static char *
take_out_of_event (const char *text, gpointer user_data)
{
  return bfy_guard_clean_text (user_data, text);
}

static void
open_keyrings (Daemon *self)
{
  const char *preferred = self->start->options->keyring;
  g_autofree char *vault_dir = g_build_filename (self->state_dir, "vault", NULL);
  BfyVault *vault;

  self->agent.keyrings =
      bfy_keyrings_new (vault_dir, preferred != NULL ? preferred : self->settings->keyring,
                        self->settings->collection);
  vault = BFY_VAULT (bfy_keyrings_find (self->agent.keyrings, BFY_KEYRING_VAULT, NULL));
  if (self->settings->vault_key_file != NULL)
    bfy_vault_set_key_file (vault, self->settings->vault_key_file);
  if (self->vault_key != NULL)
    bfy_vault_set_systemd_credential (vault, self->vault_key);
  self->agent.credentials = bfy_credentials_new (self->agent.keyrings);
  self->agent.unlocker = bfy_unlocker_new (BFY_UNLOCK_WAIT_MS, BFY_UNLOCK_PROMPT_MS);
  self->agent.seals = bfy_seals_new (self->agent.credentials, self->agent.registry);
  self->agent.guard = bfy_guard_new (self->agent.credentials, self->agent.registry);
  bfy_log_set_known (take_out_of_log, self);
  bfy_store_set_cleaner (self->agent.store, take_out_of_event, self->agent.guard);
}

/* The unit that we are, if its systemd can be asked to start others. */
static char *
find_own_unit (const BfyStart *start)
{
  const char *runtime_dir = start->environment.runtime_dir;
  g_autofree char *bus = g_build_filename (runtime_dir != NULL ? runtime_dir : "", "bus", NULL);
  g_autofree char *cgroup = NULL;

  if (bfy_launch_lookup (start->variables, "DBUS_SESSION_BUS_ADDRESS") == NULL &&
      (runtime_dir == NULL || access (bus, F_OK) != 0))
    return NULL;
  if (!g_file_get_contents ("/proc/self/cgroup", &cgroup, NULL, NULL))
    return NULL;

  return bfy_unit_find_own (start->systemd_exec_pid, (int) getpid (), cgroup);
}

static void
open_children (Daemon *self)
{
  const BfyEnvironment *environment = &self->start->environment;
  g_autofree char *own_unit = find_own_unit (self->start);
  const BfyChildrenSetup setup = {
    .environment = self->start->variables,
    .home = environment->home,
    .state_dir = self->state_dir,
    .runtime_dir = environment->runtime_dir,
    .config_dir = self->config_dir,
    .credentials_dir = self->start->credentials_dir,
    .vault_key_file = self->settings->vault_key_file,
    .own_unit = own_unit,
  };

  self->agent.children = bfy_children_new (&self->agent, &setup);
}

/* The variable is for those who try something out, and so goes before the settings. */
static void
open_askpass (Daemon *self)
{
  const char *variable = self->start->askpass;
  g_autofree char *own_unit = find_own_unit (self->start);
  g_autoptr (GError) error = NULL;
  const BfyAskpassSetup setup = {
    .program = variable != NULL && *variable != '\0' ? variable : self->settings->askpass,
    .environment = self->start->variables,
    .home = self->start->environment.home,
    .own_unit = own_unit,
  };

  if (setup.program == NULL)
    return;
  if (bfy_askpass_check_program (setup.program, &error))
    self->askpass = bfy_askpass_new (self->agent.prompts, &setup);
  else
    g_warning ("There is no askpass program: %s", error->message);
}

static void
open_prompts (Daemon *self)
{
  BfyPromptTimes times;

  bfy_settings_prompt_times (self->settings, &times);
  self->agent.prompts = bfy_prompts_new (&self->agent, &times);
  open_askpass (self);
}

/* (nullable) */
static char *
find_socket_path (const BfyStart *start, GError **error)
{
  g_autofree char *run_user = g_strdup_printf ("/run/user/%u", (guint) start->environment.uid);
  struct stat facts;
  gboolean is_ours = lstat (run_user, &facts) == 0 && S_ISDIR (facts.st_mode) &&
                     facts.st_uid == start->environment.uid;

  return bfy_paths_socket (&start->environment, start->options->socket, is_ours, error);
}

static gboolean
listen_unix (Daemon *self, GError **error)
{
  g_autoptr (GSocket) socket = NULL;

  self->socket_path = find_socket_path (self->start, error);
  if (self->socket_path == NULL)
    return FALSE;
  socket = bfy_listen_unix (self->socket_path, error);
  if (socket == NULL)
    return FALSE;
  bfy_server_listen (self->agent.server, socket);
  self->agent.socket_path = self->socket_path;

  return TRUE;
}

/* ::1 beside 127.0.0.1, on the same port; a machine without IPv6 goes without. */
static gboolean
listen_tcp (Daemon *self, GError **error)
{
  int wanted = self->start->options->port;
  g_autoptr (GSocket) ipv4 = bfy_listen_loopback (
      G_SOCKET_FAMILY_IPV4, wanted >= 0 ? (guint16) wanted : self->settings->port, error);
  g_autoptr (GSocket) ipv6 = NULL;
  g_autoptr (GError) local_error = NULL;

  if (ipv4 == NULL)
    return FALSE;
  bfy_server_listen (self->agent.server, ipv4);
  ipv6 = bfy_listen_loopback (G_SOCKET_FAMILY_IPV6, bfy_listen_get_port (ipv4), &local_error);
  if (ipv6 != NULL)
    bfy_server_listen (self->agent.server, ipv6);
  else
    g_info ("Not listening on ::1: %s", local_error->message);

  return TRUE;
}

static gboolean
listen_all (Daemon *self, GError **error)
{
  g_autoptr (GPtrArray) inherited =
      bfy_listen_inherited (self->start->listen_pid, self->start->listen_fds, error);
  gboolean wants_tcp = self->settings->listens_tcp || self->start->options->port >= 0;
  gboolean has_unix = FALSE, has_tcp = !wants_tcp;

  if (inherited == NULL)
    return FALSE;
  for (guint i = 0; i < inherited->len; i++)
    {
      GSocket *socket = g_ptr_array_index (inherited, i);

      if (g_socket_get_family (socket) != G_SOCKET_FAMILY_UNIX)
        {
          if (wants_tcp)
            bfy_server_listen (self->agent.server, socket);
          has_tcp = TRUE;
          continue;
        }
      bfy_server_listen (self->agent.server, socket);
      has_unix = TRUE;
      self->inherited_path = bfy_listen_get_path (socket);
      self->agent.socket_path = self->inherited_path;
    }

  return (has_unix || listen_unix (self, error)) && (has_tcp || listen_tcp (self, error));
}

static void
announce (Daemon *self)
{
  int fd = self->start->options->ready_fd;
  g_autofree char *line =
      g_strdup_printf ("READY port=%u socket=%s\n", bfy_server_get_port (self->agent.server),
                       self->agent.socket_path);

  bfy_notify (self->start->notify_socket, "READY=1");
  if (fd < 0)
    return;
  if (write (fd, line, strlen (line)) < 0)
    g_warning ("Cannot write to the ready descriptor: %s", g_strerror (errno));
  close (fd);
}

static void
on_stopped (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Daemon *self = user_data;

  if (bfy_server_stop_finish (BFY_SERVER (source), result, NULL))
    g_main_loop_quit (self->loop);
}

/* The first signal asks politely; a second one does not wait for anybody. */
static gboolean
on_signal (gpointer user_data)
{
  Daemon *self = user_data;

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
  bfy_prompts_refuse_all (self->agent.prompts, NULL, BFY_ERROR_APPROVAL_DISMISSED,
                          "bindify-agent stops, so nobody is asked any more; try again when it "
                          "runs again");

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
follow_session (Daemon *self)
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
  g_autofree char *path = start->options->in_session ? find_socket_path (start, NULL) : NULL;

  return path != NULL && bfy_desktop_session_has_agent (path);
}

gboolean
bfy_run (const BfyStart *start, GError **error)
{
  g_autoptr (Daemon) self = g_new0 (Daemon, 1);

  self->start = start;
  self->main_thread = g_thread_self ();
  self->agent.started_at_us = g_get_monotonic_time ();
  if (!open_state (self, error))
    return FALSE;
  open_keyrings (self);
  open_children (self);
  open_prompts (self);
  self->agent.all = bfy_all_new (&self->agent);
  self->agent.network = bfy_network_new (self->agent.registry, g_steal_pointer (&self->proxies),
                                         self->settings->proxy_resolves);
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
  self->agent.server = bfy_server_new (&handler, &self->agent);
  bfy_server_set_connections_max (self->agent.server, bfy_hardening_connections_max ());
  if (!listen_all (self, error))
    return FALSE;

  self->loop = g_main_loop_new (NULL, FALSE);
  g_unix_signal_add (SIGTERM, on_signal, self);
  g_unix_signal_add (SIGINT, on_signal, self);
  g_unix_signal_add (SIGHUP, on_signal, self);
  g_unix_signal_add (SIGUSR1, on_forget, &self->agent);
  self->agent.scheduler = bfy_scheduler_new (&self->agent);
  bfy_lock_watch_logind (self->agent.lock);
  follow_session (self);
  announce (self);
  bfy_footprint_trim ();
  g_main_loop_run (self->loop);
  bfy_scheduler_stop (self->agent.scheduler);
  bfy_lock_stop (self->agent.lock);
  bfy_lifetimes_stop (self->agent.lifetimes);
  g_clear_pointer (&self->agent.pauses, bfy_pauses_free);
  bfy_children_stop (self->agent.children, CHILDREN_GRACE_MS);
  bfy_refresher_stop (self->agent.refresher);
  drain ();
  if (self->socket_path != NULL)
    unlink (self->socket_path);

  return TRUE;
}
