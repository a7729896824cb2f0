/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* From what a person asked for to a complete binding: URL, injection, names, reach. */

#include <string.h>

#include "agent/enrol/enrolment.h"
#include "protocol/database.h"
#include "protocol/name.h"
#include "protocol/policy-edit.h"
#include "protocol/service-host.h"

/* A kind of http, which leads to where the service has git over HTTPS. */
static gboolean
is_git (const BfyEnrolment *self)
{
  return g_strcmp0 (self->type, "git") == 0;
}

static gboolean
serves_mcp (const BfyService *service, const char *host)
{
  g_autoptr (GUri) uri =
      service->mcp_url != NULL ? g_uri_parse (service->mcp_url, G_URI_FLAGS_NONE, NULL) : NULL;

  return g_str_has_prefix (host, "mcp.") ||
         (uri != NULL && g_ascii_strcasecmp (g_uri_get_host (uri), host) == 0);
}

/* Where a service's REST interface is: its first host that is one, not any of many, and not that of
 * its MCP server if there is another. */
static const BfyServiceHost *
find_place (const BfyService *service)
{
  const BfyServiceHost *second = NULL;

  for (guint i = 0; service->hosts != NULL && i < service->hosts->len; i++)
    {
      const BfyServiceHost *place = g_ptr_array_index (service->hosts, i);

      if (*place->name == '*')
        continue;
      if (!serves_mcp (service, place->name))
        return place;
      if (second == NULL)
        second = place;
    }

  return second;
}

static gboolean
has_rest (const BfyService *service)
{
  return service->rest_url != NULL || find_place (service) != NULL;
}

/* The one that its REST interface is at. */
static const BfyServiceHost *
find_rest_host (const BfyService *service)
{
  g_autoptr (GUri) uri =
      service->rest_url != NULL ? g_uri_parse (service->rest_url, G_URI_FLAGS_NONE, NULL) : NULL;

  if (uri == NULL)
    return find_place (service);
  for (guint i = 0; service->hosts != NULL && i < service->hosts->len; i++)
    {
      const BfyServiceHost *place = g_ptr_array_index (service->hosts, i);

      if (g_ascii_strcasecmp (g_uri_get_host (uri), place->name) == 0)
        return place;
    }

  return NULL;
}

static BfyService *
find_service (const BfyEnrolment *self, BfyAgent *agent, GError **error)
{
  BfyService *service = bfy_services_find (agent->services, self->service);

  if (service == NULL || (service->mcp_url == NULL && !has_rest (service)))
    {
      g_autofree char *shown = bfy_text_to_line (self->service, 40);

      g_set_error (error, BFY_ERROR, BFY_ERROR_NO_SERVICE, "There is no service called “%s”",
                   shown);
      return NULL;
    }

  return service;
}

gboolean
bfy_enrolment_has_credential (const BfyEnrolment *self)
{
  return self->credential != NULL || self->oauth != NULL;
}

const char *
bfy_enrolment_auth_type (const BfyEnrolment *self)
{
  if (self->oauth != NULL)
    return "oauth";
  if (self->credential == NULL)
    return "none";

  switch (self->credential->type)
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
choose_injection (const BfyEnrolment *self, const BfyBinding *binding, const BfyService *service)
{
  const BfyServiceHost *place =
      service != NULL && bfy_binding_has_rest_url (binding) ? find_rest_host (service) : NULL;

  if (!bfy_enrolment_has_credential (self))
    return bfy_injection_new (BFY_INJECT_NONE, NULL, NULL);
  if (self->injection != NULL)
    return bfy_injection_copy (self->injection);
  /* An access token goes where RFC 6750 puts it; the record tells where keys go. */
  if (self->oauth != NULL)
    return bfy_injection_new (BFY_INJECT_HEADER, "Authorization", "Bearer ");
  if (is_git (self))
    return bfy_injection_new (BFY_INJECT_BASIC, NULL, NULL);
  if (place != NULL && place->injection != NULL)
    return bfy_injection_copy (place->injection);
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
    return g_strdup (self->url != NULL ? "database" : "local");

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
  binding->injection = choose_injection (self, binding, service);
  binding->limits = self->limits;

  return bfy_enrolment_fill_scope (self, binding, upstream, error) &&
         bfy_injection_check (binding->injection, error) &&
         bfy_limits_check (&binding->limits, error);
}

/* The secret goes where the program looks for it, and nowhere else. */
static gboolean
check_program (const BfyEnrolment *self, GError **error)
{
  const char *problem = NULL;

  if (self->oauth != NULL)
    problem = "A command signs in by itself, or not at all: OAuth is for servers with a URL";
  else if (self->is_sealed)
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

/* A binding that permits everything has none: nothing needs to be looked at then. */
static gboolean
fill_policy (const BfyEnrolment *self, BfyAgent *agent, BfyBinding *binding, GError **error)
{
  const char *profile = self->profile != NULL ? self->profile : agent->profile;
  g_autoptr (BfyPolicy) base = NULL;

  if (self->policy != NULL)
    {
      binding->policy = bfy_policy_ref (self->policy);
      return TRUE;
    }
  if (!g_str_equal (profile, BFY_POLICY_OPEN))
    base = bfy_policy_new_profile (profile);
  if (self->rules == NULL || json_array_get_length (self->rules) == 0)
    {
      binding->policy = g_steal_pointer (&base);
      return TRUE;
    }
  binding->policy = bfy_policy_with_rules (base, self->rules, error);

  return binding->policy != NULL;
}

static gboolean
fill_common (const BfyEnrolment *self, BfyAgent *agent, BfyBinding *binding, GError **error)
{
  binding->id = g_uuid_string_random ();
  binding->auth_type = g_strdup (bfy_enrolment_auth_type (self));
  binding->keyring = g_strdup ("none");
  binding->created_at_s = bfy_agent_now_s ();

  return fill_policy (self, agent, binding, error) &&
         bfy_enrolment_fill_ways (self, binding, error);
}

static BfyBinding *
resolve_program (const BfyEnrolment *self, BfyAgent *agent, GError **error)
{
  g_autoptr (BfyBinding) binding = bfy_binding_new ();

  if (!check_program (self, error) || !fill (self, binding, NULL, NULL, error) ||
      !fill_common (self, agent, binding, error))
    return NULL;

  binding->type = BFY_BINDING_CUSTOM;
  binding->program = bfy_program_copy (self->program);
  g_clear_pointer (&binding->injection, bfy_injection_free);
  binding->injection = bfy_injection_new (BFY_INJECT_NONE, NULL, NULL);

  return bfy_conditions_apply (&self->conditions, agent, binding, error)
             ? g_steal_pointer (&binding)
             : NULL;
}

/* The password and nothing else; the user is part of the address. */
static gboolean
check_database (const BfyEnrolment *self, const BfyDatabase *database, GError **error)
{
  const BfyCredential *credential = self->credential;
  const char *problem = NULL;

  if (self->type != NULL && !g_str_equal (self->type, "database"))
    problem = "Such a URL is that of a database";
  else if (self->oauth != NULL || self->injection != NULL)
    problem = "A database takes a user name and a password";
  else if (self->is_sealed)
    problem = "A database cannot be sealed";
  else if (database->kind == BFY_DATABASE_SQLITE && credential != NULL)
    problem = "A SQLite file takes no password";
  else if (credential != NULL && (credential->type != BFY_CREDENTIAL_BASIC_AUTH ||
                                  g_strcmp0 (credential->username, database->user) != 0))
    problem = "The password of a database is that of the user in its URL";
  if (problem != NULL)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, problem);
      return FALSE;
    }
  if (database->reach == BFY_REACH_EXTERNAL || self->allow_local)
    return TRUE;
  g_set_error (error, BFY_ERROR, BFY_ERROR_LOCAL_ADDRESS,
               "%s is in your own network, or on this machine; that is refused unless you say that "
               "you mean it",
               database->host);

  return FALSE;
}

static BfyBinding *
resolve_database (const BfyEnrolment *self, BfyAgent *agent, GError **error)
{
  g_autoptr (BfyBinding) binding = bfy_binding_new ();
  g_autoptr (BfyDatabase) database = bfy_database_parse (self->url, error);

  if (database == NULL || !check_database (self, database, error))
    return NULL;
  binding->type = BFY_BINDING_DATABASE;
  binding->url = g_strdup (database->uri);
  binding->allow_local = self->allow_local;
  if (!fill (self, binding, NULL, NULL, error) || !fill_common (self, agent, binding, error))
    return NULL;

  return bfy_conditions_apply (&self->conditions, agent, binding, error)
             ? g_steal_pointer (&binding)
             : NULL;
}

static gboolean
is_database (const BfyEnrolment *self)
{
  static const char *const prefixes[] = { "postgres:", "postgresql:", "sqlite:" };

  if (g_strcmp0 (self->type, "database") == 0)
    return self->url != NULL;
  for (guint i = 0; self->url != NULL && i < G_N_ELEMENTS (prefixes); i++)
    if (g_str_has_prefix (self->url, prefixes[i]))
      return TRUE;

  return FALSE;
}

/* What was asked for, else what there is: a service without an MCP server is a REST service. */
static gboolean
choose_type (const BfyEnrolment *self,
             const BfyService *service,
             BfyBindingType *type,
             GError **error)
{
  static const struct
  {
    const char *wire;
    BfyBindingType type;
  } rows[] = {
    { "mcp", BFY_BINDING_MCP },
    { "http", BFY_BINDING_HTTP },
    { "git", BFY_BINDING_HTTP },
    { "sdk", BFY_BINDING_SDK },
    { "local-network", BFY_BINDING_LOCAL_NETWORK },
  };

  *type = service != NULL && service->mcp_url == NULL ? BFY_BINDING_HTTP : BFY_BINDING_MCP;
  if (self->type == NULL)
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (g_str_equal (rows[i].wire, self->type))
      {
        *type = rows[i].type;
        return TRUE;
      }
  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                       "A binding’s type is one of mcp, http, sdk, git, local-network");

  return FALSE;
}

/* Methods are those of the catalogue. */
static gboolean
check_methods (const BfyBinding *binding, BfyService *service, GError **error)
{
  if (binding->type != BFY_BINDING_SDK ||
      (service != NULL && bfy_service_get_methods (service)->len > 0))
    return TRUE;
  if (service == NULL)
    g_set_error_literal (
        error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
        "Only services of the catalogue have methods; bindify services lists them");
  else
    g_set_error (error, BFY_ERROR, BFY_ERROR_UNSUPPORTED,
                 "The catalogue lists no methods of %s; with the type http there is its whole REST "
                 "interface",
                 service->name);

  return FALSE;
}

static char *
choose_url (const BfyEnrolment *self,
            const BfyService *service,
            const BfyBinding *binding,
            GError **error)
{
  const BfyServiceHost *place;

  if (service == NULL)
    return g_strdup (self->url);
  if (is_git (self) && service->git_host != NULL)
    return g_strdup_printf ("https://%s/", service->git_host);
  if (is_git (self))
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_UNSUPPORTED,
                   "The catalogue knows no git of %s; give its URL instead", service->name);
      return NULL;
    }
  if (!bfy_binding_has_rest_url (binding) && service->mcp_url != NULL)
    return g_strdup (service->mcp_url);
  if (bfy_binding_has_rest_url (binding) && service->rest_url != NULL)
    return g_strdup (service->rest_url);
  place = bfy_binding_has_rest_url (binding) ? find_place (service) : NULL;
  if (place != NULL)
    return g_strdup_printf ("https://%s%s", place->name, place->path);

  g_set_error (error, BFY_ERROR, BFY_ERROR_UNSUPPORTED,
               bfy_binding_has_rest_url (binding)
                   ? "The catalogue knows no REST address of %s; give its URL instead"
                   : "%s has no MCP server that the catalogue knows",
               service->name);

  return NULL;
}

/* A query or a fragment could not be followed by a path. */
static gboolean
check_base (const BfyBinding *binding, const BfyUpstream *upstream, GError **error)
{
  if (!bfy_binding_has_rest_url (binding) || strpbrk (upstream->uri, "?#") == NULL)
    return TRUE;
  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                       "The base URL of a REST service has no query and no fragment");

  return FALSE;
}

BfyBinding *
bfy_enrolment_resolve (const BfyEnrolment *self, BfyAgent *agent, GError **error)
{
  g_autoptr (BfyBinding) binding = bfy_binding_new ();
  g_autoptr (BfyUpstream) upstream = NULL;
  g_autofree char *url = NULL;
  BfyService *service = NULL;

  if (self->program != NULL)
    return resolve_program (self, agent, error);
  if (is_database (self))
    return resolve_database (self, agent, error);
  if (self->service != NULL)
    {
      service = find_service (self, agent, error);
      if (service == NULL)
        return NULL;
    }
  if (!choose_type (self, service, &binding->type, error) ||
      !check_methods (binding, service, error))
    return NULL;
  url = choose_url (self, service, binding, error);
  upstream = url != NULL ? bfy_upstream_parse (url, error) : NULL;
  if (upstream == NULL || !check_reach (self, upstream, error) ||
      !check_base (binding, upstream, error) || !fill (self, binding, upstream, service, error) ||
      !fill_common (self, agent, binding, error))
    return NULL;

  binding->service = g_strdup (self->service);
  binding->url = g_strdup (upstream->uri);
  binding->allow_local = self->allow_local;
  binding->is_sealed = self->is_sealed;

  return bfy_conditions_apply (&self->conditions, agent, binding, error)
             ? g_steal_pointer (&binding)
             : NULL;
}
