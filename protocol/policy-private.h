/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/glob.h"
#include "protocol/graphql.h"
#include "protocol/policy.h"

/* Shared by the policy-*.c files only: the document (policy.c, policy-read.c), what a request is
 * about (policy-subject.c, policy-place.c), whether a rule fits it (policy-fit.c,
 * policy-arguments.c), and the decision (policy-decide.c).
 *
 * A decision is quick because what many rules would look up again is looked up once: the marks of a
 * path, and the value that a JSON pointer leads to. A trace (policy-trace.c) does without, so that
 * the two can be held against each other. */

/* Whether something is as a rule says. Ordered, so that “not” is a subtraction. */
typedef enum
{
  BFY_FIT_NO,
  BFY_FIT_UNSURE, /* a server may see it as either */
  BFY_FIT_YES,
} BfyFit;

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

#define BFY_PLACE_BYTES 512 /* of a string that is looked at on the stack */

/* What a JSON pointer leads to in a request, as far as rules look at it. */
typedef struct
{
  gboolean is_there;
  BfyJsonSlice value; /* when it is there */
  double number;      /* of a number */
  gboolean is_exact;  /* all machines read it alike */
  const char *text;   /* (nullable) of a string, unless it is too long to be looked at */
  gsize length;
  const char *folded; /* without regard to case and to space around it */
  gsize folded_length;
  gboolean is_folded;       /* that is the text itself */
  gboolean has_dots;        /* dot segments */
  gboolean has_odd_slashes; /* doubled, escaped, backslashes: in a path */
  char small[BFY_PLACE_BYTES];
  char *large; /* (owned) (nullable) */
  BfyFold fold;
} BfyPolicyPlace;

/* @tokens: of the pointer. @root: (nullable) what it leads into. */
void
bfy_policy_place_read (BfyPolicyPlace *self, const char *const *tokens, const BfyJsonSlice *root);
void bfy_policy_place_clear (BfyPolicyPlace *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BfyPolicyPlace, bfy_policy_place_clear)

#define BFY_PLACES_MAX 8 /* pointers of a policy that are followed once; others by each rule */

typedef struct
{
  guint known; /* bits */
  BfyPolicyPlace all[BFY_PLACES_MAX];
} BfyPolicyPlaces;

void bfy_policy_places_clear (BfyPolicyPlaces *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BfyPolicyPlaces, bfy_policy_places_clear)

/* What one argument must be. */
typedef struct
{
  char *pointer; /* (owned) as written */
  GStrv tokens;  /* (owned) of it, unescaped; nothing before the first slash is the first */
  guint place;   /* of the pointer in its policy; from BFY_PLACES_MAX on it has none */
  gboolean is_negated;
  gboolean is_range;
  gboolean has_min;
  gboolean has_max;
  double min;
  double max;
  BfyJsonType type; /* of the scalar; a string is also a pattern's */
  gboolean is_glob;
  gboolean is_all;  /* a pattern that fits every text */
  gboolean is_path; /* there is a slash in the text */
  double number;
  char *text;          /* (owned) (nullable) of a string */
  char *folded;        /* (owned) (nullable) the same, without regard to case */
  gboolean is_folded;  /* these two are alike */
  BfyGlob glob;        /* of @text */
  BfyGlob folded_glob; /* of @folded */
} BfyPolicyArgument;

void bfy_policy_argument_free (BfyPolicyArgument *self);
/* @problem: (out) static, when it returns NULL. */
BfyPolicyArgument *
bfy_policy_argument_read (const char *pointer, const BfyJsonSlice *value, const char **problem);
/* @root: (nullable) what the pointer leads into. @places: (nullable) where it has led already. */
BfyFit bfy_policy_argument_fits (const BfyPolicyArgument *self,
                                 const BfyJsonSlice *root,
                                 BfyPolicyPlaces *places);

/* One of the words of a rule, in the form that it is held against requests. */
typedef struct
{
  BfyGlob glob;
  guint64 marks; /* of HTTP (http-path.h) */
} BfyPolicyPattern;

typedef struct
{
  char *name; /* (owned) (nullable) for people */
  BfyPolicyKind kind;
  BfyPolicyEffect effect;
  gboolean is_list; /* as written: an array */
  GStrv words;      /* (owned) patterns, ids, classes or operations */
  GStrv folded;     /* (owned) (nullable) without regard to case: of what is no allowance */
  BfyPolicyPattern *patterns; /* (owned) one for each word; of what is no allowance: folded */
  guint n_patterns;
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
  gboolean has_http;
  gboolean has_graphql;
  gboolean has_arguments;
  gboolean is_unreadable;               /* the text is not what it says (policy-review.h) */
  const char *pointers[BFY_PLACES_MAX]; /* borrowed from the first arguments that have them */
  guint n_pointers;
  BfyNetworkPolicy *network; /* (owned) (nullable) */
  gboolean has_quotas;
  BfyQuotas quotas;
};

BfyPolicy *bfy_policy_new_private (const char *text, gsize length);
/* The place of @pointer, which must live as long: rules that name the same one share it. */
guint bfy_policy_share_place (BfyPolicy *self, const char *pointer);
JsonObject *bfy_policy_rule_to_json (const BfyPolicyRule *rule);
/* policy-grant.c: once a rule has been read. */
void bfy_policy_rule_digest_in (BfyPolicyRule *rule);
/* By reach: "tool", "arguments", "once". */
extern const char *const bfy_policy_reach_names[BFY_N_WISH_REACHES];
/* Static, by kind and by effect. */
extern const char *const bfy_policy_kind_names[BFY_N_POLICY_KINDS];
extern const char *const bfy_policy_effect_names[BFY_POLICY_DENY + 1];

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
  BfyPolicyPlaces *places;       /* (nullable) of the arguments */
  guint64 marks;                 /* of HTTP: of the path, and of it folded; nothing is known */
  guint64 folded_marks;          /* without a bit */
  gboolean is_listed;            /* with any arguments: a list asks */
  gboolean is_git_fetch_type;    /* of HTTP: its body says that it is a fetch of git */
  BfyGraphqlRequest graphql;
  BfyAccess access;
  const struct _BfyMethod *listed; /* (nullable) of a tool that is a method of the catalogue */
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

/* Fills in its patterns, as everything else is there. */
void bfy_policy_rule_measure (BfyPolicyRule *self);
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
                                           const BfyHttpMessage *request,
                                           const BfyPolicyFacts *facts,
                                           GPtrArray *steps);
