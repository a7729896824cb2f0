/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* Room for one more session among those of all clients. No client pushes the others out: it makes
 * room among its own first. Pure. */

/* What counts of a session. Borrowed. */
typedef struct
{
  const char *owner; /* (nullable) */
  gint64 used_us;
  gboolean may_go; /* nobody uses it */
} BfyEraSeat;

typedef BfyEraSeat (*BfyEraSeatFunc) (gconstpointer session);

/* @sessions: (element-type * session). FALSE when there is no room and none may go. @leaver: the
 * session that has to go first, the least recently used one, or NULL. */
gboolean bfy_era_find_room (GHashTable *sessions,
                            const char *owner,
                            BfyEraSeatFunc seat_of,
                            gpointer *leaver);
