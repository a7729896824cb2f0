/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/window/add-draft.h"

#include <string.h>

#include "client/fields.h"
#include "client/program-line.h"
#include "client/secret-body.h"
#include "protocol/error.h"
#include "protocol/json.h"
#include "protocol/name.h"
#include "protocol/upstream.h"

static BfyAddDraft *
new_draft (BfyDraftKind kind, guint ways, BfyDraftWay way)
{
  BfyAddDraft *self = g_new0 (BfyAddDraft, 1);

  self->kind = kind;
  self->ways = ways;
  self->way = way;

  return self;
}

/* What a new user would expect: no token where signing in just works, as “bindify-add” has it. */
BfyAddDraft *
bfy_add_draft_new_service (JsonObject *service)
{
  gboolean has_key = bfy_field_boolean (service, "supports_api_key");
  gboolean has_oauth = bfy_field_boolean (service, "supports_oauth");
  gboolean is_own = strcmp (bfy_field_text (service, "oauth_client"), "own") == 0;
  gboolean is_pair = *bfy_field_text (service, "username_field") != '\0';
  BfyDraftWay key = is_pair ? BFY_WAY_PAIR : BFY_WAY_KEY;
  guint ways = 0;
  BfyAddDraft *self;

  if (has_oauth)
    ways |= 1u << BFY_WAY_BROWSER | 1u << BFY_WAY_CODE;
  if (has_key)
    ways |= 1u << key;
  self = new_draft (BFY_DRAFT_SERVICE, ways != 0 ? ways : 1u << BFY_WAY_NOTHING,
                    ways == 0                           ? BFY_WAY_NOTHING
                    : has_key && (!has_oauth || is_own) ? key
                                                        : BFY_WAY_BROWSER);
  self->service = json_object_ref (service);

  return self;
}

BfyAddDraft *
bfy_add_draft_new_address (const char *url, const char *auth, gboolean allow_local)
{
  static const struct
  {
    const char *auth;
    BfyDraftWay way;
  } rows[] = {
    { "none", BFY_WAY_NOTHING },
    { "bearer", BFY_WAY_KEY },
    { "basic", BFY_WAY_PAIR },
    { "oauth", BFY_WAY_BROWSER },
  };
  guint ways = 1u << BFY_WAY_NOTHING | 1u << BFY_WAY_KEY | 1u << BFY_WAY_PAIR;
  BfyDraftWay way = BFY_WAY_KEY;
  BfyAddDraft *self;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      if (strcmp (rows[i].auth, auth) == 0)
        way = rows[i].way;
    }
  if (way == BFY_WAY_BROWSER)
    ways |= 1u << BFY_WAY_BROWSER | 1u << BFY_WAY_CODE;
  self = new_draft (BFY_DRAFT_ADDRESS, ways, way);
  self->url = g_strdup (url);
  self->allow_local = allow_local;

  return self;
}

BfyAddDraft *
bfy_add_draft_new_program (BfyProgram *program)
{
  BfyDraftWay way = program->delivery == BFY_DELIVER_NOTHING ? BFY_WAY_NOTHING : BFY_WAY_SECRET;
  BfyAddDraft *self = new_draft (BFY_DRAFT_PROGRAM, 1u << way, way);

  self->program = program;

  return self;
}

/* Where the binding itself may be, its sign-in page may be. */
static gboolean
is_local (JsonObject *binding)
{
  g_autoptr (BfyUpstream) upstream = bfy_upstream_parse (bfy_field_text (binding, "url"), NULL);

  return upstream != NULL && upstream->reach != BFY_REACH_EXTERNAL;
}

/* A binding stays of its kind: a token is no answer to a sign-in, nor the other way round. */
BfyAddDraft *
bfy_add_draft_new_login (JsonObject *binding, JsonObject *service)
{
  const char *auth = bfy_field_text (binding, "auth_type");
  BfyDraftWay way = BFY_WAY_KEY;
  guint ways;
  BfyAddDraft *self;

  if (strcmp (auth, "oauth") == 0)
    way = BFY_WAY_BROWSER;
  else if (strcmp (auth, "basic") == 0)
    way = BFY_WAY_PAIR;
  else if (strcmp (auth, "custom") == 0)
    way = BFY_WAY_SECRET;
  ways = way == BFY_WAY_BROWSER ? 1u << BFY_WAY_BROWSER | 1u << BFY_WAY_CODE : 1u << way;
  self = new_draft (BFY_DRAFT_LOGIN, ways, way);
  self->binding = json_object_ref (binding);
  self->service = service != NULL ? json_object_ref (service) : NULL;
  self->name = g_strdup (bfy_field_text (binding, "name"));
  self->allow_local = is_local (binding);

  return self;
}

void
bfy_add_draft_forget (BfyAddDraft *self)
{
  g_clear_pointer (&self->secret, bfy_secret_unref);
  g_clear_pointer (&self->client_secret, bfy_secret_unref);
}

void
bfy_add_draft_free (BfyAddDraft *self)
{
  if (self == NULL)
    return;
  bfy_add_draft_forget (self);
  g_clear_pointer (&self->service, json_object_unref);
  g_clear_pointer (&self->binding, json_object_unref);
  g_clear_pointer (&self->program, bfy_program_free);
  g_free (self->url);
  g_free (self->name);
  g_free (self->account);
  g_free (self->username);
  g_free (self->client_id);
  g_free (self->profile);
  g_free (self);
}

gboolean
bfy_add_draft_can (const BfyAddDraft *self, BfyDraftWay way)
{
  return (self->ways & 1u << way) != 0;
}

gboolean
bfy_add_draft_signs_in (const BfyAddDraft *self)
{
  return self->way == BFY_WAY_BROWSER || self->way == BFY_WAY_CODE;
}

gboolean
bfy_add_draft_is_typed (const BfyAddDraft *self)
{
  return self->way == BFY_WAY_KEY || self->way == BFY_WAY_PAIR || self->way == BFY_WAY_SECRET;
}

char *
bfy_add_draft_guess_name (const BfyAddDraft *self)
{
  g_autoptr (BfyUpstream) upstream = NULL;

  switch (self->kind)
    {
    case BFY_DRAFT_SERVICE:
      return g_strdup (bfy_field_text (self->service, "id"));
    case BFY_DRAFT_ADDRESS:
      upstream = bfy_upstream_parse (self->url, NULL);
      return bfy_name_from_host (upstream != NULL ? upstream->host : "");
    case BFY_DRAFT_PROGRAM:
      return bfy_program_line_guess_name (self->program);
    case BFY_DRAFT_LOGIN:
      break;
    }

  return g_strdup (self->name);
}

static gboolean
refuse (GError **error, const char *problem)
{
  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, problem);

  return FALSE;
}

gboolean
bfy_add_draft_check (const BfyAddDraft *self, GError **error)
{
  if (!bfy_add_draft_is_typed (self))
    return TRUE;
  if (self->way == BFY_WAY_PAIR && (self->username == NULL || *self->username == '\0'))
    return refuse (error, "A user name is wanted besides the password");
  if (self->secret == NULL || bfy_secret_length (self->secret) == 0)
    return refuse (error, "There is nothing where the token or password is to be typed");

  return self->way == BFY_WAY_SECRET || bfy_secret_body_check_token (self->secret, error);
}

char *
bfy_add_draft_path (const BfyAddDraft *self)
{
  g_autofree char *escaped = NULL;

  if (self->kind != BFY_DRAFT_LOGIN)
    return g_strdup ("/v1/bindings");
  escaped = g_uri_escape_string (self->name, NULL, FALSE);

  return g_strdup_printf ("/v1/bindings/%s/login", escaped);
}

static void
put_text (JsonObject *body, const char *name, const char *value)
{
  if (value != NULL && *value != '\0')
    json_object_set_string_member (body, name, value);
}

/* How a token goes up where no service says it. */
static void
put_injection (const BfyAddDraft *self, JsonObject *body)
{
  JsonObject *injection;

  if (self->kind != BFY_DRAFT_ADDRESS || self->way != BFY_WAY_PAIR)
    return;
  injection = json_object_new ();
  json_object_set_string_member (injection, "kind", "basic");
  json_object_set_object_member (body, "injection", injection);
}

static JsonObject *
build_open_part (const BfyAddDraft *self)
{
  JsonObject *body = json_object_new ();

  json_object_set_boolean_member (body, "check", TRUE);
  if (self->kind == BFY_DRAFT_LOGIN)
    return body;

  json_object_set_string_member (body, "name", self->name);
  json_object_set_boolean_member (body, "allow_local", self->allow_local);
  if (self->kind == BFY_DRAFT_SERVICE)
    json_object_set_string_member (body, "service", bfy_field_text (self->service, "id"));
  else if (self->kind == BFY_DRAFT_ADDRESS)
    json_object_set_string_member (body, "url", self->url);
  else
    json_object_set_object_member (body, "command", bfy_program_to_json (self->program));
  put_injection (self, body);
  put_text (body, "account", self->account);
  put_text (body, "profile", self->profile);
  if (self->confirms)
    json_object_set_boolean_member (body, "confirms", TRUE);
  if (self->lifetime_s > 0)
    json_object_set_int_member (body, "lifetime_s", self->lifetime_s);

  return body;
}

static BfyTypedKind
kind_of (BfyDraftWay way)
{
  if (way == BFY_WAY_PAIR)
    return BFY_TYPED_PAIR;

  return way == BFY_WAY_SECRET ? BFY_TYPED_FREE_FORM : BFY_TYPED_KEY;
}

GBytes *
bfy_add_draft_body (const BfyAddDraft *self)
{
  const BfyTypedCredential typed = { kind_of (self->way), self->username, self->secret };
  const gboolean has_id = self->client_id != NULL && *self->client_id != '\0';
  const BfySignInFields sign_in = { .flow = self->way == BFY_WAY_CODE ? "device" : "browser",
                                    .client_id = has_id ? self->client_id : NULL,
                                    .client_secret = has_id ? self->client_secret : NULL };
  BfySecretPart part = { NULL, NULL, NULL };

  if (bfy_add_draft_signs_in (self))
    part.sign_in = &sign_in;
  else if (bfy_add_draft_is_typed (self))
    part.typed = &typed;

  return bfy_secret_body_new (build_open_part (self), &part);
}
