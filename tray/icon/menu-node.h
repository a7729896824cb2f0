/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

#include "tray/menu.h"

/* Rows of a menu as the bus has them: each with a number and properties (com.canonical.dbusmenu).
 * Immutable once made. */
typedef struct
{
  int id;
  const BfyMenuRow *row; /* (nullable) borrowed; NULL: the menu itself */
  GVariant *properties;  /* (owned) a{sv} */
  GPtrArray *children;   /* (owned) (element-type BfyMenuNode) */
} BfyMenuNode;

#define BFY_MENU_ROOT 0

/* Which number a row has: the same for the same key, as long as there is that row; one that was
 * given is never given to another row. */
typedef struct
{
  GHashTable *ids; /* (owned) (element-type utf8 gint) by key of a row */
  int last;
} BfyMenuNumbers;

/* The tree of @rows (nullable), which must outlive it. Those of @numbers that are not in it are
 * forgotten. */
BfyMenuNode *bfy_menu_node_build (const GPtrArray *rows, BfyMenuNumbers *numbers);
void bfy_menu_node_free (BfyMenuNode *self);
/* (nullable) borrowed: in it or below it. */
BfyMenuNode *bfy_menu_node_find (BfyMenuNode *self, int id);

/* a{sv} (transfer full): those of the properties that are named; all when none is. */
GVariant *bfy_menu_node_pick (const BfyMenuNode *self, const char *const *names);
/* (ia{sv}av) with @depth levels below it. Floating. */
GVariant *bfy_menu_node_describe (const BfyMenuNode *self, int depth, const char *const *names);

/* The same rows in the same order? Their words may differ. */
gboolean bfy_menu_node_has_shape_of (const BfyMenuNode *self, const BfyMenuNode *other);
/* What the properties have become since @before, which has the same shape: a(ia{sv}) and a(ias), as
 * ItemsPropertiesUpdated has them. FALSE when nothing is different. (transfer full) */
gboolean bfy_menu_node_compare (const BfyMenuNode *self,
                                const BfyMenuNode *before,
                                GVariant **changed,
                                GVariant **lost);
