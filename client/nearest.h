/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* The word of @words (NULL-terminated) that @text was probably meant to be, or NULL when none is
 * near. Borrowed from @words. */
const char *bfy_nearest (const char *text, const char *const *words);
