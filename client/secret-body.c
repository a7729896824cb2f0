/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/secret-body.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "protocol/error.h"
#include "protocol/json.h"

/* Longest form of one byte in a JSON string. */
#define ESCAPED_BYTES_MAX 6
/* For the members and punctuation around the texts, and a client key. */
#define FRAME_BYTES_MAX 1024

static gsize
count (const char *text)
{
  return text != NULL ? strlen (text) : 0;
}

static gsize
count_secret (const BfySecret *secret)
{
  return secret != NULL ? bfy_secret_length (secret) : 0;
}

gsize
bfy_secret_part_bytes_max (const BfySecretPart *part)
{
  gsize length = 0;

  if (part->typed != NULL)
    length += count_secret (part->typed->secret) + count (part->typed->username);
  if (part->sign_in != NULL)
    length += count (part->sign_in->flow) + count (part->sign_in->client_id) +
              count (part->sign_in->scope) + count_secret (part->sign_in->client_secret);

  return ESCAPED_BYTES_MAX * length + count_secret (part->client_key) + FRAME_BYTES_MAX;
}

static void
append_secret (GString *out, const BfySecret *secret)
{
  bfy_json_append_string (out, bfy_secret_peek_text (secret), (gssize) bfy_secret_length (secret));
}

/* {"type":"api_key","api_key":…}, {"type":"basic_auth","username":…,"password":…} or, for a local
 * command, {"type":"custom","value":…} */
static void
append_typed (GString *out, const BfyTypedCredential *typed)
{
  g_string_append (out, ",\"credential\":{\"type\":");
  switch (typed->kind)
    {
    case BFY_TYPED_KEY:
      g_string_append (out, "\"api_key\",\"api_key\":");
      break;
    case BFY_TYPED_PAIR:
      g_string_append (out, "\"basic_auth\",\"username\":");
      bfy_json_append_string (out, typed->username, -1);
      g_string_append (out, ",\"password\":");
      break;
    case BFY_TYPED_FREE_FORM:
      g_string_append (out, "\"custom\",\"value\":");
      break;
    }

  append_secret (out, typed->secret);
  g_string_append_c (out, '}');
}

static void
append_member (GString *out, const char *name, const char *value)
{
  if (value == NULL)
    return;

  g_string_append_printf (out, ",\"%s\":", name);
  bfy_json_append_string (out, value, -1);
}

static void
append_sign_in (GString *out, const BfySignInFields *fields)
{
  g_string_append (out, ",\"oauth\":{\"flow\":");
  bfy_json_append_string (out, fields->flow, -1);
  append_member (out, "client_id", fields->client_id);
  append_member (out, "scope", fields->scope);
  if (fields->client_secret != NULL)
    {
      g_string_append (out, ",\"client_secret\":");
      append_secret (out, fields->client_secret);
    }
  if (fields->allow_no_pkce)
    g_string_append (out, ",\"allow_no_pkce\":true");
  g_string_append_c (out, '}');
}

void
bfy_secret_part_append (const BfySecretPart *part, GString *out)
{
  if (part->typed != NULL)
    append_typed (out, part->typed);
  if (part->sign_in != NULL)
    append_sign_in (out, part->sign_in);
  /* Of a key nothing has to be escaped. */
  if (part->client_key != NULL)
    g_string_append_printf (out, ",\"client_key\":\"%s\"", bfy_secret_peek_text (part->client_key));
}

GBytes *
bfy_secret_body_new (JsonObject *taken, const BfySecretPart *part)
{
  g_autoptr (JsonObject) open_part = taken;
  gsize length;
  g_autofree char *text = bfy_json_object_to_text (open_part, &length);
  gboolean is_empty = json_object_get_size (open_part) == 0;
  BfySecret *secret;
  GString *out;
  char *first;

  if (part->typed == NULL && part->sign_in == NULL && part->client_key == NULL)
    return g_bytes_new_take (g_steal_pointer (&text), length);

  out = g_string_sized_new (length + bfy_secret_part_bytes_max (part));
  g_string_append_len (out, text, (gssize) length - 1);
  bfy_secret_part_append (part, out);
  g_string_append_c (out, '}');
  /* Every member comes with a comma before it. */
  first = out->str + length - 1;
  if (is_empty && *first == ',')
    *first = ' ';

  secret = bfy_secret_new_wipe (out->str, out->len);
  g_string_free (out, TRUE);

  return g_bytes_new_with_free_func (bfy_secret_peek (secret, NULL), bfy_secret_length (secret),
                                     (GDestroyNotify) bfy_secret_unref, secret);
}

gboolean
bfy_secret_body_check_token (const BfySecret *secret, GError **error)
{
  gsize length;
  const guint8 *bytes = bfy_secret_peek (secret, &length);

  for (gsize i = 0; i < length; i++)
    {
      if (bytes[i] < 0x20 || bytes[i] >= 0x7f)
        {
          g_set_error_literal (
              error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
              bytes[i] == '\n' || bytes[i] == '\r'
                  ? _ ("There is more than one line where a token was expected")
                  : _ ("That cannot be a token: it holds characters that are not ASCII text"));
          return FALSE;
        }
    }

  return TRUE;
}
