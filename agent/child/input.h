/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* The standard input of a local server: lines wait here until it reads them. */
typedef struct _BfyInput BfyInput;

/* So much may wait that it has not read; more is an overrun. */
#define BFY_INPUT_BYTES_MAX (16 * 1024 * 1024)

/* Takes @fd, which does not block. @overrun is called once, from the main loop. */
BfyInput *bfy_input_new (int fd, GSourceFunc overrun, gpointer user_data);
/* Closes it. */
void bfy_input_free (BfyInput *self);
/* Takes @line, which holds no line break. */
void bfy_input_send (BfyInput *self, char *line);
