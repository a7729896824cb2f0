/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

#include "client/rewrite/place.h"

/* Changes one entry of a configuration file and leaves every other byte as it is: comments, order,
 * indentation, line ends. The result is read again before it is given out: it says what was wanted
 * there, and elsewhere what it said before, or nothing is changed.
 *
 * BFY_ERROR_PARSE for a text that is not of this form; BFY_ERROR_UNSUPPORTED for an entry that is
 * written in a way that cannot be changed for certain. Free results with g_free(). */

/* Puts @value where @path leads; what is there is replaced, what is missing on the way is made. In
 * a list "-" stands for a new last item. */
char *bfy_rewrite_set (BfyForm form,
                       const char *text,
                       const char *const *path,
                       JsonNode *value,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Takes out what @path leads to; BFY_ERROR_NOT_FOUND. */
char *bfy_rewrite_remove (BfyForm form, const char *text, const char *const *path, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Whether @place means @value. */
gboolean bfy_rewrite_says (const BfyPlace *place, JsonNode *value);
