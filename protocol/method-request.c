/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/method-request.h"

#include <string.h>

#include "protocol/http-path.h"
#include "protocol/injection.h"
#include "protocol/json.h"
#include "protocol/method-schema.h"
#include "protocol/method-template.h"

#define FORM_TYPE "application/x-www-form-urlencoded"

void
bfy_method_request_free (BfyMethodRequest *self)
{
  if (self == NULL)
    return;

  g_free (self->target);
  g_strfreev (self->headers);
  g_clear_pointer (&self->body, g_bytes_unref);
  g_free (self);
}

static gboolean
refuse (GError **error, const char *name, const char *problem)
{
  g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, "“%s” %s", name, problem);

  return FALSE;
}

/* NULL for what is no single value. */
static char *
value_to_text (JsonNode *node)
{
  if (!JSON_NODE_HOLDS_VALUE (node))
    return NULL;

  return json_node_get_value_type (node) == G_TYPE_STRING ? json_node_dup_string (node)
                                                          : bfy_json_node_to_text (node, NULL);
}

static void
append_escaped (GString *out, const char *text)
{
  g_string_append_uri_escaped (out, text, NULL, FALSE);
}

/* An escaped dot is a dot all the same, and an escaped slash is a slash to some servers. */
static gboolean
append_segment (GString *out, const char *name, const char *text, GError **error)
{
  if (*text == '\0')
    return refuse (error, name, "is empty, which its place in the path does not allow");
  if (g_str_equal (text, ".") || g_str_equal (text, ".."))
    return refuse (error, name, "is a dot segment, which would lead elsewhere");
  if (strpbrk (text, "/\\%;") != NULL)
    return refuse (error, name,
                   "holds a slash, backslash, percent sign or semicolon, which its "
                   "place in the path does not allow");
  append_escaped (out, text);

  return TRUE;
}

static gboolean
append_segments (GString *out, const char *name, const char *text, GError **error)
{
  g_auto (GStrv) segments = g_strsplit (text, "/", -1);

  if (segments[0] == NULL)
    return append_segment (out, name, "", error);
  for (guint i = 0; segments[i] != NULL; i++)
    {
      if (i > 0)
        g_string_append_c (out, '/');
      if (!append_segment (out, name, segments[i], error))
        return FALSE;
    }

  return TRUE;
}

static gboolean
append_piece (GString *out, const BfyTemplatePiece *piece, JsonObject *arguments, GError **error)
{
  JsonNode *node;
  g_autofree char *text = NULL;

  if (!piece->is_name)
    {
      g_string_append (out, piece->text);
      return TRUE;
    }
  node = json_object_get_member (arguments, piece->text);
  text = node != NULL ? value_to_text (node) : NULL;
  if (text == NULL)
    return refuse (error, piece->text, "must be a text or a number: it is part of the path");

  return piece->is_deep ? append_segments (out, piece->text, text, error)
                        : append_segment (out, piece->text, text, error);
}

static gboolean
append_path (GString *out, const BfyMethod *method, JsonObject *arguments, GError **error)
{
  g_autoptr (GPtrArray) pieces = bfy_template_split (method->path);

  for (guint i = 0; i < pieces->len; i++)
    if (!append_piece (out, g_ptr_array_index (pieces, i), arguments, error))
      return FALSE;

  return TRUE;
}

static void append_pairs (GString *out, const char *key, JsonNode *value, gboolean is_form);

static void
append_members (GString *out, const char *key, JsonObject *object, gboolean is_form)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      g_autofree char *inner =
          key != NULL ? g_strdup_printf ("%s[%s]", key, name) : g_strdup (name);

      append_pairs (out, inner, node, is_form);
    }
}

/* Forms number the elements of a list, queries repeat its name. */
static void
append_elements (GString *out, const char *key, JsonArray *array, gboolean is_form)
{
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      g_autofree char *inner = is_form ? g_strdup_printf ("%s[%u]", key, i) : g_strdup (key);

      append_pairs (out, inner, json_array_get_element (array, i), is_form);
    }
}

static void
append_pairs (GString *out, const char *key, JsonNode *value, gboolean is_form)
{
  g_autofree char *text = value_to_text (value);

  if (JSON_NODE_HOLDS_OBJECT (value))
    append_members (out, key, json_node_get_object (value), is_form);
  else if (JSON_NODE_HOLDS_ARRAY (value))
    append_elements (out, key, json_node_get_array (value), is_form);
  if (text == NULL)
    return;
  if (out->len > 0)
    g_string_append_c (out, '&');
  append_escaped (out, key);
  g_string_append_c (out, '=');
  append_escaped (out, text);
}

/* name=value&…, or NULL when there is none. */
static char *
format_pairs (JsonObject *template, JsonObject *arguments, gboolean is_form)
{
  g_autoptr (GString) out = g_string_new (NULL);
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (template == NULL)
    return NULL;
  json_object_iter_init_ordered (&iter, template);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      g_autoptr (JsonNode) value = bfy_template_fill (node, arguments);

      if (value != NULL)
        append_pairs (out, name, value, is_form);
    }

  return out->len > 0 ? g_string_free (g_steal_pointer (&out), FALSE) : NULL;
}

static gboolean
add_header (GStrvBuilder *builder,
            const char *name,
            JsonNode *template,
            JsonObject *arguments,
            GError **error)
{
  g_autoptr (JsonNode) value = bfy_template_fill (template, arguments);
  g_autofree char *argument = bfy_template_name_of (template);
  g_autofree char *text = value != NULL ? value_to_text (value) : NULL;

  if (value == NULL)
    return TRUE;
  if (text == NULL || !bfy_header_value_is_clean (text))
    return refuse (error, argument != NULL ? argument : name,
                   "must be one line of plain characters: it is part of a header");
  g_strv_builder_add_many (builder, name, text, NULL);

  return TRUE;
}

static gboolean
build_headers (BfyMethodRequest *self,
               const BfyMethod *method,
               JsonObject *arguments,
               const char *content_type,
               GError **error)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (content_type != NULL)
    g_strv_builder_add_many (builder, "Content-Type", content_type, NULL);
  if (method->headers != NULL)
    {
      json_object_iter_init_ordered (&iter, method->headers);
      while (json_object_iter_next_ordered (&iter, &name, &node))
        if (!add_header (builder, name, node, arguments, error))
          return FALSE;
    }
  self->headers = g_strv_builder_end (builder);

  return TRUE;
}

/* Returns its type, or NULL without a body. */
static const char *
build_body (BfyMethodRequest *self, const BfyMethod *method, JsonObject *arguments)
{
  g_autoptr (JsonNode) value =
      method->body != NULL ? bfy_template_fill (method->body, arguments) : NULL;
  char *text = NULL;
  gsize length = 0;

  if (method->form != NULL)
    {
      text = format_pairs (method->form, arguments, TRUE);
      text = text != NULL ? text : g_strdup ("");
      length = strlen (text);
    }
  else if (value != NULL)
    {
      text = bfy_json_node_to_text (value, &length);
    }
  else if (method->body != NULL)
    {
      text = g_strdup ("{}");
      length = strlen (text);
    }
  if (text == NULL)
    return NULL;
  self->body = g_bytes_new_take (text, length);

  return method->form != NULL ? FORM_TYPE : "application/json";
}

/* What is built here has that form already, unless it is too long or holds what no path can. */
static gboolean
build_target (BfyMethodRequest *self,
              const BfyMethod *method,
              JsonObject *arguments,
              GError **error)
{
  g_autoptr (GString) target = g_string_new (NULL);
  g_autofree char *query = format_pairs (method->query, arguments, FALSE);

  if (!append_path (target, method, arguments, error))
    return FALSE;
  if (query != NULL)
    g_string_append_printf (target, "?%s", query);
  self->target = bfy_http_target_canonicalize (target->str);
  if (g_strcmp0 (self->target, target->str) == 0)
    return TRUE;
  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                       "The arguments make a path that can be read in more than one way, or is "
                       "too long");

  return FALSE;
}

BfyMethodRequest *
bfy_method_request_build (const BfyMethod *method, JsonObject *arguments, GError **error)
{
  g_autoptr (BfyMethodRequest) self = g_new0 (BfyMethodRequest, 1);
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), arguments);
  const char *content_type;

  if (!bfy_method_schema_fits (method->schema, node, "", error) ||
      !build_target (self, method, arguments, error))
    return NULL;
  content_type = build_body (self, method, arguments);
  if (!build_headers (self, method, arguments, content_type, error))
    return NULL;

  return g_steal_pointer (&self);
}
