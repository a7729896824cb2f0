/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/prompt/hands.h"

struct _BfyHands
{
  GHashTable *down; /* (owned) keycode → how often it was pressed without being let go */
};

BfyHands *
bfy_hands_new (void)
{
  BfyHands *self = g_new0 (BfyHands, 1);

  self->down = g_hash_table_new (NULL, NULL);

  return self;
}

void
bfy_hands_free (BfyHands *self)
{
  g_hash_table_unref (self->down);
  g_free (self);
}

gboolean
bfy_hands_press (BfyHands *self, guint keycode)
{
  gpointer key = GUINT_TO_POINTER (keycode);
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (self->down, key));

  g_hash_table_insert (self->down, key, GUINT_TO_POINTER (MIN (n + 1, 2)));

  return n == 0;
}

void
bfy_hands_release (BfyHands *self, guint keycode)
{
  g_hash_table_remove (self->down, GUINT_TO_POINTER (keycode));
}

gboolean
bfy_hands_are_holding (const BfyHands *self)
{
  GHashTableIter iter;
  gpointer n;

  g_hash_table_iter_init (&iter, self->down);
  while (g_hash_table_iter_next (&iter, NULL, &n))
    {
      if (GPOINTER_TO_UINT (n) > 1)
        return TRUE;
    }

  return FALSE;
}

void
bfy_hands_forget (BfyHands *self)
{
  g_hash_table_remove_all (self->down);
}
