/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/token-request.h"

#include <string.h>

#include "protocol/secret-writer.h"

#define DEVICE_GRANT "urn:ietf:params:oauth:grant-type:device_code"

/* One form: what each of the requests has of its own, NULL where it has nothing. */
typedef struct
{
  const BfyOAuthSource *source;
  const char *grant_type;
  const char *redirect_uri;
  const char *scope;
  const char *token_type_hint;
  const char *secret_name; /* of @secret */
  const BfySecret *secret;
  const BfySecret *verifier;
  gboolean has_resource;
} Form;

static void
append_name (BfySecretWriter *writer, const char *name)
{
  if (writer->length > 0)
    bfy_secret_writer_append_byte (writer, '&');
  bfy_secret_writer_append_text (writer, name);
  bfy_secret_writer_append_byte (writer, '=');
}

static void
append_text (BfySecretWriter *writer, const char *name, const char *value)
{
  if (value == NULL)
    return;

  append_name (writer, name);
  bfy_secret_writer_append_form (writer, value, strlen (value));
}

static void
append_secret (BfySecretWriter *writer, const char *name, const BfySecret *secret)
{
  gsize length;
  const guint8 *bytes;

  if (secret == NULL)
    return;

  bytes = bfy_secret_peek (secret, &length);
  append_name (writer, name);
  bfy_secret_writer_append_form (writer, bytes, length);
}

static void
fill_form (BfySecretWriter *writer, gconstpointer data)
{
  const Form *form = data;
  const BfyOAuthClient *client = form->source->client;

  append_text (writer, "grant_type", form->grant_type);
  append_secret (writer, form->secret_name, form->secret);
  append_text (writer, "token_type_hint", form->token_type_hint);
  append_text (writer, "redirect_uri", form->redirect_uri);
  append_secret (writer, "code_verifier", form->verifier);
  append_text (writer, "scope", form->scope);
  append_text (writer, "resource", form->has_resource ? form->source->resource : NULL);
  append_text (writer, "client_id", client->id);
  append_secret (writer, "client_secret",
                 client->auth == BFY_CLIENT_AUTH_POST ? client->secret : NULL);
}

BfySecret *
bfy_token_request_for_code (const BfyOAuthSource *source,
                            const BfySecret *code,
                            const char *redirect_uri,
                            const BfySecret *verifier)
{
  const Form form = {
    .source = source,
    .grant_type = "authorization_code",
    .secret_name = "code",
    .secret = code,
    .redirect_uri = redirect_uri,
    .verifier = verifier,
    .has_resource = TRUE,
  };

  return bfy_secret_build (fill_form, &form);
}

BfySecret *
bfy_token_request_for_refresh (const BfyOAuthSource *source, const BfySecret *refresh)
{
  const Form form = {
    .source = source,
    .grant_type = "refresh_token",
    .secret_name = "refresh_token",
    .secret = refresh,
    .has_resource = TRUE,
  };

  return bfy_secret_build (fill_form, &form);
}

BfySecret *
bfy_token_request_for_client_credentials (const BfyOAuthSource *source)
{
  const Form form = {
    .source = source,
    .grant_type = "client_credentials",
    .scope = source->scope,
    .has_resource = TRUE,
  };

  return bfy_secret_build (fill_form, &form);
}

BfySecret *
bfy_token_request_for_device (const BfyOAuthSource *source, const BfySecret *device_code)
{
  const Form form = {
    .source = source,
    .grant_type = DEVICE_GRANT,
    .secret_name = "device_code",
    .secret = device_code,
    .has_resource = TRUE,
  };

  return bfy_secret_build (fill_form, &form);
}

BfySecret *
bfy_token_request_for_revocation (const BfyOAuthSource *source,
                                  const BfySecret *token,
                                  gboolean is_refresh)
{
  const Form form = {
    .source = source,
    .secret_name = "token",
    .secret = token,
    .token_type_hint = is_refresh ? "refresh_token" : "access_token",
  };

  return bfy_secret_build (fill_form, &form);
}

BfySecret *
bfy_token_request_for_device_code (const BfyOAuthSource *source)
{
  const Form form = {
    .source = source,
    .scope = source->scope,
    .has_resource = TRUE,
  };

  return bfy_secret_build (fill_form, &form);
}

static void
fill_pair (BfySecretWriter *writer, gconstpointer data)
{
  const BfyOAuthClient *client = data;
  gsize length;
  const guint8 *bytes = bfy_secret_peek (client->secret, &length);

  bfy_secret_writer_append_form (writer, client->id, strlen (client->id));
  bfy_secret_writer_append_byte (writer, ':');
  bfy_secret_writer_append_form (writer, bytes, length);
}

static void
fill_basic (BfySecretWriter *writer, gconstpointer data)
{
  gsize length;
  const guint8 *bytes = bfy_secret_peek (data, &length);

  bfy_secret_writer_append_text (writer, "Basic ");
  bfy_secret_writer_append_base64 (writer, bytes, length);
}

BfySecret *
bfy_token_request_authorization (const BfyOAuthClient *client)
{
  g_autoptr (BfySecret) pair = NULL;

  if (client->auth != BFY_CLIENT_AUTH_BASIC || client->secret == NULL)
    return NULL;
  pair = bfy_secret_build (fill_pair, client);

  return bfy_secret_build (fill_basic, pair);
}
