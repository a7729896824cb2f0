/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/enrol/enrolment.h"

#include "protocol/client-key.h"
#include "protocol/json.h"
#include "protocol/name.h"
#include "protocol/policy-edit.h"

static const char *const member_names[] = {
  "name",        "service",     "url",        "command", "credential",    "account",
  "injection",   "limits",      "keyring",    "check",   "allow_local",   "mode",
  "client",      "client_key",  "policy",     "oauth",   "profile",       "rules",
  "confirms",    "constraints", "lifetime_s", "type",    "rewrite_links", "keep_cookies",
  "certificate", "mac",         "reveals",    NULL
};

void
bfy_enrolment_free (BfyEnrolment *self)
{
  if (self == NULL)
    return;

  g_free (self->name);
  g_free (self->type);
  g_free (self->service);
  g_free (self->url);
  g_free (self->keyring);
  g_free (self->account);
  g_free (self->certificate);
  g_free (self->mac);
  g_clear_pointer (&self->program, bfy_program_free);
  g_free (self->client);
  g_clear_pointer (&self->client_key, bfy_secret_unref);
  g_clear_pointer (&self->injection, bfy_injection_free);
  g_clear_pointer (&self->policy, bfy_policy_unref);
  g_clear_pointer (&self->rules, json_array_unref);
  g_free (self->profile);
  g_clear_pointer (&self->credential, bfy_credential_free);
  bfy_sign_in_wish_free (self->oauth);
  bfy_conditions_clear (&self->conditions);
  g_free (self);
}

static gboolean
bad_member (GError **error, const char *name, const char *what)
{
  g_set_error (error, BFY_ERROR, BFY_ERROR_BAD_REQUEST, "“%s” must be %s", name, what);

  return FALSE;
}

static gboolean
take_string (const BfyJsonSlice *root, const char *name, char **value, GError **error)
{
  BfyJsonSlice slice;

  if (!bfy_json_slice_member (root, name, &slice) || slice.type == BFY_JSON_NULL)
    return TRUE;
  if (slice.type != BFY_JSON_STRING)
    return bad_member (error, name, "a string");
  *value = bfy_json_slice_dup_string (&slice);

  return TRUE;
}

static gboolean
take_boolean (const BfyJsonSlice *root, const char *name, gboolean *value, GError **error)
{
  BfyJsonSlice slice;

  if (!bfy_json_slice_member (root, name, &slice) || slice.type == BFY_JSON_NULL)
    return TRUE;
  if (slice.type != BFY_JSON_TRUE && slice.type != BFY_JSON_FALSE)
    return bad_member (error, name, "true or false");
  *value = slice.type == BFY_JSON_TRUE;

  return TRUE;
}

static gboolean
take_mode (const BfyJsonSlice *root, gboolean *is_sealed, GError **error)
{
  BfyJsonSlice slice;

  if (!bfy_json_slice_member (root, "mode", &slice) || slice.type == BFY_JSON_NULL)
    return TRUE;
  *is_sealed = bfy_json_slice_equals (&slice, "sealed");

  return *is_sealed || bfy_json_slice_equals (&slice, "managed") ||
         bad_member (error, "mode", "managed or sealed");
}

/* Who is to open a sealed binding: a client to be made, or one whose key this is. */
static gboolean
take_client (BfyEnrolment *self, const BfyJsonSlice *root, GError **error)
{
  g_autofree char *label = NULL;
  BfyJsonSlice slice;

  if (!take_string (root, "client", &label, error))
    return FALSE;
  if (label != NULL)
    {
      self->client = bfy_label_normalize (label, error);
      if (self->client == NULL)
        return FALSE;
    }
  if (!bfy_json_slice_member (root, "client_key", &slice) || slice.type == BFY_JSON_NULL)
    return TRUE;

  self->client_key = bfy_client_key_from_slice (&slice);
  if (self->client_key == NULL)
    return bad_member (error, "client_key", "a client key, bnd_local_…");

  return self->client == NULL || bad_member (error, "client", "absent beside a client_key");
}

static gboolean
take_rules (BfyEnrolment *self, const BfyJsonSlice *root, GError **error)
{
  g_autoptr (JsonNode) node = NULL;
  BfyJsonSlice slice;

  if (!bfy_json_slice_member (root, "rules", &slice) || slice.type == BFY_JSON_NULL)
    return TRUE;
  if (slice.type != BFY_JSON_ARRAY)
    return bad_member (error, "rules", "an array");
  node = bfy_json_parse (slice.start, slice.length, error);
  if (node == NULL)
    return FALSE;
  self->rules = json_node_dup_array (node);

  return TRUE;
}

/* A document, or a profile and what comes before its rules. */
static gboolean
take_policy (BfyEnrolment *self, const BfyJsonSlice *root, GError **error)
{
  BfyJsonSlice slice;

  if (!take_string (root, "profile", &self->profile, error) || !take_rules (self, root, error))
    return FALSE;
  if (self->profile != NULL && !g_strv_contains (bfy_policy_profile_names (), self->profile))
    return bfy_policy_refuse_profile (error);
  if (!bfy_json_slice_member (root, "policy", &slice) || slice.type == BFY_JSON_NULL)
    return TRUE;
  if (self->profile != NULL || self->rules != NULL)
    return bad_member (error, "policy", "absent beside a profile or rules");
  self->policy = bfy_policy_parse (slice.start, slice.length, error);

  return self->policy != NULL;
}

static gboolean
take_conditions (BfyEnrolment *self, const BfyJsonSlice *root, GError **error)
{
  static const char *const names[] = { "confirms", "reveals", "constraints", "lifetime_s" };
  g_autoptr (JsonObject) object = json_object_new ();
  BfyJsonSlice slice;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      JsonNode *node;

      if (!bfy_json_slice_member (root, names[i], &slice))
        continue;
      node = bfy_json_parse (slice.start, slice.length, error);
      if (node == NULL)
        return FALSE;
      json_object_set_member (object, names[i], node);
    }

  return bfy_conditions_read (&self->conditions, object, error);
}

/* @object stays NULL when the member is absent. */
static gboolean
take_object (const BfyJsonSlice *root, const char *name, JsonObject **object, GError **error)
{
  BfyJsonSlice slice;

  if (!bfy_json_slice_member (root, name, &slice) || slice.type == BFY_JSON_NULL)
    return TRUE;
  if (slice.type != BFY_JSON_OBJECT)
    return bad_member (error, name, "an object");
  *object = bfy_json_parse_object (slice.start, slice.length, error);

  return *object != NULL;
}

/* A credential, or how to get one. */
static gboolean
take_credential (BfyEnrolment *self, const BfyJsonSlice *root, GError **error)
{
  BfyJsonSlice slice;

  if (bfy_json_slice_member (root, "credential", &slice) && slice.type != BFY_JSON_NULL)
    {
      self->credential = bfy_credential_from_request (slice.start, slice.length, error);
      if (self->credential == NULL)
        return FALSE;
    }
  if (!bfy_json_slice_member (root, "oauth", &slice) || slice.type == BFY_JSON_NULL)
    return TRUE;
  self->oauth = bfy_sign_in_wish_parse (&slice, error);
  if (self->oauth == NULL)
    return FALSE;

  return self->credential == NULL || bad_member (error, "oauth", "absent beside a credential");
}

static gboolean
take_parts (BfyEnrolment *self, const BfyJsonSlice *root, GError **error)
{
  g_autoptr (JsonObject) injection = NULL;
  g_autoptr (JsonObject) limits = NULL;
  g_autoptr (JsonObject) program = NULL;

  if (!take_object (root, "injection", &injection, error) ||
      !take_object (root, "limits", &limits, error) ||
      !take_object (root, "command", &program, error))
    return FALSE;
  if (program != NULL)
    {
      self->program = bfy_program_from_json (program, error);
      if (self->program == NULL)
        return FALSE;
    }
  if (injection != NULL)
    {
      self->injection = bfy_injection_from_json (injection, error);
      if (self->injection == NULL)
        return FALSE;
    }
  if (limits != NULL && !bfy_limits_from_json (limits, &self->limits, error))
    return FALSE;

  return take_credential (self, root, error);
}

/* The members that both forms have. */
static BfyEnrolment *
parse (const char *text, gsize length, const char *const *known, BfyJsonSlice *root, GError **error)
{
  g_autoptr (BfyEnrolment) self = g_new0 (BfyEnrolment, 1);
  gboolean check = TRUE;

  bfy_conditions_init (&self->conditions);
  if (!bfy_json_check (text, length, error))
    return NULL;
  bfy_json_slice_root (text, length, root);
  if (root->type != BFY_JSON_OBJECT)
    {
      bad_member (error, "the body", "an object");
      return NULL;
    }
  if (!bfy_json_slice_refuse_unknown (root, known, error) ||
      !take_boolean (root, "check", &check, error) || !take_parts (self, root, error) ||
      !take_client (self, root, error))
    return NULL;
  self->skips_check = !check;

  return g_steal_pointer (&self);
}

BfyEnrolment *
bfy_enrolment_parse (const char *text, gsize length, GError **error)
{
  BfyJsonSlice root;
  g_autoptr (BfyEnrolment) self = parse (text, length, member_names, &root, error);

  if (self == NULL || !take_string (&root, "name", &self->name, error) ||
      !take_string (&root, "type", &self->type, error) ||
      !take_string (&root, "service", &self->service, error) ||
      !take_string (&root, "url", &self->url, error) ||
      !take_string (&root, "keyring", &self->keyring, error) ||
      !take_string (&root, "account", &self->account, error) ||
      !take_boolean (&root, "allow_local", &self->allow_local, error) ||
      !take_boolean (&root, "rewrite_links", &self->rewrites_links, error) ||
      !take_boolean (&root, "keep_cookies", &self->keeps_cookies, error) ||
      !take_string (&root, "certificate", &self->certificate, error) ||
      !take_string (&root, "mac", &self->mac, error) ||
      !take_mode (&root, &self->is_sealed, error) || !take_policy (self, &root, error) ||
      !take_conditions (self, &root, error))
    return NULL;
  if ((self->service != NULL) + (self->url != NULL) + (self->program != NULL) != 1)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_BAD_REQUEST,
                           "Give either a service or a URL or a command");
      return NULL;
    }

  return g_steal_pointer (&self);
}

BfyEnrolment *
bfy_enrolment_parse_renewal (const char *text, gsize length, GError **error)
{
  static const char *const known[] = {
    "credential", "oauth", "check", "client", "client_key", NULL
  };
  BfyJsonSlice root;
  g_autoptr (BfyEnrolment) self = parse (text, length, known, &root, error);

  if (self != NULL && !bfy_enrolment_has_credential (self))
    {
      bad_member (error, "credential", "given");
      return NULL;
    }

  return g_steal_pointer (&self);
}
