/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/injection-place.h"

#include <string.h>

#include "protocol/error.h"
#include "protocol/json-edit.h"
#include "protocol/secret-writer.h"

#define TEMPLATE_LENGTH_MAX 128
#define FORM_TYPE "application/x-www-form-urlencoded"
#define JSON_TYPE "application/json"

static gboolean
is_plain_segment (const char *segment)
{
  if (*segment == '\0' || g_str_equal (segment, ".") || g_str_equal (segment, ".."))
    return FALSE;
  for (; *segment != '\0'; segment++)
    if (!g_ascii_isalnum (*segment) && strchr ("-._~:@!$&'()*+,=", *segment) == NULL)
      return FALSE;

  return TRUE;
}

gboolean
bfy_injection_template_check (const char *template)
{
  g_auto (GStrv) around = g_strsplit (template, BFY_INJECTION_PLACEHOLDER, -1);
  g_autofree char *plain = g_strjoinv ("x", around);
  g_auto (GStrv) segments = g_strsplit (plain, "/", -1);

  if (g_strv_length (around) != 2 || *template != '/' || strlen (template) > TEMPLATE_LENGTH_MAX)
    return FALSE;
  for (guint i = 1; segments[i] != NULL; i++)
    if (!is_plain_segment (segments[i]))
      return FALSE;

  return TRUE;
}

typedef struct
{
  const char *template;
  const char *path;
  const BfySecret *secret;
} PathPieces;

static void
append_segment (BfySecretWriter *writer, const BfySecret *secret)
{
  gsize length;
  const guint8 *bytes = bfy_secret_peek (secret, &length);

  for (gsize i = 0; i < length; i++)
    {
      /* Tokens of bots have a colon, which some services want as it is. */
      if (bytes[i] == ':')
        bfy_secret_writer_append_byte (writer, ':');
      else if (bytes[i] == ' ')
        bfy_secret_writer_append_text (writer, "%20");
      else
        bfy_secret_writer_append_form (writer, bytes + i, 1);
    }
}

static void
fill_path (BfySecretWriter *writer, gconstpointer data)
{
  const PathPieces *pieces = data;
  const char *place = strstr (pieces->template, BFY_INJECTION_PLACEHOLDER);

  bfy_secret_writer_append (writer, pieces->template, (gsize) (place - pieces->template));
  append_segment (writer, pieces->secret);
  bfy_secret_writer_append_text (writer, place + strlen (BFY_INJECTION_PLACEHOLDER));
  bfy_secret_writer_append_text (writer, *pieces->path != '\0' ? pieces->path : "/");
}

BfySecret *
bfy_injection_path (const BfyInjection *self,
                    const char *path,
                    const BfySecret *secret,
                    GError **error)
{
  const PathPieces pieces = { self->name, path, secret };
  gsize length;
  const char *bytes = (const char *) bfy_secret_peek (secret, &length);

  if (strspn (bytes, ".") < length)
    return bfy_secret_build (fill_path, &pieces);
  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_CREDENTIAL_DAMAGED,
                       "The stored credential cannot be a part of a path");

  return NULL;
}

typedef struct
{
  const char *name;
  const char *rest; /* of the body: other members or parameters */
  gsize n_rest;
  const BfySecret *secret;
} BodyPieces;

static void
fill_json (BfySecretWriter *writer, gconstpointer data)
{
  const BodyPieces *pieces = data;
  gsize length;
  const guint8 *bytes = bfy_secret_peek (pieces->secret, &length);

  bfy_secret_writer_append_text (writer, "{\"");
  bfy_secret_writer_append_json (writer, pieces->name, strlen (pieces->name));
  bfy_secret_writer_append_text (writer, "\":\"");
  bfy_secret_writer_append_json (writer, bytes, length);
  bfy_secret_writer_append_text (writer, pieces->n_rest > 0 ? "\"," : "\"");
  bfy_secret_writer_append (writer, pieces->rest, pieces->n_rest);
  bfy_secret_writer_append_byte (writer, '}');
}

static BfySecret *
build_json (const BfyInjection *self, GBytes *body, const BfySecret *secret, GError **error)
{
  const BfyJsonEdit without = { self->name, NULL };
  BodyPieces pieces = { self->name, "", 0, secret };
  g_autofree char *others = NULL;
  gsize length;
  const char *text = g_bytes_get_data (body, &length);
  BfyJsonSlice root;

  if (text == NULL || !bfy_json_check (text, length, error))
    return NULL;
  bfy_json_slice_root (text, length, &root);
  if (root.type != BFY_JSON_OBJECT)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_BAD_REQUEST,
                           "The body must be a JSON object: the credential goes into a field of "
                           "it");
      return NULL;
    }
  others = bfy_json_edited (&root, &without, 1);
  others[strlen (others) - 1] = '\0';
  pieces.rest = others + 1 + strspn (others + 1, " \t\r\n");
  pieces.n_rest = strlen (pieces.rest);

  return bfy_secret_build (fill_json, &pieces);
}

static BfySecret *
build_form (const BfyInjection *self, GBytes *body, const BfySecret *secret)
{
  gsize length;
  const char *bytes = g_bytes_get_data (body, &length);
  g_autofree char *text = g_strndup (bytes != NULL ? bytes : "", length);

  /* A form is what a query is. */
  return bfy_injection_query (self, text, secret);
}

static gboolean
is_type (const char *content_type, const char *wanted)
{
  gsize length = strlen (wanted);

  return content_type != NULL && g_ascii_strncasecmp (content_type, wanted, length) == 0 &&
         strchr ("; \t", content_type[length]) != NULL;
}

static gboolean
check_body (GBytes *body, const BfySecret *secret, GError **error)
{
  gsize length;
  const char *bytes = (const char *) bfy_secret_peek (secret, &length);

  if (g_bytes_get_size (body) > BFY_INJECTION_BODY_BYTES_MAX)
    g_set_error_literal (error, BFY_ERROR, BFY_ERROR_TOO_LARGE,
                         "The body is too large for a credential to be put into it");
  else if (!g_utf8_validate_len (bytes, length, NULL))
    g_set_error_literal (error, BFY_ERROR, BFY_ERROR_CREDENTIAL_DAMAGED,
                         "The stored credential cannot be a field of a body");
  else
    return TRUE;

  return FALSE;
}

BfySecret *
bfy_injection_body (const BfyInjection *self,
                    const char *content_type,
                    GBytes *body,
                    const BfySecret *secret,
                    GError **error)
{
  if (!check_body (body, secret, error))
    return NULL;
  if (is_type (content_type, JSON_TYPE))
    return build_json (self, body, secret, error);
  if (is_type (content_type, FORM_TYPE))
    return build_form (self, body, secret);

  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_UNSUPPORTED_MEDIA,
                       "The credential goes into a field of the body, which must be JSON or a "
                       "form and say so (Content-Type)");

  return NULL;
}
