/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "agent/child/launch.h"
#include "agent/hardening.h"
#include "agent/run.h"
#include "bfy-config.h"
#include "protocol/error.h"
#include "protocol/log.h"

/* Which keyring, which TLS module, which proxy: decided by our settings or not at all. */
static const char *const unwanted_variables[] = {
  "SECRET_BACKEND",
  "SECRET_SERVICE_BUS_NAME",
  "GIO_EXTRA_MODULES",
  "GIO_MODULE_DIR",
  "GIO_USE_TLS",
  "GIO_USE_PROXY_RESOLVER",
  "SOUP_SERVER_HTTP2",
  "SSLKEYLOGFILE",
  "http_proxy",
  "https_proxy",
  "ftp_proxy",
  "all_proxy",
  "no_proxy",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "FTP_PROXY",
  "ALL_PROXY",
  "NO_PROXY",
  "PGSERVICE",
  "PGSERVICEFILE",
  "PGOPTIONS",
  "PGREQUIREPEER",
  "PGTARGETSESSIONATTRS",
  "PGCHANNELBINDING",
  "PGSYSCONFDIR",
  "PGSSLCRLDIR",
  "PGSSLMAXPROTOCOLVERSION",
  "PGTZ",
  "PGDATESTYLE",
  "PGGEQO",
};

static void
clean_environment (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (unwanted_variables); i++)
    g_unsetenv (unwanted_variables[i]);
  /* No virtual file systems, no settings daemon: nothing here needs them. */
  g_setenv ("GIO_USE_VFS", "local", TRUE);
  g_setenv ("GSETTINGS_BACKEND", "memory", TRUE);
}

static int
fail (const GError *error)
{
  fprintf (stderr, "bindify-agent: %s\n", error->message);

  return bfy_error_to_exit_status (bfy_error_code (error));
}

/* What was meant for us alone is not passed on to anybody we start. */
static char *
take_variable (const char *name)
{
  char *value = g_strdup (getenv (name));

  g_unsetenv (name);

  return value;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BfyOptions) options = NULL;
  g_auto (GStrv) variables = NULL;
  g_autofree char *listen_pid = NULL;
  g_autofree char *listen_fds = NULL;
  g_autofree char *notify_socket = NULL;
  g_autofree char *credentials_dir = NULL;
  g_autofree char *exec_pid = NULL;
  g_autofree char *askpass = NULL;
  BfyStart start;

  if (argc > 0 && g_str_equal (argv[0], BFY_LAUNCH_NAME))
    return bfy_launch_main (argc, argv);
  if (!bfy_harden (&error))
    return fail (error);
  variables = g_get_environ ();
  clean_environment ();
  bfy_log_init ();
  g_set_prgname ("bindify-agent");
  options = bfy_options_parse (&argc, &argv, &error);
  if (options == NULL)
    return fail (error);
  if (options->wants_version)
    {
      printf ("bindify-agent %s\n", BFY_VERSION);
      return EXIT_SUCCESS;
    }

  listen_pid = take_variable ("LISTEN_PID");
  listen_fds = take_variable ("LISTEN_FDS");
  notify_socket = take_variable ("NOTIFY_SOCKET");
  credentials_dir = take_variable ("CREDENTIALS_DIRECTORY");
  exec_pid = take_variable ("SYSTEMD_EXEC_PID");
  askpass = take_variable ("BINDIFY_ASKPASS");
  start = (BfyStart){
    .options = options,
    .environment = { .home = getenv ("HOME"),
                     .runtime_dir = getenv ("XDG_RUNTIME_DIR"),
                     .state_home = getenv ("XDG_STATE_HOME"),
                     .config_home = getenv ("XDG_CONFIG_HOME"),
                     .socket = getenv ("BINDIFY_SOCK"),
                     .uid = geteuid () },
    .variables = (const char *const *) variables,
    .listen_pid = listen_pid,
    .listen_fds = listen_fds,
    .notify_socket = notify_socket,
    .credentials_dir = credentials_dir,
    .systemd_exec_pid = exec_pid,
    .askpass = askpass,
    .services_dir = BFY_SERVICES_DIR,
  };
  if (bfy_run_is_needless (&start))
    return EXIT_SUCCESS;
  if (!bfy_run (&start, &error))
    return fail (error);

  return EXIT_SUCCESS;
}
