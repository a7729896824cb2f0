/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/oauth/step-up.h"

#include "protocol/error.h"
#include "protocol/oauth-scope.h"

#define OPERATIONS_MAX                                                                             \
  16 /* remembered per binding; what comes after is not told apart from them                       \
      */

typedef struct
{
  char *scope;            /* (owned) (nullable) all that was named */
  GHashTable *operations; /* (owned) (element-type utf8) what was refused */
  guint n_sign_ins;
  gint64 refused_at_us; /* monotonic */
} Refusals;

struct _BfyStepUp
{
  GHashTable *refusals; /* (owned) binding id → Refusals */
};

static void
refusals_free (gpointer data)
{
  Refusals *refusals = data;

  g_free (refusals->scope);
  g_hash_table_unref (refusals->operations);
  g_free (refusals);
}

BfyStepUp *
bfy_step_up_new (void)
{
  BfyStepUp *self = g_new0 (BfyStepUp, 1);

  self->refusals = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, refusals_free);

  return self;
}

void
bfy_step_up_free (BfyStepUp *self)
{
  if (self == NULL)
    return;

  g_hash_table_unref (self->refusals);
  g_free (self);
}

static Refusals *
find (BfyStepUp *self, const char *binding_id)
{
  return g_hash_table_lookup (self->refusals, binding_id);
}

static Refusals *
find_recent (BfyStepUp *self, const char *binding_id)
{
  Refusals *refusals = find (self, binding_id);

  if (refusals == NULL || g_get_monotonic_time () - refusals->refused_at_us <=
                              BFY_STEP_UP_MEMORY_S * G_TIME_SPAN_SECOND)
    return refusals;

  /* What was named may still be needed; how often it was tried does not count any more. */
  refusals->n_sign_ins = 1;

  return refusals;
}

void
bfy_step_up_note_refusal (BfyStepUp *self,
                          const char *binding_id,
                          const char *operation,
                          const char *scope)
{
  Refusals *refusals = find_recent (self, binding_id);
  g_autofree char *united = NULL;

  if (refusals == NULL)
    {
      refusals = g_new0 (Refusals, 1);
      refusals->operations = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      refusals->n_sign_ins = 1; /* the one that the token is from */
      g_hash_table_insert (self->refusals, g_strdup (binding_id), refusals);
    }
  refusals->refused_at_us = g_get_monotonic_time ();
  if (!g_hash_table_contains (refusals->operations, operation))
    {
      if (g_hash_table_size (refusals->operations) == OPERATIONS_MAX)
        return;
      g_hash_table_add (refusals->operations, g_strdup (operation));
    }
  united = bfy_oauth_scope_unite (refusals->scope, scope);
  if (united == NULL)
    return;
  g_free (refusals->scope);
  refusals->scope = g_steal_pointer (&united);
}

gboolean
bfy_step_up_is_waiting (BfyStepUp *self, const char *binding_id)
{
  return g_hash_table_size (self->refusals) > 0 && find (self, binding_id) != NULL;
}

void
bfy_step_up_note_success (BfyStepUp *self, const char *binding_id, const char *operation)
{
  Refusals *refusals = find (self, binding_id);

  if (refusals == NULL || !g_hash_table_remove (refusals->operations, operation))
    return;
  if (g_hash_table_size (refusals->operations) == 0)
    g_hash_table_remove (self->refusals, binding_id);
  else
    refusals->n_sign_ins = 1;
}

void
bfy_step_up_forget (BfyStepUp *self, const char *binding_id)
{
  g_hash_table_remove (self->refusals, binding_id);
}

const char *
bfy_step_up_get_scope (BfyStepUp *self, const char *binding_id)
{
  const Refusals *refusals = find (self, binding_id);

  return refusals != NULL ? refusals->scope : NULL;
}

gboolean
bfy_step_up_count_sign_in (BfyStepUp *self, const BfyBinding *binding, GError **error)
{
  Refusals *refusals = find_recent (self, binding->id);

  if (refusals == NULL)
    return TRUE;
  if (refusals->n_sign_ins < BFY_STEP_UP_SIGN_INS_MAX)
    {
      refusals->n_sign_ins++;
      return TRUE;
    }

  g_set_error (error, BFY_ERROR, BFY_ERROR_DENIED,
               "“%s” still refuses what was asked for after %d sign-ins, so another one would not "
               "help: the account may lack the right to do it. In an hour it can be tried again",
               binding->name, BFY_STEP_UP_SIGN_INS_MAX);

  return FALSE;
}
