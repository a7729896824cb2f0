/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/cli.h"
#include "client/terminal.h"
#include "protocol/secret.h"

/* Passphrases as people and scripts give them. Blanks around one do not count, typed or piped in,
 * so that what was set by one way can be given by the other. */
#define BFY_PASSPHRASE_CHARACTERS_MIN 8
#define BFY_PASSPHRASE_BYTES_MAX 1024

/* A copy without blanks and line ends around it; may be empty. */
BfySecret *bfy_passphrase_trim (const BfySecret *text);
/* Whether it may become a new one: long enough, text, on one line. BFY_ERROR_INVALID_ARGUMENT. */
gboolean bfy_passphrase_check (const BfySecret *passphrase,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Two lines, the old passphrase and the new one. BFY_ERROR_INVALID_ARGUMENT when there are not
 * exactly two. */
gboolean bfy_passphrase_split (const BfySecret *text,
                               BfySecret **old_one,
                               BfySecret **new_one,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The terminal to ask on, or BFY_ERROR_FAILED, saying that @option does without. */
BfyTerminal *bfy_passphrase_open_terminal (BfyCli *cli,
                                           const char *option,
                                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Asks for a new one twice, unseen, until both are the same and good enough: three times at most,
 * then BFY_ERROR_INVALID_ARGUMENT; BFY_ERROR_CANCELLED. @purpose: "for the vault". */
BfySecret *bfy_passphrase_ask_new (BfyCli *cli,
                                   BfyTerminal *terminal,
                                   const char *prompt,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* A new one from stdin (--passphrase-stdin) or from the terminal. */
BfySecret *bfy_passphrase_get_new (BfyCli *cli,
                                   gboolean from_stdin,
                                   const char *prompt,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
