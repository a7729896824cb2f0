/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/credential.h"
#include "protocol/oauth-source.h"
#include "protocol/secret.h"

/* What came of one request to a token endpoint (RFC 6749, 5.1 and 5.2; behaviour 7.7, 9). */
typedef enum
{
  BFY_TOKEN_GRANTED,   /* tokens, checked by layer 1 */
  BFY_TOKEN_TRANSIENT, /* network, deadline, 408, 429, 5xx, temporarily_unavailable, slow_down */
  BFY_TOKEN_REFUSED,   /* for good: invalid_grant, invalid_client, other 400 and 401 */
  BFY_TOKEN_PENDING,   /* device flow: authorization_pending, or slow_down with an error code. From
                          the other grants agent/oauth/token-endpoint makes it TRANSIENT */
  BFY_TOKEN_UNUSABLE,  /* nothing that can be understood: kept, reported, tried again later */
} BfyTokenOutcome;

typedef struct
{
  BfyTokenOutcome outcome;
  guint status;         /* HTTP, 0 when there was none */
  char *error;          /* (owned) (nullable) OAuth error code, only if it is a plain token */
  gint64 retry_after_s; /* 0 when not said */
  BfySecret *access;    /* (owned) (nullable) */
  BfySecret *refresh;   /* (owned) (nullable) */
  gint64 expires_in_s;  /* 0: never, or not said (behaviour 7.9); -1: no number of seconds, which
                           layer 2 refuses */
  char *scope;          /* (owned) (nullable) */
  char *problem; /* (owned) (nullable) one sentence of ours, for events and messages; NULL only
                    when tokens were granted */
} BfyTokenAnswer;

void bfy_token_answer_free (BfyTokenAnswer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyTokenAnswer, bfy_token_answer_free)

/* Never NULL. @body (nullable): as it came, JSON or form-encoded whatever @content_type (nullable)
 * says. */
BfyTokenAnswer *bfy_token_answer_parse (guint status,
                                        const char *content_type,
                                        const BfySecret *body,
                                        gint64 retry_after_s);
/* For no answer at all. */
BfyTokenAnswer *bfy_token_answer_new_failed (const GError *error);

/* Layer 2 (behaviour 9.6) and the merge of 7.9: the credential that takes the place of @old
 * (nullable: of a sign-in). A refresh token that existed and did not come back is kept; the scope
 * that was granted is noted in the source. BFY_ERROR_UPSTREAM_FAILED naming the field. */
BfyCredential *bfy_token_answer_merge (const BfyTokenAnswer *self,
                                       const BfyCredential *old,
                                       BfyOAuthSource *source,
                                       gint64 now_s,
                                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Layer 2 by itself, which the merge ends with: may @fresh take the place of @old (nullable)? What
 * would be written is also opened once, so that nothing is stored that cannot be read. */
gboolean bfy_token_set_check (const BfyCredential *fresh,
                              const BfyCredential *old,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
