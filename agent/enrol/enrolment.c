/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/enrol/enrolment.h"

#include "protocol/client-key.h"
#include "protocol/json.h"
#include "protocol/name.h"

static const char *const member_names[] = { "name",       "service",    "url",         "command",
                                            "credential", "account",    "injection",   "limits",
                                            "keyring",    "check",      "allow_local", "mode",
                                            "client",     "client_key", "policy",      NULL };

void
bfy_enrolment_free (BfyEnrolment *self)
{
  if (self == NULL)
    return;

  g_free (self->name);
  g_free (self->service);
  g_free (self->url);
  g_free (self->keyring);
  g_free (self->account);
  g_clear_pointer (&self->program, bfy_program_free);
  g_free (self->client);
  g_clear_pointer (&self->client_key, bfy_secret_unref);
  g_clear_pointer (&self->injection, bfy_injection_free);
  g_clear_pointer (&self->policy, bfy_policy_unref);
  g_clear_pointer (&self->credential, bfy_credential_free);
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
take_policy (BfyEnrolment *self, const BfyJsonSlice *root, GError **error)
{
  BfyJsonSlice slice;

  if (!bfy_json_slice_member (root, "policy", &slice) || slice.type == BFY_JSON_NULL)
    return TRUE;
  self->policy = bfy_policy_parse (slice.start, slice.length, error);

  return self->policy != NULL;
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

static gboolean
take_parts (BfyEnrolment *self, const BfyJsonSlice *root, GError **error)
{
  g_autoptr (JsonObject) injection = NULL;
  g_autoptr (JsonObject) limits = NULL;
  g_autoptr (JsonObject) program = NULL;
  BfyJsonSlice credential;

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
  if (bfy_json_slice_member (root, "credential", &credential) && credential.type != BFY_JSON_NULL)
    {
      self->credential = bfy_credential_from_request (credential.start, credential.length, error);
      if (self->credential == NULL)
        return FALSE;
    }

  return TRUE;
}

/* The members that both forms have. */
static BfyEnrolment *
parse (const char *text, gsize length, const char *const *known, BfyJsonSlice *root, GError **error)
{
  g_autoptr (BfyEnrolment) self = g_new0 (BfyEnrolment, 1);
  gboolean check = TRUE;

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
      !take_string (&root, "service", &self->service, error) ||
      !take_string (&root, "url", &self->url, error) ||
      !take_string (&root, "keyring", &self->keyring, error) ||
      !take_string (&root, "account", &self->account, error) ||
      !take_boolean (&root, "allow_local", &self->allow_local, error) ||
      !take_mode (&root, &self->is_sealed, error) || !take_policy (self, &root, error))
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
  static const char *const known[] = { "credential", "check", "client", "client_key", NULL };
  BfyJsonSlice root;
  g_autoptr (BfyEnrolment) self = parse (text, length, known, &root, error);

  if (self != NULL && self->credential == NULL)
    {
      bad_member (error, "credential", "given");
      return NULL;
    }

  return g_steal_pointer (&self);
}

static BfyService *
find_service (const BfyEnrolment *self, BfyAgent *agent, GError **error)
{
  BfyService *service = bfy_services_find (agent->services, self->service);

  if (service == NULL || service->mcp_url == NULL)
    {
      g_autofree char *shown = bfy_text_to_line (self->service, 40);

      g_set_error (error, BFY_ERROR, BFY_ERROR_NO_SERVICE, "There is no service called “%s”",
                   shown);
      return NULL;
    }

  return service;
}

const char *
bfy_enrolment_auth_type (const BfyCredential *credential)
{
  if (credential == NULL)
    return "none";

  switch (credential->type)
    {
    case BFY_CREDENTIAL_API_KEY:
      return "api_key";
    case BFY_CREDENTIAL_BASIC_AUTH:
      return "basic";
    case BFY_CREDENTIAL_OAUTH_TOKEN:
      return "oauth";
    case BFY_CREDENTIAL_CUSTOM:
      break;
    }

  return "custom";
}

/* The person's own choice, else the service's, else what fits the kind of credential
 * (behaviour 5.6, 5.7). */
static BfyInjection *
choose_injection (const BfyEnrolment *self, const BfyService *service)
{
  if (self->credential == NULL)
    return bfy_injection_new (BFY_INJECT_NONE, NULL, NULL);
  if (self->injection != NULL)
    return bfy_injection_copy (self->injection);
  if (service != NULL && service->injection != NULL)
    return bfy_injection_copy (service->injection);
  if (self->credential->type == BFY_CREDENTIAL_BASIC_AUTH)
    return bfy_injection_new (BFY_INJECT_BASIC, NULL, NULL);

  return bfy_injection_new (BFY_INJECT_HEADER, "Authorization", "Bearer ");
}

static gboolean
check_reach (const BfyEnrolment *self, const BfyUpstream *upstream, GError **error)
{
  if (upstream->reach == BFY_REACH_EXTERNAL || self->allow_local)
    return TRUE;

  g_set_error (error, BFY_ERROR, BFY_ERROR_LOCAL_ADDRESS,
               "%s is %s; that is refused unless you say that you mean it", upstream->origin,
               upstream->reach == BFY_REACH_LOOPBACK ? "on this machine"
                                                     : "an address of a private network");

  return FALSE;
}

/* For a local command @upstream is NULL; what it is called says little about what it does. */
static char *
choose_name (const BfyEnrolment *self, const BfyUpstream *upstream)
{
  if (self->name != NULL)
    return g_strdup (self->name);
  if (upstream == NULL)
    return g_strdup ("local");

  return self->service != NULL ? g_strdup (self->service) : bfy_name_from_host (upstream->host);
}

static gboolean
fill (const BfyEnrolment *self,
      BfyBinding *binding,
      const BfyUpstream *upstream,
      const BfyService *service,
      GError **error)
{
  binding->name = choose_name (self, upstream);
  if (!bfy_name_check (binding->name, error))
    return FALSE;
  if (self->account != NULL)
    {
      binding->account = bfy_label_normalize (self->account, error);
      if (binding->account == NULL)
        return FALSE;
    }
  binding->injection = choose_injection (self, service);
  binding->limits = self->limits;

  return bfy_injection_check (binding->injection, error) &&
         bfy_limits_check (&binding->limits, error);
}

/* The secret goes where the program looks for it, and nowhere else. */
static gboolean
check_program (const BfyEnrolment *self, GError **error)
{
  const char *problem = NULL;

  if (self->is_sealed)
    problem = "A command cannot be sealed: its program starts before a client’s key is there";
  else if (self->injection != NULL)
    problem = "A command takes its secret from a variable, not from a header";
  else if ((self->credential != NULL) != (self->program->delivery != BFY_DELIVER_NOTHING))
    problem = "A command with a variable needs a secret for it, and the other way round";
  else if (self->credential != NULL && self->credential->type != BFY_CREDENTIAL_CUSTOM)
    problem = "The secret of a command is a credential of type custom";
  if (problem == NULL)
    return TRUE;

  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, problem);

  return FALSE;
}

static void
fill_common (const BfyEnrolment *self, BfyBinding *binding)
{
  binding->id = g_uuid_string_random ();
  binding->auth_type = g_strdup (bfy_enrolment_auth_type (self->credential));
  binding->keyring = g_strdup ("none");
  binding->policy = self->policy != NULL ? bfy_policy_ref (self->policy) : NULL;
  binding->created_at_s = bfy_agent_now_s ();
}

static BfyBinding *
resolve_program (const BfyEnrolment *self, GError **error)
{
  g_autoptr (BfyBinding) binding = bfy_binding_new ();

  if (!check_program (self, error) || !fill (self, binding, NULL, NULL, error))
    return NULL;

  fill_common (self, binding);
  binding->type = BFY_BINDING_CUSTOM;
  binding->program = bfy_program_copy (self->program);
  g_clear_pointer (&binding->injection, bfy_injection_free);
  binding->injection = bfy_injection_new (BFY_INJECT_NONE, NULL, NULL);

  return g_steal_pointer (&binding);
}

BfyBinding *
bfy_enrolment_resolve (const BfyEnrolment *self, BfyAgent *agent, GError **error)
{
  g_autoptr (BfyBinding) binding = bfy_binding_new ();
  g_autoptr (BfyUpstream) upstream = NULL;
  BfyService *service = NULL;

  if (self->program != NULL)
    return resolve_program (self, error);
  if (self->service != NULL)
    {
      service = find_service (self, agent, error);
      if (service == NULL)
        return NULL;
    }
  upstream = bfy_upstream_parse (service != NULL ? service->mcp_url : self->url, error);
  if (upstream == NULL || !check_reach (self, upstream, error) ||
      !fill (self, binding, upstream, service, error))
    return NULL;

  fill_common (self, binding);
  binding->type = BFY_BINDING_MCP;
  binding->service = g_strdup (self->service);
  binding->url = g_strdup (upstream->uri);
  binding->allow_local = self->allow_local;
  binding->is_sealed = self->is_sealed;

  return g_steal_pointer (&binding);
}
