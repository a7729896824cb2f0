/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

#include "protocol/grant.h"

/* A question that the agent asks of the person, as it is shown here: only what has to be known to
 * show and to answer it. Immutable. */
typedef struct
{
  gatomicrefcount ref_count;
  char *id;                           /* (owned) */
  char *title;                        /* (owned) one line */
  GStrv lines;                        /* (owned) one line each */
  char *digest;                       /* (owned) of what is asked; goes back with the answer */
  guint scopes;                       /* that are offered: bits (1 << scope) */
  char *meanings[BFY_N_GRANT_SCOPES]; /* (owned) (nullable) what a yes of each scope means */
  gint64 created_at_s;
  gint64 expires_at_s;
  gint64 n_waiting;
  BfyAccess access;     /* danger: it can’t be undone */
  gboolean is_verified; /* the kernel vouches for what the program is */
} BfyQuestion;

/* NULL when it cannot be shown or answered: without id, title or digest. What is shown has become
 * harmless once more: it goes to a terminal. */
BfyQuestion *bfy_question_from_json (JsonObject *object);
BfyQuestion *bfy_question_ref (BfyQuestion *self);
void bfy_question_unref (BfyQuestion *self);
/* Whether both ask the same and look the same; how many wait for it does not count. */
gboolean bfy_question_is_same (const BfyQuestion *self, const BfyQuestion *other);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyQuestion, bfy_question_unref)

/* "1:42", "0:05", "over". Free with g_free(). */
char *bfy_question_format_left (const BfyQuestion *self, gint64 now_s);

/* "Time left: 1:42, 3 requests wait". Free with g_free(). */
char *bfy_question_format_time (const BfyQuestion *self, gint64 now_s);

/* The one of @questions (element-type BfyQuestion) that @typed is the beginning of the id of, or
 * NULL: BFY_ERROR_NOT_FOUND, BFY_ERROR_INVALID_ARGUMENT when there are several. Borrowed. */
BfyQuestion *bfy_question_find (GPtrArray *questions,
                                const char *typed,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* An answer on the wire: "allow", "deny", "dismiss". */
typedef enum
{
  BFY_REPLY_ALLOW,
  BFY_REPLY_DENY,
  BFY_REPLY_DISMISS,
} BfyReply;

const char *bfy_reply_to_wire (BfyReply reply);
/* As typed behind --for: the wire's names, and with "-" for "_". BFY_ERROR_INVALID_ARGUMENT. */
gboolean
bfy_scope_parse (const char *typed, BfyGrantScope *scope, GError **error) G_GNUC_WARN_UNUSED_RESULT;
