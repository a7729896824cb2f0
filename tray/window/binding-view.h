/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <adwaita.h>

#include "tray/window/catalogue.h"
#include "tray/window/usage.h"

/* One binding in full: how it is, what programs may do with it and did, how one is connected. Its
 * actions: view.test, view.pause, view.login, view.rename, view.remove. */
#define BFY_TYPE_BINDING_VIEW (bfy_binding_view_get_type ())
G_DECLARE_FINAL_TYPE (BfyBindingView, bfy_binding_view, BFY, BINDING_VIEW, AdwBin)

GtkWidget *bfy_binding_view_new (BfyAgentLink *link);
void bfy_binding_view_show (BfyBindingView *self, JsonObject *binding);
/* The lists of the link have changed, or one of these. */
void bfy_binding_view_update (BfyBindingView *self, BfyCatalogue *catalogue, BfyUsageDay *usage);
