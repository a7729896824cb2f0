/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/icon/menu-server.h"

#include <gtk/gtk.h>

#include "dbusmenu.h"

#define VERSION 3
#define ROOT 0
/* Asked for by others; a menu has three levels. */
#define DEPTH_MAX 8

/* A row with its number. */
typedef struct
{
  int id;
  const BfyMenuRow *row; /* (nullable) borrowed; NULL: the menu itself */
  GVariant *properties;  /* (owned) */
  GPtrArray *children;   /* (owned) (element-type Node) */
} Node;

struct _BfyMenuServer
{
  BfyDbusDbusmenu *skeleton; /* (owned) */
  const BfyMenuServerEvents *events;
  gpointer user_data;
  GPtrArray *rows;   /* (owned) (element-type BfyMenuRow) */
  GHashTable *ids;   /* (owned) (element-type utf8 gint) of the rows that there are, by key */
  GHashTable *nodes; /* (owned) (element-type gint Node) all of them, by number */
  Node *root;        /* (owned) */
  int last_id;
  guint revision;
};

static void
node_free (Node *self)
{
  g_variant_unref (self->properties);
  g_ptr_array_unref (self->children);
  g_free (self);
}

/* "_" marks the letter by which a row is chosen. */
static char *
escape_label (const char *label)
{
  GString *escaped = g_string_new (label);

  g_string_replace (escaped, "_", "__", 0);

  return g_string_free (escaped, FALSE);
}

static GVariant *
describe_row (const BfyMenuRow *row)
{
  g_auto (GVariantDict) dict = G_VARIANT_DICT_INIT (NULL);
  g_autofree char *label = NULL;

  if (row == NULL || row->children != NULL)
    g_variant_dict_insert (&dict, "children-display", "s", "submenu");
  if (row != NULL && row->key == NULL)
    g_variant_dict_insert (&dict, "type", "s", "separator");
  if (row != NULL && row->key != NULL)
    {
      label = escape_label (row->label);
      g_variant_dict_insert (&dict, "label", "s", label);
      if (row->action == NULL && row->children == NULL)
        g_variant_dict_insert (&dict, "enabled", "b", FALSE);
    }

  return g_variant_ref_sink (g_variant_dict_end (&dict));
}

/* A number that was given is never given to another row. */
static int
number_row (BfyMenuServer *self, GHashTable *ids, const char *key)
{
  gpointer known;
  int id;

  if (g_hash_table_lookup_extended (self->ids, key, NULL, &known))
    id = GPOINTER_TO_INT (known);
  else
    id = ++self->last_id;
  g_hash_table_insert (ids, g_strdup (key), GINT_TO_POINTER (id));

  return id;
}

static Node *build_node (
    BfyMenuServer *self, GHashTable *ids, const BfyMenuRow *row, const GPtrArray *rows, int id);

static void
add_children (BfyMenuServer *self, GHashTable *ids, Node *node, const GPtrArray *rows)
{
  for (guint i = 0; i < rows->len; i++)
    {
      const BfyMenuRow *row = g_ptr_array_index (rows, i);
      g_autofree char *key =
          row->key != NULL ? g_strdup (row->key) : g_strdup_printf ("line:%d:%u", node->id, i);

      g_ptr_array_add (node->children,
                       build_node (self, ids, row, row->children, number_row (self, ids, key)));
    }
}

static Node *
build_node (
    BfyMenuServer *self, GHashTable *ids, const BfyMenuRow *row, const GPtrArray *rows, int id)
{
  Node *node = g_new0 (Node, 1);

  node->id = id;
  node->row = row;
  node->properties = describe_row (row);
  node->children = g_ptr_array_new_with_free_func ((GDestroyNotify) node_free);
  g_hash_table_insert (self->nodes, GINT_TO_POINTER (id), node);
  if (rows != NULL)
    add_children (self, ids, node, rows);

  return node;
}

/* Only what was asked for; everything when nothing was named. */
static GVariant *
pick (GVariant *properties, const char *const *names)
{
  g_auto (GVariantDict) dict = G_VARIANT_DICT_INIT (NULL);
  GVariantIter iter;
  GVariant *value;
  const char *name;

  if (names == NULL || names[0] == NULL)
    return g_variant_ref (properties);

  g_variant_iter_init (&iter, properties);
  while (g_variant_iter_loop (&iter, "{&sv}", &name, &value))
    {
      if (g_strv_contains (names, name))
        g_variant_dict_insert_value (&dict, name, value);
    }

  return g_variant_ref_sink (g_variant_dict_end (&dict));
}

static GVariant *
describe_node (const Node *node, int depth, const char *const *names)
{
  g_autoptr (GVariant) properties = pick (node->properties, names);
  GVariantBuilder children;

  g_variant_builder_init (&children, G_VARIANT_TYPE ("av"));
  for (guint i = 0; depth != 0 && i < node->children->len; i++)
    g_variant_builder_add (&children, "v",
                           describe_node (g_ptr_array_index (node->children, i), depth - 1, names));

  return g_variant_new ("(i@a{sv}@av)", node->id, properties, g_variant_builder_end (&children));
}

static Node *
find (BfyMenuServer *self, int id)
{
  return g_hash_table_lookup (self->nodes, GINT_TO_POINTER (id));
}

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
  const Node *node = find (self, parent);
  int depth_max = depth < 0 ? DEPTH_MAX : MIN (depth, DEPTH_MAX);

  if (node == NULL)
    return refuse (invocation, "There is no such row");
  bfy_dbus_dbusmenu_complete_get_layout (skeleton, invocation, self->revision,
                                         describe_node (node, depth_max, names));

  return TRUE;
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
  GHashTableIter all;
  GVariantIter iter;
  gpointer node;
  int id;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(ia{sv})"));
  g_hash_table_iter_init (&all, self->nodes);
  while (g_variant_n_children (ids) == 0 && g_hash_table_iter_next (&all, NULL, &node))
    {
      g_autoptr (GVariant) picked = pick (((Node *) node)->properties, names);

      g_variant_builder_add (&builder, "(i@a{sv})", ((Node *) node)->id, picked);
    }
  g_variant_iter_init (&iter, ids);
  while (g_variant_iter_next (&iter, "i", &id))
    {
      const Node *found = find (self, id);
      g_autoptr (GVariant) picked = found != NULL ? pick (found->properties, names) : NULL;

      if (picked != NULL)
        g_variant_builder_add (&builder, "(i@a{sv})", id, picked);
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
  const Node *node = find (user_data, id);
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
  const Node *node = find (self, id);
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

  if (id == ROOT)
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

/* The same rows in the same order? Their words may differ. */
static gboolean
has_same_shape (const Node *a, const Node *b)
{
  if (a->id != b->id || a->children->len != b->children->len)
    return FALSE;
  for (guint i = 0; i < a->children->len; i++)
    {
      if (!has_same_shape (g_ptr_array_index (a->children, i), g_ptr_array_index (b->children, i)))
        return FALSE;
    }

  return TRUE;
}

/* What a row has lost, so that it is not shown on: only “enabled” comes and goes by itself. */
static void
add_lost (GVariantBuilder *lost, const Node *before, const Node *now)
{
  g_autoptr (GVariantIter) iter = g_variant_iter_new (before->properties);
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  g_auto (GStrv) list = NULL;
  const char *name;

  while (g_variant_iter_next (iter, "{&sv}", &name, NULL))
    {
      g_autoptr (GVariant) value = g_variant_lookup_value (now->properties, name, NULL);

      if (value == NULL)
        g_strv_builder_add (names, name);
    }
  list = g_strv_builder_end (names);
  if (list[0] != NULL)
    g_variant_builder_add (lost, "(i^as)", now->id, list);
}

static void
add_changes (GVariantBuilder *changed, GVariantBuilder *lost, const Node *before, const Node *now)
{
  if (!g_variant_equal (before->properties, now->properties))
    {
      g_variant_builder_add (changed, "(i@a{sv})", now->id, now->properties);
      add_lost (lost, before, now);
    }
  for (guint i = 0; i < now->children->len; i++)
    add_changes (changed, lost, g_ptr_array_index (before->children, i),
                 g_ptr_array_index (now->children, i));
}

static void
tell_changes (BfyMenuServer *self, const Node *before)
{
  GVariantBuilder changed, lost;
  g_autoptr (GVariant) rows = NULL;
  g_autoptr (GVariant) removed = NULL;

  if (!has_same_shape (before, self->root))
    {
      self->revision++;
      bfy_dbus_dbusmenu_emit_layout_updated (self->skeleton, self->revision, ROOT);
      return;
    }
  g_variant_builder_init (&changed, G_VARIANT_TYPE ("a(ia{sv})"));
  g_variant_builder_init (&lost, G_VARIANT_TYPE ("a(ias)"));
  add_changes (&changed, &lost, before, self->root);
  rows = g_variant_ref_sink (g_variant_builder_end (&changed));
  removed = g_variant_ref_sink (g_variant_builder_end (&lost));
  if (g_variant_n_children (rows) == 0)
    return;
  self->revision++;
  bfy_dbus_dbusmenu_emit_items_properties_updated (self->skeleton, rows, removed);
}

void
bfy_menu_server_set_rows (BfyMenuServer *self, GPtrArray *rows)
{
  GHashTable *ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GPtrArray) old_rows = self->rows;
  Node *before = self->root;

  g_hash_table_remove_all (self->nodes);
  self->rows = rows;
  self->root = build_node (self, ids, NULL, rows, ROOT);
  g_hash_table_unref (self->ids);
  self->ids = ids;
  tell_changes (self, before);
  node_free (before);
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
  self->ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->nodes = g_hash_table_new (NULL, NULL);
  self->root = build_node (self, self->ids, NULL, NULL, ROOT);
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
  g_ptr_array_unref (self->rows);
  g_hash_table_unref (self->ids);
  g_hash_table_unref (self->nodes);
  node_free (self->root);
  g_free (self);
}
