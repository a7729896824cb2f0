/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Secret bytes pass from one secret to another and through nothing else: the keyring form is
 * measured before it is written, and credential-read.c unescapes strings into secret memory. */

#include "protocol/credential.h"

#include <string.h>

#include "protocol/credential-private.h"
#include "protocol/secret-writer.h"

#define LAST_VISIBLE 0x7e /* what goes into a header as it is */
#define LAST_OF_ALL 0xff

const BfyCredentialTypeRow bfy_credential_types[BFY_N_CREDENTIAL_TYPES] = {
  [BFY_CREDENTIAL_API_KEY] = { "api_key", "api_key", FALSE, FALSE, "", LAST_VISIBLE },
  [BFY_CREDENTIAL_OAUTH_TOKEN] = { "oauth_token", "access_token", FALSE, TRUE, "", LAST_VISIBLE },
  [BFY_CREDENTIAL_BASIC_AUTH] = { "basic_auth", "password", TRUE, FALSE, "", LAST_OF_ALL },
  [BFY_CREDENTIAL_CUSTOM] = { "custom", "value", FALSE, FALSE, "\t\n\r", LAST_OF_ALL },
};

BfyCredential *
bfy_credential_new (BfyCredentialType type, const char *username, BfySecret *secret)
{
  BfyCredential *self = g_new0 (BfyCredential, 1);

  self->type = type;
  self->username = g_strdup (username);
  self->secret = bfy_secret_ref (secret);

  return self;
}

void
bfy_credential_free (BfyCredential *self)
{
  if (self == NULL)
    return;

  g_free (self->username);
  g_clear_pointer (&self->secret, bfy_secret_unref);
  g_clear_pointer (&self->refresh, bfy_secret_unref);
  g_free (self);
}

static void
append_json_byte (BfySecretWriter *writer, guint8 byte)
{
  static const char digits[] = "0123456789abcdef";

  if (byte == '"' || byte == '\\')
    {
      bfy_secret_writer_append_byte (writer, '\\');
      bfy_secret_writer_append_byte (writer, byte);
    }
  else if (byte < 0x20 || byte == 0x7f)
    {
      bfy_secret_writer_append_text (writer, "\\u00");
      bfy_secret_writer_append_byte (writer, (guint8) digits[byte >> 4]);
      bfy_secret_writer_append_byte (writer, (guint8) digits[byte & 15]);
    }
  else
    {
      bfy_secret_writer_append_byte (writer, byte);
    }
}

static void
append_member (BfySecretWriter *writer, const char *name, const guint8 *bytes, gsize length)
{
  bfy_secret_writer_append_text (writer, ",\"");
  bfy_secret_writer_append_text (writer, name);
  bfy_secret_writer_append_text (writer, "\":\"");
  for (gsize i = 0; i < length; i++)
    append_json_byte (writer, bytes[i]);
  bfy_secret_writer_append_byte (writer, '"');
}

static void
append_secret_member (BfySecretWriter *writer, const char *name, const BfySecret *secret)
{
  gsize length;
  const guint8 *bytes = bfy_secret_peek (secret, &length);

  append_member (writer, name, bytes, length);
}

static void
fill_sealed (BfySecretWriter *writer, gconstpointer data)
{
  const BfyCredential *self = data;
  const BfyCredentialTypeRow *row = &bfy_credential_types[self->type];
  char expiry[32];

  bfy_secret_writer_append_text (writer, "{\"v\":" BFY_CREDENTIAL_VERSION);
  append_member (writer, "type", (const guint8 *) row->wire, strlen (row->wire));
  if (row->has_username && self->username != NULL)
    append_member (writer, "username", (const guint8 *) self->username, strlen (self->username));
  append_secret_member (writer, row->secret_member, self->secret);
  if (row->has_tokens && self->refresh != NULL)
    append_secret_member (writer, "refresh_token", self->refresh);
  if (row->has_tokens && self->expires_at_s > 0)
    {
      g_snprintf (expiry, sizeof expiry, ",\"expires_at\":%" G_GINT64_FORMAT, self->expires_at_s);
      bfy_secret_writer_append_text (writer, expiry);
    }
  bfy_secret_writer_append_byte (writer, '}');
}

BfySecret *
bfy_credential_seal (const BfyCredential *self)
{
  return bfy_secret_build (fill_sealed, self);
}

const char *
bfy_credential_type_to_wire (BfyCredentialType type)
{
  return bfy_credential_types[type].wire;
}

gboolean
bfy_credential_type_from_wire (const char *wire, BfyCredentialType *type)
{
  for (guint i = 0; i < BFY_N_CREDENTIAL_TYPES; i++)
    {
      if (g_strcmp0 (bfy_credential_types[i].wire, wire) == 0)
        {
          *type = i;
          return TRUE;
        }
    }

  return FALSE;
}
