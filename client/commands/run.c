/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <glib-unix.h>
#include <glib/gi18n-lib.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "client/commands/commands.h"
#include "client/commands/run-access.h"
#include "client/commands/run-offers.h"
#include "client/fields.h"
#include "client/run/explain.h"
#include "client/run/machine.h"
#include "client/run/offer.h"
#include "client/run/sandbox.h"
#include "protocol/json.h"
#include "protocol/name.h"

/* `bindify run`: a command that may use some bindings, and nothing else of this machine. */

#define IMPATIENCE_US (1 * G_USEC_PER_SEC) /* the same signal again within this ends it */
#define SHOWN_CHARACTERS_MAX 200

typedef struct
{
  BfyRunWish wish;
  BfyRunMachine machine;
  GStrv bindings; /* (owned) (nullable) as typed, each list ended by NULL */
  GStrv shown;    /* (owned) (nullable) */
  GStrv writable; /* (owned) (nullable) */
  GStrv tunnels;  /* (owned) (nullable) */
  char *net;      /* (owned) (nullable) */
  gboolean is_explained;
} Setup;

static void
setup_clear (Setup *self)
{
  g_strfreev (self->bindings);
  g_strfreev (self->shown);
  g_strfreev (self->writable);
  g_strfreev (self->tunnels);
  g_free (self->net);
  if (self->machine.hidden != NULL)
    bfy_run_machine_clear (&self->machine);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Setup, setup_clear)

/* What ran, and what came of it. */
typedef struct
{
  BfyCli *cli;            /* borrowed */
  BfyRunSandbox *sandbox; /* borrowed */
  int status;
  gboolean is_over;
  int last_signal;
  gint64 last_signal_at_us;
} Course;

static gboolean
resolve_folders (GStrv folders, GError **error)
{
  for (guint i = 0; folders != NULL && folders[i] != NULL; i++)
    {
      g_autofree char *typed = folders[i];
      g_autofree char *shown = bfy_text_to_line (typed, SHOWN_CHARACTERS_MAX);

      folders[i] = bfy_run_real_path (typed);
      if (folders[i] != NULL && g_file_test (folders[i], G_FILE_TEST_IS_DIR))
        continue;
      if (folders[i] == NULL)
        folders[i] = g_strdup ("");
      g_set_error (error, BFY_ERROR, BFY_ERROR_NOT_FOUND, _ ("There is no folder %s"), shown);
      return FALSE;
    }

  return TRUE;
}

/* In the network of the machine the command reaches everybody in any case. */
static gboolean
check_proxy (BfyCli *cli, const Setup *self, GError **error)
{
  gboolean is_host = self->wish.net == BFY_RUN_NET_HOST;
  g_autoptr (BfyRunTunnels) tunnels = NULL;

  if (self->wish.is_proxied && self->bindings == NULL)
    {
      bfy_cli_set_hint (cli, "bindify run --proxy --binding NAME -- COMMAND");
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                           _ ("--proxy needs a binding"));
      return FALSE;
    }
  if (self->tunnels == NULL)
    return TRUE;

  bfy_cli_set_hint (cli, "bindify run --proxy --tunnel HOST --binding NAME -- COMMAND");
  if (!self->wish.is_proxied || is_host)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                           _ ("--tunnel needs --proxy, and a network of its own for the command"));
      return FALSE;
    }
  tunnels = bfy_run_tunnels_new ((const char *const *) self->tunnels, error);
  if (tunnels != NULL)
    g_clear_pointer (&cli->hint, g_free);

  return tunnels != NULL;
}

static gboolean
check_options (BfyCli *cli, Setup *self, GError **error)
{
  for (guint i = 0; self->bindings != NULL && self->bindings[i] != NULL; i++)
    {
      if (!bfy_name_check (self->bindings[i], error))
        return FALSE;
    }
  self->wish.net = BFY_RUN_NET_BINDINGS;
  if (self->net != NULL && !bfy_run_net_from_text (self->net, &self->wish.net))
    {
      bfy_cli_set_hint (cli, "bindify run --net bindings …");
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                           _ ("--net is none, bindings or host"));
      return FALSE;
    }
  if (!check_proxy (cli, self, error))
    return FALSE;
  if (!self->is_explained && self->wish.command[0] == NULL)
    {
      bfy_cli_set_hint (cli, "bindify run --binding NAME -- COMMAND");
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                           _ ("Say which command is to run"));
      return FALSE;
    }

  return resolve_folders (self->shown, error) && resolve_folders (self->writable, error);
}

static const char *const *
list_of (GStrv list)
{
  static const char *const nothing[] = { NULL };

  return list != NULL ? (const char *const *) list : nothing;
}

/* The socket may be anywhere, and what lies beside it is the agent's. */
static gboolean
look_at_machine (BfyCli *cli, Setup *self, GError **error)
{
  g_autofree char *socket = bfy_cli_dup_socket_path (cli, NULL);
  const char *more[] = { socket, NULL };

  bfy_run_machine_look (&self->machine, cli->environment, cli->desktop->variables, more);
  if (self->machine.self == NULL)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_UNSUPPORTED,
                           _ ("/proc is needed to start a sandbox"));
      return FALSE;
    }

  return bfy_run_check (&self->wish, &self->machine, error);
}

static gboolean
require_bwrap (BfyCli *cli, const BfyRunMachine *machine, GError **error)
{
  if (machine->bwrap != NULL)
    return TRUE;

  bfy_cli_set_hint (cli, "sudo apt install bubblewrap");
  g_set_error_literal (
      error, BFY_ERROR, BFY_ERROR_UNSUPPORTED,
      _ ("Nothing is run without a sandbox, and bubblewrap, which makes it, is not "
         "installed"));

  return FALSE;
}

static void
on_ended (int status, gpointer user_data)
{
  Course *course = user_data;

  course->status = status;
  course->is_over = TRUE;
  bfy_cli_wake (course->cli);
}

static gboolean
on_signal (int fd, GIOCondition condition, gpointer user_data)
{
  Course *course = user_data;
  struct signalfd_siginfo info;
  gint64 now_us = g_get_monotonic_time ();

  if (read (fd, &info, sizeof info) != (gssize) sizeof info)
    return G_SOURCE_CONTINUE;

  if ((int) info.ssi_signo == course->last_signal &&
      now_us - course->last_signal_at_us < IMPATIENCE_US && course->last_signal != SIGWINCH)
    bfy_run_sandbox_kill (course->sandbox);
  else
    bfy_run_sandbox_signal (course->sandbox, (int) info.ssi_signo);
  course->last_signal = (int) info.ssi_signo;
  course->last_signal_at_us = now_us;

  return G_SOURCE_CONTINUE;
}

static int
block_signals (void)
{
  static const int numbers[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH };
  sigset_t set;

  sigemptyset (&set);
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    sigaddset (&set, numbers[i]);
  sigprocmask (SIG_BLOCK, &set, NULL);

  return signalfd (-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* NULL without an error when none is asked for. */
static BfyRunBus *
open_bus (BfyCli *cli, const Setup *setup, GError **error)
{
  const char *address = cli->desktop->bus;

  if (setup->machine.bus_proxy == NULL)
    {
      bfy_cli_set_hint (cli, "sudo apt install xdg-dbus-proxy");
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_UNSUPPORTED,
                           _ ("--bus needs a filter for D-Bus, and xdg-dbus-proxy is not "
                              "installed"));
      return NULL;
    }
  if (address == NULL || *address == '\0')
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_UNSUPPORTED,
                           _ ("There is no session bus here (DBUS_SESSION_BUS_ADDRESS)"));
      return NULL;
    }

  return bfy_run_bus_start (setup->machine.bus_proxy, address, error);
}

/* Not bfy_cli_wait(): Ctrl-C is for the command, which may want to go on. */
static gboolean
follow (BfyCli *cli, const Setup *setup, const BfyRunGrant *access, int *status, GError **error)
{
  const BfyRunAccess given = { access->key,
                               access->port,
                               (const char *const *) access->variables,
                               access->bus != NULL ? bfy_run_bus_get_socket (access->bus) : NULL,
                               access->proxy,
                               access->report };
  Course course = { .cli = cli };
  int signals = block_signals ();
  g_autoptr (BfyRunSandbox) sandbox =
      bfy_run_sandbox_start (&setup->wish, &setup->machine, &given, on_ended, &course, error);
  guint source_id;

  if (sandbox == NULL)
    {
      close (signals);
      return FALSE;
    }

  course.sandbox = sandbox;
  source_id = g_unix_fd_add (signals, G_IO_IN, on_signal, &course);
  while (!course.is_over)
    g_main_loop_run (cli->loop);
  g_source_remove (source_id);
  close (signals);
  *status = course.status;

  return TRUE;
}

static gboolean
refuse_broken (BfyCli *cli, GError **error)
{
  bfy_cli_set_hint (cli, "bindify run --explain");
  g_set_error_literal (
      error, BFY_ERROR, BFY_ERROR_UNSUPPORTED,
      _ ("The sandbox could not be made, and nothing was run: user namespaces may "
         "be forbidden for bubblewrap here (sysctl kernel.unprivileged_userns_clone, "
         "or an AppArmor profile for bwrap)"));

  return FALSE;
}

static gboolean
run (BfyCli *cli, const Setup *setup, GError **error)
{
  g_auto (BfyRunGrant) access = { 0 };
  int status = -1;
  gboolean is_started;

  if (!require_bwrap (cli, &setup->machine, error))
    return FALSE;
  if (setup->wish.has_bus)
    {
      access.bus = open_bus (cli, setup, error);
      if (access.bus == NULL)
        return FALSE;
    }
  if (!bfy_run_grant_get (cli, &setup->wish, &access, error))
    return FALSE;

  is_started = follow (cli, setup, &access, &status, error);
  if (is_started && status >= 0)
    bfy_run_grant_end (cli, &access, status);
  else
    bfy_run_grant_give_back (cli, &access);
  if (!is_started)
    return FALSE;
  if (status < 0)
    return refuse_broken (cli, error);
  cli->exit_status = status;

  return TRUE;
}

static void
print_layers (GPtrArray *layers)
{
  for (guint i = 0; i < layers->len; i++)
    {
      const BfyRunLayer *layer = layers->pdata[i];

      /* Translators: a protection by its technical name, and what it means. */
      bfy_cli_print (layer->is_in_force ? _ ("%s: in force. %s.\n") : _ ("%s: missing. %s.\n"),
                     layer->name, layer->text);
    }
}

static void
print_layers_json (GPtrArray *layers)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_ARRAY);
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < layers->len; i++)
    {
      const BfyRunLayer *layer = layers->pdata[i];
      JsonObject *object = json_object_new ();

      json_object_set_string_member (object, "name", layer->name);
      json_object_set_boolean_member (object, "in_force", layer->is_in_force);
      json_object_set_string_member (object, "text", layer->text);
      json_array_add_object_element (array, object);
    }
  json_node_take_array (node, array);
  bfy_cli_print_json (node);
}

/* Without an agent nobody knows, and it is not what is asked for. */
static void
explain_variables (BfyCli *cli, const BfyRunWish *wish, GPtrArray *layers)
{
  g_autoptr (GPtrArray) offers =
      wish->bindings[0] != NULL ? bfy_run_offers_load (cli, wish->bindings, NULL) : NULL;
  g_autoptr (GPtrArray) clashes = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) list = NULL;

  g_clear_pointer (&cli->hint, g_free);
  if (offers == NULL)
    return;
  list = bfy_run_offers_list (offers, 0, "", clashes);
  bfy_run_explain_variables (layers, list, clashes);
}

/* Whether a sandbox can be made is found out by making one. */
static gboolean
explain (BfyCli *cli, const Setup *setup, GError **error)
{
  static const char *const nothing[] = { "true", NULL };
  const BfyRunGrant access = { 0 };
  Setup trial = *setup;
  g_autoptr (GPtrArray) layers = NULL;
  int status = -1;

  trial.wish.command = nothing;
  if (trial.machine.bwrap != NULL && !follow (cli, &trial, &access, &status, error))
    return FALSE;

  layers = bfy_run_explain (&setup->wish, &setup->machine, status == 0);
  explain_variables (cli, &setup->wish, layers);
  if (setup->wish.is_proxied)
    bfy_run_explain_proxy (layers, &setup->wish);
  if (cli->is_json)
    print_layers_json (layers);
  else
    print_layers (layers);

  return TRUE;
}

gboolean
bfy_command_run (BfyCli *cli, GStrv words, GError **error)
{
  g_auto (Setup) setup = { 0 };
  const GOptionEntry entries[] = {
    { "binding", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &setup.bindings,
      N_ ("Let it use this binding; may be repeated (default: none)"), "NAME" },
    { "net", 0, 0, G_OPTION_ARG_STRING, &setup.net,
      N_ ("Its network: none or bindings (only the bindings), host (all of this machine’s)"),
      "NET" },
    { "proxy", 0, 0, G_OPTION_ARG_NONE, &setup.wish.is_proxied,
      N_ ("Play the services of its bindings to programs that know only an HTTPS proxy"), NULL },
    { "tunnel", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &setup.tunnels,
      N_ ("Let its proxy lead to this host, too, or to *.HOST; may be repeated"), "HOST" },
    { "bus", 0, 0, G_OPTION_ARG_NONE, &setup.wish.has_bus,
      N_ ("Let it show notifications on the session’s D-Bus, and nothing else there"), NULL },
    { "ro", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &setup.shown,
      N_ ("Let it read this folder; may be repeated"), "DIR" },
    { "rw", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &setup.writable,
      N_ ("Let it read this folder and write into it; may be repeated"), "DIR" },
    { "explain", 0, 0, G_OPTION_ARG_NONE, &setup.is_explained,
      N_ ("Run nothing; say what would keep it in on this machine"), NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_auto (GStrv) command = bfy_cli_parse (cli, entries, words, error);

  if (command == NULL)
    return FALSE;
  setup.wish.command = (const char *const *) command;
  if (!check_options (cli, &setup, error))
    return FALSE;
  setup.wish.bindings = list_of (setup.bindings);
  setup.wish.shown = list_of (setup.shown);
  setup.wish.writable = list_of (setup.writable);
  setup.wish.tunnels = list_of (setup.tunnels);
  if (!look_at_machine (cli, &setup, error))
    return FALSE;

  return setup.is_explained ? explain (cli, &setup, error) : run (cli, &setup, error);
}
