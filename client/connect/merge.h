/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

#include "client/rewrite/place.h"

/* The text with the members of @entry in what @path leads to, which is there. Members that @entry
 * does not have stay as they are, and so do those that say the same already, and those that are
 * only suggested for a new entry. Errors of bfy_rewrite_set(). Free with g_free(). */
char *bfy_connect_merge (BfyForm form,
                         const char *text,
                         const char *const *path,
                         JsonObject *entry,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
