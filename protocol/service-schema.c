/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/service-schema.h"

#include <string.h>

#include "protocol/error.h"
#include "protocol/injection.h"
#include "protocol/name.h"
#include "protocol/upstream.h"

#define SHOWN_LENGTH_MAX 120 /* characters of a path in an error message */
#define INTERVAL_MIN_MAX (7 * 24 * 60)

typedef struct _Member Member;

typedef gboolean (*Check) (const Member *self, JsonNode *node, const char *path, GError **error);

struct _Member
{
  const char *name;
  Check check;
  gboolean is_required;
  const Member *members; /* of an object, up to one without name */
};

static gboolean
refuse (GError **error, const char *path, const char *problem)
{
  g_autofree char *shown = bfy_text_to_line (path, SHOWN_LENGTH_MAX);

  g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, "Service record: “%s” %s", shown,
               problem);

  return FALSE;
}

/* Keeps the reason of another check and says where it happened. */
static gboolean
refuse_because (GError **error, const char *path, GError *cause)
{
  g_autofree char *problem = g_strdup_printf ("is refused: %s", cause->message);
  gboolean result = refuse (error, path, problem);

  g_error_free (cause);

  return result;
}

static const char *
text_of (JsonNode *node)
{
  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING
             ? json_node_get_string (node)
             : NULL;
}

static gboolean
check_text (const Member *self, JsonNode *node, const char *path, GError **error)
{
  const char *text = text_of (node);

  return (text != NULL && *text != '\0') || refuse (error, path, "must be a text");
}

static gboolean
check_texts (const Member *self, JsonNode *node, const char *path, GError **error)
{
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;

  if (array == NULL)
    return refuse (error, path, "must be a list of texts");
  for (guint i = 0; i < json_array_get_length (array); i++)
    if (!check_text (self, json_array_get_element (array, i), path, error))
      return FALSE;

  return TRUE;
}

static gboolean
check_text_or_texts (const Member *self, JsonNode *node, const char *path, GError **error)
{
  return JSON_NODE_HOLDS_ARRAY (node) ? check_texts (self, node, path, error)
                                      : check_text (self, node, path, error);
}

static gboolean
check_id (const Member *self, JsonNode *node, const char *path, GError **error)
{
  GError *cause = NULL;

  return bfy_name_check (text_of (node), &cause) || refuse_because (error, path, cause);
}

static gboolean
check_url (const Member *self, JsonNode *node, const char *path, GError **error)
{
  GError *cause = NULL;
  g_autoptr (BfyUpstream) upstream = NULL;

  if (!check_text (self, node, path, error))
    return FALSE;
  upstream = bfy_upstream_parse (text_of (node), &cause);

  return upstream != NULL || refuse_because (error, path, cause);
}

/* Where tokens are asked for: nobody on the way may read along. */
static gboolean
check_endpoint (const Member *self, JsonNode *node, const char *path, GError **error)
{
  g_autoptr (BfyUpstream) upstream = NULL;

  if (!check_url (self, node, path, error))
    return FALSE;
  if (strchr (text_of (node), '#') != NULL)
    return refuse (error, path, "must not have a fragment");
  upstream = bfy_upstream_parse (text_of (node), NULL);

  return upstream->is_tls || upstream->reach == BFY_REACH_LOOPBACK ||
         refuse (error, path, "must be an https URL");
}

/* RFC 6749, 3.3: they are joined by spaces. */
static gboolean
check_scopes (const Member *self, JsonNode *node, const char *path, GError **error)
{
  JsonArray *array;

  if (!check_texts (self, node, path, error))
    return FALSE;
  array = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      for (const char *p = json_array_get_string_element (array, i); *p != '\0'; p++)
        {
          if (*p <= 0x20 || *p > 0x7e || *p == '"' || *p == '\\')
            return refuse (error, path, "holds what cannot be a scope");
        }
    }

  return TRUE;
}

static gboolean
check_boolean (const Member *self, JsonNode *node, const char *path, GError **error)
{
  return (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_BOOLEAN) ||
         refuse (error, path, "must be true or false");
}

static gboolean
check_int (JsonNode *node, gint64 low, gint64 high)
{
  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_INT64 &&
         json_node_get_int (node) >= low && json_node_get_int (node) <= high;
}

static gboolean
check_minutes (const Member *self, JsonNode *node, const char *path, GError **error)
{
  return check_int (node, 1, INTERVAL_MIN_MAX) ||
         refuse (error, path, "must be a number of minutes up to a week");
}

static gboolean
check_status (const Member *self, JsonNode *node, const char *path, GError **error)
{
  return check_int (node, 100, 599) || refuse (error, path, "must be an HTTP status");
}

static gboolean
check_date (const Member *self, JsonNode *node, const char *path, GError **error)
{
  const char *text = text_of (node);
  GDate date;

  g_date_clear (&date, 1);
  if (text != NULL && g_regex_match_simple ("^\\d{4}-\\d{2}-\\d{2}\\z", text, 0, 0))
    g_date_set_parse (&date, text);

  return g_date_valid (&date) || refuse (error, path, "must be a date as in 2026-01-31");
}

static gboolean
is_one_of (JsonNode *node, const char *const *values)
{
  const char *text = text_of (node);

  return text != NULL && g_strv_contains (values, text);
}

static gboolean
check_method (const Member *self, JsonNode *node, const char *path, GError **error)
{
  static const char *const methods[] = { "GET", "POST", NULL };

  return is_one_of (node, methods) || refuse (error, path, "must be GET or POST");
}

/* "own": the person registers an application; "dcr": the agent does (RFC 7591). */
static gboolean
check_client (const Member *self, JsonNode *node, const char *path, GError **error)
{
  static const char *const clients[] = { "own", "dcr", NULL };

  return is_one_of (node, clients) || refuse (error, path, "must be own or dcr");
}

static gboolean
check_headers (const Member *self, JsonNode *node, const char *path, GError **error)
{
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  if (object == NULL)
    return refuse (error, path, "must be an object of headers");
  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, &name, &value))
    {
      if (!bfy_header_name_is_token (name) || text_of (value) == NULL ||
          !bfy_header_value_is_clean (text_of (value)))
        return refuse (error, path, "holds what cannot be a header");
    }

  return TRUE;
}

/* Members that other parts of the agent read and check when they need them. */
static gboolean
check_any_object (const Member *self, JsonNode *node, const char *path, GError **error)
{
  return JSON_NODE_HOLDS_OBJECT (node) || refuse (error, path, "must be an object");
}

static gboolean
check_any_objects (const Member *self, JsonNode *node, const char *path, GError **error)
{
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;

  if (array == NULL)
    return refuse (error, path, "must be a list of objects");
  for (guint i = 0; i < json_array_get_length (array); i++)
    if (!check_any_object (self, json_array_get_element (array, i), path, error))
      return FALSE;

  return TRUE;
}

static const Member *
find_member (const Member *members, const char *name)
{
  for (const Member *member = members; member->name != NULL; member++)
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
check_known (const Member *members, JsonObject *object, const char *path, GError **error)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      const Member *member = find_member (members, name);
      g_autofree char *member_path = join (path, name);

      if (member == NULL)
        return refuse (error, member_path, "is unknown");
      if (!member->check (member, node, member_path, error))
        return FALSE;
    }

  return TRUE;
}

static gboolean
check_members (const Member *members, JsonObject *object, const char *path, GError **error)
{
  for (const Member *member = members; member->name != NULL; member++)
    {
      g_autofree char *member_path = join (path, member->name);

      if (member->is_required && !json_object_has_member (object, member->name))
        return refuse (error, member_path, "is missing");
    }

  return check_known (members, object, path, error);
}

static gboolean
check_object (const Member *self, JsonNode *node, const char *path, GError **error)
{
  return JSON_NODE_HOLDS_OBJECT (node)
             ? check_members (self->members, json_node_get_object (node), path, error)
             : refuse (error, path, "must be an object");
}

static gboolean
check_injection (const Member *self, JsonNode *node, const char *path, GError **error)
{
  g_autoptr (BfyInjection) injection = NULL;
  GError *cause = NULL;

  if (!check_object (self, node, path, error))
    return FALSE;
  injection = bfy_injection_from_json (json_node_get_object (node), &cause);

  return injection != NULL || refuse_because (error, path, cause);
}

static const Member injection_members[] = {
  { "kind", check_text, TRUE, NULL },
  { "name", check_text, FALSE, NULL },
  { "prefix", check_text, FALSE, NULL },
  { NULL, NULL, FALSE, NULL },
};

static const Member probe_members[] = {
  { "method", check_method, TRUE, NULL },
  { "url", check_url, TRUE, NULL },
  { "headers", check_headers, FALSE, NULL },
  { "body", check_any_object, FALSE, NULL },
  { "expect_status", check_status, FALSE, NULL },
  { "injection", check_injection, FALSE, injection_members },
  { NULL, NULL, FALSE, NULL },
};

static const Member api_key_members[] = {
  { "injection", check_injection, TRUE, injection_members },
  { "username_field", check_text, FALSE, NULL },
  { "probe", check_object, FALSE, probe_members },
  { NULL, NULL, FALSE, NULL },
};

static const Member oauth_members[] = {
  { "authorize_url", check_endpoint, TRUE, NULL },
  { "token_url", check_endpoint, TRUE, NULL },
  { "registration_url", check_endpoint, FALSE, NULL },
  { "device_url", check_endpoint, FALSE, NULL },
  { "revoke_url", check_endpoint, FALSE, NULL },
  { "client", check_client, FALSE, NULL },
  { "app_url", check_url, FALSE, NULL },
  { "pkce", check_boolean, FALSE, NULL },
  { "scopes", check_scopes, FALSE, NULL },
  { NULL, NULL, FALSE, NULL },
};

static const Member quirk_members[] = {
  { "no_session_id", check_boolean, FALSE, NULL },
  { "get_405", check_boolean, FALSE, NULL },
  { NULL, NULL, FALSE, NULL },
};

static const Member record_members[] = {
  { "id", check_id, TRUE, NULL },
  { "name", check_text, TRUE, NULL },
  { "mcp_url", check_url, FALSE, NULL },
  { "token_url", check_url, FALSE, NULL },
  { "docs_url", check_url, FALSE, NULL },
  { "icon", check_text, FALSE, NULL },
  { "instructions", check_texts, FALSE, NULL },
  { "api_key", check_object, FALSE, api_key_members },
  { "oauth", check_object, FALSE, oauth_members },
  { "requires_refresh", check_boolean, FALSE, NULL },
  { "keepalive_interval_min", check_minutes, FALSE, NULL },
  { "quirks", check_object, FALSE, quirk_members },
  { "auth_modes", check_any_objects, FALSE, NULL },
  { "applications", check_any_objects, FALSE, NULL },
  { "capabilities", check_any_objects, FALSE, NULL },
  { "token_patterns", check_any_objects, FALSE, NULL },
  { "source", check_text_or_texts, FALSE, NULL },
  { "checked", check_date, FALSE, NULL },
  { NULL, NULL, FALSE, NULL },
};

gboolean
bfy_service_schema_check (JsonObject *record, GError **error)
{
  return check_members (record_members, record, "", error);
}
