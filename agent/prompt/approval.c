/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/prompt/approval.h"

typedef struct
{
  guint index;
  BfyWish *wish; /* (owned) */
} Yes;

struct _BfyApproval
{
  gatomicrefcount ref_count;
  GArray *given; /* (owned) (element-type Yes) */
};

static void
yes_clear (gpointer data)
{
  Yes *yes = data;

  bfy_wish_unref (yes->wish);
}

BfyApproval *
bfy_approval_new (void)
{
  BfyApproval *self = g_new0 (BfyApproval, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->given = g_array_new (FALSE, FALSE, sizeof (Yes));
  g_array_set_clear_func (self->given, yes_clear);

  return self;
}

BfyApproval *
bfy_approval_ref (BfyApproval *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
bfy_approval_unref (BfyApproval *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_array_unref (self->given);
  g_free (self);
}

void
bfy_approval_add (BfyApproval *self, guint index, BfyWish *wish)
{
  const Yes yes = { index, bfy_wish_ref (wish) };

  g_array_append_val (self->given, yes);
}

/* A policy that was changed meanwhile wants to be asked by its new rule. */
static gboolean
is_for (const Yes *yes, const BfyWish *wish)
{
  return bfy_wish_is_same (yes->wish, wish) && g_str_equal (yes->wish->rule, wish->rule);
}

gboolean
bfy_approval_has (const BfyApproval *self, guint index, const BfyWish *wish)
{
  for (guint i = 0; self != NULL && i < self->given->len; i++)
    {
      const Yes *yes = &g_array_index (self->given, Yes, i);

      if (yes->index == index && is_for (yes, wish))
        return TRUE;
    }

  return FALSE;
}

gboolean
bfy_approval_covers (const BfyApproval *self, const BfyWish *wish)
{
  for (guint i = 0; self != NULL && i < self->given->len; i++)
    if (is_for (&g_array_index (self->given, Yes, i), wish))
      return TRUE;

  return FALSE;
}
