/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/child/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/child/handover.h"
#include "protocol/error.h"

#define OWN_PROGRAM "/proc/self/exe"
#define REPLACED " (deleted)"
#define PRIVATE_FD_MIN 16 /* above what the launcher's descriptors become */

/* Descriptors of one start; -1 where there is none. All close-on-exec. */
typedef struct
{
  int near[3]; /* ours of stdin, stdout, stderr */
  int far[3];  /* the server's */
  int secret;  /* read end */
  int plan;
} Descriptors;

static void
close_one (int *fd)
{
  if (*fd >= 0)
    close (*fd);
  *fd = -1;
}

static void
descriptors_clear (Descriptors *self)
{
  for (guint i = 0; i < 3; i++)
    {
      close_one (&self->near[i]);
      close_one (&self->far[i]);
    }
  close_one (&self->secret);
  close_one (&self->plan);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Descriptors, descriptors_clear)

static gboolean
fail (GError **error, const char *what)
{
  g_set_error (error, BFY_ERROR, BFY_ERROR_FAILED, "%s: %s", what, g_strerror (errno));

  return FALSE;
}

/* So high that it is not overwritten while the launcher's descriptors are put in place. */
static gboolean
move_up (int *fd)
{
  int moved = fcntl (*fd, F_DUPFD_CLOEXEC, PRIVATE_FD_MIN);

  close (*fd);
  *fd = moved;

  return moved >= 0;
}

static gboolean
make_pipe (int *reader, int *writer)
{
  int ends[2];

  if (pipe2 (ends, O_CLOEXEC) != 0)
    return FALSE;
  *reader = ends[0];
  *writer = ends[1];

  return move_up (reader) && move_up (writer);
}

static gboolean
make_pipes (Descriptors *self)
{
  if (!make_pipe (&self->far[0], &self->near[0]) || !make_pipe (&self->near[1], &self->far[1]) ||
      !make_pipe (&self->near[2], &self->far[2]))
    return FALSE;
  for (guint i = 0; i < 3; i++)
    if (!g_unix_set_fd_nonblocking (self->near[i], TRUE, NULL))
      return FALSE;

  return TRUE;
}

/* The longest secret fits into a pipe, so nobody has to wait for a reader. */
static gboolean
fill_secret_pipe (Descriptors *self, const BfySecret *secret)
{
  int writer = -1;
  gsize length;
  const guint8 *bytes = bfy_secret_peek (secret, &length);
  gboolean is_ok = make_pipe (&self->secret, &writer) &&
                   g_unix_set_fd_nonblocking (writer, TRUE, NULL) &&
                   write (writer, bytes, length) == (gssize) length;

  close_one (&writer);

  return is_ok;
}

static gboolean
write_plan (Descriptors *self, const BfySecret *plan)
{
  gsize length;
  const guint8 *bytes = bfy_secret_peek (plan, &length);

  self->plan = memfd_create ("bindify-plan", MFD_CLOEXEC);

  return self->plan >= 0 && move_up (&self->plan) &&
         write (self->plan, bytes, length) == (gssize) length &&
         lseek (self->plan, 0, SEEK_SET) == 0;
}

/* Where strings can be handed over that stand in nobody's argument list. */
static int
write_words (char **words)
{
  int fd = memfd_create ("bindify-words", MFD_CLOEXEC);

  for (; fd >= 0 && *words != NULL; words++)
    {
      gsize length = strlen (*words) + 1;

      if (write (fd, *words, length) != (gssize) length)
        close_one (&fd);
    }
  if (fd >= 0 && lseek (fd, 0, SEEK_SET) != 0)
    close_one (&fd);

  return fd;
}

static char **
build_argv (const BfyProgram *program, const BfyPlace *place, gboolean has_secret_fd)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autofree char *parent = g_strdup_printf ("%d", (int) getpid ());

  g_strv_builder_add_many (builder, BFY_LAUNCH_NAME,
                           program->has_sandbox ? BFY_LAUNCH_SANDBOX : BFY_LAUNCH_PLAIN, parent,
                           has_secret_fd ? "secret" : "-",
                           program->has_sandbox ? place->bwrap : place->home, NULL);
  g_strv_builder_addv (builder, (const char **) program->argv);

  return g_strv_builder_end (builder);
}

static int
spawn (const char *launcher, const Descriptors *descriptors, char **argv, pid_t *pid)
{
  static char *const no_environment[] = { NULL };
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  sigset_t signals;
  int result;

  posix_spawn_file_actions_init (&actions);
  posix_spawnattr_init (&attributes);
  for (int i = 0; i < 3; i++)
    posix_spawn_file_actions_adddup2 (&actions, descriptors->far[i], i);
  if (descriptors->secret >= 0)
    posix_spawn_file_actions_adddup2 (&actions, descriptors->secret, BFY_LAUNCH_SECRET_FD);
  posix_spawn_file_actions_adddup2 (&actions, descriptors->plan, BFY_LAUNCH_PLAN_FD);
  sigfillset (&signals);
  posix_spawnattr_setsigdefault (&attributes, &signals);
  sigemptyset (&signals);
  posix_spawnattr_setsigmask (&attributes, &signals);
  posix_spawnattr_setflags (&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  result = posix_spawn (pid, launcher, &actions, &attributes, argv, no_environment);
  posix_spawnattr_destroy (&attributes);
  posix_spawn_file_actions_destroy (&actions);

  return result;
}

/* In systemd's hands OWN_PROGRAM would be systemd. */
char *
bfy_launch_find_launcher (const char *own_unit)
{
  g_autofree char *path = own_unit != NULL ? g_file_read_link (OWN_PROGRAM, NULL) : NULL;

  if (path == NULL)
    return g_strdup (OWN_PROGRAM);
  /* After an update another one lies there, and says so (launcher.c). */
  if (g_str_has_suffix (path, REPLACED))
    path[strlen (path) - strlen (REPLACED)] = '\0';

  return g_steal_pointer (&path);
}

void
bfy_launched_clear (BfyLaunched *self)
{
  for (guint i = 0; i < 3; i++)
    close_one (&self->pipes[i]);
  close_one (&self->control);
  close_one (&self->life);
  close_one (&self->input);
}

static gboolean
start_child (const BfyPlace *place,
             const Descriptors *descriptors,
             char **argv,
             BfyLaunched *launched,
             GError **error)
{
  errno = spawn (place->launcher, descriptors, argv, &launched->pid);

  return errno == 0 || fail (error, "Cannot start a program");
}

/* The launcher will find it all on its standard input. */
static gboolean
hand_over (const Descriptors *descriptors, char **argv, BfyLaunched *launched, GError **error)
{
  int ends[2] = { -1, -1 };
  int words = write_words (argv);
  int writer = -1;
  gboolean is_ok = FALSE;

  if (words >= 0 && socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0 &&
      make_pipe (&launched->life, &writer) &&
      g_unix_set_fd_nonblocking (launched->life, TRUE, NULL))
    {
      const int fds[] = {
        [BFY_HANDOVER_STDIN] = descriptors->far[0],
        [BFY_HANDOVER_STDOUT] = descriptors->far[1],
        [BFY_HANDOVER_STDERR] = descriptors->far[2],
        [BFY_HANDOVER_WORDS] = words,
        [BFY_HANDOVER_LIFE] = writer,
        [BFY_HANDOVER_PLAN] = descriptors->plan,
        [BFY_HANDOVER_SECRET] = descriptors->secret,
      };

      is_ok = bfy_handover_send (ends[0], fds);
    }
  launched->control = ends[0];
  launched->input = ends[1];
  if (!is_ok)
    fail (error, "Cannot hand a program over");
  close_one (&words);
  close_one (&writer);

  return is_ok;
}

static gboolean
check_bwrap (const BfyProgram *program, const BfyPlace *place, GError **error)
{
  if (!program->has_sandbox || place->bwrap != NULL)
    return TRUE;

  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_UNSUPPORTED,
                       "The sandbox needs bubblewrap (bwrap), which is not installed: install "
                       "the package “bubblewrap”, or add the binding with --no-sandbox");

  return FALSE;
}

gboolean
bfy_launch (const BfyProgram *program,
            const BfyPlace *place,
            const BfySecret *secret,
            BfyLaunched *result,
            GError **error)
{
  g_auto (Descriptors) descriptors = { { -1, -1, -1 }, { -1, -1, -1 }, -1, -1 };
  g_auto (BfyLaunched) launched = { { -1, -1, -1 }, 0, -1, -1, -1 };
  static const BfyLaunched nothing = { { -1, -1, -1 }, 0, -1, -1, -1 };
  g_autoptr (BfySecret) plan = NULL;
  g_auto (GStrv) argv = NULL;

  if (!check_bwrap (program, place, error))
    return FALSE;
  plan = bfy_launch_plan (program, place, secret, error);
  if (plan == NULL)
    return FALSE;
  if (!make_pipes (&descriptors) || !write_plan (&descriptors, plan) ||
      (program->delivery == BFY_DELIVER_FD && secret != NULL &&
       !fill_secret_pipe (&descriptors, secret)))
    return fail (error, "Cannot make the pipes to a program");

  argv = build_argv (program, place, descriptors.secret >= 0);
  if (place->own_unit != NULL ? !hand_over (&descriptors, argv, &launched, error)
                              : !start_child (place, &descriptors, argv, &launched, error))
    return FALSE;
  for (guint i = 0; i < 3; i++)
    {
      launched.pipes[i] = descriptors.near[i];
      descriptors.near[i] = -1;
    }
  *result = launched;
  launched = nothing;

  return TRUE;
}
