/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* As long as we hold the descriptor that logind gives for it, the machine waits before it sleeps
 * (five seconds at most, if nobody has set it otherwise). */

#include <gio/gunixfdlist.h>
#include <unistd.h>

#include "agent/lock/logind-private.h"

void
bfy_logind_allow_sleep (BfyLogind *self)
{
  if (self->inhibitor >= 0)
    close (self->inhibitor);
  self->inhibitor = -1;
}

static void
on_inhibited (GObject *source, GAsyncResult *result, gpointer user_data)
{
  BfyLogind *self = user_data;
  g_autoptr (GUnixFDList) descriptors = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_with_unix_fd_list_finish (
      G_DBUS_CONNECTION (source), &descriptors, result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (reply == NULL || descriptors == NULL || g_unix_fd_list_get_length (descriptors) != 1)
    {
      g_info ("logind does not let us delay the machine’s sleep");
      return;
    }
  bfy_logind_allow_sleep (self);
  if (self->delays_sleep)
    self->inhibitor = g_unix_fd_list_get (descriptors, 0, NULL);
}

void
bfy_logind_inhibit_sleep (BfyLogind *self)
{
  if (!self->delays_sleep || self->owner == NULL || self->inhibitor >= 0)
    return;
  g_dbus_connection_call_with_unix_fd_list (
      self->connection, self->owner, BFY_LOGIND_MANAGER_PATH, BFY_LOGIND_MANAGER, "Inhibit",
      g_variant_new ("(ssss)", "sleep", "bindify", "Credentials leave the memory first", "delay"),
      G_VARIANT_TYPE ("(h)"), G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL, self->cancellable,
      on_inhibited, self);
}

void
bfy_logind_set_delays_sleep (BfyLogind *self, gboolean delays_sleep)
{
  self->delays_sleep = delays_sleep;
  if (delays_sleep)
    bfy_logind_inhibit_sleep (self);
  else
    bfy_logind_allow_sleep (self);
}

void
bfy_logind_note_sleep (BfyLogind *self, gboolean begins)
{
  bfy_logind_tell (self, BFY_HELD_SLEEP, begins);
  if (begins)
    bfy_logind_allow_sleep (self);
  else
    bfy_logind_inhibit_sleep (self);
}
