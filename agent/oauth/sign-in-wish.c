/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>

#include "agent/oauth/sign-in.h"
#include "protocol/oauth-scope.h"

#define CLIENT_ID_BYTES_MAX 2048
#define CLIENT_SECRET_BYTES_MAX 4096

static const char *const kind_names[] = {
  [BFY_SIGN_IN_BROWSER] = "browser",
  [BFY_SIGN_IN_DEVICE] = "device",
  [BFY_SIGN_IN_MACHINE] = "machine",
};

void
bfy_sign_in_wish_free (BfySignInWish *self)
{
  if (self == NULL)
    return;

  g_free (self->client_id);
  g_clear_pointer (&self->client_secret, bfy_secret_unref);
  g_free (self->scope);
  g_free (self);
}

BfySignInWish *
bfy_sign_in_wish_copy (const BfySignInWish *self)
{
  BfySignInWish *copy = g_new0 (BfySignInWish, 1);

  copy->kind = self->kind;
  copy->client_id = g_strdup (self->client_id);
  copy->client_secret = self->client_secret != NULL ? bfy_secret_ref (self->client_secret) : NULL;
  copy->scope = g_strdup (self->scope);
  copy->allow_no_pkce = self->allow_no_pkce;

  return copy;
}

static gboolean
refuse (GError **error, const char *reason)
{
  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, reason);

  return FALSE;
}

/* FALSE for null, too. */
static gboolean
find (const BfyJsonSlice *object, const char *name, BfyJsonSlice *slice)
{
  return bfy_json_slice_member (object, name, slice) && slice->type != BFY_JSON_NULL;
}

/* Client ids and secrets are printable ASCII (RFC 6749, appendix A). */
static gboolean
is_printable (const char *text, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if (text[i] < 0x20 || text[i] > 0x7e)
      return FALSE;

  return length > 0;
}

static gboolean
take_kind (BfySignInWish *self, const BfyJsonSlice *object, GError **error)
{
  BfyJsonSlice slice;

  if (find (object, "flow", &slice))
    for (guint i = 0; i < G_N_ELEMENTS (kind_names); i++)
      {
        if (!bfy_json_slice_equals (&slice, kind_names[i]))
          continue;
        self->kind = i;
        return TRUE;
      }

  return refuse (error, "“flow” must be browser, device or machine");
}

/* Without a copy on the ordinary heap; NULL when it is no string. */
static BfySecret *
dup_secret (const BfyJsonSlice *slice)
{
  guint8 *bytes;
  g_autoptr (BfySecret) room = NULL;
  gsize length;

  if (slice->type != BFY_JSON_STRING || slice->length > 6 * CLIENT_SECRET_BYTES_MAX)
    return NULL;
  room = bfy_secret_new_blank (slice->length, &bytes);
  length = bfy_json_slice_unescape (slice, (char *) bytes);

  return bfy_secret_new (bytes, length);
}

static gboolean
take_client (BfySignInWish *self, const BfyJsonSlice *object, GError **error)
{
  BfyJsonSlice slice;

  if (find (object, "client_id", &slice))
    {
      self->client_id = bfy_json_slice_dup_string (&slice);
      if (self->client_id == NULL || strlen (self->client_id) > CLIENT_ID_BYTES_MAX ||
          !is_printable (self->client_id, strlen (self->client_id)))
        return refuse (error, "The client id must be one line of printable ASCII, up to 2048 "
                              "characters");
    }
  if (find (object, "client_secret", &slice))
    {
      self->client_secret = dup_secret (&slice);
      if (self->client_secret == NULL ||
          bfy_secret_length (self->client_secret) > CLIENT_SECRET_BYTES_MAX ||
          !is_printable (bfy_secret_peek_text (self->client_secret),
                         bfy_secret_length (self->client_secret)))
        return refuse (error, "The client secret must be one line of printable ASCII, up to 4096 "
                              "characters");
      if (self->client_id == NULL)
        return refuse (error, "A client secret goes with a client id");
    }

  return TRUE;
}

static gboolean
take_scope (BfySignInWish *self, const BfyJsonSlice *object, GError **error)
{
  g_autofree char *text = NULL;
  BfyJsonSlice slice;

  if (!find (object, "scope", &slice))
    return TRUE;
  text = bfy_json_slice_dup_string (&slice);
  self->scope = bfy_oauth_scope_normalise (text);

  return self->scope != NULL ||
         refuse (error, "“scope” must be words of printable ASCII with spaces between them");
}

static gboolean
take_override (BfySignInWish *self, const BfyJsonSlice *object, GError **error)
{
  BfyJsonSlice slice;

  if (!find (object, "allow_no_pkce", &slice))
    return TRUE;
  self->allow_no_pkce = slice.type == BFY_JSON_TRUE;

  return self->allow_no_pkce || slice.type == BFY_JSON_FALSE ||
         refuse (error, "“allow_no_pkce” must be true or false");
}

BfySignInWish *
bfy_sign_in_wish_parse (const BfyJsonSlice *slice, GError **error)
{
  static const char *const known[] = { "flow",  "client_id",     "client_secret",
                                       "scope", "allow_no_pkce", NULL };
  g_autoptr (BfySignInWish) self = g_new0 (BfySignInWish, 1);

  if (slice->type != BFY_JSON_OBJECT)
    {
      refuse (error, "“oauth” must be an object");
      return NULL;
    }
  if (!bfy_json_slice_refuse_unknown (slice, known, error) || !take_kind (self, slice, error) ||
      !take_client (self, slice, error) || !take_scope (self, slice, error) ||
      !take_override (self, slice, error))
    return NULL;

  return g_steal_pointer (&self);
}
