/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/screen.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <glib/gi18n-lib.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define INPUT_BYTES_MAX 256
#define WRITE_WAIT_MS 2000 /* a terminal that takes nothing for so long misses a picture */
#define COLUMNS_DEFAULT 80
#define ROWS_DEFAULT 24

#define ENTER_OTHER "\033[?1049h\033[?25l\033[2J"
#define LEAVE_OTHER "\033[0m\033[2J\033[?25h\033[?1049l"

/* SIGINT and SIGTERM come through GLib as everywhere in this program (client/cli.c). */
static const int caught[] = { SIGHUP, SIGQUIT, SIGTSTP, SIGCONT, SIGWINCH };

/* The handler can reach nothing else. */
static volatile int signal_pipe_writer = -1;

struct _BfyScreen
{
  int fd;
  int pipe_fds[2];
  guint input_id;
  guint signal_id;
  gboolean is_plain;
  gboolean is_entered;
  struct termios before;
  struct sigaction actions[G_N_ELEMENTS (caught)];
  const BfyScreenEvents *events;
  gpointer user_data;
};

static void
on_caught (int number)
{
  int saved = errno;
  char byte = (char) number;

  if (write (signal_pipe_writer, &byte, 1) < 0)
    {
      /* Full of signals already: one is enough. */
    }
  errno = saved;
}

void
bfy_screen_write (BfyScreen *self, const char *text)
{
  gsize length = strlen (text);
  struct pollfd poll_fd = { .fd = self->fd, .events = POLLOUT };

  while (length > 0)
    {
      gssize n = write (self->fd, text, length);

      if (n > 0)
        {
          text += n;
          length -= (gsize) n;
        }
      else if (errno != EINTR && (errno != EAGAIN || poll (&poll_fd, 1, WRITE_WAIT_MS) == 0))
        return;
    }
}

static void
set_mode (BfyScreen *self, const struct termios *mode, int when)
{
  while (tcsetattr (self->fd, when, mode) < 0 && errno == EINTR)
    continue;
}

static void
enter (BfyScreen *self)
{
  struct termios mode = self->before;

  self->is_entered = TRUE;
  if (self->is_plain)
    return;
  mode.c_lflag &= ~(tcflag_t) (ECHO | ECHONL | ICANON | ISIG | IEXTEN);
  mode.c_iflag &= ~(tcflag_t) (IXON | ICRNL | INLCR | IGNCR | ISTRIP);
  mode.c_cc[VMIN] = 1;
  mode.c_cc[VTIME] = 0;
  /* FLUSH: what was typed before there was a question is no answer. */
  set_mode (self, &mode, TCSAFLUSH);
  bfy_screen_write (self, ENTER_OTHER);
}

/* The terminal alone. */
static void
give_back (BfyScreen *self)
{
  if (!self->is_entered)
    return;
  self->is_entered = FALSE;
  if (self->is_plain)
    return;
  bfy_screen_write (self, LEAVE_OTHER);
  /* FLUSH: what was typed for us must not become the shell's next command. */
  set_mode (self, &self->before, TCSAFLUSH);
}

void
bfy_screen_leave (BfyScreen *self)
{
  give_back (self);
  g_clear_handle_id (&self->input_id, g_source_remove);
  if (self->signal_id == 0)
    return;
  g_clear_handle_id (&self->signal_id, g_source_remove);
  for (gsize i = 0; i < G_N_ELEMENTS (caught); i++)
    sigaction (caught[i], &self->actions[i], NULL);
  signal_pipe_writer = -1;
}

static void
end (BfyScreen *self, int signal_number)
{
  bfy_screen_leave (self);
  self->events->on_end (self, signal_number, self->user_data);
}

void
bfy_screen_suspend (BfyScreen *self)
{
  struct sigaction stop = { .sa_handler = SIG_DFL };
  struct sigaction ours;

  give_back (self);
  sigaction (SIGTSTP, &stop, &ours);
  kill (getpid (), SIGTSTP);
  sigaction (SIGTSTP, &ours, NULL);
  enter (self);
  self->events->on_stale (self, self->user_data);
}

/* Back from a stop that nobody told us of: the shell has had the terminal meanwhile. */
static void
resume (BfyScreen *self)
{
  enter (self);
  self->events->on_stale (self, self->user_data);
}

static gboolean
on_signal (gint fd, GIOCondition condition, gpointer user_data)
{
  BfyScreen *self = user_data;
  guint8 number;

  if (read (fd, &number, 1) != 1)
    return G_SOURCE_CONTINUE;

  switch (number)
    {
    case SIGWINCH:
      self->events->on_stale (self, self->user_data);
      break;
    case SIGTSTP:
      bfy_screen_suspend (self);
      break;
    case SIGCONT:
      resume (self);
      break;
    default:
      end (self, number);
      return G_SOURCE_REMOVE;
    }

  return G_SOURCE_CONTINUE;
}

static gboolean
on_readable (gint fd, GIOCondition condition, gpointer user_data)
{
  BfyScreen *self = user_data;
  guint8 bytes[INPUT_BYTES_MAX];
  gssize n = read (fd, bytes, sizeof bytes);

  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return G_SOURCE_CONTINUE;
  if (n > 0)
    {
      self->events->on_input (self, bytes, (gsize) n, self->user_data);
      return self->input_id != 0 ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
    }

  end (self, 0);
  return G_SOURCE_REMOVE;
}

/* Handlers first, so that there is no moment in which a signal ends us in the other mode. */
static void
catch_signals (BfyScreen *self)
{
  struct sigaction action = { .sa_handler = on_caught, .sa_flags = SA_RESTART };

  signal_pipe_writer = self->pipe_fds[1];
  sigemptyset (&action.sa_mask);
  for (gsize i = 0; i < G_N_ELEMENTS (caught); i++)
    sigaction (caught[i], &action, &self->actions[i]);
  self->signal_id = g_unix_fd_add (self->pipe_fds[0], G_IO_IN, on_signal, self);
}

BfyScreen *
bfy_screen_new (gboolean is_plain,
                const BfyScreenEvents *events,
                gpointer user_data,
                GError **error)
{
  /* A description of our own, so not blocking concerns nobody else on this terminal. */
  int fd = open ("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
  BfyScreen *self;

  if (fd < 0)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_FAILED,
                           _ ("There is no terminal here to show questions on"));
      return NULL;
    }

  self = g_new0 (BfyScreen, 1);
  self->fd = fd;
  self->pipe_fds[0] = self->pipe_fds[1] = -1;
  self->is_plain = is_plain;
  self->events = events;
  self->user_data = user_data;
  if (tcgetattr (fd, &self->before) < 0 || !g_unix_open_pipe (self->pipe_fds, FD_CLOEXEC, NULL) ||
      !g_unix_set_fd_nonblocking (self->pipe_fds[0], TRUE, NULL) ||
      !g_unix_set_fd_nonblocking (self->pipe_fds[1], TRUE, NULL))
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_FAILED, _ ("The terminal cannot be used"));
      bfy_screen_free (self);
      return NULL;
    }

  catch_signals (self);
  self->input_id = g_unix_fd_add (fd, G_IO_IN | G_IO_HUP | G_IO_ERR, on_readable, self);
  enter (self);

  return self;
}

void
bfy_screen_free (BfyScreen *self)
{
  bfy_screen_leave (self);
  close (self->fd);
  if (self->pipe_fds[0] >= 0)
    close (self->pipe_fds[0]);
  if (self->pipe_fds[1] >= 0)
    close (self->pipe_fds[1]);
  g_free (self);
}

void
bfy_screen_forget_input (BfyScreen *self)
{
  tcflush (self->fd, TCIFLUSH);
}

void
bfy_screen_get_size (BfyScreen *self, guint *columns, guint *rows)
{
  struct winsize size = { 0 };

  ioctl (self->fd, TIOCGWINSZ, &size);
  *columns = size.ws_col > 0 ? size.ws_col : COLUMNS_DEFAULT;
  *rows = size.ws_row > 0 ? size.ws_row : ROWS_DEFAULT;
}
