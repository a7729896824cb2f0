/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/icon/menu-node.h"

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

static int
number_row (BfyMenuNumbers *numbers, GHashTable *ids, const char *key)
{
  gpointer known;
  int id;

  if (g_hash_table_lookup_extended (numbers->ids, key, NULL, &known))
    id = GPOINTER_TO_INT (known);
  else
    id = ++numbers->last;
  g_hash_table_insert (ids, g_strdup (key), GINT_TO_POINTER (id));

  return id;
}

static BfyMenuNode *
new_node (const BfyMenuRow *row, int id)
{
  BfyMenuNode *node = g_new0 (BfyMenuNode, 1);

  node->id = id;
  node->row = row;
  node->properties = describe_row (row);
  node->children = g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_menu_node_free);

  return node;
}

static void
add_children (BfyMenuNode *node, const GPtrArray *rows, BfyMenuNumbers *numbers, GHashTable *ids)
{
  for (guint i = 0; rows != NULL && i < rows->len; i++)
    {
      const BfyMenuRow *row = g_ptr_array_index (rows, i);
      g_autofree char *key =
          row->key != NULL ? g_strdup (row->key) : g_strdup_printf ("line:%d:%u", node->id, i);
      BfyMenuNode *child = new_node (row, number_row (numbers, ids, key));

      g_ptr_array_add (node->children, child);
      add_children (child, row->children, numbers, ids);
    }
}

BfyMenuNode *
bfy_menu_node_build (const GPtrArray *rows, BfyMenuNumbers *numbers)
{
  BfyMenuNode *root = new_node (NULL, BFY_MENU_ROOT);
  GHashTable *ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  add_children (root, rows, numbers, ids);
  g_hash_table_unref (numbers->ids);
  numbers->ids = ids;

  return root;
}

void
bfy_menu_node_free (BfyMenuNode *self)
{
  g_variant_unref (self->properties);
  g_ptr_array_unref (self->children);
  g_free (self);
}

BfyMenuNode *
bfy_menu_node_find (BfyMenuNode *self, int id)
{
  BfyMenuNode *found = self->id == id ? self : NULL;

  for (guint i = 0; found == NULL && i < self->children->len; i++)
    found = bfy_menu_node_find (g_ptr_array_index (self->children, i), id);

  return found;
}

GVariant *
bfy_menu_node_pick (const BfyMenuNode *self, const char *const *names)
{
  g_auto (GVariantDict) dict = G_VARIANT_DICT_INIT (NULL);
  GVariantIter iter;
  GVariant *value;
  const char *name;

  if (names == NULL || names[0] == NULL)
    return g_variant_ref (self->properties);

  g_variant_iter_init (&iter, self->properties);
  while (g_variant_iter_loop (&iter, "{&sv}", &name, &value))
    {
      if (g_strv_contains (names, name))
        g_variant_dict_insert_value (&dict, name, value);
    }

  return g_variant_ref_sink (g_variant_dict_end (&dict));
}

GVariant *
bfy_menu_node_describe (const BfyMenuNode *self, int depth, const char *const *names)
{
  g_autoptr (GVariant) properties = bfy_menu_node_pick (self, names);
  GVariantBuilder children;

  g_variant_builder_init (&children, G_VARIANT_TYPE ("av"));
  for (guint i = 0; depth != 0 && i < self->children->len; i++)
    g_variant_builder_add (
        &children, "v",
        bfy_menu_node_describe (g_ptr_array_index (self->children, i), depth - 1, names));

  return g_variant_new ("(i@a{sv}@av)", self->id, properties, g_variant_builder_end (&children));
}

gboolean
bfy_menu_node_has_shape_of (const BfyMenuNode *self, const BfyMenuNode *other)
{
  if (self->id != other->id || self->children->len != other->children->len)
    return FALSE;
  for (guint i = 0; i < self->children->len; i++)
    {
      if (!bfy_menu_node_has_shape_of (g_ptr_array_index (self->children, i),
                                       g_ptr_array_index (other->children, i)))
        return FALSE;
    }

  return TRUE;
}

/* What a row has lost, so that it is not shown on: only “enabled” comes and goes by itself. */
static void
add_lost (GVariantBuilder *lost, const BfyMenuNode *before, const BfyMenuNode *now)
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
add_changes (GVariantBuilder *changed,
             GVariantBuilder *lost,
             const BfyMenuNode *before,
             const BfyMenuNode *now)
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

gboolean
bfy_menu_node_compare (const BfyMenuNode *self,
                       const BfyMenuNode *before,
                       GVariant **changed,
                       GVariant **lost)
{
  GVariantBuilder changed_builder, lost_builder;

  g_variant_builder_init (&changed_builder, G_VARIANT_TYPE ("a(ia{sv})"));
  g_variant_builder_init (&lost_builder, G_VARIANT_TYPE ("a(ias)"));
  add_changes (&changed_builder, &lost_builder, before, self);
  *changed = g_variant_ref_sink (g_variant_builder_end (&changed_builder));
  *lost = g_variant_ref_sink (g_variant_builder_end (&lost_builder));

  return g_variant_n_children (*changed) > 0;
}
