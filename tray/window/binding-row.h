/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <adwaita.h>

#include "tray/window/catalogue.h"
#include "tray/window/usage.h"

/* One binding in the list. Its menu acts on the row: row.test, row.pause, row.login, row.rename,
 * row.remove. */
#define BFY_TYPE_BINDING_ROW (bfy_binding_row_get_type ())
G_DECLARE_FINAL_TYPE (BfyBindingRow, bfy_binding_row, BFY, BINDING_ROW, AdwActionRow)

/* What is shown of it; borrowed. */
typedef struct
{
  JsonObject *binding;
  BfyCatalogue *catalogue;
  BfyUsageDay *usage;
  gint64 now_s;
} BfyBindingNews;

GtkWidget *bfy_binding_row_new (BfyAgentLink *link);
void bfy_binding_row_update (BfyBindingRow *self, const BfyBindingNews *news);
/* As it was last told; borrowed. */
JsonObject *bfy_binding_row_get_binding (BfyBindingRow *self);
/* Whether each of the words in @search, in any case, stands in what is shown; "" fits all. */
gboolean bfy_binding_row_fits (BfyBindingRow *self, const char *search);

/* The menu of a binding: the same on its row and on its page. @prefix: of its actions. */
GMenuModel *bfy_binding_menu_new (const char *prefix, JsonObject *binding);
/* A symbol with the colour of @tone. */
void bfy_binding_show_tone (GtkImage *image, JsonObject *binding, gint64 now_s);
