/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/graphql.h"
#include "protocol/policy.h"

/* Shared by the policy-*.c files only: the document (policy.c, policy-read.c), what a request is
 * about (policy-subject.c), whether a rule fits it (policy-fit.c, policy-arguments.c), and the
 * decision (policy-decide.c). */

/* Whether something is as a rule says. Ordered, so that “not” is a subtraction. */
typedef enum
{
  BFY_FIT_NO,
  BFY_FIT_UNSURE, /* a server may see it as either */
  BFY_FIT_YES,
} BfyFit;

/* What one argument must be. */
typedef struct
{
  char *pointer; /* (owned) as written */
  GStrv tokens;  /* (owned) of it, unescaped; nothing before the first slash is the first */
  gboolean is_negated;
  gboolean is_range;
  gboolean has_min;
  gboolean has_max;
  double min;
  double max;
  BfyJsonType type; /* of the scalar; a string is also a pattern's */
  gboolean is_glob;
  double number;
  char *text;   /* (owned) (nullable) of a string */
  char *folded; /* (owned) (nullable) the same, without regard to case */
} BfyPolicyArgument;

void bfy_policy_argument_free (BfyPolicyArgument *self);
/* @problem: (out) static, when it returns NULL. */
BfyPolicyArgument *
bfy_policy_argument_read (const char *pointer, const BfyJsonSlice *value, const char **problem);
/* @root: (nullable) what the pointer leads into. */
BfyFit bfy_policy_argument_fits (const BfyPolicyArgument *self, const BfyJsonSlice *root);

typedef struct
{
  char *name; /* (owned) (nullable) for people */
  BfyPolicyKind kind;
  BfyPolicyEffect effect;
  gboolean is_list;       /* as written: an array */
  GStrv words;            /* (owned) patterns, ids, classes or operations */
  GStrv folded;           /* (owned) (nullable) without regard to case: of what is no allowance */
  guint mask;             /* of access classes or operations, as bits */
  GPtrArray *arguments;   /* (owned) (nullable) (element-type BfyPolicyArgument) */
  JsonObject *as_written; /* (owned) (nullable) the arguments */
  gboolean has_reach;
  BfyWishReach reach;                                 /* of a yes, if it says so */
  char digest[BFY_POLICY_RULE_DIGEST_CHARACTERS + 1]; /* "" unless it asks */
} BfyPolicyRule;

struct _BfyPolicy
{
  gatomicrefcount ref_count;
  char *text; /* (owned) the document as it was given */
  BfyPolicyEffect fallback;
  GArray *rules; /* (owned) (element-type BfyPolicyRule) */
  gboolean has_graphql;
  gboolean has_arguments;
  gboolean is_unreadable;    /* the text is not what it says (policy-review.h) */
  BfyNetworkPolicy *network; /* (owned) (nullable) */
  gboolean has_quotas;
  BfyQuotas quotas;
};

BfyPolicy *bfy_policy_new_private (const char *text, gsize length);
JsonObject *bfy_policy_rule_to_json (const BfyPolicyRule *rule);
/* policy-grant.c: once a rule has been read. */
void bfy_policy_rule_digest_in (BfyPolicyRule *rule);
/* By reach: "tool", "arguments", "once". */
extern const char *const bfy_policy_reach_names[BFY_N_WISH_REACHES];
/* Static, by kind and by effect. */
extern const char *const bfy_policy_kind_names[BFY_N_POLICY_KINDS];
extern const char *const bfy_policy_effect_names[BFY_POLICY_DENY + 1];

/* Text without regard to case, on the stack if it can be. */
#define BFY_FOLD_BYTES 256

typedef struct
{
  char small[BFY_FOLD_BYTES];
  char *heap; /* (owned) (nullable) */
} BfyFold;

const char *bfy_fold (BfyFold *self, const char *text);
void bfy_fold_clear (BfyFold *self);
GStrv bfy_fold_words (const GStrv words);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BfyFold, bfy_fold_clear)

#define BFY_TAKEN_FOR_MAX 8 /* what is beyond is looked for again by each rule */

/* One thing that a request is about. Everything is borrowed. */
typedef struct
{
  BfyPolicyKind kind; /* METHOD, TOOL, PROMPT, RESOURCE or HTTP */
  const char *method; /* of MCP or HTTP */
  const char *folded_method;
  const char *name; /* of HTTP: the path in its form */
  const char *folded_name;
  const BfyPolicyFacts *facts;   /* (nullable) */
  const BfyJsonSlice *arguments; /* (nullable) none */
  gboolean is_listed;            /* with any arguments: a list asks */
  BfyGraphqlRequest graphql;
  BfyAccess access;
  const BfyCapability *capability; /* (nullable) that it surely is */
  /* The first of those that it may be taken for, without regard to case. */
  const BfyCapability *taken_for[BFY_TAKEN_FOR_MAX];
  guint n_taken_for;
} BfyPolicySubject;

/* Whether it may be taken for @capability. */
gboolean bfy_policy_subject_may_be (const BfyPolicySubject *self, const BfyCapability *capability);

/* Fills in access and capability, as everything else is there. */
void bfy_policy_subject_classify (BfyPolicySubject *self);

typedef enum
{
  BFY_MISS_NONE, /* it fits */
  BFY_MISS_KIND,
  BFY_MISS_NAME,
  BFY_MISS_ARGUMENT,
  BFY_MISS_LISTED, /* a list does not hide what is denied with some arguments only */
} BfyMiss;

/* @argument: (out) (nullable) which one does not fit. */
BfyMiss bfy_policy_rule_miss (const BfyPolicyRule *self,
                              const BfyPolicySubject *subject,
                              const BfyPolicyArgument **argument);

/* Sentences for bfy_policy_trace(). Each adds a step. */
void bfy_policy_trace_rule (GPtrArray *steps,
                            guint index,
                            const BfyPolicyRule *rule,
                            const BfyPolicySubject *subject,
                            BfyMiss miss,
                            const BfyPolicyArgument *argument);
void bfy_policy_trace_end (GPtrArray *steps, const BfyPolicyVerdict *verdict);

/* @steps: (nullable) */
BfyPolicyVerdict
bfy_policy_decide_subject (const BfyPolicy *self, BfyPolicySubject *subject, GPtrArray *steps);
/* The verdict on what cannot be judged. */
BfyPolicyVerdict bfy_policy_unclear (const BfyPolicy *self, GPtrArray *steps);
BfyPolicyVerdict bfy_policy_check_message (const BfyPolicy *self,
                                           const BfyRpcMessage *message,
                                           const BfyPolicyFacts *facts,
                                           GPtrArray *steps);
BfyPolicyVerdict bfy_policy_check_request (const BfyPolicy *self,
                                           const BfyPolicyHttp *request,
                                           const BfyPolicyFacts *facts,
                                           GPtrArray *steps);
