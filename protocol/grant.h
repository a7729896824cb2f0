/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/caller.h"
#include "protocol/expiry.h"
#include "protocol/wish.h"

typedef enum
{
  BFY_GRANT_ONCE, /* exactly one request: this one, or its repetition */
  BFY_GRANT_TEN_MINUTES,
  BFY_GRANT_SESSION, /* until the program that asked ends; of a client key, until the agent does */
  BFY_GRANT_UNTIL_LOCK, /* until the agent is locked: by hand, screen, suspend, end of session */
  BFY_GRANT_ALWAYS,     /* never for danger, never for a program that cannot be recognised */
  BFY_N_GRANT_SCOPES,
} BfyGrantScope;

/* "once", "10min", "session", "until_lock", "always". Static. */
const char *bfy_grant_scope_to_wire (BfyGrantScope scope);
gboolean bfy_grant_scope_from_wire (const char *wire, BfyGrantScope *scope);
/* "once", "for 10 minutes", "for this session", "until the agent is locked", "always". Static; for
 * a sentence. */
const char *bfy_grant_scope_describe (BfyGrantScope scope);
/* "once", "10 minutes", "this session", "until lock", "always". Static; for a choice or a table. */
const char *bfy_grant_scope_name (BfyGrantScope scope);
/* The scopes, as a set of bits (1 << scope), that a person may choose for it: what cannot be
 * recognised is allowed once only, danger never always, what is asked each time once only. An
 * interpreter (node, python, a shell) is not one client but whatever it runs: what it is given or
 * denied is for that process, and never for always. */
guint bfy_grant_scopes_for (const BfyCaller *caller, const BfyWish *wish);

/* "Client C may do X on binding B until T", made by a person's answer to a prompt; or may not, for
 * an hour, after a no (behaviour 15.2, 15.3). Immutable but for its use. */
typedef struct
{
  gatomicrefcount ref_count;
  char *id;           /* (owned) UUID */
  char *subject;      /* (owned) bfy_caller_dup_subject(); "" for one that has none: once only */
  char *client;       /* (owned) its name, for a person */
  char *client_id;    /* (owned) (nullable) of a client key */
  int pid;            /* of the program that asked, when it is for that process only; 0 = none */
  guint64 started_at; /* of that program */
  char *binding_id;   /* (owned) */
  char *binding;      /* (owned) */
  char *method;       /* (owned) */
  BfyPolicyKind kind;
  char *name; /* (owned) (nullable) */
  BfyAccess access;
  char *capability;    /* (owned) (nullable) */
  char *rule;          /* (owned) as in BfyWish */
  gboolean has_digest; /* it covers one request only, or one set of arguments */
  guint8 digest[BFY_WISH_DIGEST_BYTES];
  gboolean is_denial;
  BfyGrantScope scope;
  BfyExpiry expiry;
  gint64 created_at_s;
  gint64 last_used_at_s; /* 0 = never */
  guint64 n_uses;
} BfyGrant;

/* With a new id and everything but its times. */
BfyGrant *bfy_grant_new (const BfyCaller *caller, const BfyWish *wish, BfyGrantScope scope);
/* A no: of as much as a yes would have been. */
BfyGrant *bfy_grant_new_denial (const BfyCaller *caller, const BfyWish *wish);
/* The same of a binding that is called @binding now. */
BfyGrant *bfy_grant_copy_renamed (const BfyGrant *self, const char *binding);
BfyGrant *bfy_grant_ref (BfyGrant *self);
void bfy_grant_unref (BfyGrant *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyGrant, bfy_grant_unref)

/* Whether it speaks of @wish of @subject (nullable: of nobody that can be recognised, which it
 * never does), whatever the time and the process. */
gboolean bfy_grant_covers (const BfyGrant *self, const char *subject, const BfyWish *wish);
/* id, client, client_id, program, pid (when it is for one process), binding, method, kind, tool
 * (also a prompt or URI), access, capability, rule, arguments (bool: bound to them), effect
 * ("allow", "deny"), scope (null of a no), created_at, expires_at (null: no time), last_used_at,
 * uses. Texts from outside have become one harmless line. */
JsonObject *bfy_grant_to_json (const BfyGrant *self);
