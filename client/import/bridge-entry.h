/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

#include "client/import/places.h"

/* @text of the file with the entry of @find leading to the binding @name, written as the entries of
 * that client are. BFY_ERROR_PARSE, BFY_ERROR_UNSUPPORTED. Pure. Free with bfy_wipe_free(). */
char *bfy_bridge_entry_put (BfyScanFormat format,
                            const char *text,
                            const BfyFind *find,
                            const char *name,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
