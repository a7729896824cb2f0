/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/service.h"

#include "protocol/json.h"
#include "protocol/service-schema.h"

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

static BfyServiceProbe *
read_probe (JsonObject *object, GError **error)
{
  g_autoptr (BfyServiceProbe) probe = g_new0 (BfyServiceProbe, 1);
  JsonObject *body = peek_object (object, "body");

  probe->method = dup_text (object, "method");
  probe->url = dup_text (object, "url");
  probe->body = body != NULL ? bfy_json_object_to_text (body, NULL) : NULL;
  probe->headers = read_headers (peek_object (object, "headers"));
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

BfyService *
bfy_service_parse (const char *text, gsize length, GError **error)
{
  g_autoptr (BfyService) self = NULL;
  g_autoptr (JsonObject) record = bfy_json_parse_object (text, length, error);
  JsonObject *api_key;

  if (record == NULL || !bfy_service_schema_check (record, error))
    return NULL;

  self = g_new0 (BfyService, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->id = dup_text (record, "id");
  self->name = dup_text (record, "name");
  self->mcp_url = dup_text (record, "mcp_url");
  self->token_url = dup_text (record, "token_url");
  self->has_oauth = json_object_has_member (record, "oauth");
  if (!bfy_json_get_strings (record, "instructions", &self->instructions, error))
    return NULL;
  api_key = peek_object (record, "api_key");
  if (api_key != NULL && !read_api_key (self, api_key, error))
    return NULL;
  self->record = g_steal_pointer (&record);

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
  g_free (self->username_field);
  g_free (self->token_url);
  g_strfreev (self->instructions);
  bfy_injection_free (self->injection);
  probe_free (self->probe);
  g_clear_pointer (&self->record, json_object_unref);
  g_free (self);
}

static void
set_text (JsonObject *object, const char *name, const char *text)
{
  if (text != NULL)
    json_object_set_string_member (object, name, text);
  else
    json_object_set_null_member (object, name);
}

/* (nullable) of a record whose types are known. */
static const char *
peek_oauth_text (const BfyService *self, const char *name)
{
  JsonObject *oauth = peek_object (self->record, "oauth");

  return oauth != NULL ? json_object_get_string_member_with_default (oauth, name, NULL) : NULL;
}

JsonObject *
bfy_service_to_json (const BfyService *self)
{
  JsonObject *object = json_object_new ();

  set_text (object, "id", self->id);
  set_text (object, "name", self->name);
  set_text (object, "mcp_url", self->mcp_url);
  json_object_set_boolean_member (object, "supports_api_key", self->has_api_key);
  json_object_set_boolean_member (object, "supports_oauth", self->has_oauth);
  set_text (object, "oauth_client", peek_oauth_text (self, "client"));
  set_text (object, "app_url", peek_oauth_text (self, "app_url"));
  set_text (object, "username_field", self->username_field);
  set_text (object, "token_url", self->token_url);
  if (self->instructions != NULL)
    {
      JsonArray *instructions = json_array_new ();

      for (guint i = 0; self->instructions[i] != NULL; i++)
        json_array_add_string_element (instructions, self->instructions[i]);
      json_object_set_array_member (object, "instructions", instructions);
    }
  else
    {
      json_object_set_null_member (object, "instructions");
    }

  return object;
}
