/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <adwaita.h>
#include <json-glib/json-glib.h>

/* The last step: what there is now, and how a program uses it. @reply: Added of
 * protocol/openapi.yaml. Actions: add.close, add.again. */
GtkWidget *bfy_add_done_new (JsonObject *reply, gboolean is_login);
