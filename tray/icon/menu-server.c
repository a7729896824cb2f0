/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/icon/menu-server.h"

#include <gtk/gtk.h>

#include "dbusmenu.h"
#include "tray/icon/menu-node.h"

#define VERSION 3
/* Asked for by others; a menu has three levels. */
#define DEPTH_MAX 8

struct _BfyMenuServer
{
  BfyDbusDbusmenu *skeleton; /* (owned) */
  const BfyMenuServerEvents *events;
  gpointer user_data;
  GPtrArray *rows;   /* (owned) (element-type BfyMenuRow) */
  BfyMenuNode *root; /* (owned) */
  BfyMenuNumbers numbers;
  guint revision;
};

/* What the panel asks */

static gboolean
refuse (GDBusMethodInvocation *invocation, const char *what)
{
  g_dbus_method_invocation_return_error_literal (invocation, G_DBUS_ERROR,
                                                 G_DBUS_ERROR_INVALID_ARGS, what);

  return TRUE;
}

static gboolean
on_get_layout (BfyDbusDbusmenu *skeleton,
               GDBusMethodInvocation *invocation,
               int parent,
               int depth,
               const char *const *names,
               gpointer user_data)
{
  BfyMenuServer *self = user_data;
  const BfyMenuNode *node = bfy_menu_node_find (self->root, parent);
  int depth_max = depth < 0 ? DEPTH_MAX : MIN (depth, DEPTH_MAX);

  if (node == NULL)
    return refuse (invocation, "There is no such row");
  bfy_dbus_dbusmenu_complete_get_layout (skeleton, invocation, self->revision,
                                         bfy_menu_node_describe (node, depth_max, names));

  return TRUE;
}

static void
add_properties (GVariantBuilder *builder, const BfyMenuNode *node, const char *const *names)
{
  g_autoptr (GVariant) picked = bfy_menu_node_pick (node, names);

  g_variant_builder_add (builder, "(i@a{sv})", node->id, picked);
}

static void
add_all (GVariantBuilder *builder, const BfyMenuNode *node, const char *const *names)
{
  add_properties (builder, node, names);
  for (guint i = 0; i < node->children->len; i++)
    add_all (builder, g_ptr_array_index (node->children, i), names);
}

static gboolean
on_get_group_properties (BfyDbusDbusmenu *skeleton,
                         GDBusMethodInvocation *invocation,
                         GVariant *ids,
                         const char *const *names,
                         gpointer user_data)
{
  BfyMenuServer *self = user_data;
  GVariantBuilder builder;
  GVariantIter iter;
  int id;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(ia{sv})"));
  if (g_variant_n_children (ids) == 0)
    add_all (&builder, self->root, names);
  g_variant_iter_init (&iter, ids);
  while (g_variant_iter_next (&iter, "i", &id))
    {
      const BfyMenuNode *node = bfy_menu_node_find (self->root, id);

      if (node != NULL)
        add_properties (&builder, node, names);
    }
  bfy_dbus_dbusmenu_complete_get_group_properties (skeleton, invocation,
                                                   g_variant_builder_end (&builder));

  return TRUE;
}

static gboolean
on_get_property (BfyDbusDbusmenu *skeleton,
                 GDBusMethodInvocation *invocation,
                 int id,
                 const char *name,
                 gpointer user_data)
{
  BfyMenuServer *self = user_data;
  const BfyMenuNode *node = bfy_menu_node_find (self->root, id);
  g_autoptr (GVariant) value =
      node != NULL ? g_variant_lookup_value (node->properties, name, NULL) : NULL;

  if (value == NULL)
    return refuse (invocation, "There is no such row, or it has no such property");
  bfy_dbus_dbusmenu_complete_get_property (skeleton, invocation, g_variant_new_variant (value));

  return TRUE;
}

/* FALSE when there is no such row (any more). */
static gboolean
take_event (BfyMenuServer *self, int id, const char *event)
{
  const BfyMenuNode *node = bfy_menu_node_find (self->root, id);
  g_autofree char *action = NULL;
  g_autofree char *target = NULL;

  if (node == NULL)
    return FALSE;
  if (!g_str_equal (event, "clicked") || node->row == NULL || node->row->action == NULL)
    return TRUE;
  /* What it sets in motion may be another menu. */
  action = g_strdup (node->row->action);
  target = g_strdup (node->row->target);
  self->events->on_chosen (action, target, self->user_data);

  return TRUE;
}

static gboolean
on_event (BfyDbusDbusmenu *skeleton,
          GDBusMethodInvocation *invocation,
          int id,
          const char *event,
          GVariant *data,
          guint timestamp,
          gpointer user_data)
{
  if (!take_event (user_data, id, event))
    return refuse (invocation, "There is no such row");
  bfy_dbus_dbusmenu_complete_event (skeleton, invocation);

  return TRUE;
}

static gboolean
on_event_group (BfyDbusDbusmenu *skeleton,
                GDBusMethodInvocation *invocation,
                GVariant *events,
                gpointer user_data)
{
  GVariantBuilder missing;
  GVariantIter iter;
  const char *event;
  int id;

  g_variant_builder_init (&missing, G_VARIANT_TYPE ("ai"));
  g_variant_iter_init (&iter, events);
  while (g_variant_iter_next (&iter, "(i&svu)", &id, &event, NULL, NULL))
    {
      if (!take_event (user_data, id, event))
        g_variant_builder_add (&missing, "i", id);
    }
  bfy_dbus_dbusmenu_complete_event_group (skeleton, invocation, g_variant_builder_end (&missing));

  return TRUE;
}

/* TRUE when the rows are others than before. */
static gboolean
open_row (BfyMenuServer *self, int id)
{
  guint revision = self->revision;

  if (id == BFY_MENU_ROOT)
    self->events->on_opening (self->user_data);

  return self->revision != revision;
}

static gboolean
on_about_to_show (BfyDbusDbusmenu *skeleton,
                  GDBusMethodInvocation *invocation,
                  int id,
                  gpointer user_data)
{
  bfy_dbus_dbusmenu_complete_about_to_show (skeleton, invocation, open_row (user_data, id));

  return TRUE;
}

static gboolean
on_about_to_show_group (BfyDbusDbusmenu *skeleton,
                        GDBusMethodInvocation *invocation,
                        GVariant *ids,
                        gpointer user_data)
{
  GVariantBuilder changed;
  GVariantIter iter;
  int id;

  g_variant_builder_init (&changed, G_VARIANT_TYPE ("ai"));
  g_variant_iter_init (&iter, ids);
  while (g_variant_iter_next (&iter, "i", &id))
    {
      if (open_row (user_data, id))
        g_variant_builder_add (&changed, "i", id);
    }
  bfy_dbus_dbusmenu_complete_about_to_show_group (
      skeleton, invocation, g_variant_builder_end (&changed), g_variant_new ("ai", NULL));

  return TRUE;
}

/* What the panel is told */

static void
tell_changes (BfyMenuServer *self, const BfyMenuNode *before)
{
  g_autoptr (GVariant) changed = NULL;
  g_autoptr (GVariant) lost = NULL;

  if (!bfy_menu_node_has_shape_of (self->root, before))
    {
      self->revision++;
      bfy_dbus_dbusmenu_emit_layout_updated (self->skeleton, self->revision, BFY_MENU_ROOT);
    }
  else if (bfy_menu_node_compare (self->root, before, &changed, &lost))
    {
      self->revision++;
      bfy_dbus_dbusmenu_emit_items_properties_updated (self->skeleton, changed, lost);
    }
}

void
bfy_menu_server_set_rows (BfyMenuServer *self, GPtrArray *rows)
{
  GPtrArray *old_rows = self->rows;
  BfyMenuNode *before = self->root;

  self->rows = rows;
  self->root = bfy_menu_node_build (rows, &self->numbers);
  tell_changes (self, before);
  bfy_menu_node_free (before);
  g_ptr_array_unref (old_rows);
}

BfyMenuServer *
bfy_menu_server_new (GDBusConnection *bus,
                     const char *path,
                     const BfyMenuServerEvents *events,
                     gpointer user_data,
                     GError **error)
{
  BfyMenuServer *self = g_new0 (BfyMenuServer, 1);

  self->skeleton = bfy_dbus_dbusmenu_skeleton_new ();
  self->events = events;
  self->user_data = user_data;
  self->rows = g_ptr_array_new ();
  self->numbers.ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->root = bfy_menu_node_build (NULL, &self->numbers);
  self->revision = 1;
  bfy_dbus_dbusmenu_set_version (self->skeleton, VERSION);
  bfy_dbus_dbusmenu_set_status (self->skeleton, "normal");
  bfy_dbus_dbusmenu_set_text_direction (
      self->skeleton, gtk_get_locale_direction () == GTK_TEXT_DIR_RTL ? "rtl" : "ltr");
  bfy_dbus_dbusmenu_set_icon_theme_path (self->skeleton, (const char *const[]){ NULL });
  g_object_connect (self->skeleton,                                                       //
                    "signal::handle-get-layout", on_get_layout, self,                     //
                    "signal::handle-get-group-properties", on_get_group_properties, self, //
                    "signal::handle-get-property", on_get_property, self,                 //
                    "signal::handle-event", on_event, self,                               //
                    "signal::handle-event-group", on_event_group, self,                   //
                    "signal::handle-about-to-show", on_about_to_show, self,               //
                    "signal::handle-about-to-show-group", on_about_to_show_group, self, NULL);
  if (!g_dbus_interface_skeleton_export (G_DBUS_INTERFACE_SKELETON (self->skeleton), bus, path,
                                         error))
    {
      bfy_menu_server_free (self);
      return NULL;
    }

  return self;
}

void
bfy_menu_server_free (BfyMenuServer *self)
{
  if (self == NULL)
    return;

  g_signal_handlers_disconnect_by_data (self->skeleton, self);
  if (g_dbus_interface_skeleton_get_connection (G_DBUS_INTERFACE_SKELETON (self->skeleton)) != NULL)
    g_dbus_interface_skeleton_unexport (G_DBUS_INTERFACE_SKELETON (self->skeleton));
  g_object_unref (self->skeleton);
  bfy_menu_node_free (self->root);
  g_ptr_array_unref (self->rows);
  g_hash_table_unref (self->numbers.ids);
  g_free (self);
}
