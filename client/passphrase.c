/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/passphrase.h"

#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>

#include "client/secret-stdin.h"

#define ATTEMPTS_MAX 3

static gboolean
is_blank (guint8 byte)
{
  return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

static BfySecret *
trim (const guint8 *bytes, gsize length)
{
  while (length > 0 && is_blank (bytes[length - 1]))
    length--;
  while (length > 0 && is_blank (*bytes))
    {
      bytes++;
      length--;
    }

  return bfy_secret_new (bytes, length);
}

BfySecret *
bfy_passphrase_trim (const BfySecret *text)
{
  gsize length;
  const guint8 *bytes = bfy_secret_peek (text, &length);

  return trim (bytes, length);
}

static gboolean
refuse (GError **error, const char *message)
{
  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, message);

  return FALSE;
}

static gboolean
has_control_characters (const guint8 *bytes, gsize length)
{
  for (gsize i = 0; i < length; i++)
    {
      if (bytes[i] < 0x20 || bytes[i] == 0x7f)
        return TRUE;
    }

  return FALSE;
}

gboolean
bfy_passphrase_check (const BfySecret *passphrase, GError **error)
{
  gsize length;
  const char *text = (const char *) bfy_secret_peek (passphrase, &length);

  if (length > BFY_PASSPHRASE_BYTES_MAX)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                   _ ("That is longer than a passphrase may be (%d bytes)"),
                   BFY_PASSPHRASE_BYTES_MAX);
      return FALSE;
    }
  if (!g_utf8_validate (text, (gssize) length, NULL))
    return refuse (error, _ ("That is not text; a passphrase is made of characters (UTF-8)"));
  if (has_control_characters ((const guint8 *) text, length))
    return refuse (error, _ ("A passphrase is one line, without control characters"));
  if (g_utf8_strlen (text, (gssize) length) < BFY_PASSPHRASE_CHARACTERS_MIN)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                   _ ("That is too short: a passphrase has at least %d characters; five words that "
                      "have nothing to do with each other make a good one"),
                   BFY_PASSPHRASE_CHARACTERS_MIN);
      return FALSE;
    }

  return TRUE;
}

gboolean
bfy_passphrase_split (const BfySecret *text,
                      BfySecret **old_one,
                      BfySecret **new_one,
                      GError **error)
{
  gsize length;
  const guint8 *bytes = bfy_secret_peek (text, &length);
  const guint8 *end = memchr (bytes, '\n', length);
  gsize n_old = end != NULL ? (gsize) (end - bytes) : 0;

  if (end == NULL || memchr (end + 1, '\n', length - n_old - 1) != NULL)
    return refuse (error,
                   _ ("Two lines are expected on stdin: the present passphrase, then the new one"));

  *old_one = trim (bytes, n_old);
  *new_one = trim (end + 1, length - n_old - 1);

  return TRUE;
}

BfyTerminal *
bfy_passphrase_open_terminal (BfyCli *cli, const char *option, GError **error)
{
  BfyTerminal *terminal = bfy_terminal_open ();

  if (terminal == NULL)
    {
      bfy_cli_set_hint (cli, _ ("%s … %s, with the passphrase piped in"), cli->title, option);
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_FAILED,
                           _ ("There is no terminal to ask for the passphrase on"));
    }

  return terminal;
}

/* One round. BFY_ERROR_INVALID_ARGUMENT is worth another one. */
static BfySecret *
ask_twice (BfyCli *cli, BfyTerminal *terminal, const char *prompt, GError **error)
{

  g_autoptr (BfySecret) typed =
      bfy_terminal_ask_secret (terminal, prompt, &cli->signal_number, error);
  g_autoptr (BfySecret) passphrase = typed != NULL ? bfy_passphrase_trim (typed) : NULL;
  g_autoptr (BfySecret) again = NULL;
  g_autoptr (BfySecret) repeated = NULL;

  if (passphrase == NULL || !bfy_passphrase_check (passphrase, error))
    return NULL;
  again = bfy_terminal_ask_secret (terminal, _ ("The same again: "), &cli->signal_number, error);
  if (again == NULL)
    return NULL;
  repeated = bfy_passphrase_trim (again);
  if (!bfy_secret_equal (passphrase, repeated))
    {
      refuse (error, _ ("The two are not the same"));
      return NULL;
    }

  return g_steal_pointer (&passphrase);
}

BfySecret *
bfy_passphrase_ask_new (BfyCli *cli, BfyTerminal *terminal, const char *prompt, GError **error)
{
  for (guint i = 1;; i++)
    {
      g_autoptr (GError) local_error = NULL;
      BfySecret *passphrase = ask_twice (cli, terminal, prompt, &local_error);

      if (passphrase != NULL)
        return passphrase;
      if (i == ATTEMPTS_MAX ||
          !g_error_matches (local_error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT))
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return NULL;
        }
      fprintf (stderr, "%s.\n", local_error->message);
    }
}

BfySecret *
bfy_passphrase_get_new (BfyCli *cli, gboolean from_stdin, const char *prompt, GError **error)
{
  g_autoptr (BfySecret) piped = NULL;
  g_autoptr (BfySecret) passphrase = NULL;
  g_autoptr (BfyTerminal) terminal = NULL;

  if (!from_stdin)
    {
      terminal = bfy_passphrase_open_terminal (cli, "--passphrase-stdin", error);
      return terminal != NULL ? bfy_passphrase_ask_new (cli, terminal, prompt, error) : NULL;
    }

  piped = bfy_secret_read_stdin (cli, "--passphrase-stdin", N_ ("passphrase"), error);
  if (piped == NULL)
    return NULL;
  passphrase = bfy_passphrase_trim (piped);

  return bfy_passphrase_check (passphrase, error) ? g_steal_pointer (&passphrase) : NULL;
}
