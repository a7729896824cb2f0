/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* What the process does to itself before anything else, in every start mode: a unit file may add to
 * it but is never needed for it (craft 1.3). */

/* Umask 077; no core files, not dumpable, so not traceable by other programs of the user; no new
 * privileges; descriptors 0–2 open; as many descriptors as the system gives. Fails when the program
 * is set-user-ID. */
gboolean bfy_harden (GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* How many connections fit the descriptor limit, each with an upstream of its own. */
guint bfy_hardening_connections_max (void);
