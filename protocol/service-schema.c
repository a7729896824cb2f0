/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/service-schema.h"

#include "protocol/injection.h"
#include "protocol/service-schema-private.h"

#define LIST_MAX 64

static const BfyServiceMember *
find_member (const BfyServiceMember *members, const char *name)
{
  for (const BfyServiceMember *member = members; member->name != NULL; member++)
    {
      if (g_str_equal (member->name, name))
        return member;
    }

  return NULL;
}

static char *
join (const char *path, const char *name)
{
  return *path != '\0' ? g_strconcat (path, ".", name, NULL) : g_strdup (name);
}

static gboolean
check_known (const BfyServiceMember *members, JsonObject *object, const char *path, GError **error)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      const BfyServiceMember *member = find_member (members, name);
      g_autofree char *member_path = join (path, name);

      if (member == NULL)
        return bfy_service_refuse (error, member_path, "is unknown");
      if (!member->check (member, node, member_path, error))
        return FALSE;
    }

  return TRUE;
}

static gboolean
check_members (const BfyServiceMember *members,
               JsonObject *object,
               const char *path,
               GError **error)
{
  for (const BfyServiceMember *member = members; member->name != NULL; member++)
    {
      g_autofree char *member_path = join (path, member->name);

      if (member->is_required && !json_object_has_member (object, member->name))
        return bfy_service_refuse (error, member_path, "is missing");
    }

  return check_known (members, object, path, error);
}

static gboolean
check_object (const BfyServiceMember *self, JsonNode *node, const char *path, GError **error)
{
  return JSON_NODE_HOLDS_OBJECT (node)
             ? check_members (self->members, json_node_get_object (node), path, error)
             : bfy_service_refuse (error, path, "must be an object");
}

static gboolean
check_injection (const BfyServiceMember *self, JsonNode *node, const char *path, GError **error)
{
  g_autoptr (BfyInjection) injection = NULL;
  GError *cause = NULL;

  if (!check_object (self, node, path, error))
    return FALSE;
  injection = bfy_injection_from_json (json_node_get_object (node), &cause);

  return injection != NULL || bfy_service_refuse_because (error, path, cause);
}

/* Each with its place in the list, which counts from 0 as JSON pointers do. */
static gboolean
check_objects (const BfyServiceMember *self, JsonNode *node, const char *path, GError **error)
{
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  guint n = array != NULL ? json_array_get_length (array) : 0;

  if (array == NULL || n > LIST_MAX)
    return bfy_service_refuse (error, path, "must be a list of objects, not too long");
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *place = g_strdup_printf ("%s[%u]", path, i);

      if (!check_object (self, json_array_get_element (array, i), place, error))
        return FALSE;
    }

  return TRUE;
}

static const BfyServiceMember injection_members[] = {
  { "kind", bfy_service_check_text, TRUE, NULL },
  { "name", bfy_service_check_text, FALSE, NULL },
  { "prefix", bfy_service_check_text, FALSE, NULL },
  { NULL, NULL, FALSE, NULL },
};

static const BfyServiceMember probe_members[] = {
  { "method", bfy_service_check_method, TRUE, NULL },
  { "url", bfy_service_check_url, TRUE, NULL },
  { "headers", bfy_service_check_headers, FALSE, NULL },
  { "body", bfy_service_check_any_object, FALSE, NULL },
  { "expect_status", bfy_service_check_status, FALSE, NULL },
  { "injection", check_injection, FALSE, injection_members },
  { "account", bfy_service_check_pointers, FALSE, NULL },
  { NULL, NULL, FALSE, NULL },
};

static const BfyServiceMember api_key_members[] = {
  { "injection", check_injection, TRUE, injection_members },
  { "username_field", bfy_service_check_text, FALSE, NULL },
  { "probe", check_object, FALSE, probe_members },
  { NULL, NULL, FALSE, NULL },
};

static const BfyServiceMember oauth_members[] = {
  { "authorize_url", bfy_service_check_endpoint, TRUE, NULL },
  { "token_url", bfy_service_check_endpoint, TRUE, NULL },
  { "registration_url", bfy_service_check_endpoint, FALSE, NULL },
  { "device_url", bfy_service_check_endpoint, FALSE, NULL },
  { "revoke_url", bfy_service_check_endpoint, FALSE, NULL },
  { "client", bfy_service_check_client, FALSE, NULL },
  { "app_url", bfy_service_check_url, FALSE, NULL },
  { "pkce", bfy_service_check_boolean, FALSE, NULL },
  { "scopes", bfy_service_check_scopes, FALSE, NULL },
  { NULL, NULL, FALSE, NULL },
};

static const BfyServiceMember quirk_members[] = {
  { "no_session_id", bfy_service_check_boolean, FALSE, NULL },
  { "get_405", bfy_service_check_boolean, FALSE, NULL },
  { NULL, NULL, FALSE, NULL },
};

static const BfyServiceMember mode_members[] = {
  { "id", bfy_service_check_id, TRUE, NULL },
  { "name", bfy_service_check_text, TRUE, NULL },
  { "injection", check_injection, TRUE, injection_members },
  { "username_field", bfy_service_check_text, FALSE, NULL },
  { "instructions", bfy_service_check_texts, FALSE, NULL },
  { NULL, NULL, FALSE, NULL },
};

static const BfyServiceMember application_members[] = {
  { "id", bfy_service_check_id, TRUE, NULL },
  { "name", bfy_service_check_text, TRUE, NULL },
  { NULL, NULL, FALSE, NULL },
};

static const BfyServiceMember host_members[] = {
  { "host", bfy_service_check_host, TRUE, NULL },
  { "path", bfy_service_check_path, FALSE, NULL },
  { "injection", check_injection, FALSE, injection_members },
  { NULL, NULL, FALSE, NULL },
};

static const BfyServiceMember env_members[] = {
  { "token", bfy_service_check_variables, FALSE, NULL },
  { "base_url", bfy_service_check_variables, FALSE, NULL },
  { "base_path", bfy_service_check_path, FALSE, NULL },
  { NULL, NULL, FALSE, NULL },
};

static const BfyServiceMember git_members[] = {
  { "host", bfy_service_check_git_host, TRUE, NULL },
  { "username", bfy_service_check_git_user, TRUE, NULL },
  { NULL, NULL, FALSE, NULL },
};

static const BfyServiceMember source_members[] = {
  { "url", bfy_service_check_url, TRUE, NULL },
  { "checked", bfy_service_check_date, TRUE, NULL },
  { "facts", bfy_service_check_facts, TRUE, NULL },
  { NULL, NULL, FALSE, NULL },
};

/* Capabilities, methods and patterns of tokens are checked by those who read them. */
static const BfyServiceMember record_members[] = {
  { "id", bfy_service_check_id, TRUE, NULL },
  { "name", bfy_service_check_text, TRUE, NULL },
  { "mcp_url", bfy_service_check_url, FALSE, NULL },
  { "rest_url", bfy_service_check_url, FALSE, NULL },
  { "token_url", bfy_service_check_url, FALSE, NULL },
  { "docs_url", bfy_service_check_url, FALSE, NULL },
  { "icon", bfy_service_check_icon, FALSE, NULL },
  { "keywords", bfy_service_check_keywords, FALSE, NULL },
  { "instructions", bfy_service_check_texts, FALSE, NULL },
  { "api_key", check_object, FALSE, api_key_members },
  { "oauth", check_object, FALSE, oauth_members },
  { "requires_refresh", bfy_service_check_boolean, FALSE, NULL },
  { "keepalive_interval_min", bfy_service_check_minutes, FALSE, NULL },
  { "quirks", check_object, FALSE, quirk_members },
  { "auth_modes", check_objects, FALSE, mode_members },
  { "applications", check_objects, FALSE, application_members },
  { "hosts", check_objects, FALSE, host_members },
  { "env", check_object, FALSE, env_members },
  { "git", check_object, FALSE, git_members },
  { "capabilities", bfy_service_check_any_objects, FALSE, NULL },
  { "methods", bfy_service_check_any_objects, FALSE, NULL },
  { "token_patterns", bfy_service_check_any_objects, FALSE, NULL },
  { "sources", check_objects, FALSE, source_members },
  { NULL, NULL, FALSE, NULL },
};

gboolean
bfy_service_schema_check (JsonObject *record, GError **error)
{
  return check_members (record_members, record, "", error);
}
