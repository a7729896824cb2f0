/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/constraints.h"

#include <string.h>

#include "protocol/error.h"
#include "protocol/glob.h"
#include "protocol/http-path.h"
#include "protocol/json.h"
#include "protocol/name.h"
#include "protocol/upstream.h"

#define SHOWN_MAX 40 /* characters of what was typed */

BfyConstraints *
bfy_constraints_ref (BfyConstraints *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
bfy_constraints_unref (BfyConstraints *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_free (self->host);
  g_free (self->path);
  g_strfreev (self->tools);
  g_strfreev (self->clients);
  g_free (self);
}

static gboolean
refuse (GError **error, const char *text)
{
  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, text);

  return FALSE;
}

/* --- What the members may be --- */

/* As in a URL; an IPv6 address with or without its brackets. NULL for whatever is more than a
 * host. */
static char *
canonicalize_host (const char *text)
{
  gboolean is_bare_v6 = *text != '[' && strchr (text, ':') != strrchr (text, ':');
  g_autofree char *uri = g_strdup_printf (is_bare_v6 ? "https://[%s]/" : "https://%s/", text);
  g_autoptr (BfyUpstream) upstream = NULL;

  if (strpbrk (text, "/?#@\\ ") != NULL ||
      (*text != '[' && !is_bare_v6 && strchr (text, ':') != NULL) ||
      (*text == '[' && !g_str_has_suffix (text, "]")))
    return NULL;
  upstream = bfy_upstream_parse_plain (uri, NULL);

  return upstream != NULL ? g_steal_pointer (&upstream->host) : NULL;
}

static gboolean
take_host (BfyConstraints *self, const char *text, GError **error)
{
  if (text == NULL)
    return TRUE;
  self->host = canonicalize_host (text);

  return self->host != NULL ||
         refuse (error, "A credential is limited to a host by its name alone, such as "
                        "mcp.example.com, without scheme, port and path");
}

static gboolean
take_path (BfyConstraints *self, const char *text, GError **error)
{
  char path[BFY_HTTP_TARGET_BYTES_MAX + 1];

  if (text == NULL)
    return TRUE;
  if (*text != '/' || strlen (text) > BFY_CONSTRAINTS_PATH_BYTES || strpbrk (text, "?#*") != NULL ||
      !bfy_http_path_read (text, path))
    return refuse (error, "A credential is limited to a path by how that begins, such as /mcp/, "
                          "without query and stars");
  self->path = g_strdup (path);

  return TRUE;
}

static gboolean
refuse_twice (const char *word, const char *name, GError **error)
{
  g_autofree char *shown = bfy_text_to_line (word, SHOWN_MAX);

  g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, "“%s” has “%s” twice", name, shown);

  return FALSE;
}

static gboolean
check_words (const GStrv words, const char *name, GError **error)
{
  guint n_words = g_strv_length (words);

  if (n_words == 0 || n_words > BFY_CONSTRAINTS_LIST_MAX)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                   "“%s” must name one at least and %d at most; without it there is no limit", name,
                   BFY_CONSTRAINTS_LIST_MAX);
      return FALSE;
    }
  for (guint i = 0; i < n_words; i++)
    {
      gsize length = strlen (words[i]);

      if (length == 0 || length > BFY_CONSTRAINTS_WORD_BYTES)
        {
          g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                       "Each of “%s” must have 1 to %d bytes", name, BFY_CONSTRAINTS_WORD_BYTES);
          return FALSE;
        }
      for (guint n = 0; n < i; n++)
        if (g_str_equal (words[n], words[i]))
          return refuse_twice (words[i], name, error);
    }

  return TRUE;
}

static gboolean
take_words (JsonObject *object, const char *name, GStrv *words, GError **error)
{
  return bfy_json_get_strings (object, name, words, error) &&
         (*words == NULL || check_words (*words, name, error));
}

static gboolean
take_uses (BfyConstraints *self, JsonObject *object, GError **error)
{
  gint64 uses = -1;

  if (!bfy_json_get_int (object, "uses", &uses, error))
    return FALSE;
  if (uses != -1 && (uses < 1 || uses > BFY_CONSTRAINTS_USES_MAX))
    return refuse (error, "“uses” must be a number from 1 to 1000000000");
  self->uses_max = MAX (uses, 0);

  return TRUE;
}

BfyConstraints *
bfy_constraints_from_json (JsonObject *object, GError **error)
{
  static const char *const known[] = { "host", "path", "tools", "clients", "uses", NULL };
  g_autoptr (BfyConstraints) self = g_new0 (BfyConstraints, 1);
  g_autoptr (GError) local_error = NULL;
  const char *host = NULL, *path = NULL;

  g_atomic_ref_count_init (&self->ref_count);
  if (bfy_json_refuse_unknown (object, known, &local_error) &&
      bfy_json_get_string (object, "host", &host, &local_error) &&
      bfy_json_get_string (object, "path", &path, &local_error) &&
      take_host (self, host, &local_error) && take_path (self, path, &local_error) &&
      take_words (object, "tools", &self->tools, &local_error) &&
      take_words (object, "clients", &self->clients, &local_error) &&
      take_uses (self, object, &local_error))
    return g_steal_pointer (&self);

  g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, "In “constraints”: %s",
               local_error->message);

  return NULL;
}

static void
set_words (JsonObject *object, const char *name, const GStrv words)
{
  JsonArray *array;

  if (words == NULL)
    return;
  array = json_array_new ();
  for (guint i = 0; words[i] != NULL; i++)
    json_array_add_string_element (array, words[i]);
  json_object_set_array_member (object, name, array);
}

JsonObject *
bfy_constraints_to_json (const BfyConstraints *self)
{
  JsonObject *object = json_object_new ();

  if (self->host != NULL)
    json_object_set_string_member (object, "host", self->host);
  if (self->path != NULL)
    json_object_set_string_member (object, "path", self->path);
  set_words (object, "tools", self->tools);
  set_words (object, "clients", self->clients);
  if (self->uses_max > 0)
    json_object_set_int_member (object, "uses", self->uses_max);

  return object;
}

/* --- As it is typed --- */

typedef enum
{
  WORD_TEXT,   /* once */
  WORD_NUMBER, /* once */
  WORD_LIST,
} WordKind;

static const struct
{
  const char *typed;
  const char *member;
  WordKind kind;
} words[] = {
  { "host", "host", WORD_TEXT },   { "path", "path", WORD_TEXT },
  { "tool", "tools", WORD_LIST },  { "client", "clients", WORD_LIST },
  { "uses", "uses", WORD_NUMBER },
};

static gboolean
set_number (JsonObject *object, const char *member, const char *value, GError **error)
{
  guint64 number = 0;

  if (!g_ascii_string_to_unsigned (value, 10, 1, BFY_CONSTRAINTS_USES_MAX, &number, NULL))
    return refuse (error, "uses= takes a number of uses, from 1 to 1000000000");
  json_object_set_int_member (object, member, (gint64) number);

  return TRUE;
}

static void
append (JsonObject *object, const char *member, const char *value)
{
  if (!json_object_has_member (object, member))
    json_object_set_array_member (object, member, json_array_new ());
  json_array_add_string_element (json_object_get_array_member (object, member), value);
}

static gboolean
add_value (JsonObject *object, guint row, const char *value, GError **error)
{
  const char *member = words[row].member;

  if (words[row].kind != WORD_LIST && json_object_has_member (object, member))
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                   "There can be one limit by “%s” only, and two were given", words[row].typed);
      return FALSE;
    }
  if (*value == '\0')
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, "Nothing stands behind “%s=”",
                   words[row].typed);
      return FALSE;
    }
  switch (words[row].kind)
    {
    case WORD_TEXT:
      json_object_set_string_member (object, member, value);
      return TRUE;
    case WORD_NUMBER:
      return set_number (object, member, value, error);
    case WORD_LIST:
      append (object, member, value);
      return TRUE;
    }

  return FALSE;
}

/* The row of what stands before the “=”, that of the host without one; -1 for what is not known. */
static int
find_row (const char *word, const char *equals)
{
  if (equals == NULL)
    return 0;
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (strlen (words[i].typed) == (gsize) (equals - word) &&
        strncmp (word, words[i].typed, (gsize) (equals - word)) == 0)
      return (int) i;

  return -1;
}

gboolean
bfy_constraints_add_word (JsonObject *object, const char *word, GError **error)
{
  const char *equals = strchr (word, '=');
  int row = find_row (word, equals);
  g_autoptr (BfyConstraints) checked = NULL;
  g_autofree char *shown = NULL;

  if (!g_utf8_validate (word, -1, NULL))
    return refuse (error, "A limit must be text in UTF-8");
  if (row < 0)
    {
      shown = bfy_text_to_line (word, SHOWN_MAX);
      g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                   "“%s” is no limit that is known; there are HOST, host=, path=, tool=, client= "
                   "and uses=",
                   shown);
      return FALSE;
    }
  if (!add_value (object, (guint) row, equals != NULL ? equals + 1 : word, error))
    return FALSE;
  checked = bfy_constraints_from_json (object, error);

  return checked != NULL;
}

/* --- What they allow --- */

static gboolean
is_below (const char *prefix, const char *path)
{
  gsize length = strlen (prefix);

  return strncmp (path, prefix, length) == 0 &&
         (prefix[length - 1] == '/' || path[length] == '\0' || path[length] == '/');
}

/* The path as it stands in a canonical URL, or "/" */
static const char *
find_target (const BfyUpstream *upstream)
{
  const char *rest = upstream->uri + strlen (upstream->origin);

  return *rest == '/' ? rest : "/";
}

gboolean
bfy_constraints_allow_url (const BfyConstraints *self, const char *url)
{
  g_autoptr (BfyUpstream) upstream = NULL;
  char path[BFY_HTTP_TARGET_BYTES_MAX + 1];

  if (self == NULL || (self->host == NULL && self->path == NULL))
    return TRUE;
  upstream = bfy_upstream_parse_plain (url, NULL);
  if (upstream == NULL || (self->host != NULL && !g_str_equal (self->host, upstream->host)))
    return FALSE;

  /* A path that servers may read in different ways is below nothing. */
  return self->path == NULL ||
         (bfy_http_path_read (find_target (upstream), path) && is_below (self->path, path));
}

gboolean
bfy_constraints_allow_tool (const BfyConstraints *self, const char *tool)
{
  if (self == NULL || self->tools == NULL)
    return TRUE;
  for (guint i = 0; tool != NULL && self->tools[i] != NULL; i++)
    if (bfy_glob_matches (self->tools[i], tool))
      return TRUE;

  return FALSE;
}

gboolean
bfy_constraints_allow_client (const BfyConstraints *self, const char *client_id)
{
  if (self == NULL || self->clients == NULL)
    return TRUE;

  return g_strv_contains ((const char *const *) self->clients,
                          client_id != NULL ? client_id : BFY_CONSTRAINTS_LOCAL);
}
