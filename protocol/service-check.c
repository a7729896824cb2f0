/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>

#include "protocol/error.h"
#include "protocol/injection.h"
#include "protocol/name.h"
#include "protocol/service-schema-private.h"
#include "protocol/upstream.h"

#define SHOWN_LENGTH_MAX 120 /* characters of a path in an error message */
#define INTERVAL_MIN_MAX (7 * 24 * 60)

gboolean
bfy_service_refuse (GError **error, const char *path, const char *problem)
{
  g_autofree char *shown = bfy_text_to_line (path, SHOWN_LENGTH_MAX);

  g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, "Service record: “%s” %s", shown,
               problem);

  return FALSE;
}

gboolean
bfy_service_refuse_because (GError **error, const char *path, GError *cause)
{
  g_autofree char *problem = g_strdup_printf ("is refused: %s", cause->message);
  gboolean result = bfy_service_refuse (error, path, problem);

  g_error_free (cause);

  return result;
}

const char *
bfy_service_text_of (JsonNode *node)
{
  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING
             ? json_node_get_string (node)
             : NULL;
}

gboolean
bfy_service_check_text (const BfyServiceMember *self,
                        JsonNode *node,
                        const char *path,
                        GError **error)
{
  const char *text = bfy_service_text_of (node);

  return (text != NULL && *text != '\0') || bfy_service_refuse (error, path, "must be a text");
}

gboolean
bfy_service_check_texts (const BfyServiceMember *self,
                         JsonNode *node,
                         const char *path,
                         GError **error)
{
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;

  if (array == NULL)
    return bfy_service_refuse (error, path, "must be a list of texts");
  for (guint i = 0; i < json_array_get_length (array); i++)
    if (!bfy_service_check_text (self, json_array_get_element (array, i), path, error))
      return FALSE;

  return TRUE;
}

gboolean
bfy_service_check_id (const BfyServiceMember *self,
                      JsonNode *node,
                      const char *path,
                      GError **error)
{
  GError *cause = NULL;

  return bfy_name_check (bfy_service_text_of (node), &cause) ||
         bfy_service_refuse_because (error, path, cause);
}

gboolean
bfy_service_check_url (const BfyServiceMember *self,
                       JsonNode *node,
                       const char *path,
                       GError **error)
{
  GError *cause = NULL;
  g_autoptr (BfyUpstream) upstream = NULL;

  if (!bfy_service_check_text (self, node, path, error))
    return FALSE;
  upstream = bfy_upstream_parse (bfy_service_text_of (node), &cause);

  return upstream != NULL || bfy_service_refuse_because (error, path, cause);
}

/* Where tokens are asked for: nobody on the way may read along. */
gboolean
bfy_service_check_endpoint (const BfyServiceMember *self,
                            JsonNode *node,
                            const char *path,
                            GError **error)
{
  g_autoptr (BfyUpstream) upstream = NULL;

  if (!bfy_service_check_url (self, node, path, error))
    return FALSE;
  if (strchr (bfy_service_text_of (node), '#') != NULL)
    return bfy_service_refuse (error, path, "must not have a fragment");
  upstream = bfy_upstream_parse (bfy_service_text_of (node), NULL);

  return upstream->is_tls || upstream->reach == BFY_REACH_LOOPBACK ||
         bfy_service_refuse (error, path, "must be an https URL");
}

/* RFC 6749, 3.3: they are joined by spaces. */
gboolean
bfy_service_check_scopes (const BfyServiceMember *self,
                          JsonNode *node,
                          const char *path,
                          GError **error)
{
  JsonArray *array;

  if (!bfy_service_check_texts (self, node, path, error))
    return FALSE;
  array = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      for (const char *p = json_array_get_string_element (array, i); *p != '\0'; p++)
        {
          if (*p <= 0x20 || *p > 0x7e || *p == '"' || *p == '\\')
            return bfy_service_refuse (error, path, "holds what cannot be a scope");
        }
    }

  return TRUE;
}

gboolean
bfy_service_check_boolean (const BfyServiceMember *self,
                           JsonNode *node,
                           const char *path,
                           GError **error)
{
  return (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_BOOLEAN) ||
         bfy_service_refuse (error, path, "must be true or false");
}

static gboolean
check_int (JsonNode *node, gint64 low, gint64 high)
{
  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_INT64 &&
         json_node_get_int (node) >= low && json_node_get_int (node) <= high;
}

gboolean
bfy_service_check_minutes (const BfyServiceMember *self,
                           JsonNode *node,
                           const char *path,
                           GError **error)
{
  return check_int (node, 1, INTERVAL_MIN_MAX) ||
         bfy_service_refuse (error, path, "must be a number of minutes up to a week");
}

gboolean
bfy_service_check_status (const BfyServiceMember *self,
                          JsonNode *node,
                          const char *path,
                          GError **error)
{
  return check_int (node, 100, 599) || bfy_service_refuse (error, path, "must be an HTTP status");
}

gboolean
bfy_service_check_date (const BfyServiceMember *self,
                        JsonNode *node,
                        const char *path,
                        GError **error)
{
  const char *text = bfy_service_text_of (node);
  GDate date;

  g_date_clear (&date, 1);
  if (text != NULL && g_regex_match_simple ("^\\d{4}-\\d{2}-\\d{2}\\z", text, 0, 0))
    g_date_set_parse (&date, text);

  return g_date_valid (&date) ||
         bfy_service_refuse (error, path, "must be a date as in 2026-01-31");
}

static gboolean
is_one_of (JsonNode *node, const char *const *values)
{
  const char *text = bfy_service_text_of (node);

  return text != NULL && g_strv_contains (values, text);
}

gboolean
bfy_service_check_method (const BfyServiceMember *self,
                          JsonNode *node,
                          const char *path,
                          GError **error)
{
  static const char *const methods[] = { "GET", "POST", NULL };

  return is_one_of (node, methods) || bfy_service_refuse (error, path, "must be GET or POST");
}

/* "own": the person registers an application; "dcr": the agent does (RFC 7591). */
gboolean
bfy_service_check_client (const BfyServiceMember *self,
                          JsonNode *node,
                          const char *path,
                          GError **error)
{
  static const char *const clients[] = { "own", "dcr", NULL };

  return is_one_of (node, clients) || bfy_service_refuse (error, path, "must be own or dcr");
}

gboolean
bfy_service_check_headers (const BfyServiceMember *self,
                           JsonNode *node,
                           const char *path,
                           GError **error)
{
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  if (object == NULL)
    return bfy_service_refuse (error, path, "must be an object of headers");
  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, &name, &value))
    {
      if (!bfy_header_name_is_token (name) || bfy_service_text_of (value) == NULL ||
          !bfy_header_value_is_clean (bfy_service_text_of (value)))
        return bfy_service_refuse (error, path, "holds what cannot be a header");
    }

  return TRUE;
}

gboolean
bfy_service_check_any_object (const BfyServiceMember *self,
                              JsonNode *node,
                              const char *path,
                              GError **error)
{
  return JSON_NODE_HOLDS_OBJECT (node) || bfy_service_refuse (error, path, "must be an object");
}

gboolean
bfy_service_check_any_objects (const BfyServiceMember *self,
                               JsonNode *node,
                               const char *path,
                               GError **error)
{
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;

  if (array == NULL)
    return bfy_service_refuse (error, path, "must be a list of objects");
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      if (!bfy_service_check_any_object (self, json_array_get_element (array, i), path, error))
        return FALSE;
    }

  return TRUE;
}
