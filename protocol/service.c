/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/service.h"

#include "protocol/error.h"
#include "protocol/json.h"
#include "protocol/service-schema.h"
#include "protocol/token-pattern.h"

#define EXPECT_STATUS_DEFAULT 200

/* Everything below the schema check reads a record whose types are known, so json-glib's own
 * getters are safe here. */

static char *
dup_text (JsonObject *object, const char *name)
{
  return g_strdup (json_object_get_string_member_with_default (object, name, NULL));
}

static JsonObject *
peek_object (JsonObject *object, const char *name)
{
  return json_object_has_member (object, name) ? json_object_get_object_member (object, name)
                                               : NULL;
}

static gboolean
take_injection (JsonObject *object, BfyInjection **injection, GError **error)
{
  JsonObject *member = peek_object (object, "injection");

  if (member == NULL)
    return TRUE;
  *injection = bfy_injection_from_json (member, error);

  return *injection != NULL;
}

static void
probe_free (BfyServiceProbe *probe)
{
  if (probe == NULL)
    return;

  g_free (probe->method);
  g_free (probe->url);
  g_free (probe->body);
  g_clear_pointer (&probe->headers, g_hash_table_unref);
  g_strfreev (probe->accounts);
  bfy_injection_free (probe->injection);
  g_free (probe);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyServiceProbe, probe_free)

static GHashTable *
read_headers (JsonObject *object)
{
  GHashTable *headers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  if (object == NULL)
    return headers;
  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, &name, &value))
    g_hash_table_insert (headers, g_strdup (name), g_strdup (json_node_get_string (value)));

  return headers;
}

/* One pointer or a list of them. */
static GStrv
read_pointers (JsonObject *object, const char *name)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  JsonNode *node = json_object_get_member (object, name);
  GStrv pointers = NULL;

  if (node == NULL || JSON_NODE_HOLDS_ARRAY (node))
    return bfy_json_get_strings (object, name, &pointers, NULL) ? pointers : NULL;
  g_strv_builder_add (builder, json_node_get_string (node));

  return g_strv_builder_end (builder);
}

static BfyServiceProbe *
read_probe (JsonObject *object, GError **error)
{
  g_autoptr (BfyServiceProbe) probe = g_new0 (BfyServiceProbe, 1);
  JsonObject *body = peek_object (object, "body");

  probe->method = dup_text (object, "method");
  probe->url = dup_text (object, "url");
  probe->body = body != NULL ? bfy_json_object_to_text (body, NULL) : NULL;
  probe->headers = read_headers (peek_object (object, "headers"));
  probe->accounts = read_pointers (object, "account");
  probe->expect_status = (guint) json_object_get_int_member_with_default (object, "expect_status",
                                                                          EXPECT_STATUS_DEFAULT);
  if (!take_injection (object, &probe->injection, error))
    return NULL;

  return g_steal_pointer (&probe);
}

static gboolean
read_api_key (BfyService *self, JsonObject *object, GError **error)
{
  JsonObject *probe = peek_object (object, "probe");

  self->has_api_key = TRUE;
  self->username_field = dup_text (object, "username_field");
  if (!take_injection (object, &self->injection, error))
    return FALSE;
  if (probe == NULL)
    return TRUE;
  self->probe = read_probe (probe, error);

  return self->probe != NULL;
}

static void
oauth_free (BfyServiceOAuth *oauth)
{
  if (oauth == NULL)
    return;

  g_free (oauth->authorize_url);
  g_free (oauth->token_url);
  g_free (oauth->registration_url);
  g_free (oauth->app_url);
  g_free (oauth->device_url);
  g_free (oauth->revoke_url);
  g_strfreev (oauth->scopes);
  g_free (oauth);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyServiceOAuth, oauth_free)

/* Without a word about the client it is the server that registers one, if it can. */
static gboolean
is_own_client (JsonObject *object)
{
  const char *client = json_object_get_string_member_with_default (object, "client", NULL);

  return client != NULL ? g_str_equal (client, "own")
                        : !json_object_has_member (object, "registration_url");
}

static gboolean
read_oauth (BfyService *self, JsonObject *object, GError **error)
{
  g_autoptr (BfyServiceOAuth) oauth = g_new0 (BfyServiceOAuth, 1);

  oauth->authorize_url = dup_text (object, "authorize_url");
  oauth->token_url = dup_text (object, "token_url");
  oauth->registration_url = dup_text (object, "registration_url");
  oauth->app_url = dup_text (object, "app_url");
  oauth->device_url = dup_text (object, "device_url");
  oauth->revoke_url = dup_text (object, "revoke_url");
  oauth->uses_pkce = json_object_get_boolean_member_with_default (object, "pkce", TRUE);
  oauth->is_own_client = is_own_client (object);
  if (!bfy_json_get_strings (object, "scopes", &oauth->scopes, error))
    return FALSE;
  if (oauth->scopes != NULL && *oauth->scopes == NULL)
    g_clear_pointer (&oauth->scopes, g_strfreev);
  self->oauth = g_steal_pointer (&oauth);
  self->has_oauth = TRUE;

  return TRUE;
}

static void
read_upkeep (BfyService *self, JsonObject *record)
{
  JsonObject *quirks = peek_object (record, "quirks");

  self->requires_refresh =
      json_object_get_boolean_member_with_default (record, "requires_refresh", TRUE);
  self->keepalive_interval_min = json_object_get_int_member_with_default (
      record, "keepalive_interval_min", BFY_KEEPALIVE_INTERVAL_MIN_DEFAULT);
  if (quirks == NULL)
    return;

  self->has_no_session_id =
      json_object_get_boolean_member_with_default (quirks, "no_session_id", FALSE);
  self->answers_get_405 = json_object_get_boolean_member_with_default (quirks, "get_405", FALSE);
}

static gboolean
read_base_path (BfyService *self, JsonObject *env, GError **error)
{
  const char *path = NULL;

  if (!bfy_json_get_string (env, "base_path", &path, error))
    return FALSE;
  self->base_path = g_strdup (path);

  return TRUE;
}

static gboolean
read_env (BfyService *self, JsonObject *env, GError **error)
{
  return env == NULL || (bfy_json_get_strings (env, "token", &self->token_variables, error) &&
                         bfy_json_get_strings (env, "base_url", &self->base_url_variables, error) &&
                         read_base_path (self, env, error));
}

/* Where it is found, and where its credential lies and goes. */
static gboolean
read_places (BfyService *self, JsonObject *record, GError **error)
{
  JsonObject *git = peek_object (record, "git");
  g_autoptr (GError) local_error = NULL;

  self->docs_url = dup_text (record, "docs_url");
  self->icon = dup_text (record, "icon");
  if (git != NULL)
    {
      self->git_host = dup_text (git, "host");
      self->git_username = dup_text (git, "username");
    }
  self->hosts = bfy_service_hosts_read (record, &local_error);
  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }

  return bfy_json_get_strings (record, "keywords", &self->keywords, error) &&
         read_env (self, peek_object (record, "env"), error);
}

static const char *
find_capability_problem (GPtrArray *known, const BfyCapability *capability)
{
  if (bfy_capability_find (known, capability->id) != NULL)
    return "is there twice";

  return known->len == BFY_SERVICE_CAPABILITIES_MAX ? "is one too many" : NULL;
}

static gboolean
add_capability (BfyService *self, const BfyJsonSlice *object, GError **error)
{
  g_autoptr (BfyCapability) capability = bfy_capability_read (object, error);
  const char *problem;

  if (capability == NULL)
    return FALSE;
  problem = find_capability_problem (self->capabilities, capability);
  if (problem != NULL)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                   "Service record: the capability “%s” %s", capability->id, problem);
      return FALSE;
    }
  g_ptr_array_add (self->capabilities, g_steal_pointer (&capability));

  return TRUE;
}

/* The schema has seen that it is an array. */
static gboolean
read_capabilities (BfyService *self, const char *text, gsize length, GError **error)
{
  BfyJsonSlice root, array, object;
  BfyJsonIter iter;

  bfy_json_slice_root (text, length, &root);
  if (!bfy_json_slice_member (&root, "capabilities", &array))
    return TRUE;
  self->capabilities = g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_capability_free);
  bfy_json_iter_init (&iter, &array);
  while (bfy_json_iter_next (&iter, NULL, &object))
    if (!add_capability (self, &object, error))
      return FALSE;

  return TRUE;
}

BfyService *
bfy_service_parse (const char *text, gsize length, GError **error)
{
  g_autoptr (BfyService) self = NULL;
  g_autoptr (JsonObject) record = bfy_json_parse_object (text, length, error);
  g_autoptr (GPtrArray) methods = NULL;
  JsonObject *api_key;
  JsonObject *oauth;

  if (record == NULL || !bfy_service_schema_check (record, error))
    return NULL;

  self = g_new0 (BfyService, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->id = dup_text (record, "id");
  self->name = dup_text (record, "name");
  self->mcp_url = dup_text (record, "mcp_url");
  self->rest_url = dup_text (record, "rest_url");
  self->token_url = dup_text (record, "token_url");
  read_upkeep (self, record);
  if (!bfy_json_get_strings (record, "instructions", &self->instructions, error) ||
      !read_places (self, record, error) || !read_capabilities (self, text, length, error))
    return NULL;
  api_key = peek_object (record, "api_key");
  if (api_key != NULL && !read_api_key (self, api_key, error))
    return NULL;
  oauth = peek_object (record, "oauth");
  if (oauth != NULL && !read_oauth (self, oauth, error))
    return NULL;
  methods = bfy_methods_read (record, error);
  if (methods == NULL)
    return NULL;
  self->token_patterns = bfy_token_patterns_read (record, self->id, error);
  if (self->token_patterns == NULL)
    return NULL;
  self->text = bfy_json_object_to_text (record, NULL);

  return g_steal_pointer (&self);
}

BfyService *
bfy_service_ref (BfyService *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
bfy_service_unref (BfyService *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_free (self->id);
  g_free (self->name);
  g_free (self->mcp_url);
  g_free (self->rest_url);
  g_free (self->username_field);
  g_free (self->token_url);
  g_free (self->docs_url);
  g_free (self->icon);
  g_free (self->git_host);
  g_free (self->git_username);
  g_strfreev (self->instructions);
  g_strfreev (self->keywords);
  g_strfreev (self->token_variables);
  g_strfreev (self->base_url_variables);
  g_free (self->base_path);
  g_clear_pointer (&self->hosts, g_ptr_array_unref);
  bfy_injection_free (self->injection);
  probe_free (self->probe);
  oauth_free (self->oauth);
  g_clear_pointer (&self->capabilities, g_ptr_array_unref);
  g_clear_pointer (&self->methods, g_ptr_array_unref);
  g_clear_pointer (&self->token_patterns, g_ptr_array_unref);
  g_free (self->text);
  g_free (self);
}

GPtrArray *
bfy_service_get_methods (BfyService *self)
{
  g_autoptr (JsonObject) record = self->methods == NULL ? bfy_service_read_record (self) : NULL;

  if (record != NULL)
    self->methods = bfy_methods_read (record, NULL);

  return self->methods;
}

JsonObject *
bfy_service_read_record (const BfyService *self)
{
  return bfy_json_parse_object (self->text, strlen (self->text), NULL);
}
