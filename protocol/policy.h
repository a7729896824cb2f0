/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

#include "protocol/rpc.h"

/* What a binding lets through: a document that its owner writes.
 *
 *   {"version": 1, "default": "deny", "rules": [
 *     {"tool": "delete_*", "effect": "deny"},
 *     {"tool": ["get_*", "list_*"], "effect": "allow"}]}
 *
 * A rule speaks of a "tool", "prompt", "resource" (its URI, or the template's) or of a "method" by
 * one pattern (glob.h) or several. The first rule that fits a request decides, else "default".
 * Patterns tell upper from lower case, but what is denied is denied in any case: some servers do
 * not tell them apart. The handshake, ping, discovery, the lists, logging/setLevel and
 * notifications always pass (mcp.md A.7); a list shows what may be used. */

#define BFY_POLICY_BYTES_MAX (64 * 1024) /* of the document */
#define BFY_POLICY_RULES_MAX 256
#define BFY_POLICY_GLOBS_MAX 1024 /* in all rules */
#define BFY_POLICY_GLOB_BYTES_MAX 256
#define BFY_POLICY_NAME_BYTES_MAX 4096 /* a longer name is denied, whatever it is */

typedef enum
{
  BFY_POLICY_ALLOW,
  BFY_POLICY_DENY,
} BfyPolicyEffect;

typedef enum
{
  BFY_POLICY_METHOD,
  BFY_POLICY_TOOL,
  BFY_POLICY_PROMPT,
  BFY_POLICY_RESOURCE,
} BfyPolicyKind;

typedef enum
{
  BFY_POLICY_BY_RULE,
  BFY_POLICY_BY_DEFAULT,
  BFY_POLICY_BY_PROTOCOL, /* always passes */
  BFY_POLICY_UNCLEAR,     /* it does not say what it is about, or in a way that servers may differ
                             about: denied as soon as anything is */
} BfyPolicyReason;

typedef struct
{
  BfyPolicyEffect effect;
  BfyPolicyReason reason;
  guint rule; /* from 1, when a rule decided */
} BfyPolicyVerdict;

/* Immutable. */
typedef struct _BfyPolicy BfyPolicy;

/* BFY_ERROR_PARSE, BFY_ERROR_INVALID_ARGUMENT (an unknown member, too) or BFY_ERROR_TOO_LARGE; the
 * message names the line. */
BfyPolicy *
bfy_policy_parse (const char *text, gsize length, GError **error) G_GNUC_WARN_UNUSED_RESULT;
BfyPolicy *bfy_policy_ref (BfyPolicy *self);
void bfy_policy_unref (BfyPolicy *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyPolicy, bfy_policy_unref)

/* The document as it was given, for keeping. */
const char *bfy_policy_peek_text (const BfyPolicy *self);
/* What it says; of a binding without one, when @self is NULL: everything is allowed. */
JsonObject *bfy_policy_to_json (const BfyPolicy *self);

/* What one thing of @kind may have done to it by @method. @name: (nullable) for BFY_POLICY_METHOD,
 * which asks about the method alone. */
BfyPolicyVerdict
bfy_policy_decide (const BfyPolicy *self, const char *method, BfyPolicyKind kind, const char *name);
/* A message on its way to the server: everything it speaks of must be allowed. */
BfyPolicyVerdict bfy_policy_check (const BfyPolicy *self, const BfyRpcMessage *message);
/* Whether a list of tools, prompts or resources shows this one: whether it may be used. */
gboolean bfy_policy_shows (const BfyPolicy *self, BfyPolicyKind kind, const char *name);
/* FALSE when there is nothing in such a list that it would not show. */
gboolean bfy_policy_hides (const BfyPolicy *self, BfyPolicyKind kind);

/* "allow", "deny". Static. */
const char *bfy_policy_effect_to_wire (BfyPolicyEffect effect);
