/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/interrupt.h"

#include <errno.h>
#include <glib-unix.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* All that the handler can reach. */
static volatile sig_atomic_t is_keeping;
static volatile sig_atomic_t kept;
static volatile sig_atomic_t waker = -1; /* an eventfd, which wakes the main loop */

static GSource *source; /* (owned) (nullable) */
static GSourceFunc listener;
static gboolean is_taken;

static void
on_signal (int number)
{
  const guint64 one = 1;
  int saved = errno;

  if (!is_keeping || kept != 0)
    _exit (128 + number);

  kept = number;
  if (write (waker, &one, sizeof one) < 0)
    {
      /* Whoever ends the wait asks for it all the same. */
    }
  errno = saved;
}

/* Others have their own handlers for a while (the bridge, a screen). */
void
bfy_interrupt_install (void)
{
  struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };

  sigemptyset (&action.sa_mask);
  sigaction (SIGINT, &action, NULL);
  sigaction (SIGTERM, &action, NULL);
}

static gboolean
on_woken (int fd, GIOCondition condition, gpointer user_data)
{
  guint64 n;

  if (read (fd, &n, sizeof n) < 0)
    return G_SOURCE_CONTINUE;

  return listener (user_data);
}

void
bfy_interrupt_begin (GSourceFunc func, gpointer user_data)
{
  bfy_interrupt_install ();
  if (waker < 0)
    waker = eventfd (0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (waker < 0)
    return;

  listener = func;
  source = g_unix_fd_source_new (waker, G_IO_IN);
  g_source_set_callback (source, G_SOURCE_FUNC (on_woken), user_data, NULL);
  g_source_attach (source, NULL);
  is_keeping = 1;
}

void
bfy_interrupt_end (void)
{
  is_keeping = 0;
  if (source == NULL)
    return;
  g_source_destroy (source);
  g_clear_pointer (&source, g_source_unref);
}

int
bfy_interrupt_take (void)
{
  if (kept == 0 || is_taken)
    return 0;
  is_taken = TRUE;

  return kept;
}
