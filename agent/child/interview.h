/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* What a local server is asked in its trial run: initialize, because some servers end when anything
 * else comes first; server/discover if it knows no initialize; then its tools, page by page. Pure.
 */
typedef struct _BfyInterview BfyInterview;

#define BFY_INTERVIEW_PAGES_MAX 50 /* of tools/list */

typedef enum
{
  BFY_INTERVIEW_GOES_ON,
  BFY_INTERVIEW_DONE,
  BFY_INTERVIEW_FAILED, /* it answers neither initialize nor server/discover */
} BfyInterviewState;

BfyInterview *bfy_interview_new (void);
void bfy_interview_free (BfyInterview *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyInterview, bfy_interview_free)

/* The first line to send. Lines have no end; free with g_free(). */
char *bfy_interview_begin (BfyInterview *self);
/* A line of the server, of any content. @replies: gets what to send now. */
BfyInterviewState
bfy_interview_take (BfyInterview *self, const char *line, gsize length, GPtrArray *replies);

/* As the server calls itself; NULL if it does not say. Not fit for display as they are. */
const char *bfy_interview_get_name (const BfyInterview *self);
const char *bfy_interview_get_version (const BfyInterview *self);
/* -1: it does not tell. */
gint64 bfy_interview_n_tools (const BfyInterview *self);
