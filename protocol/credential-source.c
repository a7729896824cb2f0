/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The part of an OAuth credential that says where its tokens come from. It is written by us alone,
 * so it is read strictly: what is unknown, of another type or missing is damage (behaviour 9.5). */

#include <string.h>

#include "protocol/credential-private.h"

#define TEXT_BYTES_MAX (8 * 1024) /* of a URL or a list of scopes */

/* In the order in which they are written. */
typedef enum
{
  SLOT_ISSUER,
  SLOT_CLIENT_ID,
  SLOT_CLIENT_ORIGIN,
  SLOT_CLIENT_AUTH,
  SLOT_CLIENT_SECRET,
  SLOT_CLIENT_EXPIRES_AT,
  SLOT_REDIRECT_URI,
  SLOT_REGISTRATION_URI,
  SLOT_REGISTRATION_TOKEN,
  SLOT_TOKEN_URL,
  SLOT_REVOCATION_URL,
  SLOT_RESOURCE,
  SLOT_SCOPE,
  SLOT_IS_CLIENT_CREDENTIALS,
  SLOT_ALLOW_LOCAL,
  N_SLOTS,
} Slot;

static const char *const names[N_SLOTS] = {
  [SLOT_ISSUER] = "issuer",
  [SLOT_CLIENT_ID] = "client_id",
  [SLOT_CLIENT_ORIGIN] = "client_origin",
  [SLOT_CLIENT_AUTH] = "client_auth",
  [SLOT_CLIENT_SECRET] = "client_secret",
  [SLOT_CLIENT_EXPIRES_AT] = "client_expires_at",
  [SLOT_REDIRECT_URI] = "redirect_uri",
  [SLOT_REGISTRATION_URI] = "registration_uri",
  [SLOT_REGISTRATION_TOKEN] = "registration_token",
  [SLOT_TOKEN_URL] = "token_url",
  [SLOT_REVOCATION_URL] = "revocation_url",
  [SLOT_RESOURCE] = "resource",
  [SLOT_SCOPE] = "scope",
  [SLOT_IS_CLIENT_CREDENTIALS] = "is_client_credentials",
  [SLOT_ALLOW_LOCAL] = "allow_local",
};

static void
append_text (BfySecretWriter *writer, Slot slot, const char *text)
{
  if (text != NULL)
    bfy_credential_append_text (writer, names[slot], text);
}

static void
append_secret (BfySecretWriter *writer, Slot slot, const BfySecret *secret)
{
  if (secret != NULL)
    bfy_credential_append_secret (writer, names[slot], secret);
}

static void
append_flag (BfySecretWriter *writer, Slot slot, gboolean is_set)
{
  if (!is_set)
    return;

  bfy_secret_writer_append_text (writer, ",\"");
  bfy_secret_writer_append_text (writer, names[slot]);
  bfy_secret_writer_append_text (writer, "\":true");
}

static void
append_client (BfySecretWriter *writer, const BfyOAuthClient *client)
{
  append_text (writer, SLOT_CLIENT_ID, client->id);
  append_text (writer, SLOT_CLIENT_ORIGIN, bfy_oauth_client_origin_to_wire (client->origin));
  append_text (writer, SLOT_CLIENT_AUTH, bfy_oauth_client_auth_to_wire (client->auth));
  append_secret (writer, SLOT_CLIENT_SECRET, client->secret);
  if (client->expires_at_s > 0)
    bfy_credential_append_number (writer, names[SLOT_CLIENT_EXPIRES_AT], client->expires_at_s);
  append_text (writer, SLOT_REDIRECT_URI, client->redirect_uri);
  append_text (writer, SLOT_REGISTRATION_URI, client->registration_uri);
  append_secret (writer, SLOT_REGISTRATION_TOKEN, client->registration_token);
}

void
bfy_credential_append_source (BfySecretWriter *writer, const BfyOAuthSource *source)
{
  bfy_secret_writer_append_text (writer, ",\"source\":{\"issuer\":\"");
  bfy_secret_writer_append_json (writer, source->client->issuer, strlen (source->client->issuer));
  bfy_secret_writer_append_byte (writer, '"');
  append_client (writer, source->client);
  append_text (writer, SLOT_TOKEN_URL, source->token_url);
  append_text (writer, SLOT_REVOCATION_URL, source->revocation_url);
  append_text (writer, SLOT_RESOURCE, source->resource);
  append_text (writer, SLOT_SCOPE, source->scope);
  append_flag (writer, SLOT_IS_CLIENT_CREDENTIALS, source->is_client_credentials);
  append_flag (writer, SLOT_ALLOW_LOCAL, source->allow_local);
  bfy_secret_writer_append_byte (writer, '}');
}

/* --- Reading --- */

static gboolean
sort_members (const BfyJsonSlice *object, BfyJsonSlice slots[N_SLOTS], GError **error)
{
  BfyJsonIter iter;
  BfyJsonSlice key;
  BfyJsonSlice value;

  bfy_json_iter_init (&iter, object);
  while (bfy_json_iter_next (&iter, &key, &value))
    {
      Slot slot = 0;

      while (slot < N_SLOTS && !bfy_json_slice_equals (&key, names[slot]))
        slot++;
      if (slot == N_SLOTS)
        return bfy_credential_refuse (error, "The source of the tokens has an unknown member");
      slots[slot] = value;
    }

  return TRUE;
}

/* NULL stays NULL when there is none. */
static gboolean
read_text (const BfyJsonSlice *slice, char **text, GError **error)
{
  g_autofree char *copy = NULL;

  if (slice->start == NULL)
    return TRUE;
  if (slice->type != BFY_JSON_STRING || slice->length > TEXT_BYTES_MAX)
    return bfy_credential_refuse (error, "The source of the tokens has a bad text");

  copy = bfy_json_slice_dup_string (slice);
  for (const char *p = copy; *p != '\0'; p++)
    {
      if (g_ascii_iscntrl (*p))
        return bfy_credential_refuse (error, "The source of the tokens has a bad text");
    }
  if (*copy == '\0')
    return bfy_credential_refuse (error, "The source of the tokens has an empty text");
  *text = g_steal_pointer (&copy);

  return TRUE;
}

static gboolean
read_secret (const BfyJsonSlice *slice, BfySecret **secret, GError **error)
{
  if (slice->start == NULL)
    return TRUE;
  *secret = bfy_credential_read_secret (slice, FALSE, error);

  return *secret != NULL;
}

static gboolean
read_flag (const BfyJsonSlice *slice, gboolean *is_set, GError **error)
{
  if (slice->start == NULL)
    return TRUE;
  if (slice->type != BFY_JSON_TRUE && slice->type != BFY_JSON_FALSE)
    return bfy_credential_refuse (error, "The source of the tokens has a flag that is none");
  *is_set = slice->type == BFY_JSON_TRUE;

  return TRUE;
}

static gboolean
read_client_kind (const BfyJsonSlice slots[N_SLOTS], BfyOAuthClient *client, GError **error)
{
  g_autofree char *origin = NULL;
  g_autofree char *auth = NULL;

  if (!read_text (&slots[SLOT_CLIENT_ORIGIN], &origin, error) ||
      !read_text (&slots[SLOT_CLIENT_AUTH], &auth, error))
    return FALSE;
  if (!bfy_oauth_client_origin_from_wire (origin, &client->origin) ||
      !bfy_oauth_client_auth_from_wire (auth, &client->auth))
    return bfy_credential_refuse (error, "The source of the tokens has a client of no known kind");

  return TRUE;
}

static BfyOAuthClient *
read_client (const BfyJsonSlice slots[N_SLOTS], GError **error)
{
  g_autoptr (BfyOAuthClient) client = bfy_oauth_client_new (BFY_CLIENT_CONFIGURED, NULL, NULL);

  if (!read_text (&slots[SLOT_ISSUER], &client->issuer, error) ||
      !read_text (&slots[SLOT_CLIENT_ID], &client->id, error) ||
      !read_client_kind (slots, client, error) ||
      !read_secret (&slots[SLOT_CLIENT_SECRET], &client->secret, error) ||
      !bfy_credential_read_time (&slots[SLOT_CLIENT_EXPIRES_AT], &client->expires_at_s, error) ||
      !read_text (&slots[SLOT_REDIRECT_URI], &client->redirect_uri, error) ||
      !read_text (&slots[SLOT_REGISTRATION_URI], &client->registration_uri, error) ||
      !read_secret (&slots[SLOT_REGISTRATION_TOKEN], &client->registration_token, error))
    return NULL;
  if (client->issuer == NULL || client->id == NULL ||
      (client->auth != BFY_CLIENT_AUTH_NONE && client->secret == NULL))
    {
      bfy_credential_refuse (error, "The source of the tokens lacks its issuer or client");
      return NULL;
    }

  return g_steal_pointer (&client);
}

BfyOAuthSource *
bfy_credential_read_source (const BfyJsonSlice *object, GError **error)
{
  BfyJsonSlice slots[N_SLOTS] = { 0 };
  g_autoptr (BfyOAuthClient) client = NULL;
  g_autoptr (BfyOAuthSource) self = NULL;

  if (object->type != BFY_JSON_OBJECT)
    {
      bfy_credential_refuse (error, "The source of the tokens is not an object");
      return NULL;
    }
  if (!sort_members (object, slots, error))
    return NULL;
  client = read_client (slots, error);
  if (client == NULL)
    return NULL;

  self = bfy_oauth_source_new (client, NULL);
  if (!read_text (&slots[SLOT_TOKEN_URL], &self->token_url, error) ||
      !read_text (&slots[SLOT_REVOCATION_URL], &self->revocation_url, error) ||
      !read_text (&slots[SLOT_RESOURCE], &self->resource, error) ||
      !read_text (&slots[SLOT_SCOPE], &self->scope, error) ||
      !read_flag (&slots[SLOT_IS_CLIENT_CREDENTIALS], &self->is_client_credentials, error) ||
      !read_flag (&slots[SLOT_ALLOW_LOCAL], &self->allow_local, error))
    return NULL;
  if (self->token_url == NULL)
    {
      bfy_credential_refuse (error, "The source of the tokens lacks its token endpoint");
      return NULL;
    }

  return g_steal_pointer (&self);
}
