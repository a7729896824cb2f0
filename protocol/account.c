/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/account.h"

#include <string.h>

#include "protocol/json.h"
#include "protocol/name.h"
#include "protocol/redact.h"

#define INDEX_DIGITS_MAX 4 /* of an element of a list */

/* ~1 is a slash and ~0 a tilde (RFC 6901, 4). */
static char *
unescape (const char *token)
{
  GString *out = g_string_new (NULL);

  for (const char *p = token; *p != '\0'; p++)
    {
      if (*p == '~' && (p[1] == '0' || p[1] == '1'))
        g_string_append_c (out, *++p == '0' ? '~' : '/');
      else
        g_string_append_c (out, *p);
    }

  return g_string_free (out, FALSE);
}

/* "0" is one and "00" is none. */
static gboolean
read_index (const char *token, guint *index)
{
  gsize length = strlen (token);

  if (length == 0 || length > INDEX_DIGITS_MAX || (token[0] == '0' && length > 1) ||
      strspn (token, "0123456789") != length)
    return FALSE;
  *index = (guint) g_ascii_strtoull (token, NULL, 10);

  return TRUE;
}

static gboolean
step_into_list (BfyJsonSlice *at, const char *token)
{
  BfyJsonSlice element;
  BfyJsonIter iter;
  guint index;

  if (!read_index (token, &index))
    return FALSE;
  bfy_json_iter_init (&iter, at);
  for (guint i = 0; bfy_json_iter_next (&iter, NULL, &element); i++)
    {
      if (i != index)
        continue;
      *at = element;
      return TRUE;
    }

  return FALSE;
}

static gboolean
step (BfyJsonSlice *at, const char *token)
{
  g_autofree char *name = unescape (token);
  BfyJsonSlice member;

  if (at->type == BFY_JSON_ARRAY)
    return step_into_list (at, name);
  if (at->type != BFY_JSON_OBJECT || !bfy_json_slice_member (at, name, &member))
    return FALSE;
  *at = member;

  return TRUE;
}

static char *
follow (const BfyJsonSlice *root, const char *pointer)
{
  g_auto (GStrv) tokens = g_strsplit (pointer, "/", -1);
  BfyJsonSlice at = *root;

  if (tokens[0] == NULL || *tokens[0] != '\0')
    return NULL;
  for (guint i = 1; tokens[i] != NULL; i++)
    {
      if (!step (&at, tokens[i]))
        return NULL;
    }

  return bfy_json_slice_dup_string (&at);
}

/* The token itself, or what looks like one, is nobody's name. */
static gboolean
shows_secret (const char *text, const BfySecret *secret)
{
  g_autofree char *redacted = bfy_redact (text);
  gsize length = 0;
  const guint8 *bytes = secret != NULL ? bfy_secret_peek (secret, &length) : NULL;

  return strcmp (redacted, text) != 0 ||
         (length > 0 && memmem (text, strlen (text), bytes, length) != NULL);
}

static char *
clean (const char *text, const BfySecret *secret)
{
  g_autofree char *line = NULL;

  if (shows_secret (text, secret))
    return NULL;
  line = bfy_text_to_line (text, BFY_ACCOUNT_CHARACTERS_MAX);

  return bfy_label_normalize (line, NULL);
}

char *
bfy_account_find (const char *text,
                  gsize length,
                  const char *const *pointers,
                  const BfySecret *secret)
{
  BfyJsonSlice root;

  if (length > BFY_ACCOUNT_ANSWER_BYTES_MAX || !bfy_json_check (text, length, NULL))
    return NULL;
  bfy_json_slice_root (text, length, &root);
  for (guint i = 0; pointers[i] != NULL; i++)
    {
      g_autofree char *found = follow (&root, pointers[i]);
      char *account = found != NULL ? clean (found, secret) : NULL;

      if (account != NULL)
        return account;
    }

  return NULL;
}
