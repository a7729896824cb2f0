/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* The folder in which our icons lie beside this program, installed or just built; "" when there is
 * none, and the system's folders have to do. For panels that search it before those. Free with
 * g_free(). */
char *bfy_icon_theme_find (void);
