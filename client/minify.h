/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* Appends a JSON text without the white space between its tokens, so that it is one line; strings
 * and numbers keep their bytes (mcp.md A.8). @text must have passed bfy_json_check(), by which no
 * raw line break can be inside a string. */
void bfy_minify_append (GString *out, const char *text, gsize length);
