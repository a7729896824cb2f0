/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/terminal.h"

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

#include "client/entry.h"

#define LINE_BYTES_MAX 1024
#define KEY_INTERRUPT 0x03
#define KEY_KILL 0x15
/* Taken at once; what comes behind the end of the line is dropped. */
#define KEYS_MAX 256

struct _BfyTerminal
{
  int fd;
};

/* Signals by which a person or the system takes us away from a hidden prompt. */
static const int caught[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP };

/* The handler can reach nothing else. It says which signal came through the pipe, which also wakes
 * poll() whatever thread the signal was delivered to. */
static volatile int signal_pipe_writer = -1;

typedef struct
{
  int fd;
  int pipe_fds[2];
  gboolean echoes; /* signals are caught, what is typed is shown */
  struct termios visible;
  struct sigaction before[G_N_ELEMENTS (caught)];
} HiddenMode;

static void
on_signal (int number)
{
  int saved = errno;
  char byte = (char) number;

  if (write (signal_pipe_writer, &byte, 1) < 0)
    {
      /* The pipe is full of signals already: one is enough. */
    }
  errno = saved;
}

BfyTerminal *
bfy_terminal_open (void)
{
  /* A description of our own, so not blocking concerns nobody else on this terminal. */
  int fd = open ("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
  BfyTerminal *self;

  if (fd < 0)
    return NULL;

  self = g_new0 (BfyTerminal, 1);
  self->fd = fd;
  return self;
}

void
bfy_terminal_close (BfyTerminal *self)
{
  close (self->fd);
  g_free (self);
}

static void
wait_for (int fd, short events)
{
  struct pollfd poll_fd = { .fd = fd, .events = events };

  while (poll (&poll_fd, 1, -1) < 0 && errno == EINTR)
    continue;
}

static void
say (BfyTerminal *self, const char *text)
{
  gsize length = strlen (text);

  while (length > 0)
    {
      gssize n = write (self->fd, text, length);

      if (n < 0 && errno == EAGAIN)
        wait_for (self->fd, POLLOUT);
      else if (n < 0 && errno != EINTR)
        return;
      if (n > 0)
        {
          text += n;
          length -= (gsize) n;
        }
    }
}

static gboolean
set_hidden (const HiddenMode *mode)
{
  struct termios hidden = mode->visible;

  if (mode->echoes)
    return TRUE;
  hidden.c_lflag &= ~(tcflag_t) (ECHO | ECHOE | ECHOK | ECHONL | ICANON);
  hidden.c_cc[VMIN] = 1;
  hidden.c_cc[VTIME] = 0;
  return tcsetattr (mode->fd, TCSAFLUSH, &hidden) == 0;
}

static void
set_visible (const HiddenMode *mode)
{
  /* FLUSH: the rest of a pasted text must not become the shell's next command. */
  while (tcsetattr (mode->fd, TCSAFLUSH, &mode->visible) < 0 && errno == EINTR)
    continue;
}

/* Handlers first, so that there is no moment without echo in which a signal ends us. */
static gboolean
prepare_hidden (HiddenMode *mode, int fd, GError **error)
{
  struct sigaction action = { .sa_handler = on_signal };

  mode->fd = fd;
  if (tcgetattr (fd, &mode->visible) < 0 || !g_unix_open_pipe (mode->pipe_fds, FD_CLOEXEC, NULL))
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_FAILED,
                           _ ("The terminal cannot be switched to hidden input"));
      return FALSE;
    }

  g_unix_set_fd_nonblocking (mode->pipe_fds[1], TRUE, NULL);
  signal_pipe_writer = mode->pipe_fds[1];
  sigemptyset (&action.sa_mask);
  for (gsize i = 0; i < G_N_ELEMENTS (caught); i++)
    sigaction (caught[i], &action, &mode->before[i]);

  return TRUE;
}

static void
leave_hidden (HiddenMode *mode)
{
  set_visible (mode);
  for (gsize i = 0; i < G_N_ELEMENTS (caught); i++)
    sigaction (caught[i], &mode->before[i], NULL);
  signal_pipe_writer = -1;
  close (mode->pipe_fds[0]);
  close (mode->pipe_fds[1]);
}

/* Ctrl-Z: the shell gets a terminal that echoes, and we hide again when we are back. */
static void
stop_ourselves (BfyTerminal *self, const HiddenMode *mode, const char *prompt)
{
  struct sigaction stop = { .sa_handler = SIG_DFL };
  struct sigaction ours;

  set_visible (mode);
  say (self, "\n");
  sigaction (SIGTSTP, &stop, &ours);
  kill (getpid (), SIGTSTP);
  sigaction (SIGTSTP, &ours, NULL);
  set_hidden (mode);
  say (self, prompt);
}

/* Some of what was typed, or a signal; -1 at the end of the terminal. */
static gssize
wait_for_keys (const HiddenMode *mode, guint8 *keys, int *signal_number)
{
  struct pollfd fds[] = { { .fd = mode->pipe_fds[0], .events = POLLIN },
                          { .fd = mode->fd, .events = POLLIN } };
  guint8 number;

  while (poll (fds, G_N_ELEMENTS (fds), -1) < 0)
    {
      if (errno != EINTR)
        return -1;
    }

  if (fds[0].revents == 0)
    {
      gssize n_keys = read (mode->fd, keys, KEYS_MAX);

      /* A key that makes a signal also drops what was typed: what poll() saw may be gone again, and
       * the signal is the next thing to look at. */
      if (n_keys < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;

      return n_keys > 0 ? n_keys : -1;
    }
  if (read (mode->pipe_fds[0], &number, 1) != 1)
    return -1;

  *signal_number = number;
  return 0;
}

static BfyEntryState
feed_keys (BfyEntry *entry, const guint8 *keys, gssize n_keys, int *signal_number)
{
  BfyEntryState state = BFY_ENTRY_MORE;

  for (gssize i = 0; i < n_keys && state == BFY_ENTRY_MORE; i++)
    {
      state = bfy_entry_feed (entry, keys[i]);
      /* A terminal that makes no signal of Ctrl-C means the same by it. */
      if (keys[i] == KEY_INTERRUPT)
        *signal_number = SIGINT;
    }

  return state;
}

static BfyEntryState
read_hidden (
    BfyTerminal *self, const HiddenMode *mode, const char *prompt, BfyEntry *entry, int *number)
{
  BfyEntryState state = BFY_ENTRY_MORE;

  while (state == BFY_ENTRY_MORE)
    {
      guint8 keys[KEYS_MAX];
      gssize n_keys;

      *number = 0;
      n_keys = wait_for_keys (mode, keys, number);
      if (n_keys < 0 || (*number != 0 && *number != SIGTSTP))
        return BFY_ENTRY_CANCELLED;

      if (*number == SIGTSTP)
        {
          /* The kernel drops what it has not given us yet: half a token is none. */
          bfy_entry_feed (entry, KEY_KILL);
          stop_ourselves (self, mode, prompt);
        }
      else
        state = feed_keys (entry, keys, n_keys, number);
      bfy_wipe (keys, sizeof keys);
    }

  return state;
}

BfySecret *
bfy_terminal_ask_secret (BfyTerminal *self, const char *prompt, int *signal_number, GError **error)
{
  g_autoptr (BfyEntry) entry = bfy_entry_new ();
  BfyEntryState state = BFY_ENTRY_CANCELLED;
  BfySecret *secret = NULL;
  HiddenMode mode = { .fd = -1 };

  *signal_number = 0;
  if (!prepare_hidden (&mode, self->fd, error))
    return NULL;

  /* A terminal that cannot hide is not asked: better no token than one on the screen. */
  if (set_hidden (&mode))
    {
      say (self, prompt);
      state = read_hidden (self, &mode, prompt, entry, signal_number);
    }
  leave_hidden (&mode);
  say (self, "\n");

  if (state == BFY_ENTRY_DONE)
    secret = bfy_entry_take (entry);
  if (state == BFY_ENTRY_TOO_LONG)
    g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, _ ("That is longer than %d bytes"),
                 BFY_SECRET_BYTES_MAX);
  else if (secret == NULL)
    g_set_error_literal (error, BFY_ERROR, BFY_ERROR_CANCELLED,
                         _ ("Cancelled: nothing was stored"));

  return secret;
}

/* TRUE for a whole line. */
static gboolean
read_shown (
    BfyTerminal *self, const HiddenMode *mode, const char *prompt, GString *line, int *number)
{
  while (line->len < LINE_BYTES_MAX)
    {
      guint8 keys[KEYS_MAX];
      gssize n_keys;

      *number = 0;
      n_keys = wait_for_keys (mode, keys, number);
      if (n_keys < 0 || (*number != 0 && *number != SIGTSTP))
        return FALSE;
      if (*number == SIGTSTP)
        stop_ourselves (self, mode, prompt);
      g_string_append_len (line, (const char *) keys, n_keys);
      if (n_keys > 0 && keys[n_keys - 1] == '\n')
        return TRUE;
    }

  return FALSE;
}

char *
bfy_terminal_ask_answer (BfyTerminal *self, const char *prompt, int *signal_number, GError **error)
{
  g_autoptr (GString) line = g_string_new (NULL);
  HiddenMode mode = { .fd = -1, .echoes = TRUE };
  gboolean is_whole;

  *signal_number = 0;
  if (!prepare_hidden (&mode, self->fd, error))
    return NULL;
  say (self, prompt);
  is_whole = read_shown (self, &mode, prompt, line, signal_number);
  leave_hidden (&mode);
  if (!is_whole || memchr (line->str, '\0', line->len) != NULL ||
      !g_utf8_validate (line->str, -1, NULL))
    {
      say (self, "\n");
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_CANCELLED,
                           _ ("Cancelled: nothing was stored"));
      return NULL;
    }

  return g_strdup (g_strstrip (line->str));
}

char *
bfy_terminal_ask_line (BfyTerminal *self, const char *prompt, GError **error)
{
  char line[LINE_BYTES_MAX + 1];
  gssize n;

  say (self, prompt);
  do
    {
      wait_for (self->fd, POLLIN);
      n = read (self->fd, line, LINE_BYTES_MAX);
    }
  while (n < 0 && (errno == EINTR || errno == EAGAIN));

  line[MAX (n, 0)] = '\0';
  g_strstrip (line);
  if (*line == '\0' || !g_utf8_validate (line, -1, NULL))
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_CANCELLED,
                           _ ("Cancelled: nothing was stored"));
      return NULL;
    }

  return g_strdup (line);
}

/* The letters of the question are what most people type; the person's own word is one, too. */
gboolean
bfy_terminal_is_yes (const char *answer)
{
  const char *const words[] = {
    "y",
    "yes",
    /* Translators: what may be typed for yes, as a letter and as a word, both in small letters. */
    C_ ("answer", "y"),
    C_ ("answer", "yes"),
  };
  g_autofree char *small = g_utf8_validate (answer, -1, NULL) ? g_utf8_strdown (answer, -1) : NULL;

  for (guint i = 0; small != NULL && i < G_N_ELEMENTS (words); i++)
    {
      if (strcmp (small, words[i]) == 0)
        return TRUE;
    }

  return FALSE;
}

gboolean
bfy_terminal_ask_yes (BfyTerminal *self, const char *question)
{
  /* Translators: y and yes are taken in every language, and beside them what you say below. */
  g_autofree char *prompt = g_strdup_printf (_ ("%s [y/N] "), question);
  g_autofree char *answer = bfy_terminal_ask_line (self, prompt, NULL);

  return answer != NULL && bfy_terminal_is_yes (answer);
}

gsize
bfy_terminal_columns (int fd)
{
  struct winsize size = { 0 };

  return ioctl (fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}
