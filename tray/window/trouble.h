/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

/* What went wrong, in whole sentences, and what helps in this window. The agent’s sentences name
 * options of commands here and there: such a clause is left out. One line. Free with g_free(). */
char *bfy_trouble_describe (const GError *error);
/* Whether the person has to register an application with the service, and to type its id. */
gboolean bfy_trouble_wants_client_id (const GError *error);
