/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/enrol/conditions.h"

#include "agent/moment.h"
#include "protocol/json.h"

void
bfy_conditions_init (BfyConditions *self)
{
  *self = (BfyConditions){ .lifetime_s = BFY_LIFETIME_UNSAID };
}

void
bfy_conditions_clear (BfyConditions *self)
{
  g_clear_pointer (&self->constraints, bfy_constraints_unref);
}

static gboolean
is_null (JsonObject *object, const char *name)
{
  return json_object_has_member (object, name) && json_object_get_null_member (object, name);
}

static gboolean
read_constraints (BfyConditions *self, JsonObject *object, GError **error)
{
  JsonObject *constraints = NULL;

  if (!bfy_json_get_object (object, "constraints", &constraints, error))
    return FALSE;
  self->has_constraints = constraints != NULL || is_null (object, "constraints");
  /* One without members is none. */
  if (constraints == NULL || json_object_get_size (constraints) == 0)
    return TRUE;
  self->constraints = bfy_constraints_from_json (constraints, error);

  return self->constraints != NULL;
}

static gboolean
read_lifetime (BfyConditions *self, JsonObject *object, GError **error)
{
  gint64 lifetime_s = is_null (object, "lifetime_s") ? 0 : BFY_LIFETIME_UNSAID;

  if (!bfy_json_get_int (object, "lifetime_s", &lifetime_s, error))
    return FALSE;
  self->lifetime_s = lifetime_s;
  if (!json_object_has_member (object, "lifetime_s") ||
      (lifetime_s >= 0 && lifetime_s <= BFY_LIFETIME_MAX_S))
    return TRUE;

  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                       "“lifetime_s” must be a number of seconds, ten years at most, or 0 for no "
                       "end");

  return FALSE;
}

gboolean
bfy_conditions_read (BfyConditions *self, JsonObject *object, GError **error)
{
  if (!bfy_json_get_boolean (object, "confirms", &self->confirms, error) ||
      !bfy_json_get_boolean (object, "reveals", &self->reveals, error))
    return FALSE;
  self->has_reveals = json_object_has_member (object, "reveals");
  self->has_confirms = json_object_has_member (object, "confirms");

  return read_constraints (self, object, error) && read_lifetime (self, object, error);
}

/* By label or id, as a person names them; kept by id, so that a label that is used again means
 * nothing. */
static JsonArray *
find_clients (BfyAgent *agent, const GStrv names, GError **error)
{
  g_autoptr (JsonArray) ids = json_array_new ();

  for (guint i = 0; names[i] != NULL; i++)
    {
      BfyClient *client = NULL;

      if (!g_str_equal (names[i], BFY_CONSTRAINTS_LOCAL))
        {
          client = bfy_registry_find_client (agent->registry, names[i], error);
          if (client == NULL)
            return NULL;
        }
      json_array_add_string_element (ids, client != NULL ? client->id : BFY_CONSTRAINTS_LOCAL);
    }

  return g_steal_pointer (&ids);
}

static BfyConstraints *
resolve_clients (BfyAgent *agent, BfyConstraints *constraints, GError **error)
{
  g_autoptr (JsonObject) object = NULL;
  JsonArray *ids;

  if (constraints->clients == NULL)
    return bfy_constraints_ref (constraints);
  ids = find_clients (agent, constraints->clients, error);
  if (ids == NULL)
    return NULL;
  object = bfy_constraints_to_json (constraints);
  json_object_set_array_member (object, "clients", ids);

  return bfy_constraints_from_json (object, error);
}

static gboolean
check_use (const BfyBinding *binding, const BfyConstraints *constraints, GError **error)
{
  const char *problem = NULL;

  if (binding->url == NULL && (constraints->host != NULL || constraints->path != NULL))
    problem = "A limit by host or path is for bindings with a URL; a local command has none";
  else if (binding->url != NULL && !bfy_constraints_allow_url (constraints, binding->url))
    problem = "The binding’s own URL is not within that host and path, so that it could not be "
              "used at all";
  else if (binding->is_sealed && constraints->clients != NULL &&
           g_strv_contains ((const char *const *) constraints->clients, BFY_CONSTRAINTS_LOCAL))
    problem = "A sealed binding opens with a client’s key only; client=local would never be used";
  if (problem == NULL)
    return TRUE;

  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, problem);

  return FALSE;
}

static gboolean
apply_constraints (const BfyConditions *self, BfyAgent *agent, BfyBinding *binding, GError **error)
{
  g_autoptr (BfyConstraints) resolved = NULL;

  if (self->constraints != NULL)
    {
      resolved = resolve_clients (agent, self->constraints, error);
      if (resolved == NULL || !check_use (binding, resolved, error))
        return FALSE;
    }
  g_clear_pointer (&binding->constraints, bfy_constraints_unref);
  binding->constraints = g_steal_pointer (&resolved);
  binding->n_uses = 0;

  return TRUE;
}

/* What no program could do anything with, or what the agent cannot open by itself. */
static gboolean
apply_reveals (const BfyConditions *self, BfyBinding *binding, GError **error)
{
  const char *problem = NULL;

  if (!self->has_reveals)
    return TRUE;
  if (self->reveals && binding->is_sealed)
    problem = "A sealed binding opens with a client’s key only, so it cannot be revealed";
  else if (self->reveals && (binding->url == NULL || g_strcmp0 (binding->auth_type, "none") == 0))
    problem = "Only the credential of a binding with a URL can be revealed, for its own host";
  binding->reveals = self->reveals;
  if (problem == NULL)
    return TRUE;

  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, problem);

  return FALSE;
}

gboolean
bfy_conditions_apply (const BfyConditions *self,
                      BfyAgent *agent,
                      BfyBinding *binding,
                      GError **error)
{
  BfyMoment now;

  if (self->has_constraints && !apply_constraints (self, agent, binding, error))
    return FALSE;
  if (!apply_reveals (self, binding, error))
    return FALSE;
  if (self->has_confirms)
    binding->confirms = self->confirms;
  if (self->lifetime_s == 0)
    binding->ends = (BfyExpiry){ 0 };
  if (self->lifetime_s > 0)
    {
      now = bfy_moment_now ();
      binding->ends = bfy_expiry_after (&now, self->lifetime_s * 1000);
    }

  return TRUE;
}
