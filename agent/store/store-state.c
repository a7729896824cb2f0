/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* What the agent itself has to remember, by name: its lock, for one. */

#include "agent/store/store-private.h"

gboolean
bfy_store_get_state (BfyStore *self, const char *name, GBytes **value, GError **error)
{
  g_auto (BfyQuery) query = bfy_query_begin (self, BFY_SQL_GET_STATE);
  g_autoptr (GError) local_error = NULL;

  *value = NULL;
  bfy_query_bind_text (&query, name);
  if (!bfy_query_step (&query, &local_error))
    {
      if (local_error == NULL)
        return TRUE;
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }

  *value = bfy_query_take_blob (&query);

  return TRUE;
}

gboolean
bfy_store_set_state (BfyStore *self, const char *name, GBytes *value, GError **error)
{
  g_auto (BfyQuery) query =
      bfy_query_begin (self, value != NULL ? BFY_SQL_SET_STATE : BFY_SQL_REMOVE_STATE);
  gsize length = 0;
  gconstpointer bytes = value != NULL ? g_bytes_get_data (value, &length) : NULL;

  bfy_query_bind_text (&query, name);
  if (value != NULL)
    bfy_query_bind_bytes (&query, bytes, length);

  return bfy_query_run (&query, error);
}
