/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/store/store-private.h"
#include "protocol/json.h"
#include "protocol/name.h"
#include "protocol/policy-review.h"

/* NULL for a binding without one. */
static char *
format_program (const BfyProgram *program)
{
  g_autoptr (JsonObject) object = program != NULL ? bfy_program_to_json (program) : NULL;

  return object != NULL ? bfy_json_object_to_text (object, NULL) : NULL;
}

/* NULL for a binding without any. */
static char *
format_constraints (const BfyConstraints *constraints)
{
  g_autoptr (JsonObject) object =
      constraints != NULL ? bfy_constraints_to_json (constraints) : NULL;

  return object != NULL ? bfy_json_object_to_text (object, NULL) : NULL;
}

static void
bind_expiry (BfyQuery *query, const BfyExpiry *expiry)
{
  bfy_query_bind_text (query, expiry->boot_id);
  bfy_query_bind_int (query, expiry->boot_ms);
  bfy_query_bind_int (query, expiry->wall_s);
}

static void
bind_constraints (BfyQuery *query, const BfyBinding *binding)
{
  g_autofree char *constraints = format_constraints (binding->constraints);

  bfy_query_bind_int (query, binding->confirms);
  bfy_query_bind_text (query, constraints);
  bfy_query_bind_int (query, binding->n_uses);
  bind_expiry (query, &binding->ends);
  bind_expiry (query, &binding->resumes);
  bfy_query_bind_int (query, binding->reveals);
}

/* In the order of BINDING_COLUMNS, as in read_binding(). */
static void
bind_binding (BfyQuery *query, const BfyBinding *binding)
{
  const BfyInjection *injection = binding->injection;
  BfyInjectKind kind = injection != NULL ? injection->kind : BFY_INJECT_NONE;
  g_autofree char *program = format_program (binding->program);
  gboolean is_local = binding->type == BFY_BINDING_CUSTOM && binding->url == NULL;

  bfy_query_bind_text (query, binding->id);
  bfy_query_bind_text (query, binding->name);
  bfy_query_bind_text (query, bfy_binding_type_to_wire (binding->type));
  bfy_query_bind_text (query, binding->service);
  bfy_query_bind_text (query, is_local ? "" : binding->url);
  bfy_query_bind_text (query, bfy_inject_kind_to_wire (kind));
  bfy_query_bind_text (query, injection != NULL ? injection->name : NULL);
  bfy_query_bind_text (query, injection != NULL ? injection->prefix : NULL);
  bfy_query_bind_text (query, binding->auth_type);
  bfy_query_bind_text (query, binding->account);
  bfy_query_bind_text (query, binding->keyring);
  bfy_query_bind_int (query, binding->is_sealed);
  bfy_query_bind_int (query, binding->allow_local);
  bfy_query_bind_text (query, bfy_binding_state_to_wire (binding->state));
  bfy_query_bind_int (query, binding->limits.request_bytes_max);
  bfy_query_bind_int (query, binding->limits.response_bytes_max);
  bfy_query_bind_int (query, binding->limits.connect_timeout_ms);
  bfy_query_bind_int (query, binding->limits.response_timeout_ms);
  bfy_query_bind_int (query, binding->created_at_s);
  bfy_query_bind_int (query, binding->last_used_at_s);
  bfy_query_bind_int (query, binding->needs_login_at_s);
  bfy_query_bind_int (query, binding->paused_at_s);
  bfy_query_bind_text (query, program);
  bfy_query_bind_text (query,
                       binding->policy != NULL ? bfy_policy_peek_text (binding->policy) : NULL);
  bfy_query_bind_int (query, binding->expires_at_s);
  bfy_query_bind_int (query, binding->issued_at_s);
  bfy_query_bind_int (query, binding->refreshed_at_s);
  bfy_query_bind_int (query, binding->can_refresh);
  bind_constraints (query, binding);
  bfy_query_bind_text (query, binding->mac);
}

static BfyInjection *
read_injection (BfyQuery *query)
{
  g_autofree char *kind_text = bfy_query_take_text (query);
  g_autofree char *name = bfy_query_take_text (query);
  g_autofree char *prefix = bfy_query_take_text (query);
  BfyInjectKind kind;

  if (!bfy_inject_kind_from_wire (kind_text, &kind))
    return NULL;

  return bfy_injection_new (kind, name, prefix);
}

/* FALSE when there is one that cannot be understood. */
static gboolean
take_program (BfyQuery *query, BfyBinding *self)
{
  g_autofree char *text = bfy_query_take_text (query);
  g_autoptr (JsonObject) object = NULL;

  if (text == NULL)
    return self->type != BFY_BINDING_CUSTOM;
  object = bfy_json_parse_object (text, strlen (text), NULL);
  if (object != NULL)
    self->program = bfy_program_from_json (object, NULL);

  return self->program != NULL && self->type == BFY_BINDING_CUSTOM;
}

/* A policy that this version cannot read closes its binding and leaves the others alone. */
static void
take_policy (BfyQuery *query, BfyBinding *self)
{
  g_autofree char *text = bfy_query_take_text (query);

  if (text == NULL)
    return;
  self->policy = bfy_policy_parse (text, strlen (text), NULL);
  if (self->policy == NULL)
    self->policy = bfy_policy_new_unreadable (text);
}

static void
take_tokens (BfyQuery *query, BfyBinding *self)
{
  self->expires_at_s = bfy_query_take_int (query);
  self->issued_at_s = bfy_query_take_int (query);
  self->refreshed_at_s = bfy_query_take_int (query);
  self->can_refresh = bfy_query_take_int (query) != 0;
}

static void
take_expiry (BfyQuery *query, BfyExpiry *expiry)
{
  g_autofree char *boot_id = bfy_query_take_text (query);

  g_strlcpy (expiry->boot_id, boot_id != NULL ? boot_id : "", sizeof expiry->boot_id);
  expiry->boot_ms = bfy_query_take_int (query);
  expiry->wall_s = bfy_query_take_int (query);
}

/* FALSE when there are some that cannot be understood: then it would be used for more than what the
 * person said. */
static gboolean
take_constraints (BfyQuery *query, BfyBinding *self)
{
  g_autofree char *text = NULL;
  g_autoptr (JsonObject) object = NULL;

  self->confirms = bfy_query_take_int (query) != 0;
  text = bfy_query_take_text (query);
  self->n_uses = bfy_query_take_int (query);
  take_expiry (query, &self->ends);
  take_expiry (query, &self->resumes);
  self->reveals = bfy_query_take_int (query) != 0;
  if (text == NULL)
    return TRUE;
  object = bfy_json_parse_object (text, strlen (text), NULL);
  if (object != NULL)
    self->constraints = bfy_constraints_from_json (object, NULL);

  return self->constraints != NULL;
}

/* NULL when a word in the row is not one of ours. */
static BfyBinding *
read_binding (BfyQuery *query)
{
  g_autoptr (BfyBinding) self = bfy_binding_new ();
  g_autofree char *type = NULL;
  g_autofree char *state = NULL;

  self->id = bfy_query_take_text (query);
  self->name = bfy_query_take_text (query);
  type = bfy_query_take_text (query);
  self->service = bfy_query_take_text (query);
  self->url = bfy_query_take_text (query);
  if (g_strcmp0 (self->url, "") == 0)
    g_clear_pointer (&self->url, g_free);
  self->injection = read_injection (query);
  self->auth_type = bfy_query_take_text (query);
  self->account = bfy_query_take_text (query);
  self->keyring = bfy_query_take_text (query);
  self->is_sealed = bfy_query_take_int (query) != 0;
  self->allow_local = bfy_query_take_int (query) != 0;
  state = bfy_query_take_text (query);
  self->limits.request_bytes_max = bfy_query_take_int (query);
  self->limits.response_bytes_max = bfy_query_take_int (query);
  self->limits.connect_timeout_ms = bfy_query_take_int (query);
  self->limits.response_timeout_ms = bfy_query_take_int (query);
  self->created_at_s = bfy_query_take_int (query);
  self->last_used_at_s = bfy_query_take_int (query);
  self->needs_login_at_s = bfy_query_take_int (query);
  self->paused_at_s = bfy_query_take_int (query);

  if (self->injection == NULL || !bfy_binding_type_from_wire (type, &self->type) ||
      !bfy_binding_state_from_wire (state, &self->state) || !take_program (query, self))
    return NULL;
  take_policy (query, self);
  take_tokens (query, self);
  if (!take_constraints (query, self))
    return NULL;
  self->mac = bfy_query_take_text (query);

  return g_steal_pointer (&self);
}

/* A record that cannot be understood stops everything: leaving it out would look as if it had been
 * removed (behaviour 12.6). */
static gboolean
take_binding (BfyStore *self, BfyQuery *query, GPtrArray *bindings, GError **error)
{
  g_autoptr (BfyBinding) binding = read_binding (query);

  if (binding == NULL || !bfy_name_check (binding->name, NULL) ||
      !bfy_injection_check (binding->injection, NULL) || !bfy_limits_check (&binding->limits, NULL))
    {
      bfy_store_set_damaged (self, "the record of a binding cannot be understood", error);
      return FALSE;
    }
  g_ptr_array_add (bindings, g_steal_pointer (&binding));

  return TRUE;
}

GPtrArray *
bfy_store_load_bindings (BfyStore *self, GError **error)
{
  g_autoptr (GPtrArray) bindings =
      g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_binding_unref);
  g_auto (BfyQuery) query = bfy_query_begin (self, BFY_SQL_LOAD_BINDINGS);
  g_autoptr (GError) local_error = NULL;

  while (bfy_query_step (&query, &local_error))
    {
      if (!take_binding (self, &query, bindings, error))
        return NULL;
    }
  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }

  return g_steal_pointer (&bindings);
}

static gboolean
write_binding (BfyStore *self, BfySql sql, const BfyBinding *binding, GError **error)
{
  g_auto (BfyQuery) query = bfy_query_begin (self, sql);
  g_autoptr (GError) local_error = NULL;

  bind_binding (&query, binding);
  if (bfy_query_run (&query, &local_error))
    return TRUE;

  if (g_error_matches (local_error, BFY_ERROR, BFY_ERROR_EXISTS))
    g_set_error (error, BFY_ERROR, BFY_ERROR_EXISTS, "There is already a binding called “%s”",
                 binding->name);
  else
    g_propagate_prefixed_error (error, g_steal_pointer (&local_error),
                                "Saving the binding “%s”: ", binding->name);

  return FALSE;
}

gboolean
bfy_store_add_binding (BfyStore *self, const BfyBinding *binding, GError **error)
{
  return write_binding (self, BFY_SQL_ADD_BINDING, binding, error);
}

static gboolean
has_changed_one (BfyStore *self, GError **error)
{
  if (sqlite3_changes (self->database) == 1)
    return TRUE;

  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_NOT_FOUND, "There is no such binding");
  return FALSE;
}

gboolean
bfy_store_update_binding (BfyStore *self, const BfyBinding *binding, GError **error)
{
  return write_binding (self, BFY_SQL_UPDATE_BINDING, binding, error) &&
         has_changed_one (self, error);
}

gboolean
bfy_store_set_uses (BfyStore *self, const char *id, gint64 n_uses, GError **error)
{
  g_auto (BfyQuery) query = bfy_query_begin (self, BFY_SQL_COUNT_USES);

  bfy_query_bind_text (&query, id);
  bfy_query_bind_int (&query, n_uses);

  return bfy_query_run (&query, error) && has_changed_one (self, error);
}

gboolean
bfy_store_remove_binding (BfyStore *self, const char *id, GError **error)
{
  g_auto (BfyQuery) query = bfy_query_begin (self, BFY_SQL_REMOVE_BINDING);

  bfy_query_bind_text (&query, id);

  return bfy_query_run (&query, error) && has_changed_one (self, error);
}
