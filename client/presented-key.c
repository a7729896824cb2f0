/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/presented-key.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/secret-stdin.h"
#include "protocol/client-key.h"
#include "protocol/name.h"

#define FILE_BYTES_MAX 4096

void
bfy_key_options_clear (BfyKeyOptions *self)
{
  if (self != NULL)
    g_clear_pointer (&self->file, g_free);
}

gboolean
bfy_key_options_is_set (const BfyKeyOptions *self)
{
  return self != NULL && (self->file != NULL || self->on_stdin);
}

/* Takes it without the blanks around it; the same words for every way in which it is none. */
static BfySecret *
parse (const BfySecret *text, const char *where, GError **error)
{
  const char *bytes = bfy_secret_peek_text (text);
  gsize length = bfy_secret_length (text);
  g_autoptr (BfySecret) key = NULL;

  while (length > 0 && g_ascii_isspace (bytes[length - 1]))
    length--;
  while (length > 0 && g_ascii_isspace (*bytes))
    {
      bytes++;
      length--;
    }
  key = bfy_client_key_parse (bytes, length);
  if (key == NULL)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                   _ ("%s is no client key: a key is %s and %d characters"), where,
                   BFY_CLIENT_KEY_PREFIX, BFY_CLIENT_KEY_TEXT_LENGTH);
      return NULL;
    }

  return bfy_client_key_to_printed (key);
}

static gboolean
check_file (const struct stat *facts, const char *shown, GError **error)
{
  if (!S_ISREG (facts->st_mode))
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_UNSAFE_PATH, _ ("%s is not a regular file"), shown);
      return FALSE;
    }
  if (facts->st_uid != geteuid ())
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_UNSAFE_PATH,
                   _ ("%s belongs to another user (id %u); a key file must be yours"), shown,
                   (guint) facts->st_uid);
      return FALSE;
    }
  if ((facts->st_mode & 077) != 0)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_UNSAFE_PATH,
                   _ ("Others can read the key in %s (mode %04o); chmod 600 makes it yours alone"),
                   shown, (guint) (facts->st_mode & 07777));
      return FALSE;
    }
  if (facts->st_size > FILE_BYTES_MAX)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_TOO_LARGE, _ ("%s is too large for a client key"),
                   shown);
      return FALSE;
    }

  return TRUE;
}

static BfySecret *
read_fd (int fd, const char *shown, GError **error)
{
  g_autoptr (BfySecret) buffer = NULL;
  g_autoptr (BfySecret) text = NULL;
  g_autofree char *where = g_strdup_printf (_ ("What is in %s"), shown);
  struct stat facts;
  guint8 *data;
  gsize length = 0;
  gssize n_read;

  if (fstat (fd, &facts) != 0)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_FAILED, _ ("Cannot read %s: %s"), shown,
                   g_strerror (errno));
      return NULL;
    }
  if (!check_file (&facts, shown, error))
    return NULL;

  buffer = bfy_secret_new_blank (FILE_BYTES_MAX, &data);
  while (length < FILE_BYTES_MAX &&
         ((n_read = read (fd, data + length, FILE_BYTES_MAX - length)) > 0 ||
          (n_read < 0 && errno == EINTR)))
    length += n_read > 0 ? (gsize) n_read : 0;

  text = bfy_secret_new (data, length);

  return parse (text, where, error);
}

BfySecret *
bfy_key_read_file (const char *path, GError **error)
{
  g_autofree char *shown = bfy_text_to_line (path, 200);
  int fd = open (path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  BfySecret *key;

  if (fd < 0)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_FAILED, _ ("Cannot read the key file %s: %s"), shown,
                   g_strerror (errno));
      return NULL;
    }

  key = read_fd (fd, shown, error);
  (void) close (fd);

  return key;
}

BfySecret *
bfy_key_read (BfyCli *cli, const BfyKeyOptions *options, GError **error)
{
  g_autoptr (BfySecret) text = NULL;

  if (options->file != NULL && options->on_stdin)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                           _ ("The key comes from a file or from stdin, not from both"));
      return NULL;
    }
  if (options->file != NULL)
    return bfy_key_read_file (options->file, error);

  text = bfy_secret_read_stdin (cli, "--key-stdin", N_ ("client key"), error);

  return text != NULL ? parse (text, _ ("What came on stdin"), error) : NULL;
}

gboolean
bfy_key_present (BfyCli *cli, const BfyKeyOptions *options, GError **error)
{
  g_autoptr (BfySecret) key = NULL;

  if (!bfy_key_options_is_set (options))
    return TRUE;
  if (bfy_cli_connect (cli, error) == NULL)
    return FALSE;
  key = bfy_key_read (cli, options, error);
  if (key == NULL)
    return FALSE;

  bfy_remote_set_key (cli->remote, key);

  return TRUE;
}
