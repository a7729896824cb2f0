/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/openapi.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "client/fields.h"
#include "protocol/method.h"
#include "protocol/name.h"

#define TITLE_LENGTH_MAX 60
#define DESCRIPTION_LENGTH_MAX 500 /* characters */
#define FORM_TYPE "application/x-www-form-urlencoded"

/* What one operation becomes. */
typedef struct
{
  JsonObject *document; /* borrowed */
  JsonObject *http;     /* (owned) */
  JsonObject *params;   /* (owned) */
  JsonArray *required;  /* (owned) */
  GString *path;        /* (owned) */
  const char *problem;  /* (nullable) why it cannot be one; translated */
} Draft;

static void
draft_clear (Draft *self)
{
  json_object_unref (self->http);
  json_object_unref (self->params);
  json_array_unref (self->required);
  g_string_free (self->path, TRUE);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Draft, draft_clear)

/* Letters, digits, “_” and what @more has; anything else becomes “_”. */
static char *
tame (const char *text, const char *more)
{
  char *tamed = g_strndup (text, BFY_METHOD_NAME_LENGTH_MAX - 4);

  for (char *c = tamed; *c != '\0'; c++)
    if (!g_ascii_isalnum (*c) && strchr (more, *c) == NULL)
      *c = '_';

  return tamed;
}

static JsonObject *
ensure_object (JsonObject *object, const char *name)
{
  if (!json_object_has_member (object, name))
    json_object_set_object_member (object, name, json_object_new ());

  return json_object_get_object_member (object, name);
}

/* Returns the placeholder of a new argument. Free with g_free(). */
static char *
add_argument (Draft *self, const char *name, JsonObject *schema, gboolean is_required)
{
  g_autofree char *argument = tame (name, "_-.");

  while (json_object_has_member (self->params, argument) || *argument == '\0')
    {
      g_autofree char *longer = g_strconcat (argument, "_", NULL);

      g_free (argument);
      argument = g_steal_pointer (&longer);
    }
  json_object_set_object_member (self->params, argument,
                                 bfy_openapi_schema (self->document, schema));
  if (is_required)
    json_array_add_string_element (self->required, argument);

  return g_strdup_printf ("{%s}", argument);
}

static void
add_to_path (Draft *self, const char *name, JsonObject *schema)
{
  g_autofree char *there = g_strdup_printf ("{%s}", name);
  g_autofree char *placeholder = NULL;

  if (strstr (self->path->str, there) == NULL)
    return;
  placeholder = add_argument (self, name, schema, TRUE);
  g_string_replace (self->path, there, placeholder, 0);
}

static void
add_parameter (Draft *self, JsonObject *parameter)
{
  static const char *const not_ours[] = { "accept", "authorization", "content-type", NULL };
  const char *name = bfy_field_text (parameter, "name");
  const char *in = bfy_field_text (parameter, "in");
  gboolean is_required = bfy_field_boolean (parameter, "required");
  JsonObject *schema =
      bfy_openapi_resolve (self->document, json_object_get_member (parameter, "schema"));
  g_autofree char *folded = g_ascii_strdown (name, -1);
  g_autofree char *placeholder = NULL;

  if (strcmp (in, "path") == 0)
    add_to_path (self, name, schema);
  else if (strcmp (in, "cookie") == 0 && is_required)
    self->problem = _ ("it wants a cookie");
  if ((strcmp (in, "query") != 0 && strcmp (in, "header") != 0) ||
      (strcmp (in, "header") == 0 && g_strv_contains (not_ours, folded)) || *name == '\0')
    return;
  placeholder = add_argument (self, name, schema, is_required);
  json_object_set_string_member (
      ensure_object (self->http, strcmp (in, "query") == 0 ? "query" : "headers"), name,
      placeholder);
}

static void
add_parameters (Draft *self, JsonObject *owner)
{
  JsonArray *parameters = bfy_field_array (owner, "parameters");

  for (guint i = 0; parameters != NULL && i < json_array_get_length (parameters); i++)
    {
      JsonObject *parameter =
          bfy_openapi_resolve (self->document, json_array_get_element (parameters, i));

      if (parameter != NULL)
        add_parameter (self, parameter);
    }
}

static gboolean
is_named (JsonArray *names, const char *name)
{
  for (guint i = 0; names != NULL && i < json_array_get_length (names); i++)
    {
      JsonNode *node = json_array_get_element (names, i);

      if (JSON_NODE_HOLDS_VALUE (node) && g_strcmp0 (json_node_get_string (node), name) == 0)
        return TRUE;
    }

  return FALSE;
}

/* Each property of the body is an argument. */
static void
add_properties (Draft *self, const char *member, JsonObject *schema, gboolean is_required)
{
  JsonObject *template = ensure_object (self->http, member);
  JsonArray *required = bfy_field_array (schema, "required");
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, bfy_field_object (schema, "properties"));
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      JsonObject *property = bfy_openapi_resolve (self->document, node);
      g_autofree char *placeholder =
          property != NULL && bfy_field_boolean (property, "readOnly")
              ? NULL
              : add_argument (self, name, property, is_required && is_named (required, name));

      if (placeholder != NULL)
        json_object_set_string_member (template, name, placeholder);
    }
}

static void
add_body (Draft *self, JsonObject *operation)
{
  JsonObject *body =
      bfy_openapi_resolve (self->document, json_object_get_member (operation, "requestBody"));
  JsonObject *content = body != NULL ? bfy_field_object (body, "content") : NULL;
  JsonObject *json = content != NULL ? bfy_field_object (content, "application/json") : NULL;
  JsonObject *form = content != NULL ? bfy_field_object (content, FORM_TYPE) : NULL;
  JsonObject *media = json != NULL ? json : form;
  JsonObject *schema =
      media != NULL ? bfy_openapi_resolve (self->document, json_object_get_member (media, "schema"))
                    : NULL;
  gboolean is_required = body != NULL && bfy_field_boolean (body, "required");

  if (content != NULL && media == NULL && is_required)
    self->problem = _ ("its body is neither JSON nor a form");
  if (media == NULL)
    return;
  if (schema != NULL && bfy_field_object (schema, "properties") != NULL)
    {
      add_properties (self, json != NULL ? "body" : "form", schema, is_required);
      return;
    }
  if (json != NULL)
    {
      g_autofree char *placeholder = add_argument (self, "body", schema, is_required);

      json_object_set_string_member (self->http, "body", placeholder);
    }
}

static char *
make_name (JsonObject *operation, const char *verb, const char *path, GHashTable *taken)
{
  const char *id = bfy_field_text (operation, "operationId");
  g_autofree char *folded = g_ascii_strdown (verb, -1);
  g_autofree char *joined = *id != '\0' ? g_strdup (id) : g_strconcat (folded, path, NULL);
  g_autofree char *dotted = g_strdelimit (g_steal_pointer (&joined), "/:{}", '.');
  g_autofree char *tamed = tame (dotted, "_-.");
  g_autoptr (GString) name = g_string_new (g_ascii_isalpha (*tamed) ? "" : "do_");

  for (const char *c = tamed; *c != '\0'; c++)
    if (*c != '.' || (name->len > 0 && name->str[name->len - 1] != '.' && c[1] != '\0'))
      g_string_append_c (name, *c);
  if (name->len > 0 && name->str[name->len - 1] == '.')
    g_string_truncate (name, name->len - 1);
  for (guint i = 2; g_hash_table_contains (taken, name->str) && i < 100; i++)
    {
      g_string_truncate (name, MIN (name->len, BFY_METHOD_NAME_LENGTH_MAX - 4));
      g_string_append_printf (name, "_%u", i);
    }

  return g_string_free (g_steal_pointer (&name), FALSE);
}

static JsonObject *
finish (Draft *self, JsonObject *operation, const char *name, const char *verb)
{
  JsonObject *method = json_object_new ();
  const char *summary = bfy_field_text (operation, "summary");
  const char *description = bfy_field_text (operation, "description");
  g_autofree char *title = bfy_text_to_line (*summary != '\0' ? summary : name, TITLE_LENGTH_MAX);
  g_autofree char *more = g_utf8_substring (
      description, 0, MIN (g_utf8_strlen (description, -1), DESCRIPTION_LENGTH_MAX));

  json_object_set_string_member (method, "name", name);
  json_object_set_string_member (method, "title", title);
  if (*more != '\0')
    json_object_set_string_member (method, "description", more);
  json_object_set_string_member (method, "access",
                                 bfy_access_to_wire (bfy_access_of_http_method (verb)));
  json_object_set_string_member (self->http, "method", verb);
  json_object_set_string_member (self->http, "path", self->path->str);
  json_object_set_object_member (method, "http", json_object_ref (self->http));
  json_object_set_object_member (method, "params", json_object_ref (self->params));
  json_object_set_array_member (method, "required", json_array_ref (self->required));

  return method;
}

static void
read_operation (Draft *draft, JsonObject *document, JsonObject *item, JsonObject *operation)
{
  draft->document = document;
  draft->http = json_object_new ();
  draft->params = json_object_new ();
  draft->required = json_array_new ();
  add_parameters (draft, operation);
  add_parameters (draft, item);
  add_body (draft, operation);
}

typedef struct
{
  JsonObject *document; /* borrowed */
  JsonArray *methods;   /* borrowed */
  GPtrArray *left_out;  /* borrowed */
  GHashTable *taken;    /* (owned) names */
} Reader;

static void
leave_out (Reader *self, const char *verb, const char *path, const char *why)
{
  g_autofree char *shown = bfy_text_to_line (path, 100);

  g_ptr_array_add (self->left_out, g_strdup_printf ("%s %s: %s", verb, shown, why));
}

static void
take (Reader *self, JsonObject *item, JsonObject *operation, const char *verb, const char *path)
{
  g_auto (Draft) draft = { .path = g_string_new (path) };
  g_autofree char *name = make_name (operation, verb, path, self->taken);
  g_autoptr (JsonObject) method = NULL;
  g_autoptr (BfyMethod) checked = NULL;
  g_autoptr (GError) error = NULL;

  read_operation (&draft, self->document, item, operation);
  method = finish (&draft, operation, name, verb);
  if (draft.problem == NULL)
    checked = bfy_method_read (method, &error);
  if (json_array_get_length (self->methods) >= BFY_METHODS_MAX)
    leave_out (self, verb, path, _ ("a record has no more methods than 256"));
  else if (checked == NULL)
    leave_out (self, verb, path, error != NULL ? error->message : draft.problem);
  else
    {
      g_hash_table_add (self->taken, g_steal_pointer (&name));
      json_array_add_object_element (self->methods, json_object_ref (method));
    }
}

static void
read_item (Reader *self, const char *path, JsonObject *item)
{
  static const struct
  {
    const char *member;
    const char *verb;
  } rows[] = {
    { "get", "GET" },     { "post", "POST" },     { "put", "PUT" },
    { "patch", "PATCH" }, { "delete", "DELETE" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      JsonObject *operation = bfy_field_object (item, rows[i].member);

      if (operation != NULL)
        take (self, item, operation, rows[i].verb, path);
    }
}

/* The first that a record can say. */
static JsonObject *
find_injection (JsonObject *document)
{
  JsonObject *components = bfy_field_object (document, "components");
  JsonObject *schemes =
      components != NULL ? bfy_field_object (components, "securitySchemes") : NULL;
  JsonObject *injection = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (schemes != NULL)
    json_object_iter_init_ordered (&iter, schemes);
  while (schemes != NULL && json_object_iter_next_ordered (&iter, &name, &node))
    {
      JsonObject *scheme = bfy_openapi_resolve (document, node);
      const char *in = scheme != NULL ? bfy_field_text (scheme, "in") : "";

      if (strcmp (in, "header") != 0 && strcmp (in, "query") != 0)
        continue;
      json_object_set_string_member (injection, "kind", in);
      json_object_set_string_member (injection, "name", bfy_field_text (scheme, "name"));
      return injection;
    }
  json_object_set_string_member (injection, "kind", "header");
  json_object_set_string_member (injection, "name", "Authorization");
  json_object_set_string_member (injection, "prefix", "Bearer ");

  return injection;
}

static const char *
find_url (JsonObject *document)
{
  return bfy_field_count (document, "servers") > 0
             ? bfy_field_text (bfy_field_nth (document, "servers", 0), "url")
             : "";
}

static char *
make_id (const char *title)
{
  g_autofree char *small = g_ascii_strdown (title, BFY_NAME_LENGTH_MAX);

  g_strcanon (small, "abcdefghijklmnopqrstuvwxyz0123456789", '-');
  for (gsize n = strlen (small); n > 0 && small[n - 1] == '-'; n--)
    small[n - 1] = '\0';
  while (*small == '-')
    memmove (small, small + 1, strlen (small));

  return g_steal_pointer (&small);
}

static gboolean
check (JsonObject *document, const char *url, GError **error)
{
  if (!g_str_has_prefix (bfy_field_text (document, "openapi"), "3.") ||
      bfy_field_object (document, "paths") == NULL)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                           _ ("This is no OpenAPI document of version 3 in JSON"));
      return FALSE;
    }
  if (g_str_has_prefix (url, "http") && strpbrk (url, "{}?# ") == NULL)
    return TRUE;
  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                       _ ("The document does not say at which URL its service is; give it with "
                          "--url"));

  return FALSE;
}

static JsonArray *
read_paths (JsonObject *document, GPtrArray *left_out)
{
  JsonArray *methods = json_array_new ();
  g_autoptr (GHashTable) taken = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Reader reader = {
    .document = document, .methods = methods, .left_out = left_out, .taken = taken
  };
  JsonObjectIter iter;
  const char *path;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, bfy_field_object (document, "paths"));
  while (json_object_iter_next_ordered (&iter, &path, &node))
    {
      JsonObject *item = bfy_openapi_resolve (document, node);

      if (item != NULL)
        read_item (&reader, path, item);
    }

  return methods;
}

JsonObject *
bfy_openapi_to_record (JsonObject *document,
                       const BfyOpenapiSetup *setup,
                       GPtrArray **left_out,
                       GError **error)
{
  JsonObject *info = bfy_field_object (document, "info");
  const char *title = info != NULL ? bfy_field_text (info, "title") : "";
  const char *url = setup->url != NULL ? setup->url : find_url (document);
  g_autofree char *name = bfy_text_to_line (*title != '\0' ? title : "API", TITLE_LENGTH_MAX);
  g_autofree char *id = setup->id != NULL ? g_strdup (setup->id) : make_id (name);
  g_autoptr (JsonObject) record = json_object_new ();
  g_autoptr (JsonArray) methods = NULL;
  JsonObject *api_key = json_object_new ();

  *left_out = g_ptr_array_new_with_free_func (g_free);
  json_object_set_object_member (record, "api_key", api_key);
  if (!check (document, url, error) || !bfy_name_check (id, error))
    return NULL;
  json_object_set_object_member (api_key, "injection", find_injection (document));
  methods = read_paths (document, *left_out);
  if (json_array_get_length (methods) == 0)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                           _ ("The document has no operation that a method could stand for"));
      return NULL;
    }
  json_object_set_string_member (record, "id", id);
  json_object_set_string_member (record, "name", name);
  json_object_set_string_member (record, "rest_url", url);
  json_object_set_array_member (record, "methods", g_steal_pointer (&methods));

  return g_steal_pointer (&record);
}
