/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/icon/item.h"

#include <unistd.h>

#include "status-notifier-item.h"
#include "tray/icon/pixmap.h"
#include "tray/icon/theme.h"

#define PATH "/StatusNotifierItem"
#define WATCHER "org.kde.StatusNotifierWatcher"
#define WATCHER_PATH "/StatusNotifierWatcher"

struct _BfyTrayItem
{
  GDBusConnection *bus;                /* (owned) */
  BfyDbusStatusNotifierItem *skeleton; /* (owned) */
  GCancellable *cancellable;           /* (owned) of the registration under way */
  char *name;                          /* (owned) that we are registered under */
  char *token;                         /* (owned) (nullable) for the next press */
  const BfyTrayItemEvents *events;
  gpointer user_data;
  guint name_id;
  guint watch_id;
  gboolean has_watcher;
  gboolean is_hosted;
};

/* Presses */

static void
press (BfyTrayItem *self, BfyPress kind)
{
  g_autofree char *token = g_steal_pointer (&self->token);

  self->events->on_press (kind, token, self->user_data);
}

static gboolean
on_token (BfyDbusStatusNotifierItem *skeleton,
          GDBusMethodInvocation *invocation,
          const char *token,
          gpointer user_data)
{
  BfyTrayItem *self = user_data;

  g_free (self->token);
  self->token = g_strdup (token);
  bfy_dbus_status_notifier_item_complete_provide_xdg_activation_token (skeleton, invocation);

  return TRUE;
}

static gboolean
on_activate (BfyDbusStatusNotifierItem *skeleton,
             GDBusMethodInvocation *invocation,
             int x,
             int y,
             gpointer user_data)
{
  bfy_dbus_status_notifier_item_complete_activate (skeleton, invocation);
  press (user_data, BFY_PRESS_FIRST);

  return TRUE;
}

static gboolean
on_secondary (BfyDbusStatusNotifierItem *skeleton,
              GDBusMethodInvocation *invocation,
              int x,
              int y,
              gpointer user_data)
{
  bfy_dbus_status_notifier_item_complete_secondary_activate (skeleton, invocation);
  press (user_data, BFY_PRESS_SECOND);

  return TRUE;
}

static gboolean
on_context_menu (BfyDbusStatusNotifierItem *skeleton,
                 GDBusMethodInvocation *invocation,
                 int x,
                 int y,
                 gpointer user_data)
{
  bfy_dbus_status_notifier_item_complete_context_menu (skeleton, invocation);
  press (user_data, BFY_PRESS_MENU);

  return TRUE;
}

/* There is nothing that could be more or less. */
static gboolean
on_scroll (BfyDbusStatusNotifierItem *skeleton,
           GDBusMethodInvocation *invocation,
           int delta,
           const char *orientation,
           gpointer user_data)
{
  bfy_dbus_status_notifier_item_complete_scroll (skeleton, invocation);

  return TRUE;
}

/* Panels */

static void
on_registered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  BfyTrayItem *self = user_data;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  self->is_hosted = reply != NULL;
  if (reply == NULL)
    g_info ("The panel does not take the icon: %s", error->message);
}

/* As soon as there are both, a panel and our name. */
static void
register_item (BfyTrayItem *self)
{
  if (!self->has_watcher || self->name == NULL)
    return;

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  g_dbus_connection_call (self->bus, WATCHER, WATCHER_PATH, WATCHER, "RegisterStatusNotifierItem",
                          g_variant_new ("(s)", self->name), NULL, G_DBUS_CALL_FLAGS_NO_AUTO_START,
                          -1, self->cancellable, on_registered, self);
}

static void
on_watcher (GDBusConnection *bus, const char *name, const char *owner, gpointer user_data)
{
  BfyTrayItem *self = user_data;

  self->has_watcher = TRUE;
  register_item (self);
}

static void
on_no_watcher (GDBusConnection *bus, const char *name, gpointer user_data)
{
  BfyTrayItem *self = user_data;

  self->has_watcher = self->is_hosted = FALSE;
}

static void
set_name (BfyTrayItem *self, const char *name)
{
  g_free (self->name);
  self->name = g_strdup (name);
  register_item (self);
}

static void
on_name (GDBusConnection *bus, const char *name, gpointer user_data)
{
  set_name (user_data, name);
}

/* A sandbox does not let us own one: the name that every connection has will do. */
static void
on_no_name (GDBusConnection *bus, const char *name, gpointer user_data)
{
  if (bus != NULL && !g_dbus_connection_is_closed (bus))
    set_name (user_data, g_dbus_connection_get_unique_name (bus));
}

/* What is shown */

/* Panels take tooltips for markup, or do not: the three characters that make the difference become
 * others that look like them. */
static char *
make_unmarked (const char *text)
{
  GString *plain = g_string_new (text);

  g_string_replace (plain, "&", "＆", 0);
  g_string_replace (plain, "<", "‹", 0);
  g_string_replace (plain, ">", "›", 0);

  return g_string_free (plain, FALSE);
}

static void
show_icon (BfyTrayItem *self, const char *icon)
{
  GVariant *pixmaps;

  if (g_strcmp0 (bfy_dbus_status_notifier_item_get_icon_name (self->skeleton), icon) == 0)
    return;
  pixmaps = g_variant_ref_sink (bfy_icon_pixmaps (icon));
  bfy_dbus_status_notifier_item_set_icon_name (self->skeleton, icon);
  bfy_dbus_status_notifier_item_set_icon_pixmap (self->skeleton, pixmaps);
  bfy_dbus_status_notifier_item_set_attention_icon_name (self->skeleton, icon);
  bfy_dbus_status_notifier_item_set_attention_icon_pixmap (self->skeleton, pixmaps);
  g_variant_unref (pixmaps);
  bfy_dbus_status_notifier_item_emit_new_icon (self->skeleton);
  bfy_dbus_status_notifier_item_emit_new_attention_icon (self->skeleton);
}

static void
show_words (BfyTrayItem *self, const BfyTrayFace *face)
{
  g_autofree char *title = make_unmarked (face->title);
  g_autofree char *text = make_unmarked (face->text);
  GVariant *tip = g_variant_new ("(s@a(iiay)ss)", face->icon, bfy_icon_pixmaps (NULL), title, text);
  g_autoptr (GVariant) kept = g_variant_ref_sink (tip);
  GVariant *shown = bfy_dbus_status_notifier_item_get_tool_tip (self->skeleton);

  if (shown != NULL && g_variant_equal (shown, kept))
    return;
  bfy_dbus_status_notifier_item_set_tool_tip (self->skeleton, kept);
  bfy_dbus_status_notifier_item_set_icon_accessible_desc (self->skeleton, face->title);
  bfy_dbus_status_notifier_item_set_attention_accessible_desc (self->skeleton, face->title);
  bfy_dbus_status_notifier_item_emit_new_tool_tip (self->skeleton);
}

void
bfy_tray_item_show (BfyTrayItem *self, const BfyTrayFace *face, const char *icon)
{
  const char *status = face->is_urgent ? "NeedsAttention" : "Active";
  gboolean is_other =
      g_strcmp0 (bfy_dbus_status_notifier_item_get_status (self->skeleton), status) != 0;

  show_icon (self, icon);
  show_words (self, face);
  if (!is_other)
    return;
  bfy_dbus_status_notifier_item_set_status (self->skeleton, status);
  bfy_dbus_status_notifier_item_emit_new_status (self->skeleton, status);
}

gboolean
bfy_tray_item_is_hosted (const BfyTrayItem *self)
{
  return self->is_hosted;
}

static void
fill (BfyDbusStatusNotifierItem *skeleton)
{
  g_autofree char *theme_path = bfy_icon_theme_find ();

  bfy_dbus_status_notifier_item_set_category (skeleton, "SystemServices");
  bfy_dbus_status_notifier_item_set_id (skeleton, "io.bindify.Tray");
  bfy_dbus_status_notifier_item_set_title (skeleton, "bindify");
  bfy_dbus_status_notifier_item_set_status (skeleton, "Active");
  bfy_dbus_status_notifier_item_set_icon_theme_path (skeleton, theme_path);
  bfy_dbus_status_notifier_item_set_item_is_menu (skeleton, FALSE);
  bfy_dbus_status_notifier_item_set_menu (skeleton, BFY_TRAY_MENU_PATH);
  bfy_dbus_status_notifier_item_set_overlay_icon_pixmap (skeleton, bfy_icon_pixmaps (NULL));
}

/* The object is there before the name: a panel may look as soon as it hears of that. */
BfyTrayItem *
bfy_tray_item_new (GDBusConnection *bus,
                   const BfyTrayItemEvents *events,
                   gpointer user_data,
                   GError **error)
{
  BfyTrayItem *self = g_new0 (BfyTrayItem, 1);
  g_autofree char *name = g_strdup_printf ("org.kde.StatusNotifierItem-%d-1", (int) getpid ());

  self->bus = g_object_ref (bus);
  self->events = events;
  self->user_data = user_data;
  self->cancellable = g_cancellable_new ();
  self->skeleton = bfy_dbus_status_notifier_item_skeleton_new ();
  fill (self->skeleton);
  g_object_connect (self->skeleton,                                                //
                    "signal::handle-provide-xdg-activation-token", on_token, self, //
                    "signal::handle-activate", on_activate, self,                  //
                    "signal::handle-secondary-activate", on_secondary, self,       //
                    "signal::handle-context-menu", on_context_menu, self,          //
                    "signal::handle-scroll", on_scroll, self, NULL);
  if (!g_dbus_interface_skeleton_export (G_DBUS_INTERFACE_SKELETON (self->skeleton), bus, PATH,
                                         error))
    {
      bfy_tray_item_free (self);
      return NULL;
    }
  self->name_id = g_bus_own_name_on_connection (bus, name, G_BUS_NAME_OWNER_FLAGS_NONE, on_name,
                                                on_no_name, self, NULL);
  self->watch_id = g_bus_watch_name_on_connection (bus, WATCHER, G_BUS_NAME_WATCHER_FLAGS_NONE,
                                                   on_watcher, on_no_watcher, self, NULL);

  return self;
}

void
bfy_tray_item_free (BfyTrayItem *self)
{
  if (self == NULL)
    return;

  if (self->watch_id != 0)
    g_bus_unwatch_name (self->watch_id);
  if (self->name_id != 0)
    g_bus_unown_name (self->name_id);
  g_cancellable_cancel (self->cancellable);
  g_object_unref (self->cancellable);
  g_signal_handlers_disconnect_by_data (self->skeleton, self);
  if (g_dbus_interface_skeleton_get_connection (G_DBUS_INTERFACE_SKELETON (self->skeleton)) != NULL)
    g_dbus_interface_skeleton_unexport (G_DBUS_INTERFACE_SKELETON (self->skeleton));
  g_object_unref (self->skeleton);
  g_object_unref (self->bus);
  g_free (self->name);
  g_free (self->token);
  g_free (self);
}
