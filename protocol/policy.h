/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

#include "protocol/access.h"
#include "protocol/capability.h"
#include "protocol/http-message.h"
#include "protocol/network-policy.h"
#include "protocol/quota.h"
#include "protocol/rpc.h"

/* What a binding lets through: a document that its owner writes.
 *
 *   {"version": 1, "default": "ask", "rules": [
 *     {"name": "Nothing goes for good", "access": "danger", "effect": "deny"},
 *     {"tool": "create_issue", "arguments": {"/repo": "sandbox-*"}, "effect": "allow"},
 *     {"http": "GET /user", "effect": "allow"},
 *     {"capability": "merge-pull-requests", "effect": "ask"},
 *     {"access": "read", "effect": "allow"}],
 *    "network": {…}, "limits": {…}}
 *
 * A rule speaks of one kind of thing: of a "tool", "prompt", "resource" (its URI, or the
 * template's) or "method" by a pattern (glob.h) or several; of "http" requests by a method and a
 * path (http-path.h); of "graphql" operations by type; of a "capability" of the catalogue by its
 * id; of "access" by its class (access.h). The first rule that fits a request decides, else
 * "default". "network" and "limits" are read here and used elsewhere (network-policy.h, quota.h).
 *
 * Of everything that could be read in two ways the stricter way counts. An allowing rule fits what
 * is surely meant by it; one that denies or asks also fits what a server may take for that:
 *
 *   - Patterns tell upper from lower case, but what is denied or asked for is so in any case; a
 * path also with or without a slash at its end, and HEAD is denied with GET.
 *   - A tool has the first capability that names it; it is denied or asked for by any that does.
 *   - "arguments" maps JSON pointers (RFC 6901; into the arguments of a tool or prompt, or into the
 *     JSON body of an HTTP request) to what must be there: a pattern, {"equals": scalar},
 *     {"min": n, "max": n}, or {"not": one of these}. All must fit. An argument that is not there,
 * is of another type, has a twin whose name differs by case only, fits but for case, is a path with
 *     dot segments, or a number that not all machines read alike, neither fits nor does not: for an
 *     allowing rule it does not, for one that denies or asks it does. "not" does not turn that
 * over.
 *
 * A rule that asks may say how far a yes to it reaches, with "grant": to the same "tool" whatever
 * its arguments, to the same "arguments" only, or to nothing but this one request ("once"). Unless
 * it says so, a yes reaches to the tool, and to the same arguments for what is dangerous.
 *
 * The handshake, ping, discovery, the lists, logging/setLevel and notifications always pass (mcp.md
 * A.7). A list shows what is allowed or asked for with any arguments. */

#define BFY_POLICY_BYTES_MAX (64 * 1024) /* of the document */
#define BFY_POLICY_RULES_MAX 256
#define BFY_POLICY_GLOBS_MAX 1024 /* in all rules, arguments too */
#define BFY_POLICY_GLOB_BYTES_MAX 256
#define BFY_POLICY_NAME_BYTES_MAX 4096            /* a longer name is denied, whatever it is */
#define BFY_POLICY_ARGUMENTS_MAX 16               /* in one rule */
#define BFY_POLICY_ARGUMENT_BYTES_MAX (64 * 1024) /* what is longer fits no pattern surely */

/* From the loosest to the strictest. */
typedef enum
{
  BFY_POLICY_ALLOW,
  BFY_POLICY_ASK, /* a person must say yes */
  BFY_POLICY_DENY,
} BfyPolicyEffect;

/* What a request or a rule is about. Requests are about one of the first four, or HTTP. */
typedef enum
{
  BFY_POLICY_METHOD,
  BFY_POLICY_TOOL,
  BFY_POLICY_PROMPT,
  BFY_POLICY_RESOURCE,
  BFY_POLICY_HTTP,
  BFY_POLICY_GRAPHQL,
  BFY_POLICY_CAPABILITY,
  BFY_POLICY_ACCESS,
  BFY_N_POLICY_KINDS,
} BfyPolicyKind;

/* How much of a request a person's answer covers (wish.h). */
typedef enum
{
  BFY_WISH_ANY_ARGUMENTS,  /* the same tool, whatever its arguments */
  BFY_WISH_SAME_ARGUMENTS, /* only with the same arguments: danger, or the rule says so */
  BFY_WISH_ONCE,           /* asked for each time: the rule says so */
  BFY_N_WISH_REACHES,
} BfyWishReach;

typedef enum
{
  BFY_POLICY_BY_RULE,
  BFY_POLICY_BY_DEFAULT,
  BFY_POLICY_BY_PROTOCOL, /* always passes */
  BFY_POLICY_UNCLEAR,     /* it does not say what it is about, or in a way that servers may differ
                             about: denied as soon as anything is denied or asked for */
} BfyPolicyReason;

/* What is known beside the request: the catalogue's capabilities of the binding's service, its
 * methods where they are the tools, and what its server said of its tools. A new structure for each
 * change; the policy only looks. */
typedef struct
{
  GPtrArray *capabilities; /* (owned) (nullable) (element-type BfyCapability) */
  GPtrArray *methods;      /* (owned) (nullable) (element-type BfyMethod) */
  GHashTable *hints;       /* (owned) (nullable) (element-type utf8 BfyToolHints) by tool name */
} BfyPolicyFacts;

typedef struct
{
  BfyPolicyEffect effect;
  BfyPolicyReason reason;
  guint rule;                      /* from 1, when a rule decided */
  const char *rule_name;           /* (nullable) borrowed from the policy */
  BfyAccess access;                /* of the request; danger when it is unclear */
  const BfyCapability *capability; /* (nullable) borrowed from the facts */
} BfyPolicyVerdict;

/* Immutable. */
typedef struct _BfyPolicy BfyPolicy;

/* BFY_ERROR_PARSE, BFY_ERROR_INVALID_ARGUMENT (an unknown member, too) or BFY_ERROR_TOO_LARGE; the
 * message names the line. */
BfyPolicy *
bfy_policy_parse (const char *text, gsize length, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* A starting point: "reads-flow" (reads are allowed, everything else is asked for), "read-only",
 * "open". NULL for any other name. */
BfyPolicy *bfy_policy_new_profile (const char *name);
/* (array zero-terminated=1): static. */
const char *const *bfy_policy_profile_names (void);
BfyPolicy *bfy_policy_ref (BfyPolicy *self);
void bfy_policy_unref (BfyPolicy *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyPolicy, bfy_policy_unref)

/* The document as it was given, for keeping. */
const char *bfy_policy_peek_text (const BfyPolicy *self);
/* What it says. Here and in everything below @self may be NULL: of a binding without a policy
 * everything is allowed. */
JsonObject *bfy_policy_to_json (const BfyPolicy *self);
/* NULL without that member. */
const BfyNetworkPolicy *bfy_policy_get_network (const BfyPolicy *self);
const BfyQuotas *bfy_policy_get_quotas (const BfyPolicy *self);

/* @facts: (nullable) in everything below. */

/* The first capability that a rule names and @facts do not have: such a rule would protect nothing.
 * NULL when there is none. Borrowed. */
const char *bfy_policy_find_unknown_capability (const BfyPolicy *self, const BfyPolicyFacts *facts);

/* What one thing of @kind may have done to it by @method, without arguments. @name: (nullable) for
 * BFY_POLICY_METHOD, which asks about the method alone. */
BfyPolicyVerdict bfy_policy_decide (const BfyPolicy *self,
                                    const char *method,
                                    BfyPolicyKind kind,
                                    const char *name,
                                    const BfyPolicyFacts *facts);
/* A message on its way to the server: of everything it speaks of, the strictest verdict. The text
 * that it was parsed from must still be there (rpc.h, arguments). One that is an HTTP request is
 * judged as bfy_policy_check_http() does it. */
BfyPolicyVerdict
bfy_policy_check (const BfyPolicy *self, const BfyRpcMessage *message, const BfyPolicyFacts *facts);
/* What is sent must be what was judged: bfy_http_target_canonicalize() of the target. */
BfyPolicyVerdict bfy_policy_check_http (const BfyPolicy *self,
                                        const BfyHttpMessage *request,
                                        const BfyPolicyFacts *facts);
/* Whether a list of tools, prompts or resources shows this one: unless it is denied. */
gboolean bfy_policy_shows (const BfyPolicy *self,
                           BfyPolicyKind kind,
                           const char *name,
                           const BfyPolicyFacts *facts);
/* FALSE when there is nothing in such a list that it would not show. */
gboolean bfy_policy_hides (const BfyPolicy *self, BfyPolicyKind kind, const BfyPolicyFacts *facts);

/* One rule that was held against a request, in words for the person who wrote it. */
typedef struct
{
  guint rule; /* from 1; 0: there was none, or none fitted */
  gboolean fits;
  char *text; /* (owned) one line: why it fits, or why not */
} BfyPolicyStep;

void bfy_policy_step_free (BfyPolicyStep *step);
/* The same as bfy_policy_check() and bfy_policy_check_http(), with the way to it: (transfer full)
 * (element-type BfyPolicyStep) each rule that was tried, and last what decided. */
GPtrArray *bfy_policy_trace (const BfyPolicy *self,
                             const BfyRpcMessage *message,
                             const BfyPolicyFacts *facts,
                             BfyPolicyVerdict *verdict);
GPtrArray *bfy_policy_trace_http (const BfyPolicy *self,
                                  const BfyHttpMessage *request,
                                  const BfyPolicyFacts *facts,
                                  BfyPolicyVerdict *verdict);

/* "allow", "ask", "deny". Static. */
const char *bfy_policy_effect_to_wire (BfyPolicyEffect effect);
/* "tool", "method", … Static. */
const char *bfy_policy_kind_to_wire (BfyPolicyKind kind);
gboolean bfy_policy_kind_from_wire (const char *wire, BfyPolicyKind *kind);

/* What a grant remembers of whatever asked, so that it outlives changes of other rules and ends
 * with its own: 16 hexadecimal digits of what rule @rule (from 1) says, "default" for 0. Names of
 * rules, their order and blanks do not count. "" for a rule that does not ask. Borrowed. */
#define BFY_POLICY_RULE_DIGEST_CHARACTERS 16
#define BFY_POLICY_DEFAULT_RULE "default"
const char *bfy_policy_rule_digest (const BfyPolicy *self, guint rule);
/* Whether anything of that digest asks now. */
gboolean bfy_policy_asks_by (const BfyPolicy *self, const char *digest);
/* How far a yes to what @verdict is about reaches; also when something else than the policy wants
 * a person to be asked. */
BfyWishReach bfy_policy_grant_reach (const BfyPolicy *self, const BfyPolicyVerdict *verdict);

/* What it must have seen of a request before it can judge it: a large body that no rule speaks of
 * need not be there. @self: (nullable) */
gboolean bfy_policy_looks_at_arguments (const BfyPolicy *self);
