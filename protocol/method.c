/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/method.h"

#include <string.h>

#include "protocol/injection.h"
#include "protocol/json.h"
#include "protocol/method-schema.h"
#include "protocol/method-template.h"
#include "protocol/name.h"

#define DESCRIPTION_BYTES_MAX 4096

static const char *const verbs[] = { "GET", "POST", "PUT", "PATCH", "DELETE", NULL };

void
bfy_method_free (BfyMethod *self)
{
  if (self == NULL)
    return;

  g_free (self->name);
  g_free (self->title);
  g_free (self->description);
  g_free (self->verb);
  g_free (self->path);
  g_free (self->sample);
  g_free (self->folded_verb);
  g_free (self->folded_sample);
  g_clear_pointer (&self->query, json_object_unref);
  g_clear_pointer (&self->headers, json_object_unref);
  g_clear_pointer (&self->form, json_object_unref);
  g_clear_pointer (&self->body, json_node_unref);
  g_clear_pointer (&self->schema, json_object_unref);
  g_free (self);
}

static gboolean
refuse (const BfyMethod *self, GError **error, const char *member, const char *problem)
{
  g_autofree char *shown = bfy_text_to_line (self->name != NULL ? self->name : "?", 64);

  g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, "The method “%s”: “%s” %s", shown,
               member, problem);

  return FALSE;
}

gboolean
bfy_method_name_is_good (const char *name)
{
  gboolean may_be_dot = FALSE;

  if (!g_ascii_isalpha (*name) || strlen (name) > BFY_METHOD_NAME_LENGTH_MAX)
    return FALSE;
  for (; *name != '\0'; name++)
    {
      gboolean is_letter = g_ascii_isalnum (*name) || *name == '_' || *name == '-';

      if (!is_letter && (*name != '.' || !may_be_dot))
        return FALSE;
      may_be_dot = is_letter;
    }

  return may_be_dot;
}

static gboolean
read_words (BfyMethod *self, JsonObject *object, GError **error)
{
  const char *name = NULL, *title = NULL, *description = NULL, *access = NULL;

  if (!bfy_json_get_string (object, "name", &name, error) ||
      !bfy_json_get_string (object, "title", &title, error) ||
      !bfy_json_get_string (object, "description", &description, error) ||
      !bfy_json_get_string (object, "access", &access, error))
    return FALSE;
  self->name = g_strdup (name);
  if (name == NULL || !bfy_method_name_is_good (name))
    return refuse (self, error, "name", "is like issues.create");
  self->title = title != NULL ? bfy_label_normalize (title, NULL) : NULL;
  if (self->title == NULL)
    return refuse (self, error, "title", "is one line for people");
  if (description != NULL && strlen (description) > DESCRIPTION_BYTES_MAX)
    return refuse (self, error, "description", "is too long");
  self->description = g_strdup (description);
  if (!bfy_access_from_wire (access != NULL ? access : "", &self->access))
    return refuse (self, error, "access", "is “read”, “write” or “danger”");

  return TRUE;
}

static JsonObject *
take_object (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_dup_object (node) : NULL;
}

/* What is for one hop, says where it goes, or is or stands in for what others decide: credentials
 * and the method. A name that ends with a star stands for all that begin so. */
static const char *const kept_headers[] = {
  "authorization",
  "connection",
  "content-encoding",
  "content-length",
  "content-type",
  "cookie*",
  "expect",
  "forwarded",
  "host",
  "keep-alive",
  "mcp-*",
  "origin",
  "proxy-*",
  "referer",
  "te",
  "trailer",
  "upgrade",
  "transfer-encoding",
  "via",
  "x-bindify-*",
  "x-forwarded-*",
  "x-http-method*",
  "x-method-override",
  "x-original-url",
  "x-rewrite-url",
  NULL,
};

static gboolean
check_headers (const BfyMethod *self, GError **error)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (self->headers == NULL)
    return TRUE;
  json_object_iter_init (&iter, self->headers);
  while (json_object_iter_next (&iter, &name, &node))
    {
      const char *value =
          json_node_get_value_type (node) == G_TYPE_STRING ? json_node_get_string (node) : NULL;
      if (value == NULL || !bfy_header_value_is_clean (value))
        return refuse (self, error, "http.headers", "are texts of one line");
      if (!bfy_header_name_is_token (name) || bfy_header_name_is_among (name, kept_headers))
        return refuse (self, error, "http.headers", "hold one that is not for a method to set");
    }

  return TRUE;
}

static gboolean
check_object_members (const BfyMethod *self, JsonObject *http, GError **error)
{
  static const char *const members[] = { "query", "headers", "form" };

  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    if (json_object_has_member (http, members[i]) &&
        !JSON_NODE_HOLDS_OBJECT (json_object_get_member (http, members[i])))
      return refuse (self, error, members[i], "is an object");

  return TRUE;
}

/* With one letter for each argument. */
static void
take_sample (BfyMethod *self, GPtrArray *pieces)
{
  g_autoptr (GString) sample = g_string_new (NULL);

  for (guint i = 0; i < pieces->len; i++)
    {
      const BfyTemplatePiece *piece = g_ptr_array_index (pieces, i);

      g_string_append (sample, piece->is_name ? "x" : piece->text);
    }
  self->sample = g_string_free (g_steal_pointer (&sample), FALSE);
  self->folded_sample = g_ascii_strdown (self->sample, -1);
  self->folded_verb = g_ascii_strdown (self->verb, -1);
}

static gboolean
read_http (BfyMethod *self, JsonObject *http, GError **error)
{
  static const char *const members[] = {
    "method", "path", "query", "headers", "form", "body", NULL
  };
  g_autoptr (GPtrArray) pieces = NULL;
  const char *verb = NULL, *path = NULL;

  if (!bfy_json_refuse_unknown (http, members, error) ||
      !bfy_json_get_string (http, "method", &verb, error) ||
      !bfy_json_get_string (http, "path", &path, error) ||
      !check_object_members (self, http, error))
    return FALSE;
  if (verb == NULL || !g_strv_contains (verbs, verb))
    return refuse (self, error, "http.method", "is GET, POST, PUT, PATCH or DELETE");
  pieces = path != NULL ? bfy_template_split (path) : NULL;
  if (pieces == NULL || strstr (path, "//") != NULL || strstr (path, "/.") != NULL)
    return refuse (self, error, "http.path", "is like /repos/{owner}/issues");
  self->verb = g_strdup (verb);
  self->path = g_strdup (path);
  take_sample (self, pieces);
  self->query = take_object (http, "query");
  self->headers = take_object (http, "headers");
  self->form = take_object (http, "form");
  if (json_object_has_member (http, "body"))
    self->body = json_node_copy (json_object_get_member (http, "body"));
  if (self->body != NULL && self->form != NULL)
    return refuse (self, error, "http.form", "stands in place of a body");

  return check_headers (self, error);
}

static gboolean
read_schema (BfyMethod *self, JsonObject *object, GError **error)
{
  JsonObject *params = NULL;
  JsonArray *required = NULL;

  if (!bfy_json_get_object (object, "params", &params, error) ||
      !bfy_json_get_array (object, "required", &required, error))
    return FALSE;
  self->schema = json_object_new ();
  json_object_set_string_member (self->schema, "type", "object");
  json_object_set_object_member (self->schema, "properties",
                                 params != NULL ? json_object_ref (params) : json_object_new ());
  if (required != NULL && json_array_get_length (required) > 0)
    json_object_set_array_member (self->schema, "required", json_array_ref (required));
  json_object_set_boolean_member (self->schema, "additionalProperties", FALSE);

  return bfy_method_schema_check (self->schema, "params", error);
}

static gboolean
is_required (const BfyMethod *self, const char *name)
{
  JsonArray *required = json_object_has_member (self->schema, "required")
                            ? json_object_get_array_member (self->schema, "required")
                            : NULL;

  for (guint i = 0; required != NULL && i < json_array_get_length (required); i++)
    if (g_str_equal (json_array_get_string_element (required, i), name))
      return TRUE;

  return FALSE;
}

static void
collect_object (JsonObject *object, GHashTable *names)
{
  g_autoptr (JsonNode) node = NULL;

  if (object == NULL)
    return;
  node = json_node_init_object (json_node_alloc (), object);
  bfy_template_collect (node, names);
}

/* FALSE when one of the path may be missing. */
static gboolean
collect_path (const BfyMethod *self, GHashTable *names)
{
  g_autoptr (GPtrArray) pieces = bfy_template_split (self->path);

  for (guint i = 0; i < pieces->len; i++)
    {
      const BfyTemplatePiece *piece = g_ptr_array_index (pieces, i);

      if (!piece->is_name)
        continue;
      if (!is_required (self, piece->text))
        return FALSE;
      g_hash_table_add (names, g_strdup (piece->text));
    }

  return TRUE;
}

/* Each argument leads somewhere, and each placeholder is an argument. */
static gboolean
check_names (const BfyMethod *self, GError **error)
{
  JsonObject *properties = json_object_get_object_member (self->schema, "properties");
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GHashTableIter iter;
  gpointer name;

  if (!collect_path (self, names))
    return refuse (self, error, "required", "lacks an argument of the path");
  collect_object (self->query, names);
  collect_object (self->headers, names);
  collect_object (self->form, names);
  if (self->body != NULL)
    bfy_template_collect (self->body, names);
  g_hash_table_iter_init (&iter, names);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    if (!json_object_has_member (properties, name))
      return refuse (self, error, name, "is a placeholder without an argument");
  if (json_object_get_size (properties) != g_hash_table_size (names))
    return refuse (self, error, "params", "has an argument that is used nowhere");

  return TRUE;
}

static gboolean
check_required (const BfyMethod *self, GError **error)
{
  JsonObject *properties = json_object_get_object_member (self->schema, "properties");
  JsonArray *required = json_object_has_member (self->schema, "required")
                            ? json_object_get_array_member (self->schema, "required")
                            : NULL;

  for (guint i = 0; required != NULL && i < json_array_get_length (required); i++)
    if (!json_object_has_member (properties, json_array_get_string_element (required, i)))
      return refuse (self, error, "required", "names an argument that there is not");

  return TRUE;
}

BfyMethod *
bfy_method_read (JsonObject *object, GError **error)
{
  static const char *const members[] = { "name", "title",  "description", "access",
                                         "http", "params", "required",    NULL };
  g_autoptr (BfyMethod) self = g_new0 (BfyMethod, 1);
  JsonObject *http = NULL;

  if (!read_words (self, object, error) || !bfy_json_refuse_unknown (object, members, error) ||
      !bfy_json_get_object (object, "http", &http, error))
    return NULL;
  if (http == NULL)
    {
      (void) refuse (self, error, "http", "is missing");
      return NULL;
    }
  if (!read_http (self, http, error) || !read_schema (self, object, error) ||
      !check_required (self, error) || !check_names (self, error))
    return NULL;

  return g_steal_pointer (&self);
}

static gboolean
add_method (GPtrArray *methods, JsonNode *node, GError **error)
{
  g_autoptr (BfyMethod) method = NULL;

  if (!JSON_NODE_HOLDS_OBJECT (node) || methods->len == BFY_METHODS_MAX)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                           "“methods” is a list of objects, not too long");
      return FALSE;
    }
  method = bfy_method_read (json_node_get_object (node), error);
  if (method == NULL)
    return FALSE;
  if (bfy_methods_find (methods, method->name) != NULL)
    return refuse (method, error, "name", "is there twice");
  g_ptr_array_add (methods, g_steal_pointer (&method));

  return TRUE;
}

GPtrArray *
bfy_methods_read (JsonObject *record, GError **error)
{
  g_autoptr (GPtrArray) methods = g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_method_free);
  JsonArray *array = NULL;

  if (!bfy_json_get_array (record, "methods", &array, error))
    return NULL;
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    if (!add_method (methods, json_array_get_element (array, i), error))
      return NULL;

  return g_steal_pointer (&methods);
}

const BfyMethod *
bfy_methods_find (GPtrArray *methods, const char *name)
{
  for (guint i = 0; methods != NULL && i < methods->len; i++)
    {
      const BfyMethod *method = g_ptr_array_index (methods, i);

      if (g_str_equal (method->name, name))
        return method;
    }

  return NULL;
}
