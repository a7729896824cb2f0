/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/credential/git.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "protocol/error.h"
#include "protocol/reveal.h"
#include "protocol/secret-writer.h"

typedef struct
{
  char *protocol;
  char *host;
  char *path;
  char *username;
} Said;

static void
said_clear (Said *self)
{
  g_free (self->protocol);
  g_free (self->host);
  g_free (self->path);
  g_free (self->username);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Said, said_clear)

void
bfy_git_request_free (BfyGitRequest *self)
{
  g_free (self->host);
  g_free (self->path);
  g_free (self->username);
  g_free (self);
}

/* The last one of a name counts, as in git. What is not in the table is not looked at. */
static void
take_line (Said *said, const char *line, gsize length, const char *equals)
{
  const struct
  {
    const char *key;
    char **value;
  } rows[] = {
    { "protocol", &said->protocol },
    { "host", &said->host },
    { "path", &said->path },
    { "username", &said->username },
  };
  gsize n_key = (gsize) (equals - line);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      if (strlen (rows[i].key) != n_key || memcmp (rows[i].key, line, n_key) != 0)
        continue;
      g_free (*rows[i].value);
      *rows[i].value = g_strndup (equals + 1, length - n_key - 1);
    }
}

static gboolean
refuse (GError **error)
{
  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_BAD_REQUEST,
                       _ ("This is not what git says to a credential helper"));

  return FALSE;
}

/* Up to an empty line, or the end. */
static gboolean
read_lines (Said *said, const char *text, gsize length, GError **error)
{
  if (length > BFY_GIT_REQUEST_BYTES_MAX || memchr (text, '\0', length) != NULL ||
      memchr (text, '\r', length) != NULL)
    return refuse (error);
  while (length > 0)
    {
      const char *end = memchr (text, '\n', length);
      gsize n_line = end != NULL ? (gsize) (end - text) : length;
      const char *equals = memchr (text, '=', n_line);

      if (n_line == 0)
        return TRUE;
      if (equals == NULL)
        return refuse (error);
      take_line (said, text, n_line, equals);
      text += MIN (n_line + 1, length);
      length -= MIN (n_line + 1, length);
    }

  return TRUE;
}

static char *
take_text (char **text)
{
  gboolean is_said = *text != NULL && **text != '\0' && g_utf8_validate (*text, -1, NULL);

  return is_said ? g_steal_pointer (text) : NULL;
}

BfyGitRequest *
bfy_git_request_parse (const char *text, gsize length, GError **error)
{
  g_auto (Said) said = { 0 };
  g_autofree char *host = NULL;
  BfyGitRequest *self;

  if (length > 0 && !read_lines (&said, text, length, error))
    return NULL;
  host = bfy_reveal_normalize_host (said.host);
  if (g_strcmp0 (said.protocol, "https") != 0 || host == NULL)
    return NULL;

  self = g_new0 (BfyGitRequest, 1);
  self->host = g_steal_pointer (&host);
  self->path = take_text (&said.path);
  self->username = take_text (&said.username);

  return self;
}

typedef struct
{
  const char *username;
  const BfySecret *secret;
  const char *expiry;
} Answer;

static void
fill_answer (BfySecretWriter *writer, gconstpointer data)
{
  const Answer *answer = data;

  bfy_secret_writer_append_text (writer, "username=");
  bfy_secret_writer_append_text (writer, answer->username);
  bfy_secret_writer_append_text (writer, "\npassword=");
  bfy_secret_writer_append_secret (writer, answer->secret);
  bfy_secret_writer_append_text (writer, answer->expiry);
  bfy_secret_writer_append_text (writer, "\n");
}

static gboolean
is_one_line (const char *text, gsize length)
{
  return memchr (text, '\n', length) == NULL && memchr (text, '\r', length) == NULL &&
         memchr (text, '\0', length) == NULL;
}

BfySecret *
bfy_git_format_answer (const char *username,
                       const BfySecret *secret,
                       gint64 expires_at_s,
                       GError **error)
{
  g_autofree char *expiry =
      expires_at_s > 0 ? g_strdup_printf ("\npassword_expiry_utc=%" G_GINT64_FORMAT, expires_at_s)
                       : g_strdup ("");
  const Answer answer = { username, secret, expiry };

  if (!is_one_line (username, strlen (username)) ||
      !is_one_line (bfy_secret_peek_text (secret), bfy_secret_length (secret)))
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_UNSUPPORTED,
                           _ ("A credential of several lines cannot be given to git"));
      return NULL;
    }

  return bfy_secret_build (fill_answer, &answer);
}
