/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/grant/holds.h"

#include "agent/proxy/refusal.h"

struct _BfyHolds
{
  GHashTable
      *by_grant; /* (owned) (element-type utf8 GPtrArray) of Hold, which their requests own */
  guint n;
};

typedef struct
{
  BfyHolds *owner;     /* (nullable) borrowed; NULL once it is not held any more */
  BfyRequest *request; /* borrowed: it tells when it is over */
  char *grant_id;      /* (owned) */
  char *rpc_id;        /* (owned) (nullable) */
} Hold;

BfyHolds *
bfy_holds_new (void)
{
  BfyHolds *self = g_new0 (BfyHolds, 1);

  self->by_grant =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);

  return self;
}

static void
let_go (Hold *hold)
{
  BfyHolds *self = hold->owner;
  GPtrArray *holds = self != NULL ? g_hash_table_lookup (self->by_grant, hold->grant_id) : NULL;

  hold->owner = NULL;
  if (holds == NULL || !g_ptr_array_remove_fast (holds, hold))
    return;
  self->n--;
  if (holds->len == 0)
    g_hash_table_remove (self->by_grant, hold->grant_id);
}

void
bfy_holds_free (BfyHolds *self)
{
  GHashTableIter iter;
  gpointer holds;

  g_hash_table_iter_init (&iter, self->by_grant);
  while (g_hash_table_iter_next (&iter, NULL, &holds))
    for (guint i = 0; i < ((GPtrArray *) holds)->len; i++)
      ((Hold *) g_ptr_array_index ((GPtrArray *) holds, i))->owner = NULL;
  g_hash_table_unref (self->by_grant);
  g_free (self);
}

static void
on_over (gpointer user_data)
{
  Hold *hold = user_data;

  let_go (hold);
  g_free (hold->grant_id);
  g_free (hold->rpc_id);
  g_free (hold);
}

void
bfy_holds_add (BfyHolds *self, const char *grant_id, BfyRequest *request, const char *rpc_id)
{
  GPtrArray *holds = g_hash_table_lookup (self->by_grant, grant_id);
  Hold *hold;

  if (bfy_request_is_over (request))
    return;
  if (holds == NULL)
    {
      holds = g_ptr_array_new ();
      g_hash_table_insert (self->by_grant, g_strdup (grant_id), holds);
    }

  hold = g_new0 (Hold, 1);
  *hold = (Hold){ self, request, g_strdup (grant_id), g_strdup (rpc_id) };
  g_ptr_array_add (holds, hold);
  self->n++;
  bfy_request_add_over_func (request, on_over, hold);
}

/* What goes on for it stops, as if its client had hung up. */
static void
end_one (BfyRequest *request, const char *rpc_id, const char *text)
{
  g_autofree char *body = bfy_rpc_format_error (rpc_id, BFY_ERROR_DENIED, text);
  g_autoptr (GCancellable) gone = g_object_ref (bfy_request_get_gone (request));

  bfy_request_set_end_code (request, BFY_ERROR_DENIED);
  if (bfy_request_is_answered (request))
    bfy_request_break (request);
  else
    bfy_answer (request, body);
  g_cancellable_cancel (gone);
}

guint
bfy_holds_end (BfyHolds *self, const char *grant_id, const char *text)
{
  guint n = 0;
  GPtrArray *holds;

  while ((holds = g_hash_table_lookup (self->by_grant, grant_id)) != NULL)
    {
      Hold *hold = g_ptr_array_index (holds, 0);
      g_autoptr (BfyRequest) request = bfy_request_ref (hold->request);
      g_autofree char *rpc_id = g_strdup (hold->rpc_id);

      let_go (hold);
      end_one (request, rpc_id, text);
      n++;
    }

  return n;
}

guint
bfy_holds_get_n (const BfyHolds *self)
{
  return self->n;
}
