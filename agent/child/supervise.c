/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/child/supervise.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/child/launch.h"

typedef struct
{
  pid_t command;
  int status; /* -1: it runs */
  int signals;
  int control;
  gboolean must_end;
} Supervisor;

static void
on_child (int number)
{
}

static void
fill_set (sigset_t *signals)
{
  sigemptyset (signals);
  sigaddset (signals, SIGCHLD);
  sigaddset (signals, SIGTERM);
}

void
bfy_supervise_prepare (void)
{
  const struct sigaction action = { .sa_handler = on_child };
  sigset_t signals;

  prctl (PR_SET_CHILD_SUBREAPER, 1);
  sigaction (SIGCHLD, &action, NULL);
  fill_set (&signals);
  sigprocmask (SIG_BLOCK, &signals, NULL);
}

void
bfy_supervise_leave (void)
{
  sigset_t none;

  sigemptyset (&none);
  sigprocmask (SIG_SETMASK, &none, NULL);
  prctl (PR_SET_PDEATHSIG, SIGKILL);
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

static void
take_signals (Supervisor *self)
{
  struct signalfd_siginfo facts;

  while (read (self->signals, &facts, sizeof facts) == (gssize) sizeof facts)
    if (facts.ssi_signo == SIGTERM)
      self->must_end = TRUE;
}

/* Nobody writes to it: what can be read is its end. */
static void
take_control (Supervisor *self)
{
  char byte;
  gssize n = read (self->control, &byte, 1);

  if (n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)))
    return;
  self->must_end = TRUE;
  self->control = -1;
}

/* Waits until something happens, at most @timeout_ms; for ever if negative. */
static void
wait_for_event (Supervisor *self, int timeout_ms)
{
  struct pollfd fds[] = { { self->signals, POLLIN, 0 }, { self->control, POLLIN, 0 } };

  if (poll (fds, G_N_ELEMENTS (fds), timeout_ms) <= 0)
    return;
  if (fds[0].revents != 0)
    take_signals (self);
  if (fds[1].revents != 0)
    take_control (self);
}

/* FALSE when there are no children left. */
static gboolean
reap (Supervisor *self)
{
  pid_t pid;
  int one;

  while ((pid = waitpid (-1, &one, WNOHANG)) > 0)
    if (pid == self->command)
      self->status = WIFEXITED (one) ? WEXITSTATUS (one) : 128 + WTERMSIG (one);

  return pid == 0;
}

/* Ends everything that is left, politely first. */
static void
end_children (Supervisor *self)
{
  gint64 until_us = g_get_monotonic_time () + BFY_LAUNCH_TERM_MS * 1000;

  signal_children (SIGTERM);
  while (reap (self) && g_get_monotonic_time () < until_us)
    wait_for_event (self, 20);
  while (reap (self))
    {
      signal_children (SIGKILL);
      wait_for_event (self, 5);
    }
}

int
bfy_supervise (pid_t command, int control)
{
  Supervisor self = { .command = command, .status = -1, .control = control };
  sigset_t signals;

  fill_set (&signals);
  self.signals = signalfd (-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
  while (self.status < 0 && !self.must_end && reap (&self))
    if (self.status < 0)
      wait_for_event (&self, -1);
  end_children (&self);

  return self.status >= 0 ? self.status : BFY_LAUNCH_EXIT_BROKEN;
}
