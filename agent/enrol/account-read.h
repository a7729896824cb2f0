/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

#include "protocol/secret.h"

/* Reads the answer to a probe for the account that it names (protocol/account.h). It is kept no
 * longer than that takes: some services repeat in it what nobody is to see. */
void bfy_account_read_async (GInputStream *input,
                             const char *const *pointers,
                             BfySecret *secret, /* (nullable) */
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data);
/* NULL for whatever reason: it is nice to know and no more. Free with g_free(). */
char *bfy_account_read_finish (GAsyncResult *result);
