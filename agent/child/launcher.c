/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The launcher, a process of its own: see launch.h. argv: name, mode, the agent's pid, "secret" or
 * "-", bubblewrap's path or the home, the command. It starts with an empty environment. */

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/child/launch.h"

#define PLAN_BYTES_MAX (1024 * 1024)
#define DESCRIPTORS_SOFT 1024 /* what programs expect; they may raise it themselves */
#define EXIT_BROKEN 125       /* as env(1) and others: the launcher itself failed */
#define EXIT_NOT_RUNNABLE 126
#define EXIT_NOT_FOUND 127

enum
{
  ARG_MODE = 1,
  ARG_PARENT,
  ARG_SECRET,
  ARG_PLACE,
  ARG_COMMAND,
};

static int
complain (const char *what, int status)
{
  const char *why = strerror (errno);
  g_autofree char *line = g_strdup_printf ("bindify: %s: %s\n", what, why);

  if (write (STDERR_FILENO, line, strlen (line)) < 0)
    return EXIT_BROKEN;

  return status;
}

/* A number that is already free is no error. */
static void
close_from (unsigned first, unsigned last)
{
  if (first <= last && close_range (first, last, 0) != 0)
    for (unsigned fd = first; fd < DESCRIPTORS_SOFT; fd++)
      close ((int) fd);
}

static void
lower_limits (void)
{
  const struct rlimit none = { 0, 0 };
  struct rlimit limit;

  (void) setrlimit (RLIMIT_CORE, &none);
  if (getrlimit (RLIMIT_NOFILE, &limit) != 0)
    return;
  limit.rlim_cur = MIN (limit.rlim_max, DESCRIPTORS_SOFT);
  (void) setrlimit (RLIMIT_NOFILE, &limit);
}

/* FALSE when the agent is gone already. */
static gboolean
tie_to_parent (const char *parent, int signal_number)
{
  gint64 pid = g_ascii_strtoll (parent, NULL, 10);

  return prctl (PR_SET_PDEATHSIG, signal_number) == 0 && getppid () == (pid_t) pid;
}

static int
run_sandbox (char **argv)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new ();

  g_ptr_array_add (words, (gpointer) "bwrap");
  g_ptr_array_add (words, (gpointer) "--args");
  g_ptr_array_add (words, (gpointer) G_STRINGIFY (BFY_LAUNCH_PLAN_FD));
  g_ptr_array_add (words, (gpointer) "--");
  for (char **word = argv + ARG_COMMAND; *word != NULL; word++)
    g_ptr_array_add (words, *word);
  g_ptr_array_add (words, NULL);
  execv (argv[ARG_PLACE], (char **) words->pdata);

  return complain (argv[ARG_PLACE], EXIT_NOT_FOUND);
}

/* The plan is an environment: the strings stay where they are read to. */
static char **
read_environment (void)
{
  GPtrArray *strings = g_ptr_array_new ();
  char *text = g_malloc0 (PLAN_BYTES_MAX + 1);
  gsize length = 0;
  gssize n;

  while (length < PLAN_BYTES_MAX &&
         (n = read (BFY_LAUNCH_PLAN_FD, text + length, PLAN_BYTES_MAX - length)) > 0)
    length += (gsize) n;
  close (BFY_LAUNCH_PLAN_FD);
  for (char *p = text; p < text + length; p += strlen (p) + 1)
    g_ptr_array_add (strings, p);
  g_ptr_array_add (strings, NULL);

  return (char **) g_ptr_array_free (strings, FALSE);
}

static int
run_command (char **argv, char **environment)
{
  sigset_t none;

  sigemptyset (&none);
  sigprocmask (SIG_SETMASK, &none, NULL);
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  if (chdir (argv[ARG_PLACE]) != 0 && chdir ("/") != 0)
    return complain ("the home", EXIT_BROKEN);
  execvpe (argv[ARG_COMMAND], argv + ARG_COMMAND, environment);

  return complain (argv[ARG_COMMAND], errno == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_RUNNABLE);
}

/* Everything below us is our child or becomes it when its own parent ends. */
static void
signal_children (int signal_number)
{
  g_autofree char *path = g_strdup_printf ("/proc/self/task/%d/children", (int) getpid ());
  g_autofree char *text = NULL;
  g_auto (GStrv) pids = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return;
  pids = g_strsplit (text, " ", -1);
  for (char **pid = pids; *pid != NULL; pid++)
    {
      gint64 number = g_ascii_strtoll (*pid, NULL, 10);

      if (number > 1)
        kill ((pid_t) number, signal_number);
    }
}

/* Waits at most @timeout_ms, for ever if negative, until a signal that matters. */
static int
wait_for_signal (int timeout_ms)
{
  struct timespec timeout = { timeout_ms / 1000, (timeout_ms % 1000) * 1000000L };
  sigset_t signals;

  sigemptyset (&signals);
  sigaddset (&signals, SIGCHLD);
  sigaddset (&signals, SIGTERM);

  return timeout_ms < 0 ? sigwaitinfo (&signals, NULL) : sigtimedwait (&signals, NULL, &timeout);
}

/* FALSE when there are no children left. */
static gboolean
reap (pid_t command, int *status)
{
  pid_t pid;
  int one;

  while ((pid = waitpid (-1, &one, WNOHANG)) > 0)
    if (pid == command)
      *status = WIFEXITED (one) ? WEXITSTATUS (one) : 128 + WTERMSIG (one);

  return pid == 0;
}

/* Ends everything that is left, politely first. */
static void
end_children (pid_t command, int *status)
{
  gint64 until_us = g_get_monotonic_time () + BFY_LAUNCH_TERM_MS * 1000;

  signal_children (SIGTERM);
  while (reap (command, status) && g_get_monotonic_time () < until_us)
    wait_for_signal (20);
  while (reap (command, status))
    {
      signal_children (SIGKILL);
      wait_for_signal (5);
    }
}

static int
supervise (pid_t command)
{
  int status = -1;

  while (status < 0 && reap (command, &status))
    if (wait_for_signal (-1) == SIGTERM)
      break;
  end_children (command, &status);

  return status >= 0 ? status : EXIT_BROKEN;
}

static void
on_child (int number)
{
}

static int
run_plain (char **argv)
{
  static char *search[] = { NULL, NULL };
  const struct sigaction action = { .sa_handler = on_child };
  char **environment = read_environment ();
  sigset_t signals;
  pid_t command;

  /* The search for the command goes by the path that it will have. */
  for (char **entry = environment; *entry != NULL; entry++)
    if (g_str_has_prefix (*entry, "PATH="))
      search[0] = *entry;
  environ = search;
  prctl (PR_SET_CHILD_SUBREAPER, 1);
  sigaction (SIGCHLD, &action, NULL);
  sigemptyset (&signals);
  sigaddset (&signals, SIGCHLD);
  sigaddset (&signals, SIGTERM);
  sigprocmask (SIG_BLOCK, &signals, NULL);
  command = fork ();
  if (command < 0)
    return complain ("fork", EXIT_BROKEN);
  if (command == 0)
    _exit (run_command (argv, environment));

  /* The server's pipes and secret are not ours. */
  for (char **entry = environment; *entry != NULL; entry++)
    bfy_wipe (*entry, strlen (*entry));
  close_from (0, STDOUT_FILENO);
  close_from (BFY_LAUNCH_SECRET_FD, ~0U);

  return supervise (command);
}

int
bfy_launch_main (int argc, char **argv)
{
  gboolean is_sandbox = argc > ARG_COMMAND && strcmp (argv[ARG_MODE], BFY_LAUNCH_SANDBOX) == 0;

  if (argc <= ARG_COMMAND || !tie_to_parent (argv[ARG_PARENT], is_sandbox ? SIGKILL : SIGTERM))
    return EXIT_BROKEN;
  if (setsid () < 0 && errno != EPERM)
    return complain ("setsid", EXIT_BROKEN);
  umask (077);
  lower_limits ();
  if (strcmp (argv[ARG_SECRET], "secret") != 0)
    close (BFY_LAUNCH_SECRET_FD);
  close_from (BFY_LAUNCH_PLAN_FD + 1, ~0U);

  /* Without the ceremonies at the end of an ordinary program: what it would tidy up is the
   * agent's. */
  _exit (is_sandbox ? run_sandbox (argv) : run_plain (argv));
}
