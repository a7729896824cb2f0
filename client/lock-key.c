/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/lock-key.h"

#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>

#include "client/fields.h"
#include "client/passphrase.h"
#include "client/secret-stdin.h"
#include "protocol/json.h"
#include "protocol/secret-writer.h"

#define WAITS_MAX 20 /* others may be trying, too */
#define EMPTY_TEXT N_ ("An empty passphrase keeps nobody out")

static gboolean
refuse (GError **error, const char *message)
{
  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, message);

  return FALSE;
}

gboolean
bfy_lock_key_check (const BfySecret *passphrase, GError **error)
{
  gsize length;
  const char *text = (const char *) bfy_secret_peek (passphrase, &length);

  if (length == 0)
    return refuse (error, _ (EMPTY_TEXT));
  if (length > BFY_PASSPHRASE_BYTES_MAX)
    return refuse (error, _ ("That is longer than a passphrase may be (1024 bytes)"));
  if (!g_utf8_validate (text, (gssize) length, NULL))
    return refuse (error, _ ("That is not text; a passphrase is made of characters (UTF-8)"));
  for (gsize i = 0; i < length; i++)
    if ((guchar) text[i] < 0x20 || text[i] == 0x7f)
      return refuse (error, _ ("A passphrase is one line, without control characters"));

  return TRUE;
}

/* An empty answer is no wish to stop. */
static BfySecret *
ask_one (BfyCli *cli, BfyTerminal *terminal, const char *prompt, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autoptr (BfySecret) typed =
      bfy_terminal_ask_secret (terminal, prompt, &cli->signal_number, &local_error);

  if (typed != NULL)
    return bfy_passphrase_trim (typed);
  if (cli->signal_number == 0 && g_error_matches (local_error, BFY_ERROR, BFY_ERROR_CANCELLED))
    refuse (error, _ (EMPTY_TEXT));
  else
    g_propagate_error (error, g_steal_pointer (&local_error));

  return NULL;
}

BfySecret *
bfy_lock_key_ask_new (BfyCli *cli, BfyTerminal *terminal, const char *prompt, GError **error)
{
  g_autoptr (BfySecret) passphrase = ask_one (cli, terminal, prompt, error);
  g_autoptr (BfySecret) again = NULL;

  if (passphrase == NULL || !bfy_lock_key_check (passphrase, error))
    return NULL;
  again = ask_one (cli, terminal, _ ("The same again: "), error);
  if (again == NULL)
    return NULL;
  if (!bfy_secret_equal (passphrase, again))
    {
      refuse (error, _ ("The two are not the same"));
      return NULL;
    }

  return g_steal_pointer (&passphrase);
}

BfySecret *
bfy_lock_key_read_stdin (BfyCli *cli, const char *option, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autoptr (BfySecret) piped =
      bfy_secret_read_stdin (cli, option, N_ ("passphrase"), &local_error);
  g_autoptr (BfySecret) passphrase = NULL;

  if (g_error_matches (local_error, BFY_ERROR, BFY_ERROR_CANCELLED) && cli->signal_number == 0)
    {
      refuse (error, _ (EMPTY_TEXT));
      return NULL;
    }
  if (piped == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }
  passphrase = bfy_passphrase_trim (piped);

  return bfy_lock_key_check (passphrase, error) ? g_steal_pointer (&passphrase) : NULL;
}

BfySecret *
bfy_lock_key_make (const BfySecret *passphrase, BfyKdf *kdf, GError **error)
{
  *kdf = (BfyKdf){ .algorithm = BFY_KDF_SCRYPT, .log2_n = BFY_LOCK_LOG2_N, .r = BFY_KDF_R, .p = 1 };
  if (!bfy_kdf_make_salt (kdf, error))
    return NULL;

  return bfy_kdf_derive (kdf, passphrase, error);
}

BfySecret *
bfy_lock_key_derive (JsonObject *lock,
                     const char *member,
                     const BfySecret *passphrase,
                     GError **error)
{
  JsonObject *object = bfy_field_object (lock, member);
  BfyKdf kdf;

  if (object == NULL)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                           _ ("There is no passphrase that could be given"));
      return NULL;
    }
  if (!bfy_kdf_from_json (object, &kdf, error))
    return NULL;

  return bfy_kdf_derive (&kdf, passphrase, error);
}

typedef struct
{
  const BfySecret *old_key; /* (nullable) */
  const char *kdf;          /* (nullable) */
  const BfySecret *key;     /* (nullable) */
} Pieces;

static void
append_member (BfySecretWriter *writer, const char *name, const BfySecret *key)
{
  gsize length;
  const guint8 *bytes;

  if (key == NULL)
    return;
  bytes = bfy_secret_peek (key, &length);
  bfy_secret_writer_append_text (writer, name);
  bfy_secret_writer_append_base64 (writer, bytes, length);
  bfy_secret_writer_append_byte (writer, '"');
}

/* A member that is null is one that is not there. */
static void
fill (BfySecretWriter *writer, gconstpointer data)
{
  const Pieces *pieces = data;

  if (pieces->key == NULL)
    bfy_secret_writer_append_text (writer, "{\"key\":null");
  append_member (writer, "{\"key\":\"", pieces->key);
  append_member (writer, ",\"old_key\":\"", pieces->old_key);
  if (pieces->kdf != NULL)
    {
      bfy_secret_writer_append_text (writer, ",\"kdf\":");
      bfy_secret_writer_append_text (writer, pieces->kdf);
    }
  bfy_secret_writer_append_byte (writer, '}');
}

GBytes *
bfy_lock_key_body (const BfySecret *old_key, const BfyKdf *kdf, const BfySecret *key)
{
  g_autoptr (JsonObject) object = kdf != NULL ? bfy_kdf_to_json (kdf) : NULL;
  g_autofree char *text = object != NULL ? bfy_json_object_to_text (object, NULL) : NULL;
  const Pieces pieces = { old_key, text, key };
  BfySecret *body = bfy_secret_build (fill, &pieces);

  return g_bytes_new_with_free_func (bfy_secret_peek (body, NULL), bfy_secret_length (body),
                                     (GDestroyNotify) bfy_secret_unref, body);
}

static gboolean
on_waited (gpointer user_data)
{
  bfy_cli_wake (user_data);

  return G_SOURCE_REMOVE;
}

static void
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  bfy_cli_wake (user_data);
}

/* FALSE and BFY_ERROR_CANCELLED. */
static gboolean
wait_for (BfyCli *cli, gint64 wait_ms, GError **error)
{
  g_autoptr (GSource) timer = g_timeout_source_new ((guint) CLAMP (wait_ms, 1, G_MAXINT));
  gulong cancelled_id =
      g_signal_connect (cli->cancellable, "cancelled", G_CALLBACK (on_cancelled), cli);

  g_source_set_callback (timer, on_waited, cli, NULL);
  g_source_attach (timer, NULL);
  (void) bfy_cli_wait (cli);
  g_source_destroy (timer);
  g_signal_handler_disconnect (cli->cancellable, cancelled_id);

  return !g_cancellable_set_error_if_cancelled (cli->cancellable, error);
}

gboolean
bfy_lock_key_wait (BfyCli *cli, GError **error)
{
  g_autoptr (JsonObject) lock = bfy_cli_call (cli, "GET", "/v1/lock", NULL, error);
  gint64 wait_ms;

  if (lock == NULL)
    return FALSE;
  wait_ms = bfy_field_int (lock, "wait_ms");
  if (wait_ms <= 0)
    return TRUE;
  if (wait_ms > 1000)
    fprintf (stderr, _ ("After a wrong passphrase the next one counts in %d s; waiting.\n"),
             (int) ((wait_ms + 999) / 1000));

  return wait_for (cli, wait_ms, error);
}

JsonObject *
bfy_lock_key_call (BfyCli *cli, const char *method, const char *path, GBytes *body, GError **error)
{
  for (guint i = 0;; i++)
    {
      g_autoptr (GError) local_error = NULL;
      JsonObject *reply = bfy_cli_call (cli, method, path, body, &local_error);

      if (reply != NULL)
        return reply;
      if (i == WAITS_MAX || !g_error_matches (local_error, BFY_ERROR, BFY_ERROR_RATE_LIMITED))
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return NULL;
        }
      if (!bfy_lock_key_wait (cli, error))
        return NULL;
    }
}
