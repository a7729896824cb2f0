/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/era/room.h"

#include "agent/era/eras-private.h"

/* The least recently used one that nobody uses, of one client or (@is_any) of all. */
static gpointer
find_oldest (GHashTable *sessions,
             const char *owner,
             gboolean is_any,
             BfyEraSeatFunc seat_of,
             guint *n_found)
{
  gpointer oldest = NULL;
  gint64 oldest_us = G_MAXINT64;
  GHashTableIter iter;
  gpointer session;

  *n_found = 0;
  g_hash_table_iter_init (&iter, sessions);
  while (g_hash_table_iter_next (&iter, NULL, &session))
    {
      BfyEraSeat seat = seat_of (session);

      if (!is_any && g_strcmp0 (seat.owner, owner) != 0)
        continue;
      (*n_found)++;
      if (!seat.may_go || (oldest != NULL && seat.used_us >= oldest_us))
        continue;
      oldest = session;
      oldest_us = seat.used_us;
    }

  return oldest;
}

gboolean
bfy_era_find_room (GHashTable *sessions,
                   const char *owner,
                   BfyEraSeatFunc seat_of,
                   gpointer *leaver)
{
  guint n;

  *leaver = find_oldest (sessions, owner, FALSE, seat_of, &n);
  if (n >= BFY_ERAS_SESSIONS_OF_CLIENT_MAX)
    return *leaver != NULL;
  *leaver = find_oldest (sessions, owner, TRUE, seat_of, &n);
  if (n >= BFY_ERAS_SESSIONS_MAX)
    return *leaver != NULL;
  *leaver = NULL;

  return TRUE;
}
