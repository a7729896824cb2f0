/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/sigv4.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

#include "protocol/secret-writer.h"
#include "protocol/sigv4-private.h"

#define ALGORITHM "AWS4-HMAC-SHA256"
#define TERMINATOR "aws4_request"
#define DAY_LENGTH 8
#define MAC_BYTES 32

char *
bfy_sigv4_date (gint64 time_s)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (time_s);

  return g_date_time_format (time, "%Y%m%dT%H%M%SZ");
}

char *
bfy_sigv4_hash (gconstpointer bytes, gsize length)
{
  return g_compute_checksum_for_data (G_CHECKSUM_SHA256, length > 0 ? bytes : (gconstpointer) "",
                                      length);
}

static int
compare_headers (gconstpointer a, gconstpointer b)
{
  const BfySigv4Header *const *one = a;
  const BfySigv4Header *const *other = b;
  int order = g_ascii_strcasecmp ((*one)->name, (*other)->name);

  /* Values of the same name stay in the order in which they are sent. */
  if (order != 0)
    return order;

  return *one < *other ? -1 : 1;
}

static GPtrArray *
sort_headers (const BfySigv4Request *request)
{
  GPtrArray *sorted = g_ptr_array_new ();

  for (gsize i = 0; i < request->n_headers; i++)
    g_ptr_array_add (sorted, (gpointer) &request->headers[i]);
  g_ptr_array_sort (sorted, compare_headers);

  return sorted;
}

static gboolean
follows_its_like (GPtrArray *sorted, guint i)
{
  const BfySigv4Header *header = g_ptr_array_index (sorted, i);

  return i > 0 &&
         g_ascii_strcasecmp (
             header->name, ((const BfySigv4Header *) g_ptr_array_index (sorted, i - 1))->name) == 0;
}

/* Without spaces at the ends, one where there are several. */
static void
append_value (GString *text, const char *value)
{
  g_auto (GStrv) words = g_strsplit_set (value, " \t", -1);
  gboolean is_first = TRUE;

  for (guint i = 0; words[i] != NULL; i++)
    {
      if (*words[i] == '\0')
        continue;
      if (!is_first)
        g_string_append_c (text, ' ');
      g_string_append (text, words[i]);
      is_first = FALSE;
    }
}

static void
append_lower (GString *text, const char *name)
{
  for (; *name != '\0'; name++)
    g_string_append_c (text, g_ascii_tolower (*name));
}

static void
append_headers (GString *text, GPtrArray *sorted)
{
  for (guint i = 0; i < sorted->len; i++)
    {
      const BfySigv4Header *header = g_ptr_array_index (sorted, i);

      if (follows_its_like (sorted, i))
        {
          g_string_append_c (text, ',');
        }
      else
        {
          if (i > 0)
            g_string_append_c (text, '\n');
          append_lower (text, header->name);
          g_string_append_c (text, ':');
        }
      append_value (text, header->value);
    }
  if (sorted->len > 0)
    g_string_append_c (text, '\n');
}

static void
append_names (GString *text, GPtrArray *sorted)
{
  for (guint i = 0; i < sorted->len; i++)
    {
      const BfySigv4Header *header = g_ptr_array_index (sorted, i);

      if (follows_its_like (sorted, i))
        continue;
      if (i > 0)
        g_string_append_c (text, ';');
      append_lower (text, header->name);
    }
}

char *
bfy_sigv4_canonical_request (const BfySigv4Request *request, const char *scope)
{
  g_autoptr (GPtrArray) sorted = sort_headers (request);
  g_autofree char *path = bfy_sigv4_signed_path (request->path, bfy_sigv4_scope_is_s3 (scope));
  g_autofree char *query = bfy_sigv4_query (request->query);
  GString *text = g_string_new (request->method);

  g_string_append_printf (text, "\n%s\n%s\n", path, query);
  append_headers (text, sorted);
  g_string_append_c (text, '\n');
  append_names (text, sorted);
  g_string_append_printf (text, "\n%s", request->payload);

  return g_string_free (text, FALSE);
}

static void
authenticate (const guint8 *key, gsize key_length, const char *text, gsize length, guint8 *mac)
{
  guint mac_length = MAC_BYTES;

  HMAC (EVP_sha256 (), key, (int) key_length, (const guint8 *) text, length, mac, &mac_length);
}

static void
fill_first_key (BfySecretWriter *writer, gconstpointer data)
{
  bfy_secret_writer_append_text (writer, "AWS4");
  bfy_secret_writer_append_secret (writer, data);
}

/* The key of a day, a region and a service, of which the secret one cannot be found out. */
static void
derive_key (const BfySigv4Key *key, guint8 *mac)
{
  g_autoptr (BfySecret) first = bfy_secret_build (fill_first_key, key->secret_key);
  const char *service = strchr (key->scope, '/') + 1;
  gsize first_length;
  const guint8 *first_bytes = bfy_secret_peek (first, &first_length);

  authenticate (first_bytes, first_length, key->date, DAY_LENGTH, mac);
  authenticate (mac, MAC_BYTES, key->scope, (gsize) (service - key->scope - 1), mac);
  authenticate (mac, MAC_BYTES, service, strlen (service), mac);
  authenticate (mac, MAC_BYTES, TERMINATOR, strlen (TERMINATOR), mac);
}

static char *
sign (const BfySigv4Request *request, const BfySigv4Key *key)
{
  g_autofree char *canonical = bfy_sigv4_canonical_request (request, key->scope);
  g_autofree char *hash = bfy_sigv4_hash (canonical, strlen (canonical));
  g_autofree char *text = g_strdup_printf (ALGORITHM "\n%s\n%.*s/%s/" TERMINATOR "\n%s", key->date,
                                           DAY_LENGTH, key->date, key->scope, hash);
  GString *digits = g_string_sized_new (2 * MAC_BYTES);
  guint8 mac[MAC_BYTES];

  derive_key (key, mac);
  authenticate (mac, sizeof mac, text, strlen (text), mac);
  for (guint i = 0; i < sizeof mac; i++)
    g_string_append_printf (digits, "%02x", mac[i]);
  bfy_wipe (mac, sizeof mac);

  return g_string_free (digits, FALSE);
}

BfySecret *
bfy_sigv4_authorization (const BfySigv4Request *request, const BfySigv4Key *key)
{
  g_autoptr (GPtrArray) sorted = sort_headers (request);
  g_autoptr (GString) names = g_string_new (NULL);
  g_auto (BfyWipedText) signature = sign (request, key);
  g_auto (BfyWipedText) value = NULL;

  append_names (names, sorted);
  value = g_strdup_printf (
      ALGORITHM " Credential=%s/%.*s/%s/" TERMINATOR ", SignedHeaders=%s, Signature=%s",
      key->access_key_id, DAY_LENGTH, key->date, key->scope, names->str, signature);

  return bfy_secret_new (value, strlen (value));
}

void
bfy_sigv4_split_secret (const BfySecret *secret, BfySecret **key, BfySecret **token)
{
  gsize length;
  const char *bytes = (const char *) bfy_secret_peek (secret, &length);
  const char *colon = memchr (bytes, ':', length);
  gsize n_key = colon != NULL ? (gsize) (colon - bytes) : length;

  *key = bfy_secret_new (bytes, n_key);
  *token =
      colon != NULL && n_key + 1 < length ? bfy_secret_new (colon + 1, length - n_key - 1) : NULL;
}
