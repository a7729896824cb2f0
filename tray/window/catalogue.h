/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gtk/gtk.h>

#include "tray/agent-link.h"

/* The services that the agent knows, by GET /v1/services; asked for once per window. */
typedef struct _BfyCatalogue BfyCatalogue;

BfyCatalogue *bfy_catalogue_ref (BfyCatalogue *self);
void bfy_catalogue_unref (BfyCatalogue *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyCatalogue, bfy_catalogue_unref)
/* @reply: (nullable) */
BfyCatalogue *bfy_catalogue_new (JsonObject *reply);

guint bfy_catalogue_count (BfyCatalogue *self);
/* Borrowed. */
JsonObject *bfy_catalogue_nth (BfyCatalogue *self, guint index);
/* (nullable) */
JsonObject *bfy_catalogue_find (BfyCatalogue *self, const char *id);
/* (nullable) its name; NULL where there is no such service, or @id is "". */
const char *bfy_catalogue_get_name (BfyCatalogue *self, const char *id);

/* A round picture with the first letters of @name; for what is no service of the catalogue a symbol
 * instead: @icon (nullable). */
GtkWidget *bfy_catalogue_make_icon (const char *name, const char *icon, int size);
