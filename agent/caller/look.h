/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/door/peer.h"
#include "protocol/caller.h"

/* Fills @caller with what /proc shows of the process that connected. Everything in it is a hint.
 *
 * Our own bridge and command line only pass on what others ask: then the program that counts is the
 * nearest ancestor that is none of ours, and @via names what stands between.
 *
 * FALSE: nothing of it counts, because something has changed while it was looked at, or is not what
 * was accepted. */
gboolean bfy_look_at_caller (BfyCaller *caller, const BfyPeer *peer);

/* Another process writes on the connection, which it got from the one that connected: it stands
 * between, too. */
void bfy_look_at_sender (BfyCaller *caller, int sender);
