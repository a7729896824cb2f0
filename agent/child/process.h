/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/child/launch.h"

/* The process of a local server, whoever its parent is: a child of ours, or a unit of the user's
 * systemd. */
typedef struct _BfyProcess BfyProcess;

/* It has ended, once; it is to be freed. @reason is a sentence's end; @exit_status is -1 unless it
 * ended by itself. */
typedef void (*BfyProcessFunc) (BfyProcess *self,
                                const char *reason,
                                int exit_status,
                                gpointer user_data);

/* @pipes gets our ends of stdin, stdout and stderr, non-blocking and close-on-exec. */
BfyProcess *bfy_process_start (const BfyProgram *program,
                               const BfyPlace *place,
                               const BfySecret *secret,
                               int pipes[3],
                               BfyProcessFunc ended,
                               gpointer user_data,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Only when it has ended. */
void bfy_process_free (BfyProcess *self);

/* Politely; everything that it has started ends, too. */
void bfy_process_end (BfyProcess *self);
/* What was asked politely has not gone. */
void bfy_process_kill (BfyProcess *self);
