/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gtk/gtk.h>
#include <json-glib/json-glib.h>

/* All that is recorded of an event, in a window over that of @parent. */
void bfy_activity_details_present (GtkWidget *parent, JsonObject *event);
