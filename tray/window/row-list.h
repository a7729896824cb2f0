/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <adwaita.h>
#include <json-glib/json-glib.h>

/* A row about one object of the agent’s. */
#define BFY_TYPE_ITEM_ROW (bfy_item_row_get_type ())
G_DECLARE_FINAL_TYPE (BfyItemRow, bfy_item_row, BFY, ITEM_ROW, AdwActionRow)

/* As it was told last; borrowed. */
JsonObject *bfy_item_row_get_item (BfyItemRow *self);
/* At its end, up to BFY_ITEM_ROW_BUTTONS_MAX; named in fill(), because what it does it does to this
 * row’s object. */
#define BFY_ITEM_ROW_BUTTONS_MAX 3
void bfy_item_row_add_button (BfyItemRow *self,
                              const char *icon,
                              GCallback on_clicked,
                              gpointer user_data);
GtkWidget *bfy_item_row_get_button (BfyItemRow *self, guint index);
/* The row that @child, a button perhaps, is in. */
BfyItemRow *bfy_item_row_of (GtkWidget *child);

/* A list of rows that follows an array of the agent’s. A row stays the same one as long as the
 * object with its id is there, so that what is focused stays, too. */
#define BFY_TYPE_ROW_LIST (bfy_row_list_get_type ())
G_DECLARE_FINAL_TYPE (BfyRowList, bfy_row_list, BFY, ROW_LIST, AdwPreferencesGroup)

typedef struct
{
  const char *id; /* the member that tells objects apart */
  /* (nullable) What a new row has besides its texts. */
  void (*build) (BfyItemRow *row, gpointer user_data);
  void (*fill) (BfyItemRow *row, JsonObject *item, gpointer user_data);
} BfyRowListKind;

/* @kind: static. */
GtkWidget *bfy_row_list_new (const char *title, const BfyRowListKind *kind, gpointer user_data);
/* @items: (nullable) none; what is no object is left out. */
void bfy_row_list_set (BfyRowList *self, JsonArray *items);
/* Only rows that have @text in their title or subtitle; "" or NULL: all. */
void bfy_row_list_search (BfyRowList *self, const char *text);
/* Not shown, although it is there: what is about to be removed. */
void bfy_row_list_set_hidden (BfyRowList *self, const char *id, gboolean is_hidden);
/* How many are shown. */
guint bfy_row_list_count (BfyRowList *self);
