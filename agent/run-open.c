/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <unistd.h>

#include "agent/child/children.h"
#include "agent/child/unit.h"
#include "agent/configuration.h"
#include "agent/grant/grants.h"
#include "agent/guard/guard.h"
#include "agent/log-lines.h"
#include "agent/network/environment.h"
#include "agent/policy/hints.h"
#include "agent/policy/usage.h"
#include "agent/prompt/prompts.h"
#include "agent/run-private.h"
#include "agent/systemd-credential.h"
#include "keyring/vault.h"
#include "protocol/log.h"
#include "protocol/token-shape.h"

/* A credential that cannot be used is none: then the vault is locked, and `status` says why. */
static void
take_systemd_credential (BfyDaemon *self, GStrvBuilder *problems)
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
add_services (GStrvBuilder *builder, GPtrArray *problems)
{
  for (guint i = 0; i < problems->len; i++)
    {
      g_autofree char *line = bfy_service_problem_format (g_ptr_array_index (problems, i));

      g_strv_builder_add (builder, line);
    }
}

static void
collect_problems (BfyDaemon *self)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  if (self->settings->problems != NULL)
    g_strv_builder_addv (builder, (const char **) self->settings->problems);
  add_services (builder, bfy_services_problems (self->agent.services));
  if (bfy_proxies_get_problem (self->proxies) != NULL)
    g_strv_builder_add (builder, bfy_proxies_get_problem (self->proxies));
  take_systemd_credential (self, builder);
  self->agent.problems = g_strv_builder_end (builder);
  for (guint i = 0; self->agent.problems[i] != NULL; i++)
    g_warning ("%s", self->agent.problems[i]);
}

/* What the command line says besides. */
static void
open_configuration (BfyDaemon *self, const char *path)
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

gboolean
bfy_daemon_open_state (BfyDaemon *self, GError **error)
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
  bfy_registry_set_bindings_max (self->agent.registry, self->settings->bindings_max);
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
  BfyDaemon *self = user_data;

  return g_thread_self () == self->main_thread ? bfy_guard_clean_text (self->agent.guard, text)
                                               : NULL;
}

static char *
take_out_of_event (const char *text, gpointer user_data)
{
  return bfy_guard_clean_text (user_data, text);
}

void
bfy_daemon_open_keyrings (BfyDaemon *self)
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

void
bfy_daemon_open_children (BfyDaemon *self)
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
open_askpass (BfyDaemon *self)
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

void
bfy_daemon_open_prompts (BfyDaemon *self)
{
  BfyPromptTimes times;

  bfy_settings_prompt_times (self->settings, &times);
  self->agent.prompts = bfy_prompts_new (&self->agent, &times);
  open_askpass (self);
}
