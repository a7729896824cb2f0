/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>
#include <unistd.h>

#include "agent/lock/logind-private.h"
#include "agent/lock/logind-session.h"

#define BUS_NAME "org.freedesktop.login1"
#define SESSION_INTERFACE "org.freedesktop.login1.Session"
#define PROPERTIES_INTERFACE "org.freedesktop.DBus.Properties"
#define SESSIONS_MAX 256 /* more are not looked at */

void
bfy_logind_tell (BfyLogind *self, BfyHeld what, gboolean is_held)
{
  if ((self->told & what) != 0 && ((self->held & what) != 0) == is_held)
    return;

  self->told |= what;
  if (is_held)
    self->held |= what;
  else
    self->held &= ~(guint) what;
  self->func (what, is_held, self->user_data);
}

/* Somebody who has two screens is there as long as one of them is open. */
static void
judge (BfyLogind *self)
{
  GHashTableIter iter;
  gpointer session;
  gboolean is_locked = g_hash_table_size (self->sessions) > 0;

  if (self->n_looking > 0)
    return;
  g_hash_table_remove_all (self->ended);
  g_hash_table_iter_init (&iter, self->sessions);
  while (g_hash_table_iter_next (&iter, NULL, &session))
    is_locked = is_locked && ((BfyLogindSession *) session)->is_locked;

  if (g_hash_table_size (self->sessions) > 0)
    bfy_logind_tell (self, BFY_HELD_SESSION, FALSE);
  else if ((self->told & BFY_HELD_SESSION) != 0)
    bfy_logind_tell (self, BFY_HELD_SESSION, TRUE);
  bfy_logind_tell (self, BFY_HELD_SCREEN, is_locked);
}

typedef struct
{
  BfyLogind *self; /* borrowed: a call that is cancelled does not look at it */
  char *path;      /* (owned) */
} Look;

static void
look_free (Look *look)
{
  g_free (look->path);
  g_free (look);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Look, look_free)

/* NULL when the call failed; TRUE in @is_over when there is nobody left to tell. */
static GVariant *
finish_call (GObject *source, GAsyncResult *result, gboolean *is_over)
{
  g_autoptr (GError) error = NULL;
  GVariant *reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  *is_over = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  if (reply == NULL && !*is_over)
    g_info ("logind does not answer: %s", error->message);

  return reply;
}

static void
on_properties (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Look) look = user_data;
  BfyLogind *self = look->self;
  BfyLogindSession session;
  gboolean is_over;
  g_autoptr (GVariant) reply = finish_call (source, result, &is_over);

  if (is_over)
    return;
  self->n_looking--;
  if (reply != NULL && bfy_logind_session_read (reply, &session) && session.uid == self->uid &&
      session.is_graphical && !g_hash_table_contains (self->ended, look->path) &&
      g_hash_table_size (self->sessions) < SESSIONS_MAX)
    g_hash_table_replace (self->sessions, g_strdup (look->path),
                          g_memdup2 (&session, sizeof session));
  judge (self);
}

static void
look_at (BfyLogind *self, const char *path)
{
  Look *look = g_new0 (Look, 1);

  look->self = self;
  look->path = g_strdup (path);
  self->n_looking++;
  g_dbus_connection_call (self->connection, self->owner, path, PROPERTIES_INTERFACE, "GetAll",
                          g_variant_new ("(s)", SESSION_INTERFACE), G_VARIANT_TYPE ("(a{sv})"),
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, self->cancellable, on_properties,
                          look);
}

static void
on_sessions (GObject *source, GAsyncResult *result, gpointer user_data)
{
  BfyLogind *self = user_data;
  gboolean is_over;
  g_autoptr (GVariant) reply = finish_call (source, result, &is_over);
  GVariantIter *iter;
  const char *path;
  guint32 uid;

  if (is_over)
    return;
  self->n_looking--;
  if (reply != NULL)
    {
      g_variant_get (reply, "(a(susso))", &iter);
      while (g_variant_iter_next (iter, "(&su&s&s&o)", NULL, &uid, NULL, NULL, &path))
        if (uid == self->uid && self->n_looking < SESSIONS_MAX)
          look_at (self, path);
      g_variant_iter_free (iter);
    }
  judge (self);
}

static void
note_end (BfyLogind *self, const char *path)
{
  if (self->n_looking > 0)
    g_hash_table_add (self->ended, g_strdup (path));
  g_hash_table_remove (self->sessions, path);
  judge (self);
}

static void
on_manager_signal (GDBusConnection *connection,
                   const char *sender,
                   const char *path,
                   const char *interface,
                   const char *signal,
                   GVariant *parameters,
                   gpointer user_data)
{
  BfyLogind *self = user_data;
  const char *session;
  gboolean begins;

  if (g_strcmp0 (sender, self->owner) != 0)
    return;
  if (g_str_equal (signal, "PrepareForSleep") &&
      g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(b)")))
    {
      g_variant_get (parameters, "(b)", &begins);
      bfy_logind_note_sleep (self, begins);
    }
  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(so)")))
    return;

  g_variant_get (parameters, "(&s&o)", NULL, &session);
  if (g_str_equal (signal, "SessionNew"))
    look_at (self, session);
  else if (g_str_equal (signal, "SessionRemoved"))
    note_end (self, session);
}

static void
on_session_signal (GDBusConnection *connection,
                   const char *sender,
                   const char *path,
                   const char *interface,
                   const char *signal,
                   GVariant *parameters,
                   gpointer user_data)
{
  BfyLogind *self = user_data;
  BfyLogindSession *session = g_hash_table_lookup (self->sessions, path);

  if (g_strcmp0 (sender, self->owner) != 0 || session == NULL)
    return;
  if (g_str_equal (signal, "Lock"))
    session->is_locked = TRUE;
  else if (g_str_equal (signal, "Unlock"))
    session->is_locked = FALSE;
  judge (self);
}

static void
on_changed (GDBusConnection *connection,
            const char *sender,
            const char *path,
            const char *interface,
            const char *signal,
            GVariant *parameters,
            gpointer user_data)
{
  BfyLogind *self = user_data;
  BfyLogindSession *session = g_hash_table_lookup (self->sessions, path);

  if (g_strcmp0 (sender, self->owner) != 0 || session == NULL)
    return;
  if (bfy_logind_session_note (session, parameters) == BFY_LOGIND_SESSION_ASK)
    look_at (self, path);
  else
    judge (self);
}

static void
on_appeared (GDBusConnection *connection, const char *name, const char *owner, gpointer user_data)
{
  BfyLogind *self = user_data;

  g_free (self->owner);
  self->owner = g_strdup (owner);
  g_hash_table_remove_all (self->sessions);
  bfy_logind_tell (self, BFY_HELD_SLEEP, FALSE);
  bfy_logind_inhibit_sleep (self);
  self->n_looking++;
  g_dbus_connection_call (connection, owner, BFY_LOGIND_MANAGER_PATH, BFY_LOGIND_MANAGER,
                          "ListSessions", NULL, G_VARIANT_TYPE ("(a(susso))"),
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, self->cancellable, on_sessions,
                          self);
}

/* What it said last holds until it says something else. */
static void
on_vanished (GDBusConnection *connection, const char *name, gpointer user_data)
{
  BfyLogind *self = user_data;

  g_clear_pointer (&self->owner, g_free);
  bfy_logind_allow_sleep (self);
}

static void
subscribe (BfyLogind *self)
{
  static const struct
  {
    const char *interface, *path;
    GDBusSignalCallback callback;
  } rows[BFY_LOGIND_N_SUBSCRIPTIONS] = {
    { BFY_LOGIND_MANAGER, BFY_LOGIND_MANAGER_PATH, on_manager_signal },
    { SESSION_INTERFACE, NULL, on_session_signal },
    { PROPERTIES_INTERFACE, NULL, on_changed },
  };

  for (guint i = 0; i < BFY_LOGIND_N_SUBSCRIPTIONS; i++)
    self->subscriptions[i] = g_dbus_connection_signal_subscribe (
        self->connection, BUS_NAME, rows[i].interface, NULL, rows[i].path, NULL,
        G_DBUS_SIGNAL_FLAGS_NONE, rows[i].callback, self, NULL);
  self->watch_id =
      g_bus_watch_name_on_connection (self->connection, BUS_NAME, G_BUS_NAME_WATCHER_FLAGS_NONE,
                                      on_appeared, on_vanished, self, NULL);
}

static void
on_bus (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  GDBusConnection *connection = g_bus_get_finish (result, &error);
  BfyLogind *self = user_data;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (connection == NULL)
    {
      g_debug ("There is no system bus: %s", error->message);
      return;
    }
  g_dbus_connection_set_exit_on_close (connection, FALSE);
  self->connection = connection;
  subscribe (self);
}

/* Asking GLib for a bus that is not there costs a thread, and most of those machines never get one.
 */
static gboolean
is_bus_possible (void)
{
  static const char prefix[] = "unix:path=";
  g_autofree char *address = g_dbus_address_get_for_bus_sync (G_BUS_TYPE_SYSTEM, NULL, NULL);

  return address != NULL &&
         (!g_str_has_prefix (address, prefix) || strpbrk (address, ",;%") != NULL ||
          access (address + strlen (prefix), F_OK) == 0);
}

BfyLogind *
bfy_logind_new (uid_t uid, gboolean delays_sleep, BfyLogindFunc func, gpointer user_data)
{
  BfyLogind *self = g_new0 (BfyLogind, 1);

  self->uid = uid;
  self->delays_sleep = delays_sleep;
  self->func = func;
  self->user_data = user_data;
  self->inhibitor = -1;
  self->cancellable = g_cancellable_new ();
  self->sessions = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->ended = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (is_bus_possible ())
    g_bus_get (G_BUS_TYPE_SYSTEM, self->cancellable, on_bus, self);

  return self;
}

gboolean
bfy_logind_is_there (const BfyLogind *self)
{
  return self->owner != NULL;
}

void
bfy_logind_free (BfyLogind *self)
{
  if (self == NULL)
    return;

  g_cancellable_cancel (self->cancellable);
  for (guint i = 0; self->connection != NULL && i < BFY_LOGIND_N_SUBSCRIPTIONS; i++)
    g_dbus_connection_signal_unsubscribe (self->connection, self->subscriptions[i]);
  if (self->watch_id != 0)
    g_bus_unwatch_name (self->watch_id);
  bfy_logind_allow_sleep (self);
  g_hash_table_unref (self->sessions);
  g_hash_table_unref (self->ended);
  g_clear_object (&self->connection);
  g_object_unref (self->cancellable);
  g_free (self->owner);
  g_free (self);
}
