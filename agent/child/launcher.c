/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The launcher, a process of its own: see launch.h. argv: name, mode, the agent's pid, "secret" or
 * "-", bubblewrap's path or the home, the command. It starts with an empty environment. In a unit
 * of systemd all that comes over its standard input instead (handover.h), and it stays as the
 * parent, because there is no agent above it to tell how the server ended. */

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/child/handover.h"
#include "agent/child/launch.h"
#include "agent/child/supervise.h"
#include "bfy-config.h"

#define PLAN_BYTES_MAX (1024 * 1024)
#define DESCRIPTORS_SOFT 1024 /* what programs expect; they may raise it themselves */
#define EXIT_NOT_RUNNABLE 126
#define EXIT_NOT_FOUND 127

/* In a unit, above what a server gets. */
#define UNIT_CONTROL_FD 5
#define UNIT_LIFE_FD 6
#define UNIT_HIGH_FD 32

enum
{
  ARG_MODE = 1,
  ARG_PARENT,
  ARG_SECRET,
  ARG_PLACE,
  ARG_COMMAND,
};

/* Of a launcher in a unit: its own name, BFY_LAUNCH_UNIT, our version. */
enum
{
  ARG_VERSION = 2,
  ARG_N_UNIT,
};

static int
complain (const char *what, int status)
{
  const char *why = strerror (errno);
  g_autofree char *line = g_strdup_printf ("bindify: %s: %s\n", what, why);

  if (write (STDERR_FILENO, line, strlen (line)) < 0)
    return BFY_LAUNCH_EXIT_BROKEN;

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

/* What holds however it was started. @first: of the descriptors that nobody is to have. */
static void
prepare (char **argv, unsigned first)
{
  umask (077);
  lower_limits ();
  if (strcmp (argv[ARG_SECRET], "secret") != 0)
    close (BFY_LAUNCH_SECRET_FD);
  close_from (first, ~0U);
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

/* Strings that each end with NUL; they stay where they are read to. */
static void
read_strings (int fd, GPtrArray *strings)
{
  char *text = g_malloc0 (PLAN_BYTES_MAX + 1);
  gsize length = 0;
  gssize n;

  while (length < PLAN_BYTES_MAX && (n = read (fd, text + length, PLAN_BYTES_MAX - length)) > 0)
    length += (gsize) n;
  close (fd);
  for (char *p = text; p < text + length; p += strlen (p) + 1)
    g_ptr_array_add (strings, p);
}

/* The plan is an environment. */
static char **
read_environment (void)
{
  GPtrArray *strings = g_ptr_array_new ();

  read_strings (BFY_LAUNCH_PLAN_FD, strings);
  g_ptr_array_add (strings, NULL);

  return (char **) g_ptr_array_free (strings, FALSE);
}

static int
run_command (char **argv, char **environment)
{
  if (chdir (argv[ARG_PLACE]) != 0 && chdir ("/") != 0)
    return complain ("the home", BFY_LAUNCH_EXIT_BROKEN);
  execvpe (argv[ARG_COMMAND], argv + ARG_COMMAND, environment);

  return complain (argv[ARG_COMMAND], errno == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_RUNNABLE);
}

static int
run_child (char **argv, char **environment, gboolean is_sandbox)
{
  bfy_supervise_leave ();

  return is_sandbox ? run_sandbox (argv) : run_command (argv, environment);
}

/* The search for the command goes by the path that it will have. */
static void
search_as (char **environment)
{
  static char *search[] = { NULL, NULL };

  for (char **entry = environment; *entry != NULL; entry++)
    if (g_str_has_prefix (*entry, "PATH="))
      search[0] = *entry;
  environ = search;
}

/* Stays as the parent. @control, @life: -1, or see handover.h. */
static int
run_supervised (char **argv, gboolean is_sandbox, int control, int life)
{
  static char *nothing[] = { NULL };
  char **environment = is_sandbox ? nothing : read_environment ();
  pid_t command;
  int status;
  char byte;

  search_as (environment);
  bfy_supervise_prepare ();
  command = fork ();
  if (command < 0)
    return complain ("fork", BFY_LAUNCH_EXIT_BROKEN);
  if (command == 0)
    _exit (run_child (argv, environment, is_sandbox));

  /* The server's pipes and secret are not ours. */
  for (char **entry = environment; *entry != NULL; entry++)
    bfy_wipe (*entry, strlen (*entry));
  close_from (0, STDOUT_FILENO);
  close_from (BFY_LAUNCH_SECRET_FD, BFY_LAUNCH_PLAN_FD);

  status = bfy_supervise (command, control);
  byte = (char) status;
  if (life >= 0 && write (life, &byte, 1) != 1)
    return BFY_LAUNCH_EXIT_BROKEN;

  return status;
}

/* The memory file that lists the arguments of a launcher; it stays for good. */
static char **
read_words (int fd)
{
  GPtrArray *words = g_ptr_array_new ();

  read_strings (fd, words);
  g_ptr_array_add (words, NULL);

  return (char **) g_ptr_array_free (words, FALSE);
}

/* Where a child of the agent has its descriptors from the start. */
static gboolean
place_descriptors (const int *fds)
{
  static const int targets[] = {
    [BFY_HANDOVER_STDIN] = STDIN_FILENO,          [BFY_HANDOVER_STDOUT] = STDOUT_FILENO,
    [BFY_HANDOVER_STDERR] = STDERR_FILENO,        [BFY_HANDOVER_WORDS] = -1,
    [BFY_HANDOVER_LIFE] = UNIT_LIFE_FD,           [BFY_HANDOVER_PLAN] = BFY_LAUNCH_PLAN_FD,
    [BFY_HANDOVER_SECRET] = BFY_LAUNCH_SECRET_FD,
  };
  int high[BFY_HANDOVER_N];
  int control = fcntl (STDIN_FILENO, F_DUPFD_CLOEXEC, UNIT_HIGH_FD);

  for (int i = 0; i < BFY_HANDOVER_N; i++)
    high[i] = fds[i] >= 0 ? fcntl (fds[i], F_DUPFD_CLOEXEC, UNIT_HIGH_FD) : -1;
  for (int i = 0; i < BFY_HANDOVER_N; i++)
    if (targets[i] >= 0 && high[i] >= 0 && dup2 (high[i], targets[i]) < 0)
      return FALSE;

  return dup2 (control, UNIT_CONTROL_FD) >= 0 &&
         fcntl (UNIT_CONTROL_FD, F_SETFD, FD_CLOEXEC) == 0 &&
         fcntl (UNIT_LIFE_FD, F_SETFD, FD_CLOEXEC) == 0;
}

static int
run_in_unit (const char *version)
{
  static const char mark = BFY_HANDOVER_STARTED;
  int fds[BFY_HANDOVER_N];
  char **words;
  gboolean is_sandbox;

  if (strcmp (version, BFY_VERSION) != 0)
    {
      errno = ESTALE;
      return complain ("The agent that runs is older than the one installed; restart it",
                       BFY_LAUNCH_EXIT_BROKEN);
    }
  if (!bfy_handover_receive (STDIN_FILENO, fds))
    return complain ("nothing was handed over", BFY_LAUNCH_EXIT_BROKEN);

  words = read_words (fds[BFY_HANDOVER_WORDS]);
  if (g_strv_length (words) <= ARG_COMMAND || !place_descriptors (fds) ||
      write (UNIT_LIFE_FD, &mark, 1) != 1)
    return complain ("what was handed over", BFY_LAUNCH_EXIT_BROKEN);
  prepare (words, UNIT_LIFE_FD + 1);
  is_sandbox = strcmp (words[ARG_MODE], BFY_LAUNCH_SANDBOX) == 0;

  return run_supervised (words, is_sandbox, UNIT_CONTROL_FD, UNIT_LIFE_FD);
}

static int
run_as_child (int argc, char **argv)
{
  gboolean is_sandbox = argc > ARG_COMMAND && strcmp (argv[ARG_MODE], BFY_LAUNCH_SANDBOX) == 0;

  if (argc <= ARG_COMMAND || !tie_to_parent (argv[ARG_PARENT], is_sandbox ? SIGKILL : SIGTERM))
    return BFY_LAUNCH_EXIT_BROKEN;
  if (setsid () < 0 && errno != EPERM)
    return complain ("setsid", BFY_LAUNCH_EXIT_BROKEN);
  prepare (argv, BFY_LAUNCH_PLAN_FD + 1);

  return is_sandbox ? run_sandbox (argv) : run_supervised (argv, FALSE, -1, -1);
}

int
bfy_launch_main (int argc, char **argv)
{
  gboolean is_unit = argc == ARG_N_UNIT && strcmp (argv[ARG_MODE], BFY_LAUNCH_UNIT) == 0;

  /* Without the ceremonies at the end of an ordinary program: what it would tidy up is the
   * agent's. */
  _exit (is_unit ? run_in_unit (argv[ARG_VERSION]) : run_as_child (argc, argv));
}
