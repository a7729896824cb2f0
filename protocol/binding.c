/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/binding.h"

#include "protocol/error.h"
#include "protocol/json.h"
#include "protocol/name.h"
#include "protocol/policy-edit.h"

static const char *const type_names[] = {
  [BFY_BINDING_MCP] = "mcp",           [BFY_BINDING_CUSTOM] = "custom",
  [BFY_BINDING_HTTP] = "http",         [BFY_BINDING_SDK] = "sdk",
  [BFY_BINDING_DATABASE] = "database", [BFY_BINDING_LOCAL_NETWORK] = "local-network",
};

static const char *const state_names[] = {
  [BFY_STATE_OK] = "ok",
  [BFY_STATE_EXPIRING] = "expiring",
  [BFY_STATE_NEEDS_LOGIN] = "needs_login",
  [BFY_STATE_LOCKED] = "locked",
  [BFY_STATE_PAUSED] = "paused",
  [BFY_STATE_UNSAVED] = "unsaved",
  [BFY_STATE_ERROR] = "error",
};

static const char *const mode_names[] = { "managed", "sealed" }; /* by is_sealed */

/* What is copied as it is: strings and times by their place in the record. */
typedef struct
{
  const char *name;
  gsize offset;
} FieldRow;

static const FieldRow texts[] = {
  { "id", G_STRUCT_OFFSET (BfyBinding, id) },
  { "name", G_STRUCT_OFFSET (BfyBinding, name) },
  { "service", G_STRUCT_OFFSET (BfyBinding, service) },
  { "url", G_STRUCT_OFFSET (BfyBinding, url) },
  { "auth_type", G_STRUCT_OFFSET (BfyBinding, auth_type) },
  { "account", G_STRUCT_OFFSET (BfyBinding, account) },
  { "mac", G_STRUCT_OFFSET (BfyBinding, mac) },
  { "keyring", G_STRUCT_OFFSET (BfyBinding, keyring) },
};

static const FieldRow times[] = {
  { "created_at", G_STRUCT_OFFSET (BfyBinding, created_at_s) },
  { "last_used_at", G_STRUCT_OFFSET (BfyBinding, last_used_at_s) },
  { "needs_login_at", G_STRUCT_OFFSET (BfyBinding, needs_login_at_s) },
  { "expires_at", G_STRUCT_OFFSET (BfyBinding, expires_at_s) },
  { "refreshed_at", G_STRUCT_OFFSET (BfyBinding, refreshed_at_s) },
  { "paused_at", G_STRUCT_OFFSET (BfyBinding, paused_at_s) },
  { "resumes_at", G_STRUCT_OFFSET (BfyBinding, resumes.wall_s) },
  { "ends_at", G_STRUCT_OFFSET (BfyBinding, ends.wall_s) },
};

static char **
text_field (BfyBinding *self, const FieldRow *row)
{
  return G_STRUCT_MEMBER_P (self, row->offset);
}

static const char *
text_of (const BfyBinding *self, const FieldRow *row)
{
  return G_STRUCT_MEMBER (const char *, self, row->offset);
}

BfyBinding *
bfy_binding_new (void)
{
  BfyBinding *self = g_new0 (BfyBinding, 1);

  g_atomic_ref_count_init (&self->ref_count);

  return self;
}

BfyBinding *
bfy_binding_copy (const BfyBinding *self)
{
  BfyBinding *copy = g_memdup2 (self, sizeof *self);

  g_atomic_ref_count_init (&copy->ref_count);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    *text_field (copy, &texts[i]) = g_strdup (text_of (self, &texts[i]));
  copy->injection = bfy_injection_copy (self->injection);
  copy->program = bfy_program_copy (self->program);
  copy->policy = self->policy != NULL ? bfy_policy_ref (self->policy) : NULL;
  copy->constraints = self->constraints != NULL ? bfy_constraints_ref (self->constraints) : NULL;

  return copy;
}

BfyBinding *
bfy_binding_ref (BfyBinding *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
bfy_binding_unref (BfyBinding *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->ref_count))
    return;

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_free (*text_field (self, &texts[i]));
  bfy_injection_free (self->injection);
  bfy_program_free (self->program);
  bfy_policy_unref (self->policy);
  bfy_constraints_unref (self->constraints);
  g_free (self);
}

BfyBindingState
bfy_binding_state_at (const BfyBinding *self, gint64 now_s)
{
  gint64 issued_at_s = self->issued_at_s > 0 ? self->issued_at_s : self->created_at_s;
  gint64 n_left_s = self->expires_at_s - now_s;
  gint64 life_s = MAX (self->expires_at_s - issued_at_s, 0);

  if (self->state != BFY_STATE_OK || self->expires_at_s == 0 || self->can_refresh)
    return self->state;
  if (n_left_s <= 0)
    return BFY_STATE_NEEDS_LOGIN;

  return n_left_s <= MIN (life_s / 5, BFY_BINDING_EXPIRING_S) ? BFY_STATE_EXPIRING : BFY_STATE_OK;
}

static void
set_text (JsonObject *object, const char *name, const char *text)
{
  if (text != NULL)
    json_object_set_string_member (object, name, text);
  else
    json_object_set_null_member (object, name);
}

static void
set_constraints (JsonObject *object, const BfyBinding *self)
{
  json_object_set_boolean_member (object, "confirms", self->confirms);
  json_object_set_boolean_member (object, "reveals", self->reveals);
  if (self->constraints != NULL)
    json_object_set_object_member (object, "constraints",
                                   bfy_constraints_to_json (self->constraints));
  else
    json_object_set_null_member (object, "constraints");
  json_object_set_int_member (object, "n_uses", self->n_uses);
}

JsonObject *
bfy_binding_to_json (const BfyBinding *self)
{
  JsonObject *object = json_object_new ();

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    set_text (object, texts[i].name, text_of (self, &texts[i]));
  set_text (object, "type", type_names[self->type]);
  set_text (object, "state", state_names[self->state]);
  set_text (object, "mode", mode_names[self->is_sealed ? 1 : 0]);
  if (self->injection != NULL)
    json_object_set_object_member (object, "injection", bfy_injection_to_json (self->injection));
  else
    json_object_set_null_member (object, "injection");
  if (self->program != NULL)
    json_object_set_object_member (object, "command", bfy_program_to_json (self->program));
  else
    json_object_set_null_member (object, "command");
  json_object_set_boolean_member (object, "has_policy", self->policy != NULL);
  set_text (object, "profile", bfy_policy_find_profile (self->policy));
  json_object_set_object_member (object, "limits", bfy_limits_to_json (&self->limits));
  json_object_set_boolean_member (object, "can_refresh", self->can_refresh);
  set_constraints (object, self);
  for (guint i = 0; i < G_N_ELEMENTS (times); i++)
    bfy_time_set_member (object, times[i].name, G_STRUCT_MEMBER (gint64, self, times[i].offset));

  return object;
}

/* The index of the member's value in @values; left alone when the member is absent. */
static gboolean
read_choice (JsonObject *object,
             const char *name,
             const char *const *values,
             guint n_values,
             guint *choice,
             GError **error)
{
  const char *wire = NULL;

  if (!bfy_json_get_string (object, name, &wire, error))
    return FALSE;
  if (wire == NULL || bfy_name_find (values, n_values, wire, choice))
    return TRUE;

  g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, "“%s” has a value that is not known",
               name);

  return FALSE;
}

static gboolean
read_choices (JsonObject *object, BfyBinding *self, GError **error)
{
  guint type = G_N_ELEMENTS (type_names);
  guint state = BFY_STATE_OK;
  guint mode = 0;

  if (!read_choice (object, "type", type_names, G_N_ELEMENTS (type_names), &type, error) ||
      !read_choice (object, "state", state_names, G_N_ELEMENTS (state_names), &state, error) ||
      !read_choice (object, "mode", mode_names, G_N_ELEMENTS (mode_names), &mode, error))
    return FALSE;
  if (type == G_N_ELEMENTS (type_names))
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_BAD_REQUEST, "The binding lacks its “type”");
      return FALSE;
    }
  self->type = type;
  self->state = state;
  self->is_sealed = mode == 1;

  return TRUE;
}

static gboolean
read_texts (JsonObject *object, BfyBinding *self, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      const char *text = NULL;

      if (!bfy_json_get_string (object, texts[i].name, &text, error))
        return FALSE;
      *text_field (self, &texts[i]) = g_strdup (text);
    }
  if (self->id == NULL || self->name == NULL)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_BAD_REQUEST,
                           "The binding lacks its “id” or “name”");
      return FALSE;
    }

  return bfy_name_check (self->name, error);
}

static gboolean
read_times (JsonObject *object, BfyBinding *self, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (times); i++)
    {
      gint64 *time_s = G_STRUCT_MEMBER_P (self, times[i].offset);

      if (!bfy_time_get_member (object, times[i].name, time_s, error))
        return FALSE;
    }

  return TRUE;
}

static gboolean
read_parts (JsonObject *object, BfyBinding *self, GError **error)
{
  JsonObject *injection = NULL;
  JsonObject *program = NULL;
  JsonObject *limits = NULL;

  if (!bfy_json_get_boolean (object, "can_refresh", &self->can_refresh, error) ||
      !bfy_json_get_object (object, "injection", &injection, error) ||
      !bfy_json_get_object (object, "command", &program, error) ||
      !bfy_json_get_object (object, "limits", &limits, error))
    return FALSE;
  if (injection != NULL)
    {
      self->injection = bfy_injection_from_json (injection, error);
      if (self->injection == NULL)
        return FALSE;
    }
  if (program != NULL)
    {
      self->program = bfy_program_from_json (program, error);
      if (self->program == NULL)
        return FALSE;
    }

  return limits == NULL || bfy_limits_from_json (limits, &self->limits, error);
}

static gboolean
read_constraints (JsonObject *object, BfyBinding *self, GError **error)
{
  JsonObject *constraints = NULL;

  if (!bfy_json_get_boolean (object, "confirms", &self->confirms, error) ||
      !bfy_json_get_boolean (object, "reveals", &self->reveals, error) ||
      !bfy_json_get_int (object, "n_uses", &self->n_uses, error) ||
      !bfy_json_get_object (object, "constraints", &constraints, error))
    return FALSE;
  if (constraints != NULL)
    self->constraints = bfy_constraints_from_json (constraints, error);

  return constraints == NULL || self->constraints != NULL;
}

BfyBinding *
bfy_binding_from_json (JsonObject *object, GError **error)
{
  g_autoptr (BfyBinding) self = bfy_binding_new ();

  if (!read_texts (object, self, error) || !read_choices (object, self, error) ||
      !read_times (object, self, error) || !read_parts (object, self, error) ||
      !read_constraints (object, self, error))
    return NULL;

  return g_steal_pointer (&self);
}

const char *
bfy_binding_type_to_wire (BfyBindingType type)
{
  return type_names[type];
}

const char *
bfy_binding_state_to_wire (BfyBindingState state)
{
  return state_names[state];
}

gboolean
bfy_binding_type_from_wire (const char *wire, BfyBindingType *type)
{
  guint index;

  if (!bfy_name_find (type_names, G_N_ELEMENTS (type_names), wire, &index))
    return FALSE;
  *type = index;

  return TRUE;
}

gboolean
bfy_binding_state_from_wire (const char *wire, BfyBindingState *state)
{
  guint index;

  if (!bfy_name_find (state_names, G_N_ELEMENTS (state_names), wire, &index))
    return FALSE;
  *state = index;

  return TRUE;
}

gboolean
bfy_binding_is_rest (const BfyBinding *self)
{
  return self->type == BFY_BINDING_HTTP || self->type == BFY_BINDING_LOCAL_NETWORK;
}

gboolean
bfy_binding_has_rest_url (const BfyBinding *self)
{
  return bfy_binding_is_rest (self) || self->type == BFY_BINDING_SDK;
}
