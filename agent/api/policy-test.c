/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* What would happen to a request, and why. It is judged by what judges real ones, with the same
 * facts; nothing is sent, nothing is recorded. */

#include "agent/api/policy-trial.h"
#include "agent/policy/hints.h"
#include "agent/policy/usage.h"
#include "agent/proxy/refusal.h"
#include "protocol/json.h"
#include "protocol/policy-hint.h"

static const char *const members[] = { "message", "http", "url", "policy", NULL };
static const char *const http_members[] = { "method", "path", "content_type", "body", NULL };

/* What is asked, and what has come of it. */
typedef struct
{
  BfyAgent *agent;           /* borrowed */
  const BfyBinding *binding; /* borrowed */
  BfyPolicy *policy;         /* (owned) (nullable) */
  BfyPolicyFacts facts;      /* borrowed */
  BfyPolicyVerdict verdict;  /* borrows from the policy and the facts */
  GPtrArray *steps;          /* (owned) (nullable) (element-type BfyPolicyStep) */
  char *hint;                /* (owned) (nullable) */
  char *url;                 /* (owned) (nullable) or only where a request may go */
} Trial;

static void
trial_clear (Trial *self)
{
  bfy_policy_unref (self->policy);
  g_clear_pointer (&self->steps, g_ptr_array_unref);
  g_free (self->hint);
  g_free (self->url);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Trial, trial_clear)

static gboolean
bad_request (GError **error, const char *message)
{
  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_BAD_REQUEST, message);

  return FALSE;
}

static gboolean
try_message (Trial *self, const BfyJsonSlice *slice, GError **error)
{
  g_autoptr (BfyRpc) rpc = bfy_rpc_parse (slice->start, slice->length, error);
  const BfyRpcMessage *message;

  if (rpc == NULL)
    return FALSE;
  if (bfy_rpc_is_batch (rpc))
    return bad_request (error, "“message” is one message");
  message = bfy_rpc_message (rpc, 0);
  self->steps = bfy_policy_trace (self->policy, message, &self->facts, &self->verdict);
  self->hint = bfy_policy_hint_for_message (self->binding->name, message);

  return TRUE;
}

/* FALSE when it is there and no string. */
static gboolean
take_text (const BfyJsonSlice *object, const char *name, char **text)
{
  BfyJsonSlice slice;

  if (!bfy_json_slice_member (object, name, &slice) || slice.type == BFY_JSON_NULL)
    return TRUE;
  *text = bfy_json_slice_dup_string (&slice);

  return *text != NULL;
}

static char *
dup_path (const char *target)
{
  return g_strndup (target, strcspn (target, "?#"));
}

static gboolean
try_http (Trial *self, const BfyJsonSlice *object, GError **error)
{
  g_autofree char *method = NULL;
  g_autofree char *path = NULL;
  g_autofree char *type = NULL;
  g_autofree char *body = NULL;
  g_autofree char *plain = NULL;
  BfyHttpMessage request;

  if (object->type != BFY_JSON_OBJECT)
    return bad_request (error, "“http” must be an object");
  if (!bfy_json_slice_refuse_unknown (object, http_members, error))
    return FALSE;
  if (!take_text (object, "method", &method) || !take_text (object, "path", &path) ||
      !take_text (object, "content_type", &type) || !take_text (object, "body", &body) ||
      method == NULL || path == NULL)
    return bad_request (error, "“http” has a method and a path, and perhaps content_type and body, "
                               "all of them strings");

  request = (BfyHttpMessage){ method, path, type, body, body != NULL ? strlen (body) : 0 };
  plain = dup_path (path);
  self->steps = bfy_policy_trace_http (self->policy, &request, &self->facts, &self->verdict);
  self->hint = bfy_policy_hint_for_http (self->binding->name, method, plain);

  return TRUE;
}

/* The one in force, or one that is not. */
static gboolean
take_policy (Trial *self, const BfyJsonSlice *root, GError **error)
{
  BfyPolicy *in_force = self->binding->policy;
  BfyJsonSlice slice;

  if (!bfy_json_slice_member (root, "policy", &slice) || slice.type == BFY_JSON_NULL)
    {
      self->policy = in_force != NULL ? bfy_policy_ref (in_force) : NULL;
      return TRUE;
    }
  self->policy = bfy_policy_parse (slice.start, slice.length, error);

  return self->policy != NULL;
}

static gboolean
take_url (Trial *self, const BfyJsonSlice *slice, GError **error)
{
  self->url = bfy_json_slice_dup_string (slice);

  return self->url != NULL || bad_request (error, "“url” must be a string");
}

static const struct
{
  const char *member;
  gboolean (*take) (Trial *self, const BfyJsonSlice *slice, GError **error);
} wishes[] = {
  { "message", try_message },
  { "http", try_http },
  { "url", take_url },
};

static gboolean
try_one (Trial *self, const BfyJsonSlice *root, GError **error)
{
  gboolean (*take) (Trial * self, const BfyJsonSlice *slice, GError **error) = NULL;
  BfyJsonSlice slice, found;
  guint n_found = 0;

  for (guint i = 0; i < G_N_ELEMENTS (wishes); i++)
    {
      if (!bfy_json_slice_member (root, wishes[i].member, &slice))
        continue;
      take = wishes[i].take;
      found = slice;
      n_found++;
    }
  if (n_found != 1)
    return bad_request (error, "Give one of “message”, “http” and “url”");

  return take (self, &found, error);
}

static gboolean
try (Trial *self, const char *text, gsize length, GError **error)
{
  BfyJsonSlice root;

  if (!bfy_json_check (text, length, error))
    return FALSE;
  bfy_json_slice_root (text, length, &root);
  if (root.type != BFY_JSON_OBJECT)
    return bad_request (error, "The body must be an object");

  return bfy_json_slice_refuse_unknown (&root, members, error) &&
         take_policy (self, &root, error) && try_one (self, &root, error);
}

static void
set_text (JsonObject *object, const char *name, const char *text)
{
  if (text != NULL)
    json_object_set_string_member (object, name, text);
  else
    json_object_set_null_member (object, name);
}

static JsonArray *
describe_steps (GPtrArray *steps)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; steps != NULL && i < steps->len; i++)
    {
      const BfyPolicyStep *step = steps->pdata[i];
      JsonObject *object = json_object_new ();

      if (step->rule > 0)
        json_object_set_int_member (object, "rule", step->rule);
      else
        json_object_set_null_member (object, "rule");
      json_object_set_boolean_member (object, "fits", step->fits);
      json_object_set_string_member (object, "text", step->text);
      json_array_add_object_element (array, object);
    }

  return array;
}

static void
set_capability (JsonObject *object, const BfyCapability *capability)
{
  JsonObject *member;

  if (capability == NULL)
    {
      json_object_set_null_member (object, "capability");
      return;
    }
  member = json_object_new ();
  json_object_set_string_member (member, "id", capability->id);
  json_object_set_string_member (member, "name", capability->name);
  json_object_set_object_member (object, "capability", member);
}

/* "rule 2, “No deletes”: {"tool":"delete_*","effect":"deny"}" */
static char *
format_reason (const Trial *self)
{
  g_autofree char *reason = bfy_policy_hint_reason (&self->verdict);
  g_autoptr (JsonObject) document = NULL;
  g_autofree char *rule = NULL;
  JsonArray *rules;

  if (self->verdict.reason != BFY_POLICY_BY_RULE)
    return g_steal_pointer (&reason);
  document = bfy_policy_to_json (self->policy);
  rules = json_object_get_array_member (document, "rules");
  rule =
      bfy_json_object_to_text (json_array_get_object_element (rules, self->verdict.rule - 1), NULL);

  return g_strdup_printf ("%s: %s", reason, rule);
}

/* How much may be used, if that is limited, and how much of it is left for all clients together at
 * this moment. Which client would ask is not known. */
static void
set_limits (JsonObject *object, const Trial *self)
{
  const BfyQuotas *quotas = bfy_policy_get_quotas (self->policy);
  BfyQuotaUse use;

  if (quotas == NULL || bfy_quotas_are_empty (quotas))
    {
      json_object_set_null_member (object, "limits");
      json_object_set_null_member (object, "left");
      return;
    }
  use = bfy_usage_get (self->agent->usage, self->binding->id, NULL);
  json_object_set_object_member (object, "limits", bfy_quotas_to_json (quotas));
  json_object_set_object_member (object, "left", bfy_quota_left_to_json (&quotas->all, &use));
}

static void
describe_verdict (const Trial *self, JsonObject *object)
{
  const BfyPolicyVerdict *verdict = &self->verdict;
  gboolean is_protocol = verdict->reason == BFY_POLICY_BY_PROTOCOL;
  g_autofree char *reason = format_reason (self);

  set_text (object, "effect", bfy_policy_effect_to_wire (verdict->effect));
  set_text (object, "reason", reason);
  if (verdict->reason == BFY_POLICY_BY_RULE)
    json_object_set_int_member (object, "rule", verdict->rule);
  set_text (object, "rule_name", verdict->rule_name);
  set_text (object, "access", is_protocol ? NULL : bfy_access_to_wire (verdict->access));
  set_capability (object, verdict->capability);
  set_text (object, "hint", verdict->effect != BFY_POLICY_ALLOW ? self->hint : NULL);
  if (verdict->effect == BFY_POLICY_ALLOW)
    bfy_policy_trial_judge_own_url (object, self->binding, self->policy);
}

static JsonObject *
describe (const Trial *self)
{
  static const char *const absent[] = { "rule",       "rule_name", "access",
                                        "capability", "hint",      "network" };
  gboolean is_paused = self->binding->state == BFY_STATE_PAUSED;
  g_autofree char *paused = is_paused ? bfy_refusal_format_paused (self->binding) : NULL;
  JsonObject *object = json_object_new ();

  for (guint i = 0; i < G_N_ELEMENTS (absent); i++)
    json_object_set_null_member (object, absent[i]);
  if (self->url != NULL)
    bfy_policy_trial_judge_url (object, self->binding, self->policy, self->url);
  else
    describe_verdict (self, object);
  json_object_set_array_member (object, "steps", describe_steps (self->steps));
  set_limits (object, self);
  set_text (object, "state", paused);

  return object;
}

void
bfy_api_test_policy (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  BfyBinding *binding = bfy_api_find_binding (agent, request, argument);
  g_auto (Trial) trial = { .agent = agent, .binding = binding };
  GError *error = NULL;
  const char *text;
  gsize length;

  if (binding == NULL)
    return;
  text = g_bytes_get_data (bfy_request_get_body (request), &length);
  trial.facts = bfy_hints_facts (agent, binding);
  if (!try (&trial, text, length, &error))
    bfy_api_fail (request, error, argument);
  else
    bfy_request_reply_json (request, 200, describe (&trial));
}
