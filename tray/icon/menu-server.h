/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

#include "tray/menu.h"

/* Offers a menu on the bus (com.canonical.dbusmenu), for a panel to draw. The number of a row stays
 * with what it stands for, so that a click on an old picture of the menu never hits another row. */
typedef struct _BfyMenuServer BfyMenuServer;

typedef struct
{
  /* A row was chosen that has an action. @target: (nullable) */
  void (*on_chosen) (const char *action, const char *target, gpointer user_data);
  /* It is about to be looked at: bfy_menu_server_set_rows() with what is true now. */
  void (*on_opening) (gpointer user_data);
} BfyMenuServerEvents;

/* NULL when the path is taken. */
BfyMenuServer *bfy_menu_server_new (GDBusConnection *bus,
                                    const char *path,
                                    const BfyMenuServerEvents *events,
                                    gpointer user_data,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
void bfy_menu_server_free (BfyMenuServer *self);

/* @rows: (transfer full). Whoever shows it is told only of what is different. */
void bfy_menu_server_set_rows (BfyMenuServer *self, GPtrArray *rows);
