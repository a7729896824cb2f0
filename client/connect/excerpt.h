/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* The lines of the file @path that a change takes out ("-") and puts in ("+"), each with the blanks
 * it begins with, so that a person can see them before it is made. "" when nothing changes. What
 * looks like a credential is not among it, and of a long text only the beginning. Free with
 * g_free(). */
char *bfy_excerpt_format (const char *path, const char *before, const char *after);
