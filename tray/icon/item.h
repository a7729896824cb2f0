/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

#include "tray/state.h"

/* The icon as panels see it: a StatusNotifierItem on the session bus, which registers with every
 * panel that comes, however often. Where there is none, it waits, and nothing else depends on it.
 * Its menu is offered beside it (menu-server.h). */
typedef struct _BfyTrayItem BfyTrayItem;

#define BFY_TRAY_MENU_PATH "/StatusNotifierItem/Menu"

typedef enum
{
  BFY_PRESS_FIRST,  /* a click */
  BFY_PRESS_SECOND, /* with the middle button */
  BFY_PRESS_MENU,   /* for the menu, by a panel that does not draw one */
} BfyPress;

typedef struct
{
  /* @token: (nullable) what the panel gives so that a window may come to the front */
  void (*on_press) (BfyPress press, const char *token, gpointer user_data);
} BfyTrayItemEvents;

/* NULL when the bus does not take it. */
BfyTrayItem *bfy_tray_item_new (GDBusConnection *bus,
                                const BfyTrayItemEvents *events,
                                gpointer user_data,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
void bfy_tray_item_free (BfyTrayItem *self);

/* @icon: one of the face’s two. Panels are told of what is different. */
void bfy_tray_item_show (BfyTrayItem *self, const BfyTrayFace *face, const char *icon);
/* Whether a panel has taken it. */
gboolean bfy_tray_item_is_hosted (const BfyTrayItem *self);
