/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* What a token endpoint answered is judged here and nowhere else (behaviour 7.7, 9): by the status,
 * by the `error` code and by what can be used. Its descriptions, and whatever else it wrote, are
 * for nobody: neither events nor messages repeat a byte that is not an error code. */

#include "protocol/token-answer.h"

#include <string.h>

#include "protocol/error.h"
#include "protocol/oauth-members.h"

#define CODE_LENGTH_MAX 40

typedef struct
{
  const char *code;
  BfyTokenOutcome outcome;
} CodeRow;

/* Codes that mean the same whatever the status is; 400 and 401 with another one are refusals. */
static const CodeRow codes[] = {
  { "authorization_pending", BFY_TOKEN_PENDING },
  { "slow_down", BFY_TOKEN_PENDING },
  { "temporarily_unavailable", BFY_TOKEN_TRANSIENT },
  { "server_error", BFY_TOKEN_TRANSIENT },
  { "invalid_grant", BFY_TOKEN_REFUSED },
  { "invalid_client", BFY_TOKEN_REFUSED },
  { "unauthorized_client", BFY_TOKEN_REFUSED },
  { "access_denied", BFY_TOKEN_REFUSED },
  { "expired_token", BFY_TOKEN_REFUSED },
  { "bad_refresh_token", BFY_TOKEN_REFUSED },            /* GitHub, with status 200 */
  { "incorrect_client_credentials", BFY_TOKEN_REFUSED }, /* the same */
  { "bad_verification_code", BFY_TOKEN_REFUSED },        /* the same */
};

void
bfy_token_answer_free (BfyTokenAnswer *self)
{
  if (self == NULL)
    return;

  g_free (self->error);
  g_clear_pointer (&self->access, bfy_secret_unref);
  g_clear_pointer (&self->refresh, bfy_secret_unref);
  g_free (self->scope);
  g_free (self->problem);
  g_free (self);
}

static gboolean
is_success (guint status)
{
  return status >= 200 && status < 300;
}

static const CodeRow *
find_code (const char *code)
{
  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      if (g_strcmp0 (codes[i].code, code) == 0)
        return &codes[i];
    }

  return NULL;
}

/* Small letters and underscores: what is shown of an answer cannot be a token, or a message. */
static gboolean
is_plain_code (const char *code)
{
  gsize length = strlen (code);

  return length <= CODE_LENGTH_MAX && strspn (code, "abcdefghijklmnopqrstuvwxyz_") == length;
}

/* --- Reading --- */

/* Layer 1: says what is wrong and leaves nothing to use. FALSE. */
static gboolean
spoil (BfyTokenAnswer *self, const char *problem)
{
  g_clear_pointer (&self->access, bfy_secret_unref);
  g_clear_pointer (&self->refresh, bfy_secret_unref);
  self->outcome = BFY_TOKEN_UNUSABLE;
  self->problem = g_strdup (problem);

  return FALSE;
}

/* What can be sent back in a form or a header: visible ASCII (RFC 6750, 2.1; RFC 6749, A.17). */
static gboolean
is_clean (const BfySecret *token)
{
  gsize length;
  const guint8 *bytes = bfy_secret_peek (token, &length);

  for (gsize i = 0; i < length; i++)
    {
      if (bytes[i] <= 0x20 || bytes[i] > 0x7e)
        return FALSE;
    }

  return length <= BFY_SECRET_BYTES_MAX;
}

/* FALSE when there is one that cannot be used; an empty one is none. */
static gboolean
read_token (const BfyOAuthMembers *members, const char *name, BfySecret **token)
{
  g_autoptr (BfySecret) read = NULL;
  BfyOAuthMember state = bfy_oauth_members_get_secret (members, name, &read);

  if (state != BFY_MEMBER_PRESENT)
    return state == BFY_MEMBER_ABSENT;
  if (bfy_secret_length (read) == 0)
    return TRUE;
  if (!is_clean (read))
    return FALSE;
  *token = g_steal_pointer (&read);

  return TRUE;
}

/* Servers that leave it out mean a bearer token. */
static gboolean
is_bearer (const BfyOAuthMembers *members)
{
  g_autofree char *type = NULL;
  BfyOAuthMember state = bfy_oauth_members_get_text (members, "token_type", &type);

  return state == BFY_MEMBER_ABSENT || (type != NULL && g_ascii_strcasecmp (type, "bearer") == 0);
}

static gboolean
read_grant (BfyTokenAnswer *self, const BfyOAuthMembers *members)
{
  if (!read_token (members, "access_token", &self->access))
    return spoil (self, "The token endpoint gave an access token that cannot be used");
  if (self->access == NULL)
    return TRUE;
  if (!is_bearer (members))
    return spoil (self, "The authorization server gives tokens of another type than Bearer, which "
                        "bindify cannot use");
  if (!read_token (members, "refresh_token", &self->refresh))
    return spoil (self, "The token endpoint gave a refresh token that cannot be used");
  if (bfy_oauth_members_get_seconds (members, "expires_in", &self->expires_in_s) ==
      BFY_MEMBER_WRONG)
    self->expires_in_s = -1;
  (void) bfy_oauth_members_get_text (members, "scope", &self->scope);

  return TRUE;
}

static void
read_error (BfyTokenAnswer *self, const BfyOAuthMembers *members)
{
  g_autofree char *code = NULL;

  (void) bfy_oauth_members_get_text (members, "error", &code);
  if (code != NULL && is_plain_code (code))
    self->error = g_steal_pointer (&code);
}

/* --- Judging --- */

static BfyTokenOutcome
judge_refusal (guint status, const char *code)
{
  const CodeRow *row = find_code (code);

  if (row != NULL && row->outcome == BFY_TOKEN_PENDING)
    return BFY_TOKEN_PENDING;
  if (status == 408 || status == 429 || status >= 500)
    return BFY_TOKEN_TRANSIENT;
  if (row != NULL)
    return row->outcome;

  return status == 400 || status == 401 ? BFY_TOKEN_REFUSED : BFY_TOKEN_UNUSABLE;
}

static char *
describe (const BfyTokenAnswer *self, const char *sentence)
{
  return self->error != NULL
             ? g_strdup_printf ("%s (%s, HTTP %u)", sentence, self->error, self->status)
             : g_strdup_printf ("%s (HTTP %u)", sentence, self->status);
}

static char *
describe_refusal (const BfyTokenAnswer *self)
{
  switch (self->outcome)
    {
    case BFY_TOKEN_TRANSIENT:
      return describe (self, "The authorization server cannot answer at the moment");
    case BFY_TOKEN_REFUSED:
      return describe (self, "The authorization server refused the request");
    case BFY_TOKEN_PENDING:
      return describe (self, "The authorization server asks to wait");
    case BFY_TOKEN_UNUSABLE:
      return describe (self, "The authorization server gave an answer that cannot be used");
    case BFY_TOKEN_GRANTED:
      break;
    }

  return NULL;
}

/* The one thing about a body that helps: whether somebody else's page came instead. */
static const char *
problem_of_unreadable (const char *content_type)
{
  return content_type != NULL && g_ascii_strncasecmp (content_type, "text/html", 9) == 0
             ? "The token endpoint answered with a web page instead of tokens"
             : "The token endpoint answered with something that is neither JSON nor a form";
}

static void
judge (BfyTokenAnswer *self, gboolean is_readable, const char *content_type)
{
  if (self->access != NULL)
    {
      g_clear_pointer (&self->error, g_free); /* 9.3: a token counts more */
      self->outcome = BFY_TOKEN_GRANTED;
      return;
    }
  if (!is_success (self->status) || self->error != NULL)
    {
      self->outcome = judge_refusal (self->status, self->error);
      self->problem = describe_refusal (self);
      return;
    }

  spoil (self, is_readable ? "The token endpoint's answer has no “access_token”"
                           : problem_of_unreadable (content_type));
}

BfyTokenAnswer *
bfy_token_answer_parse (guint status,
                        const char *content_type,
                        const BfySecret *body,
                        gint64 retry_after_s)
{
  g_autoptr (BfyTokenAnswer) self = g_new0 (BfyTokenAnswer, 1);
  BfyOAuthMembers members;
  gboolean is_readable = bfy_oauth_members_init (&members, content_type, body);

  self->status = status;
  self->retry_after_s = retry_after_s;
  if (is_readable)
    read_error (self, &members);
  if (is_readable && is_success (status) && !read_grant (self, &members))
    return g_steal_pointer (&self);
  /* 9.1: what only looks like a form is one if it has what we look for. */
  if (is_readable && members.is_guessed && self->access == NULL && find_code (self->error) == NULL)
    {
      is_readable = FALSE;
      g_clear_pointer (&self->error, g_free);
    }
  judge (self, is_readable, content_type);

  return g_steal_pointer (&self);
}

BfyTokenAnswer *
bfy_token_answer_new_failed (const GError *error)
{
  BfyTokenAnswer *self = g_new0 (BfyTokenAnswer, 1);
  BfyErrorCode code = bfy_error_code (error);

  self->outcome = code == BFY_ERROR_RESPONSE_TOO_LARGE || code == BFY_ERROR_INVALID_ARGUMENT
                      ? BFY_TOKEN_UNUSABLE
                      : BFY_TOKEN_TRANSIENT;
  self->problem = g_strdup (error->message);

  return self;
}

/* --- Layer 2 --- */

static gboolean
refuse_set (GError **error, const char *field, const char *reason)
{
  g_set_error (error, BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED,
               "The new tokens are not taken over: “%s” %s", field, reason);

  return FALSE;
}

static gboolean
can_be_read_again (const BfyCredential *fresh)
{
  g_autoptr (BfySecret) sealed = bfy_credential_seal (fresh);
  g_autoptr (BfyCredential) again = bfy_credential_open (sealed, NULL);

  return again != NULL && bfy_secret_equal (again->secret, fresh->secret);
}

gboolean
bfy_token_set_check (const BfyCredential *fresh, const BfyCredential *old, GError **error)
{
  if (fresh->type != BFY_CREDENTIAL_OAUTH_TOKEN)
    return refuse_set (error, "type", "is not that of a token");
  if (fresh->secret == NULL || bfy_secret_length (fresh->secret) == 0)
    return refuse_set (error, "access_token", "is empty");
  if (old != NULL && old->refresh != NULL &&
      (fresh->refresh == NULL || bfy_secret_length (fresh->refresh) == 0))
    return refuse_set (error, "refresh_token", "got lost");
  if (fresh->expires_at_s != 0 && fresh->expires_at_s <= fresh->issued_at_s)
    return refuse_set (error, "expires_at", "is not after the time of issue");
  if (old != NULL && old->source != NULL && fresh->source == NULL)
    return refuse_set (error, "source", "got lost");

  return can_be_read_again (fresh) || refuse_set (error, "source", "cannot be stored");
}

static BfyOAuthSource *
note_scope (BfyOAuthSource *source, const char *scope)
{
  BfyOAuthSource *noted;

  if (scope == NULL || g_strcmp0 (scope, source->scope) == 0)
    return bfy_oauth_source_ref (source);

  noted = bfy_oauth_source_copy (source);
  g_free (noted->scope);
  noted->scope = g_strdup (scope);

  return noted;
}

BfyCredential *
bfy_token_answer_merge (const BfyTokenAnswer *self,
                        const BfyCredential *old,
                        BfyOAuthSource *source,
                        gint64 now_s,
                        GError **error)
{
  g_autoptr (BfyCredential) fresh = NULL;
  BfySecret *refresh = self->refresh;

  if (self->access == NULL)
    {
      refuse_set (error, "access_token", "is missing");
      return NULL;
    }
  if (self->expires_in_s < 0)
    {
      refuse_set (error, "expires_in", "is no number of seconds");
      return NULL;
    }
  if (refresh == NULL && old != NULL)
    refresh = old->refresh;

  fresh = bfy_credential_new (BFY_CREDENTIAL_OAUTH_TOKEN, NULL, self->access);
  fresh->refresh = refresh != NULL ? bfy_secret_ref (refresh) : NULL;
  fresh->issued_at_s = now_s;
  fresh->expires_at_s = self->expires_in_s > 0 ? now_s + self->expires_in_s : 0;
  fresh->source = note_scope (source, self->scope);

  return bfy_token_set_check (fresh, old, error) ? g_steal_pointer (&fresh) : NULL;
}
