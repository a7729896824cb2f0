/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/policy.h"

#define BFY_WISH_DIGEST_BYTES 32
/* What asks in a wish to have the credential itself (reveal.h), whatever the policy says. */
#define BFY_REVEAL_RULE "reveal"

/* What a request wants that a person is asked about: the common ground of prompts and grants. Two
 * wishes are the same thing when a yes to one is a yes to the other. Immutable. */
typedef struct
{
  gatomicrefcount ref_count;
  char *binding_id; /* (owned) */
  char *binding;    /* (owned) its name at the time */
  char *method;     /* (owned) "tools/call" */
  BfyPolicyKind kind;
  char *name; /* (owned) (nullable) of the tool or prompt, or a URI: from outside */
  BfyAccess access;
  char *capability;      /* (owned) (nullable) id in the catalogue */
  char *capability_name; /* (owned) (nullable) "Merge pull requests" */
  char *arguments;       /* (owned) (nullable) the most telling ones, one harmless line */
  char *rule; /* (owned) what asked: digest of the rule, "default", "confirm", "reveal" */
  char *host; /* (owned) (nullable) where it would go, if not where its binding leads */
  BfyWishReach reach;
  guint8 digest[BFY_WISH_DIGEST_BYTES]; /* SHA-256 of method, name and params */
} BfyWish;

/* @rule: bfy_policy_rule_digest(), "default" or "confirm". The digest is the same for the same JSON
 * value however it is written: member order and blanks do not count, numbers and strings are
 * compared as they are written; params._meta is left out. The text that @message was parsed from
 * must still be there. What of the arguments is told is made when somebody is to be asked. */
BfyWish *bfy_wish_new (const char *binding_id,
                       const char *binding,
                       const BfyRpcMessage *message,
                       const BfyPolicyVerdict *verdict,
                       const char *rule,
                       BfyWishReach reach);
/* Fills in the telling arguments, before others see it. */
void bfy_wish_tell_arguments (BfyWish *self, const BfyRpcMessage *message);
BfyWish *bfy_wish_ref (BfyWish *self);
void bfy_wish_unref (BfyWish *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyWish, bfy_wish_unref)

/* The credential itself for @use at @host: each time asked, and never remembered. */
BfyWish *bfy_wish_new_reveal (const char *binding_id,
                              const char *binding,
                              const char *use,
                              const char *host);
gboolean bfy_wish_is_reveal (const BfyWish *self);

/* The digest in hexadecimal digits, as it travels. Free with g_free(). */
char *bfy_wish_format_digest (const BfyWish *self);
/* The same request, byte for byte in meaning. */
gboolean bfy_wish_is_same (const BfyWish *self, const BfyWish *other);
