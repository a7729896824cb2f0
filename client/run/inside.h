/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* The first process inside the sandbox of `bindify run`, and the line to it.
 *
 * A small program, or this one again where that is not beside it, starts in there as the parent of
 * everything: it opens the door in the new network and hands it out to who stays outside, puts the
 * last restrictions on the command and starts it, passes signals on, refuses what calls the kernel
 * asks it about (watch.h), and tells how the command ended. When it ends, or nobody is outside any
 * more, the kernel ends everything in the sandbox.
 *
 * On the line (SOCK_SEQPACKET) each message has one letter and a number:
 *   to the outside  P 0       brings the listening socket of the proxy along, if one was asked for
 *                   R 0       ready; brings the listening socket along if one was asked for
 *                   C kind    a call was refused: a BfyRunRefusal
 *                   E status  the command has ended
 *   to the inside   S number  a signal for the command */
typedef struct
{
  gint32 letter;
  gint32 number;
} BfyRunMessage;

#define BFY_RUN_PROXY 'P'
#define BFY_RUN_READY 'R'
#define BFY_RUN_CALL_REFUSED 'C'
#define BFY_RUN_ENDED 'E'
#define BFY_RUN_SIGNAL 'S'

/* argv: name, BFY_RUN_INSIDE, descriptor of the line, ports of the door and of the proxy, or 0,
 * descriptor of the filter of calls to watch, or -1, what may be written into (each one word),
 * "--", the command. */
#define BFY_RUN_INSIDE "run-inside"

gboolean bfy_run_is_inside (int argc, char **argv);
int bfy_run_inside (int argc, char **argv);
