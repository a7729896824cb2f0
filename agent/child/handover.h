/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* How a launcher that systemd starts gets what a child of ours would inherit: one message with
 * descriptors on a socket, which is its standard input. Nothing of it stands in the unit. */
enum
{
  BFY_HANDOVER_STDIN,
  BFY_HANDOVER_STDOUT,
  BFY_HANDOVER_STDERR,
  BFY_HANDOVER_WORDS, /* a memory file: the launcher's arguments, each ended by NUL */
  BFY_HANDOVER_LIFE,  /* a pipe that the launcher writes to: see below */
  BFY_HANDOVER_PLAN,
  BFY_HANDOVER_SECRET, /* may be missing */
  BFY_HANDOVER_N,
};

/* On the life pipe: a byte when the launcher runs, one with the exit status at the end. Its own end
 * shows that the launcher has gone, however it went. */
#define BFY_HANDOVER_STARTED '+'

/* @fds: BFY_HANDOVER_N of them, the last may be -1. They stay the caller's. */
gboolean bfy_handover_send (int socket, const int *fds);
/* @fds: gets what arrived, close-on-exec, -1 for the secret if there is none. FALSE for anything
 * but such a message. */
gboolean bfy_handover_receive (int socket, int *fds);
