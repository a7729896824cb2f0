/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/run/inside.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/run/landlock.h"
#include "client/run/watch.h"

/* Only macros and types of GLib: this is in a program without it, too (inside-main.c). */

#define BACKLOG 64
#define EXIT_NOT_RUNNABLE 126
#define EXIT_NOT_FOUND 127

enum
{
  ARG_WORD = 1,
  ARG_LINE,
  ARG_PORT,
  ARG_PROXY,
  ARG_WATCH,
  ARG_WRITABLE,
};

typedef struct
{
  int line;
  int port;
  int proxy;
  int watch;       /* descriptor of a filter, or -1 */
  char **writable; /* ended by NULL */
  char **command;
  BfyRunWatch calls;
  int listener; /* where the kernel asks about them */
} Inside;

static int
complain (const char *what)
{
  (void) dprintf (STDERR_FILENO, "bindify run: %s: %s\n", what, strerror (errno));

  return 1;
}

gboolean
bfy_run_is_inside (int argc, char **argv)
{
  return argc > ARG_WRITABLE && strcmp (argv[ARG_WORD], BFY_RUN_INSIDE) == 0;
}

static gboolean
read_arguments (Inside *self, int argc, char **argv)
{
  int end = ARG_WRITABLE;

  while (end < argc && strcmp (argv[end], "--") != 0)
    end++;
  if (end + 1 >= argc)
    return FALSE;

  self->line = (int) strtol (argv[ARG_LINE], NULL, 10);
  self->port = (int) strtol (argv[ARG_PORT], NULL, 10);
  self->proxy = (int) strtol (argv[ARG_PROXY], NULL, 10);
  self->watch = (int) strtol (argv[ARG_WATCH], NULL, 10);
  argv[end] = NULL;
  self->writable = argv + ARG_WRITABLE;
  self->command = argv + end + 1;

  return TRUE;
}

static int
listen_at (int port)
{
  const struct sockaddr_in address = {
    .sin_family = AF_INET,
    .sin_port = htons ((guint16) port),
    .sin_addr = { htonl (INADDR_LOOPBACK) },
  };
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (fd >= 0 && bind (fd, (const struct sockaddr *) &address, sizeof address) == 0 &&
      listen (fd, BACKLOG) == 0)
    return fd;
  if (fd >= 0)
    close (fd);

  return -1;
}

/* @door: -1, or goes along. @flags: of sendmsg(). */
static gboolean
tell (int line, gint32 letter, gint32 number, int door, int flags)
{
  BfyRunMessage message = { letter, number };
  struct iovec part = { &message, sizeof message };
  union
  {
    struct cmsghdr header;
    char bytes[CMSG_SPACE (sizeof door)];
  } control = { 0 };
  struct msghdr head = { .msg_iov = &part, .msg_iovlen = 1 };

  if (door >= 0)
    {
      head.msg_control = &control;
      head.msg_controllen = sizeof control;
      control.header = (struct cmsghdr){ .cmsg_len = CMSG_LEN (sizeof door),
                                         .cmsg_level = SOL_SOCKET,
                                         .cmsg_type = SCM_RIGHTS };
      memcpy (CMSG_DATA (&control.header), &door, sizeof door);
    }

  return sendmsg (line, &head, MSG_NOSIGNAL | flags) == sizeof message;
}

/* The socket lives on outside; in here nobody could accept a connection. */
static gboolean
open_door (const Inside *self, gint32 letter, int port)
{
  int door = port > 0 ? listen_at (port) : -1;
  gboolean is_ok;

  if (port > 0 && door < 0)
    return FALSE;
  is_ok = tell (self->line, letter, 0, door, 0);
  if (door >= 0)
    close (door);

  return is_ok;
}

static gboolean
open_doors (const Inside *self)
{
  if (self->proxy > 0 && !open_door (self, BFY_RUN_PROXY, self->proxy))
    return FALSE;

  return open_door (self, BFY_RUN_READY, self->port);
}

static _Noreturn void
become_command (Inside *self, int to)
{
  const struct rlimit none = { 0, 0 };
  sigset_t all;
  int status;

  (void) setpgid (0, 0);
  (void) setrlimit (RLIMIT_CORE, &none);
  if (!bfy_landlock_restrict ((const char *const *) self->writable))
    _exit (complain ("Landlock"));
  if (!bfy_run_watch_load (&self->calls, to))
    _exit (complain ("seccomp"));
  sigfillset (&all);
  sigprocmask (SIG_UNBLOCK, &all, NULL);
  execvp (self->command[0], self->command);
  status = errno == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_RUNNABLE;
  (void) complain (self->command[0]);
  _exit (status);
}

/* -1 as long as @command runs. Whatever else has ended was somebody's orphan. */
static int
reap (pid_t command)
{
  int found = -1;
  int status;
  pid_t pid;

  while ((pid = waitpid (-1, &status, WNOHANG)) > 0)
    {
      if (pid == command)
        found = WIFEXITED (status) ? WEXITSTATUS (status) : 128 + WTERMSIG (status);
    }

  return found;
}

/* FALSE when nobody is outside any more. All that belongs to the command hears of it, as from a
 * terminal. */
static gboolean
pass_signal_on (int line, pid_t command)
{
  BfyRunMessage message;
  gssize n = recv (line, &message, sizeof message, 0);

  if (n < 0 && errno == EINTR)
    return TRUE;
  if (n != (gssize) sizeof message)
    return FALSE;
  if (message.letter == BFY_RUN_SIGNAL && kill (-command, message.number) != 0)
    (void) kill (command, message.number);

  return TRUE;
}

/* Its status. */
static int
wait_for (const Inside *self, pid_t command, int signals)
{
  struct pollfd watched[] = { { .fd = signals, .events = POLLIN },
                              { .fd = self->line, .events = POLLIN } };
  struct signalfd_siginfo info;
  int status = -1;

  while (status < 0)
    {
      if (poll (watched, G_N_ELEMENTS (watched), -1) < 0)
        continue;
      if (watched[0].revents != 0 && read (signals, &info, sizeof info) > 0)
        status = reap (command);
      if (status < 0 && watched[1].revents != 0 && !pass_signal_on (self->line, command))
        return 128 + SIGKILL;
    }

  return status;
}

/* A thread: the kernel may let us wait for a question of somebody who is dead (seccomp_unotify(2),
 * "Bugs"), and a process of its own the command could end. What a flood has more of than the line
 * holds is not told of. */
static void *
answer_calls (void *data)
{
  const Inside *self = data;
  BfyRunRefusal refusal;

  while (bfy_run_watch_answer (self->listener, &refusal))
    {
      if (refusal != BFY_RUN_N_REFUSALS)
        (void) tell (self->line, BFY_RUN_CALL_REFUSED, (gint32) refusal, -1, MSG_DONTWAIT);
    }
  close (self->listener);

  return NULL;
}

/* Without the thread they are refused as well. */
static void
watch_calls (Inside *self, int from)
{
  pthread_t thread;

  self->listener = self->calls.n > 0 ? bfy_run_watch_receive (from) : -1;
  if (self->listener >= 0 && pthread_create (&thread, NULL, answer_calls, self) != 0)
    close (self->listener);
}

/* -1: it cannot be started. */
static pid_t
start_command (Inside *self)
{
  int ends[2];
  pid_t command;

  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    return -1;
  command = fork ();
  if (command == 0)
    become_command (self, ends[1]);
  close (ends[1]);
  if (command > 0)
    watch_calls (self, ends[0]);
  close (ends[0]);

  return command;
}

int
bfy_run_inside (int argc, char **argv)
{
  static Inside self; /* the thread reads it until the end of the process */
  sigset_t all;
  pid_t command;
  int signals;
  int status;

  if (!read_arguments (&self, argc, argv))
    return 1;
  if (self.watch >= 0 && !bfy_run_watch_read (&self.calls, self.watch))
    return complain ("seccomp");
  /* What the sandbox was described by is nothing for the command, and neither is the line. */
  (void) fcntl (self.line, F_SETFD, FD_CLOEXEC);
  (void) close_range ((unsigned) self.line + 1, ~0U, 0);
  /* Nobody in here looks into this process. */
  (void) prctl (PR_SET_DUMPABLE, 0, 0, 0, 0);
  sigfillset (&all);
  sigprocmask (SIG_BLOCK, &all, NULL);
  signals = signalfd (-1, &all, SFD_CLOEXEC);
  if (signals < 0 || !open_doors (&self))
    return complain ("the door");
  command = start_command (&self);
  if (command < 0)
    return complain ("fork");

  status = wait_for (&self, command, signals);
  (void) tell (self.line, BFY_RUN_ENDED, status, -1, 0);

  return status;
}
