/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/oauth-scope.h"

#include <string.h>

static gboolean
is_scope_char (char c)
{
  return c > ' ' && c < 0x7f && c != '"' && c != '\\';
}

static gsize
word_length (const char *text)
{
  gsize length = 0;

  while (is_scope_char (text[length]))
    length++;

  return length;
}

static gboolean
has_word (const char *scope, const char *word, gsize length)
{
  while (*scope != '\0')
    {
      gsize here = strcspn (scope, " ");

      if (here == length && strncmp (scope, word, length) == 0)
        return TRUE;
      scope += here;
      scope += strspn (scope, " ");
    }

  return FALSE;
}

/* Once, and only if there is room for it. */
static void
add_word (GString *scope, const char *word, gsize length)
{
  if (length == 0 || scope->len + 1 + length > BFY_OAUTH_SCOPE_BYTES_MAX ||
      has_word (scope->str, word, length))
    return;

  if (scope->len > 0)
    g_string_append_c (scope, ' ');
  g_string_append_len (scope, word, (gssize) length);
}

/* FALSE when there is more in @text than words and spaces. */
static gboolean
add_words (GString *scope, const char *text)
{
  while (*text != '\0')
    {
      gsize length = word_length (text);

      add_word (scope, text, length);
      text += length;
      if (*text != ' ' && *text != '\0')
        return FALSE;
      text += strspn (text, " ");
    }

  return TRUE;
}

static char *
finish (GString *scope)
{
  return g_string_free (scope, scope->len == 0);
}

char *
bfy_oauth_scope_normalise (const char *text)
{
  g_autoptr (GString) scope = NULL;

  if (text == NULL || strnlen (text, BFY_OAUTH_SCOPE_BYTES_MAX + 1) > BFY_OAUTH_SCOPE_BYTES_MAX)
    return NULL;
  scope = g_string_new (NULL);
  if (!add_words (scope, text))
    return NULL;

  return finish (g_steal_pointer (&scope));
}

char *
bfy_oauth_scope_join (const char *const *words)
{
  GString *scope = g_string_new (NULL);

  for (gsize i = 0; words != NULL && words[i] != NULL; i++)
    {
      gsize length = word_length (words[i]);

      if (words[i][length] == '\0')
        add_word (scope, words[i], length);
    }

  return finish (scope);
}

char *
bfy_oauth_scope_unite (const char *a, const char *b)
{
  GString *scope = g_string_new (NULL);

  if (a != NULL)
    add_words (scope, a);
  if (b != NULL)
    add_words (scope, b);

  return finish (scope);
}

gboolean
bfy_oauth_scope_has (const char *scope, const char *word)
{
  return scope != NULL && has_word (scope, word, strlen (word));
}

static char *
without (const char *scope, const char *word)
{
  g_auto (GStrv) words = g_strsplit (scope, " ", -1);
  GString *rest = g_string_new (NULL);

  for (gsize i = 0; words[i] != NULL; i++)
    {
      if (!g_str_equal (words[i], word))
        add_word (rest, words[i], strlen (words[i]));
    }

  return finish (rest);
}

char *
bfy_oauth_scope_choose (const BfyScopeOffer *offer, gboolean *wants_consent)
{
  const char *asked = offer->challenged != NULL ? offer->challenged : offer->supported;
  g_autofree char *scope = bfy_oauth_scope_unite (asked, offer->refused);
  gboolean is_offered = offer->server_scopes != NULL &&
                        g_strv_contains (offer->server_scopes, BFY_OAUTH_OFFLINE_ACCESS);

  *wants_consent = FALSE;
  if (scope == NULL)
    return NULL;
  if (!is_offered)
    return without (scope, BFY_OAUTH_OFFLINE_ACCESS);

  *wants_consent = TRUE;

  return bfy_oauth_scope_unite (scope, BFY_OAUTH_OFFLINE_ACCESS);
}
