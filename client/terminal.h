/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/error.h"
#include "protocol/secret.h"

/* The person's terminal, /dev/tty: for questions that must reach a person even when stdin and
 * stdout are redirected, and for tokens, which are never echoed. */
typedef struct _BfyTerminal BfyTerminal;

/* NULL when this process has no terminal. */
BfyTerminal *bfy_terminal_open (void);
void bfy_terminal_close (BfyTerminal *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyTerminal, bfy_terminal_close)

/* Asks without echo. The terminal is as it was before on every way out: success, cancel, Ctrl-C,
 * SIGTERM, SIGHUP, and while stopped with Ctrl-Z. BFY_ERROR_CANCELLED for an empty answer or a
 * signal; @signal_number then tells which one, 0 for none. */
BfySecret *bfy_terminal_ask_secret (BfyTerminal *self,
                                    const char *prompt,
                                    int *signal_number,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Asks with echo; NULL and BFY_ERROR_CANCELLED for an empty answer. Free with g_free(). */
char *bfy_terminal_ask_line (BfyTerminal *self,
                             const char *prompt,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Asks with echo, one of several questions: "" for an empty answer, and Ctrl-C is no end of the
 * program but an answer, too. BFY_ERROR_CANCELLED at the end of the terminal, and for a signal;
 * @signal_number then tells which one, 0 for none. Free with g_free(). */
char *bfy_terminal_ask_answer (BfyTerminal *self,
                               const char *prompt,
                               int *signal_number,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* TRUE only for y or yes. */
gboolean bfy_terminal_is_yes (const char *answer);
/* The same for an answer to @question. */
gboolean bfy_terminal_ask_yes (BfyTerminal *self, const char *question);

/* How many columns the terminal behind @fd has; 0 when it is none. */
gsize bfy_terminal_columns (int fd);
