/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gtk/gtk.h>
#include <json-glib/json-glib.h>

/* An event in a list, and how a line of the list shows it. */
#define BFY_TYPE_ACTIVITY_ITEM (bfy_activity_item_get_type ())
G_DECLARE_FINAL_TYPE (BfyActivityItem, bfy_activity_item, BFY, ACTIVITY_ITEM, GObject)

BfyActivityItem *bfy_activity_item_new (JsonObject *event);
JsonObject *bfy_activity_item_get_event (BfyActivityItem *self);

GtkListItemFactory *bfy_activity_factory_new (void);
