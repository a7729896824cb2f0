/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

/* What went wrong, in whole sentences, and what helps in this window. The agent’s hints name
 * commands; here they are for whom there is no button. Free with g_free(). */
char *bfy_trouble_describe (const GError *error);
