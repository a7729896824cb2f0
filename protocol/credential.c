/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Secret bytes pass from one secret to another and through nothing else: the keyring form is
 * measured before it is written, and credential-read.c unescapes strings into secret memory. */

#include "protocol/credential.h"

#include <string.h>

#include "protocol/credential-private.h"

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
  bfy_oauth_source_unref (self->source);
  g_free (self);
}

static void
append_member (BfySecretWriter *writer, const char *name, gconstpointer bytes, gsize length)
{
  bfy_secret_writer_append_text (writer, ",\"");
  bfy_secret_writer_append_text (writer, name);
  bfy_secret_writer_append_text (writer, "\":\"");
  bfy_secret_writer_append_json (writer, bytes, length);
  bfy_secret_writer_append_byte (writer, '"');
}

void
bfy_credential_append_text (BfySecretWriter *writer, const char *name, const char *text)
{
  append_member (writer, name, text, strlen (text));
}

void
bfy_credential_append_secret (BfySecretWriter *writer, const char *name, const BfySecret *secret)
{
  gsize length;
  const guint8 *bytes = bfy_secret_peek (secret, &length);

  append_member (writer, name, bytes, length);
}

void
bfy_credential_append_number (BfySecretWriter *writer, const char *name, gint64 number)
{
  char digits[32];

  g_snprintf (digits, sizeof digits, "\":%" G_GINT64_FORMAT, number);
  bfy_secret_writer_append_text (writer, ",\"");
  bfy_secret_writer_append_text (writer, name);
  bfy_secret_writer_append_text (writer, digits);
}

static void
append_tokens (BfySecretWriter *writer, const BfyCredential *self)
{
  if (self->refresh != NULL)
    bfy_credential_append_secret (writer, "refresh_token", self->refresh);
  if (self->issued_at_s > 0)
    bfy_credential_append_number (writer, "issued_at", self->issued_at_s);
  if (self->expires_at_s > 0)
    bfy_credential_append_number (writer, "expires_at", self->expires_at_s);
  if (self->source != NULL)
    bfy_credential_append_source (writer, self->source);
}

static void
fill_sealed (BfySecretWriter *writer, gconstpointer data)
{
  const BfyCredential *self = data;
  const BfyCredentialTypeRow *row = &bfy_credential_types[self->type];

  bfy_secret_writer_append_text (writer, "{\"v\":" BFY_CREDENTIAL_VERSION);
  bfy_credential_append_text (writer, "type", row->wire);
  if (row->has_username && self->username != NULL)
    bfy_credential_append_text (writer, "username", self->username);
  bfy_credential_append_secret (writer, row->secret_member, self->secret);
  if (row->has_tokens)
    append_tokens (writer, self);
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
