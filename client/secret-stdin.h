/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/cli.h"
#include "protocol/secret.h"

/* What a script pipes in where a person would type unseen: all of stdin without the line ends at
 * its end. @option and @noun ("--token-stdin", "token") are for the messages: BFY_ERROR_INVALID_
 * ARGUMENT on a terminal, BFY_ERROR_TOO_LARGE, BFY_ERROR_CANCELLED for nothing. */
BfySecret *bfy_secret_read_stdin (BfyCli *cli, const char *option, const char *noun, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
