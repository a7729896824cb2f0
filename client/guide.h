/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

/* The questions that a person is led through who wants to add something and has not said what:
 * which service or URL, in what way, whose account, under what name. Pure: answers go in, the next
 * question comes out, and in the end what was chosen. Asking, and adding, are others’ work. */
typedef struct _BfyGuide BfyGuide;

typedef enum
{
  BFY_GUIDE_SEARCH,  /* words, a URL, or "t" */
  BFY_GUIDE_CHOICE,  /* a number of the list; or as for a search */
  BFY_GUIDE_TOKEN,   /* unseen: bfy_guide_take_token() */
  BFY_GUIDE_OWNER,   /* whether it is a token of that service */
  BFY_GUIDE_WAY,     /* signing in, or a token */
  BFY_GUIDE_ACCOUNT, /* the name is taken: whose account the new one is */
  BFY_GUIDE_NAME,
  BFY_GUIDE_DONE,
} BfyGuideStep;

typedef struct
{
  const char *name;    /* (nullable) what was said on the command line is not asked */
  const char *account; /* (nullable) */
  gboolean has_way;
} BfyGuideGiven;

typedef struct
{
  const char *target;  /* id of a service, or a URL */
  const char *name;    /* of the binding */
  const char *account; /* (nullable) */
  gboolean wants_key;
  gboolean signs_in; /* neither: as the service or the server says */
} BfyGuideChoice;

/* @services: as the agent describes them. @names: of the bindings there are. Copies all. */
BfyGuide *bfy_guide_new (JsonArray *services, const char *const *names, const BfyGuideGiven *given);
void bfy_guide_free (BfyGuide *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyGuide, bfy_guide_free)

BfyGuideStep bfy_guide_get_step (const BfyGuide *self);
/* What to show: remarks and lists in whole lines, then the prompt. Free with g_free(). */
char *bfy_guide_format_question (const BfyGuide *self);
/* @answer without blanks around it, "" for Enter. */
void bfy_guide_answer (BfyGuide *self, const char *answer);
/* The same for BFY_GUIDE_TOKEN: @length bytes, and a zero behind them. None of it is kept. */
void bfy_guide_take_token (BfyGuide *self, const char *token, gsize length);
/* Borrowed; only when it is BFY_GUIDE_DONE. */
BfyGuideChoice bfy_guide_get_choice (const BfyGuide *self);

/* @base if it is none of @names; else with what can be used of @label, or a number, behind it.
 * @label: (nullable). Free with g_free(). */
char *bfy_guide_suggest_name (const char *base, const char *label, const char *const *names);
/* Whether bindify can add it: it has an MCP server. */
gboolean bfy_guide_can_add (JsonObject *service);
