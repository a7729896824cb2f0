/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/window/row-list.h"

#include <string.h>

#include "client/fields.h"
#include "tray/window/row.h"

struct _BfyItemRow
{
  AdwActionRow parent_instance;

  JsonObject *item; /* (owned) (nullable) before it was filled */
  GtkWidget *buttons[BFY_ITEM_ROW_BUTTONS_MAX];
  guint n_buttons;
};

G_DEFINE_TYPE (BfyItemRow, bfy_item_row, ADW_TYPE_ACTION_ROW)

JsonObject *
bfy_item_row_get_item (BfyItemRow *self)
{
  return self->item;
}

void
bfy_item_row_add_button (BfyItemRow *self,
                         const char *icon,
                         GCallback on_clicked,
                         gpointer user_data)
{
  GtkWidget *button = bfy_row_add_icon_button (ADW_ACTION_ROW (self), icon, "");

  g_return_if_fail (self->n_buttons < BFY_ITEM_ROW_BUTTONS_MAX);

  g_signal_connect (button, "clicked", on_clicked, user_data);
  self->buttons[self->n_buttons++] = button;
}

GtkWidget *
bfy_item_row_get_button (BfyItemRow *self, guint index)
{
  return self->buttons[index];
}

BfyItemRow *
bfy_item_row_of (GtkWidget *child)
{
  return BFY_ITEM_ROW (gtk_widget_get_ancestor (child, BFY_TYPE_ITEM_ROW));
}

static void
bfy_item_row_finalize (GObject *object)
{
  g_clear_pointer (&BFY_ITEM_ROW (object)->item, json_object_unref);
  G_OBJECT_CLASS (bfy_item_row_parent_class)->finalize (object);
}

static void
bfy_item_row_class_init (BfyItemRowClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = bfy_item_row_finalize;
}

static void
bfy_item_row_init (BfyItemRow *self)
{
  bfy_row_init (ADW_ACTION_ROW (self));
}

struct _BfyRowList
{
  AdwPreferencesGroup parent_instance;

  const BfyRowListKind *kind;
  gpointer user_data;
  GtkListBox *box;
  GHashTable *rows;   /* (owned) id → row, borrowed from the box */
  GHashTable *hidden; /* (owned) set of ids */
  char *wanted;       /* (owned) (nullable) casefolded */
};

G_DEFINE_TYPE (BfyRowList, bfy_row_list, ADW_TYPE_PREFERENCES_GROUP)

static gboolean
has_text (gpointer row, const char *wanted)
{
  g_autofree char *title = g_utf8_casefold (adw_preferences_row_get_title (row), -1);
  g_autofree char *subtitle = NULL;

  if (strstr (title, wanted) != NULL)
    return TRUE;
  if (adw_action_row_get_subtitle (row) == NULL)
    return FALSE;
  subtitle = g_utf8_casefold (adw_action_row_get_subtitle (row), -1);

  return strstr (subtitle, wanted) != NULL;
}

/* A group without rows is not shown. */
static void
judge_rows (BfyRowList *self)
{
  GHashTableIter iter;
  gpointer id, row;
  guint n_shown = 0;

  g_hash_table_iter_init (&iter, self->rows);
  while (g_hash_table_iter_next (&iter, &id, &row))
    {
      gboolean is_shown = !g_hash_table_contains (self->hidden, id) &&
                          (self->wanted == NULL || has_text (row, self->wanted));

      gtk_widget_set_visible (row, is_shown);
      n_shown += is_shown;
    }
  gtk_widget_set_visible (GTK_WIDGET (self), n_shown > 0);
}

static void
forget_others (BfyRowList *self, GHashTable *present)
{
  GHashTableIter iter;
  gpointer id, row;

  g_hash_table_iter_init (&iter, self->rows);
  while (g_hash_table_iter_next (&iter, &id, &row))
    {
      if (g_hash_table_contains (present, id))
        continue;
      g_hash_table_remove (self->hidden, id);
      gtk_list_box_remove (self->box, row);
      g_hash_table_iter_remove (&iter);
    }
}

static BfyItemRow *
ensure_row (BfyRowList *self, const char *id, int place)
{
  BfyItemRow *row = g_hash_table_lookup (self->rows, id);

  if (row == NULL)
    {
      row = g_object_new (BFY_TYPE_ITEM_ROW, NULL);
      if (self->kind->build != NULL)
        self->kind->build (row, self->user_data);
      g_hash_table_insert (self->rows, g_strdup (id), row);
      gtk_list_box_insert (self->box, GTK_WIDGET (row), place);
    }
  else if (gtk_list_box_row_get_index (GTK_LIST_BOX_ROW (row)) != place)
    {
      g_object_ref (row);
      gtk_list_box_remove (self->box, GTK_WIDGET (row));
      gtk_list_box_insert (self->box, GTK_WIDGET (row), place);
      g_object_unref (row);
    }

  return row;
}

static void
fill_row (BfyRowList *self, BfyItemRow *row, JsonObject *item)
{
  g_clear_pointer (&row->item, json_object_unref);
  row->item = json_object_ref (item);
  self->kind->fill (row, item, self->user_data);
}

void
bfy_row_list_set (BfyRowList *self, JsonArray *items)
{
  g_autoptr (GHashTable) present = g_hash_table_new (g_str_hash, g_str_equal);
  guint n_items = items != NULL ? json_array_get_length (items) : 0;
  int place = 0;

  for (guint i = 0; i < n_items; i++)
    {
      JsonNode *node = json_array_get_element (items, i);

      if (JSON_NODE_HOLDS_OBJECT (node))
        g_hash_table_add (present,
                          (gpointer) bfy_field_text (json_node_get_object (node), self->kind->id));
    }
  forget_others (self, present);
  g_hash_table_remove_all (present);
  for (guint i = 0; i < n_items; i++)
    {
      JsonNode *node = json_array_get_element (items, i);
      JsonObject *item = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      const char *id = item != NULL ? bfy_field_text (item, self->kind->id) : NULL;

      if (id != NULL && g_hash_table_add (present, (gpointer) id))
        fill_row (self, ensure_row (self, id, place++), item);
    }
  judge_rows (self);
}

void
bfy_row_list_search (BfyRowList *self, const char *text)
{
  g_free (self->wanted);
  self->wanted = text != NULL && *text != '\0' ? g_utf8_casefold (text, -1) : NULL;
  judge_rows (self);
}

void
bfy_row_list_set_hidden (BfyRowList *self, const char *id, gboolean is_hidden)
{
  if (is_hidden)
    g_hash_table_add (self->hidden, g_strdup (id));
  else
    g_hash_table_remove (self->hidden, id);
  judge_rows (self);
}

guint
bfy_row_list_count (BfyRowList *self)
{
  GHashTableIter iter;
  gpointer row;
  guint n = 0;

  g_hash_table_iter_init (&iter, self->rows);
  while (g_hash_table_iter_next (&iter, NULL, &row))
    n += gtk_widget_get_visible (row);

  return n;
}

GtkWidget *
bfy_row_list_new (const char *title, const BfyRowListKind *kind, gpointer user_data)
{
  BfyRowList *self = g_object_new (BFY_TYPE_ROW_LIST, "title", title, NULL);

  self->kind = kind;
  self->user_data = user_data;
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->box), GTK_ACCESSIBLE_PROPERTY_LABEL, title,
                                  -1);

  return GTK_WIDGET (self);
}

static void
bfy_row_list_finalize (GObject *object)
{
  BfyRowList *self = BFY_ROW_LIST (object);

  g_hash_table_unref (self->rows);
  g_hash_table_unref (self->hidden);
  g_free (self->wanted);
  G_OBJECT_CLASS (bfy_row_list_parent_class)->finalize (object);
}

static void
bfy_row_list_class_init (BfyRowListClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = bfy_row_list_finalize;
}

static void
bfy_row_list_init (BfyRowList *self)
{
  self->rows = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->hidden = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->box = GTK_LIST_BOX (gtk_list_box_new ());
  gtk_list_box_set_selection_mode (self->box, GTK_SELECTION_NONE);
  gtk_widget_add_css_class (GTK_WIDGET (self->box), "boxed-list");
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (self), GTK_WIDGET (self->box));
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}
