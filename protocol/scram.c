/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/scram.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <string.h>

#include "protocol/error.h"

#define KEY_BYTES 32
#define SALT_BYTES_MAX 1024
#define NO_BINDING "n,,"
#define NO_BINDING_BASE64 "biws"

struct _BfyScram
{
  char *user;          /* (owned) */
  char *nonce;         /* (owned) */
  BfySecret *password; /* (owned) */
  gboolean is_answered;
  guint8 server_signature[KEY_BYTES]; /* that is expected */
};

/* What a server's first message says. */
typedef struct
{
  char *nonce;  /* (owned) ours, and more */
  guint8 *salt; /* (owned) */
  gsize n_salt;
  guint64 n_iterations;
} Challenge;

static void
challenge_clear (Challenge *self)
{
  g_free (self->nonce);
  g_free (self->salt);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Challenge, challenge_clear)

static gboolean
refuse (GError **error, const char *text)
{
  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED, text);

  return FALSE;
}

/* What SASLprep makes of most passwords. */
static BfySecret *
prepare (BfySecret *password)
{
  gsize length;
  const char *text = (const char *) bfy_secret_peek (password, &length);
  g_auto (BfyWipedText) normal = NULL;
  gboolean is_ascii = TRUE;

  for (gsize i = 0; i < length; i++)
    is_ascii &= (guchar) text[i] < 0x80;
  if (is_ascii || !g_utf8_validate (text, (gssize) length, NULL))
    return bfy_secret_ref (password);
  normal = g_utf8_normalize (text, (gssize) length, G_NORMALIZE_NFKC);

  return bfy_secret_new (normal, strlen (normal));
}

BfyScram *
bfy_scram_new (const char *user, const char *nonce, BfySecret *password)
{
  BfyScram *self = g_new0 (BfyScram, 1);

  self->user = g_strdup (user);
  self->nonce = g_strdup (nonce);
  self->password = prepare (password);

  return self;
}

void
bfy_scram_free (BfyScram *self)
{
  if (self == NULL)
    return;
  bfy_wipe (self->server_signature, sizeof self->server_signature);
  bfy_secret_unref (self->password);
  g_free (self->user);
  g_free (self->nonce);
  g_free (self);
}

char *
bfy_scram_make_nonce (GError **error)
{
  guint8 bytes[BFY_SCRAM_NONCE_BYTES];

  if (RAND_bytes (bytes, sizeof bytes) == 1)
    return g_base64_encode (bytes, sizeof bytes);
  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_FAILED, "There are no random numbers");

  return NULL;
}

static char *
format_bare (const BfyScram *self)
{
  return g_strdup_printf ("n=%s,r=%s", self->user, self->nonce);
}

char *
bfy_scram_format_first (const BfyScram *self)
{
  g_autofree char *bare = format_bare (self);

  return g_strconcat (NO_BINDING, bare, NULL);
}

/* g_base64_decode() takes anything. */
static guint8 *
decode (const char *text, gsize n_bytes_max, gsize *n_bytes)
{
  gsize length = strlen (text);
  gsize n_good = strspn (text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
  g_autofree guint8 *bytes = NULL;

  if (length == 0 || length % 4 != 0 || length > n_bytes_max * 2 ||
      strspn (text + n_good, "=") != length - n_good || length - n_good > 2)
    return NULL;
  bytes = g_base64_decode (text, n_bytes);

  return *n_bytes > 0 && *n_bytes <= n_bytes_max ? g_steal_pointer (&bytes) : NULL;
}

static gboolean
is_printable (const char *text, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isgraph (text[i]) && text[i] != ' ')
      return FALSE;

  return length > 0 && length <= BFY_SCRAM_MESSAGE_BYTES_MAX;
}

/* r=…,s=…,i=…, and what extensions may add. */
static gboolean
read_challenge (const BfyScram *self, const char *text, Challenge *challenge, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (text, ",", -1);

  if (g_strv_length (parts) < 3 || !g_str_has_prefix (parts[0], "r=") ||
      !g_str_has_prefix (parts[1], "s=") || !g_str_has_prefix (parts[2], "i="))
    return refuse (error, "The server’s answer to the sign-in is not as it should be");
  challenge->nonce = g_strdup (parts[0] + 2);
  challenge->salt = decode (parts[1] + 2, SALT_BYTES_MAX, &challenge->n_salt);
  if (!g_str_has_prefix (challenge->nonce, self->nonce) ||
      strlen (challenge->nonce) == strlen (self->nonce))
    return refuse (error, "The server’s answer belongs to another sign-in");
  if (challenge->salt == NULL ||
      !g_ascii_string_to_unsigned (parts[2] + 2, 10, 1, BFY_SCRAM_ITERATIONS_MAX,
                                   &challenge->n_iterations, NULL))
    return refuse (error, "The server wants a sign-in that costs more than it may");

  return TRUE;
}

static void
hmac (const guint8 key[KEY_BYTES], const char *text, guint8 out[KEY_BYTES])
{
  HMAC (EVP_sha256 (), key, KEY_BYTES, (const guint8 *) text, strlen (text), out, NULL);
}

static gboolean
salt_password (const BfyScram *self, const Challenge *challenge, guint8 salted[KEY_BYTES])
{
  gsize length;
  const char *text = (const char *) bfy_secret_peek (self->password, &length);

  return PKCS5_PBKDF2_HMAC (text, (int) length, challenge->salt, (int) challenge->n_salt,
                            (int) challenge->n_iterations, EVP_sha256 (), KEY_BYTES, salted) == 1;
}

/* What shows that the password is known; and what the server has to show. */
static char *
prove (BfyScram *self, const guint8 salted[KEY_BYTES], const char *said)
{
  guint8 client_key[KEY_BYTES], server_key[KEY_BYTES], stored_key[KEY_BYTES], proof[KEY_BYTES];
  char *text;

  hmac (salted, "Client Key", client_key);
  hmac (salted, "Server Key", server_key);
  EVP_Digest (client_key, KEY_BYTES, stored_key, NULL, EVP_sha256 (), NULL);
  hmac (stored_key, said, proof);
  for (guint i = 0; i < KEY_BYTES; i++)
    proof[i] ^= client_key[i];
  hmac (server_key, said, self->server_signature);
  text = g_base64_encode (proof, KEY_BYTES);
  bfy_wipe (client_key, sizeof client_key);
  bfy_wipe (server_key, sizeof server_key);
  bfy_wipe (stored_key, sizeof stored_key);

  return text;
}

char *
bfy_scram_answer (BfyScram *self, const char *text, gsize length, GError **error)
{
  g_autofree char *message = g_strndup (text, length);
  g_auto (Challenge) challenge = { 0 };
  g_autofree char *bare = format_bare (self);
  g_autofree char *last = NULL;
  g_autofree char *said = NULL;
  g_autofree char *proof = NULL;
  guint8 salted[KEY_BYTES];

  if (!is_printable (text, length))
    {
      refuse (error, "The server’s answer to the sign-in is not as it should be");
      return NULL;
    }
  if (!read_challenge (self, message, &challenge, error))
    return NULL;
  last = g_strdup_printf ("c=" NO_BINDING_BASE64 ",r=%s", challenge.nonce);
  said = g_strdup_printf ("%s,%s,%s", bare, message, last);
  if (!salt_password (self, &challenge, salted))
    {
      refuse (error, "The sign-in could not be computed");
      return NULL;
    }
  proof = prove (self, salted, said);
  bfy_wipe (salted, sizeof salted);
  self->is_answered = TRUE;

  return g_strdup_printf ("%s,p=%s", last, proof);
}

gboolean
bfy_scram_check (const BfyScram *self, const char *text, gsize length, GError **error)
{
  g_autofree char *message = g_strndup (text, length);
  g_autofree guint8 *signature = NULL;
  gsize n_bytes = 0;
  char *comma;

  if (!self->is_answered || !is_printable (text, length) || !g_str_has_prefix (message, "v="))
    return refuse (error, "The server does not show that it knows the password");
  comma = strchr (message, ',');
  if (comma != NULL)
    *comma = '\0';
  signature = decode (message + 2, KEY_BYTES, &n_bytes);
  if (signature == NULL || n_bytes != KEY_BYTES ||
      CRYPTO_memcmp (signature, self->server_signature, KEY_BYTES) != 0)
    return refuse (error, "The server does not know the password: it is not the one it claims to "
                          "be, or something stands between");

  return TRUE;
}
