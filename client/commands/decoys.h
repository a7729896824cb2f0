/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/commands/commands.h"

/* `bindify client decoy`, and what `bindify client add --decoy` has of it. */

gboolean bfy_client_decoy (BfyCli *cli, GStrv words, GError **error);
/* A new decoy for @client (an id or label). @service: what it looks like, "any" or NULL: nobody's.
 * Free with g_free(). */
char *bfy_decoy_ask (BfyCli *cli, const char *client, const char *service, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
void bfy_decoy_print (const char *decoy);
