/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <adwaita.h>
#include <json-glib/json-glib.h>

/* How to make a token, as the record of a service tells it, with a button that opens the page. */

/* (nullable) the group, NULL where nothing is told. */
GtkWidget *bfy_add_steps_append (GtkBox *column, JsonObject *service);
/* A row that opens @url in the browser; nothing for "". */
void bfy_add_steps_append_link (AdwPreferencesGroup *group, const char *url, const char *label);
