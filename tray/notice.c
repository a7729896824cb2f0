/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* What GNotification offers is used only in a sandbox, where there is no other way: outside it
 * gives the button no label, which some desktops show as an empty one. */

#include "tray/notice.h"

#include <glib/gi18n.h>

#define NAME "org.freedesktop.Notifications"
#define PATH "/org/freedesktop/Notifications"
#define SANDBOX_MARK "/.flatpak-info"
#define ANSWER_MS 10000 /* whoever has not answered by then never will */
/* How many may be on their way or on the screen at a time. */
#define KNOWN_MAX 32

#define URGENCY_NORMAL 1
#define URGENCY_CRITICAL 2

typedef struct
{
  BfyNotices *notices; /* borrowed; the calls are cancelled before it goes */
  char *id;            /* (owned) */
  char *title;         /* (owned) */
  char *body;          /* (owned) */
  char *icon;          /* (owned) */
  char *action;        /* (owned) */
  char *target;        /* (owned) (nullable) */
  gboolean is_urgent;
  guint32 number;        /* of the desktop; 0 before it has answered */
  gboolean is_under_way; /* it has not answered */
  gboolean is_stale;     /* and is to be shown anew, or, when withdrawn, closed, when it has */
  gboolean is_withdrawn;
} Shown;

struct _BfyNotices
{
  GApplication *application; /* borrowed */
  GDBusConnection *bus;      /* (owned) (nullable) */
  GHashTable *shown;         /* (owned) (element-type utf8 Shown) by id */
  GCancellable *cancellable; /* (owned) */
  gboolean is_sandboxed;
  guint signal_id; /* of the desktop’s, while there is something to hear of */
};

static void begin (Shown *shown);

static void
shown_free (Shown *self)
{
  g_free (self->id);
  g_free (self->title);
  g_free (self->body);
  g_free (self->icon);
  g_free (self->action);
  g_free (self->target);
  g_free (self);
}

static void
activate (GApplication *application, const char *action, const char *target)
{
  g_action_group_activate_action (G_ACTION_GROUP (application), action,
                                  target != NULL ? g_variant_new_string (target) : NULL);
}

/* Nothing is heard of the notifications of others while there is none of ours. */
static void
forget (BfyNotices *self, const char *id)
{
  g_hash_table_remove (self->shown, id);
  if (g_hash_table_size (self->shown) > 0 || self->signal_id == 0)
    return;
  g_dbus_connection_signal_unsubscribe (self->bus, self->signal_id);
  self->signal_id = 0;
}

static Shown *
find_number (BfyNotices *self, guint32 number)
{
  GHashTableIter iter;
  gpointer shown;

  g_hash_table_iter_init (&iter, self->shown);
  while (g_hash_table_iter_next (&iter, NULL, &shown))
    {
      if (((Shown *) shown)->number == number && number != 0)
        return shown;
    }

  return NULL;
}

/* After a press both signals may come in one turn: the first one counts. */
static void
on_signal (GDBusConnection *bus,
           const char *sender,
           const char *path,
           const char *interface,
           const char *signal,
           GVariant *parameters,
           gpointer user_data)
{
  BfyNotices *self = user_data;
  gboolean is_press = g_str_equal (signal, "ActionInvoked") &&
                      g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(us)"));
  gboolean is_end = g_str_equal (signal, "NotificationClosed") &&
                    g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(uu)"));
  g_autofree char *action = NULL;
  g_autofree char *target = NULL;
  guint32 number;
  Shown *shown;

  if (!is_press && !is_end)
    return;
  g_variant_get_child (parameters, 0, "u", &number);
  shown = find_number (self, number);
  if (shown == NULL)
    return;
  action = g_strdup (shown->action);
  target = g_strdup (shown->target);
  shown->number = 0;
  if (!shown->is_under_way)
    forget (self, shown->id);
  if (is_press)
    activate (self->application, action, target);
}

static void
close_number (BfyNotices *self, guint32 number)
{
  if (number != 0)
    g_dbus_connection_call (self->bus, NAME, PATH, NAME, "CloseNotification",
                            g_variant_new ("(u)", number), NULL, G_DBUS_CALL_FLAGS_NO_AUTO_START,
                            ANSWER_MS, NULL, NULL, NULL);
}

static void
on_shown (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  Shown *shown = user_data;
  BfyNotices *self;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  self = shown->notices;
  shown->is_under_way = FALSE;
  if (reply != NULL)
    g_variant_get (reply, "(u)", &shown->number);
  else
    g_info ("No notification is shown: %s", error->message);

  if (shown->is_withdrawn || (reply == NULL && !shown->is_stale))
    {
      close_number (self, shown->number);
      forget (self, shown->id);
    }
  else if (shown->is_stale)
    {
      begin (shown);
    }
}

static gboolean
has_capability (GVariant *reply, const char *name)
{
  g_autofree const char **list = NULL;

  if (reply == NULL)
    return FALSE;
  g_variant_get (reply, "(^a&s)", &list);

  return g_strv_contains (list, name);
}

static void
send_notice (Shown *shown, GVariant *capabilities)
{
  BfyNotices *self = shown->notices;
  g_autofree char *escaped = g_markup_escape_text (shown->body, -1);
  GVariantBuilder actions, hints;

  g_variant_builder_init (&actions, G_VARIANT_TYPE ("as"));
  if (has_capability (capabilities, "actions"))
    {
      g_variant_builder_add (&actions, "s", "default");
      g_variant_builder_add (&actions, "s", _ ("Open"));
    }
  g_variant_builder_init (&hints, G_VARIANT_TYPE ("a{sv}"));
  g_variant_builder_add (&hints, "{sv}", "urgency",
                         g_variant_new_byte (shown->is_urgent ? URGENCY_CRITICAL : URGENCY_NORMAL));
  g_variant_builder_add (
      &hints, "{sv}", "desktop-entry",
      g_variant_new_string (g_application_get_application_id (self->application)));
  g_dbus_connection_call (
      self->bus, NAME, PATH, NAME, "Notify",
      g_variant_new ("(susssasa{sv}i)", "bindify", shown->number, shown->icon, shown->title,
                     has_capability (capabilities, "body-markup") ? escaped : shown->body, &actions,
                     &hints, shown->is_urgent ? 0 : -1),
      G_VARIANT_TYPE ("(u)"), G_DBUS_CALL_FLAGS_NONE, ANSWER_MS, self->cancellable, on_shown,
      shown);
}

/* Without an answer to this there will be none to the other either. */
static void
on_capabilities (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  Shown *shown = user_data;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (reply != NULL && !shown->is_withdrawn)
    {
      shown->is_stale = FALSE;
      send_notice (shown, reply);
      return;
    }
  if (error != NULL)
    g_info ("No notification is shown: %s", error->message);
  close_number (shown->notices, shown->number);
  forget (shown->notices, shown->id);
}

static void
begin (Shown *shown)
{
  BfyNotices *self = shown->notices;

  shown->is_under_way = TRUE;
  shown->is_stale = FALSE;
  g_dbus_connection_call (self->bus, NAME, PATH, NAME, "GetCapabilities", NULL,
                          G_VARIANT_TYPE ("(as)"), G_DBUS_CALL_FLAGS_NONE, ANSWER_MS,
                          self->cancellable, on_capabilities, shown);
}

static void
take_words (Shown *shown, const BfyNotice *notice)
{
  g_free (shown->title);
  g_free (shown->body);
  g_free (shown->icon);
  g_free (shown->action);
  g_free (shown->target);
  shown->title = g_strdup (notice->title);
  shown->body = g_strdup (notice->body);
  shown->icon = g_strdup (notice->icon);
  shown->action = g_strdup (notice->action);
  shown->target = g_strdup (notice->target);
  shown->is_urgent = notice->is_urgent;
  shown->is_withdrawn = FALSE;
}

static void
show_by_portal (BfyNotices *self, const BfyNotice *notice)
{
  g_autoptr (GNotification) notification = g_notification_new (notice->title);
  g_autoptr (GIcon) icon = g_themed_icon_new (notice->icon);
  g_autofree char *action = g_strconcat ("app.", notice->action, NULL);

  g_notification_set_body (notification, notice->body);
  g_notification_set_icon (notification, icon);
  g_notification_set_priority (notification, notice->is_urgent ? G_NOTIFICATION_PRIORITY_URGENT
                                                               : G_NOTIFICATION_PRIORITY_NORMAL);
  g_notification_set_default_action_and_target_value (
      notification, action, notice->target != NULL ? g_variant_new_string (notice->target) : NULL);
  g_application_send_notification (self->application, notice->id, notification);
}

void
bfy_notices_show (BfyNotices *self, const BfyNotice *notice)
{
  Shown *shown = g_hash_table_lookup (self->shown, notice->id);

  if (self->is_sandboxed)
    {
      show_by_portal (self, notice);
      return;
    }
  if (self->bus == NULL || (shown == NULL && g_hash_table_size (self->shown) >= KNOWN_MAX))
    return;

  if (shown == NULL)
    {
      shown = g_new0 (Shown, 1);
      shown->notices = self;
      shown->id = g_strdup (notice->id);
      g_hash_table_insert (self->shown, shown->id, shown);
    }
  if (self->signal_id == 0)
    self->signal_id = g_dbus_connection_signal_subscribe (
        self->bus, NAME, NAME, NULL, PATH, NULL, G_DBUS_SIGNAL_FLAGS_NONE, on_signal, self, NULL);
  take_words (shown, notice);
  if (shown->is_under_way)
    shown->is_stale = TRUE;
  else
    begin (shown);
}

void
bfy_notices_withdraw (BfyNotices *self, const char *id)
{
  Shown *shown = g_hash_table_lookup (self->shown, id);

  if (self->is_sandboxed)
    g_application_withdraw_notification (self->application, id);
  if (shown == NULL)
    return;
  if (shown->is_under_way)
    {
      shown->is_withdrawn = TRUE;
      return;
    }
  close_number (self, shown->number);
  forget (self, id);
}

BfyNotices *
bfy_notices_new (GApplication *application)
{
  BfyNotices *self = g_new0 (BfyNotices, 1);
  GDBusConnection *bus = g_application_get_dbus_connection (application);

  self->application = application;
  self->bus = bus != NULL ? g_object_ref (bus) : NULL;
  self->shown = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) shown_free);
  self->cancellable = g_cancellable_new ();
  self->is_sandboxed = g_file_test (SANDBOX_MARK, G_FILE_TEST_EXISTS);

  return self;
}

/* What is on the screen leads nowhere any more. */
void
bfy_notices_free (BfyNotices *self)
{
  GHashTableIter iter;
  gpointer shown;

  if (self == NULL)
    return;

  g_cancellable_cancel (self->cancellable);
  g_hash_table_iter_init (&iter, self->shown);
  while (g_hash_table_iter_next (&iter, NULL, &shown))
    close_number (self, ((Shown *) shown)->number);
  if (self->signal_id != 0)
    g_dbus_connection_signal_unsubscribe (self->bus, self->signal_id);
  g_hash_table_unref (self->shown);
  g_object_unref (self->cancellable);
  g_clear_object (&self->bus);
  g_free (self);
}
