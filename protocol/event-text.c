/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/event-text.h"

#include <string.h>

#include "protocol/name.h"
#include "protocol/redact.h"
#include "protocol/secret.h"

#define READ_BYTES_MAX 4096 /* what a client sends may be as long as its body */
#define KNOWN_MAX 1024      /* texts remembered, then all are forgotten */
#define SEGMENT_BYTES_MAX 32
#define SEGMENT_DIGITS_MAX 2 /* "v1", "oauth2", "2.0" */
#define SEGMENTS_MAX 12
#define ELLIPSIS "…"

/* Nothing in these can be a credential: a word without digits, capitals or signs that is shorter
 * than any token, as most of what is recorded. Everything else is looked at closely. */
static gboolean
is_plain_word (const char *text)
{
  gsize length = strspn (text, "abcdefghijklmnopqrstuvwxyz/_");

  return text[length] == '\0' && length < 12 && strncmp (text, "bnd_", 4) != 0;
}

/* The length of whole characters that fit into @n_max bytes. */
static gsize
fit (const char *text, gsize n_max)
{
  gsize length = strnlen (text, n_max + 1);

  if (length <= n_max)
    return length;
  length = n_max;
  while (length > 0 && ((guchar) text[length] & 0xc0) == 0x80)
    length--;

  return length;
}

/* A copy of what is looked at. Where it had to be cut, the word that was cut goes too: half a token
 * does not look like one. */
static char *
take_beginning (const char *text)
{
  gsize length = fit (text, READ_BYTES_MAX);

  if (text[length] != '\0')
    while (length > 0 && !g_ascii_isspace (text[length - 1]))
      length--;

  return g_strndup (text, length);
}

static gboolean
is_short_line (const char *text)
{
  gsize length = strnlen (text, BFY_EVENT_TEXT_BYTES_MAX + 1);

  if (length > BFY_EVENT_TEXT_BYTES_MAX)
    return FALSE;
  for (gsize i = 0; i < length; i++)
    {
      if (text[i] < ' ' || text[i] > '~')
        return FALSE;
    }

  return TRUE;
}

static char *
make_line (const char *text)
{
  g_autofree char *line = bfy_text_to_line (text, BFY_EVENT_TEXT_BYTES_MAX);
  gsize length;

  if (strlen (line) <= BFY_EVENT_TEXT_BYTES_MAX)
    return g_steal_pointer (&line);
  length = fit (line, BFY_EVENT_TEXT_BYTES_MAX - strlen (ELLIPSIS));
  line[length] = '\0';

  return g_strconcat (line, ELLIPSIS, NULL);
}

static void
remember (GHashTable *known, const char *text)
{
  if (known == NULL)
    return;
  if (g_hash_table_size (known) >= KNOWN_MAX)
    g_hash_table_remove_all (known);
  g_hash_table_add (known, g_strdup (text));
}

static char *
redact (const char *text, const char *original, GHashTable *known)
{
  g_autofree char *redacted = bfy_redact (text);

  if (!is_short_line (redacted))
    return make_line (redacted);
  if (strcmp (redacted, original) != 0)
    return g_steal_pointer (&redacted);
  remember (known, original);

  return NULL;
}

char *
bfy_event_text_clean (const char *text,
                      GHashTable *known,
                      BfyEventCleaner clean,
                      gpointer user_data)
{
  g_auto (BfyWipedText) beginning = NULL;
  g_auto (BfyWipedText) without = NULL;

  if (is_short_line (text))
    {
      without = clean != NULL ? clean (text, user_data) : NULL;
      if (without == NULL &&
          (is_plain_word (text) || (known != NULL && g_hash_table_contains (known, text))))
        return NULL;
    }
  else
    {
      beginning = take_beginning (text);
      without = clean != NULL ? clean (beginning, user_data) : NULL;
    }

  return redact (without != NULL ? without : beginning != NULL ? beginning : text, text, known);
}

static gboolean
is_plain_segment (const char *segment, gsize length)
{
  guint n_digits = 0;
  guint n_letters = 0;

  for (gsize i = 0; i < length; i++)
    {
      n_digits += g_ascii_isdigit (segment[i]) ? 1 : 0;
      n_letters += g_ascii_isalpha (segment[i]) ? 1 : 0;
      if (!g_ascii_isalnum (segment[i]) && strchr ("._-", segment[i]) == NULL)
        return FALSE;
    }

  return length <= SEGMENT_BYTES_MAX && n_digits <= SEGMENT_DIGITS_MAX &&
         (n_letters > 0 || n_digits == 0);
}

char *
bfy_path_pattern (const char *path)
{
  const char *end = path + strcspn (path, "?#");
  GString *pattern = g_string_new (NULL);
  guint n_segments = 0;

  while (path < end)
    {
      gsize length = MIN (strcspn (path, "/"), (gsize) (end - path));

      if (length > 0 && ++n_segments > SEGMENTS_MAX)
        {
          g_string_append (pattern, "**");
          break;
        }
      if (is_plain_segment (path, length))
        g_string_append_len (pattern, path, (gssize) length);
      else
        g_string_append_c (pattern, '*');
      path += length;
      if (path < end)
        {
          g_string_append_c (pattern, '/');
          path++;
        }
    }

  return g_string_free (pattern, FALSE);
}

void
bfy_event_set_target (BfyEvent *self, const char *url)
{
  static const char mark[] = "://";
  const char *host = url != NULL ? strstr (url, mark) : NULL;
  const char *end;

  g_clear_pointer (&self->host, g_free);
  g_clear_pointer (&self->path, g_free);
  if (host == NULL)
    return;
  host += strlen (mark);
  end = host + strcspn (host, "/?#");
  if (memchr (host, '@', (gsize) (end - host)) != NULL) /* not one of ours */
    return;

  self->host = g_strndup (host, (gsize) (end - host));
  self->path = bfy_path_pattern (*end == '/' ? end : "/");
}
