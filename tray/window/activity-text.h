/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

/* Events of GET /v1/events in words, and which of them are wanted. Pure. */

/* "Claude Code used github: create_issue." One harmless line. Free with g_free(). */
char *bfy_activity_text (JsonObject *event);
/* Who did it: the label of a client, the name of a program, “the agent”. Free with g_free(). */
char *bfy_activity_who (JsonObject *event);
/* A word for people about how it ended: “Refused”, “Failed”, “Waits”; NULL when it went well. */
const char *bfy_activity_outcome (JsonObject *event);
gboolean bfy_activity_is_alarm (JsonObject *event);

/* The members of an event that its details show, in order: a name for people, and the value. Ends
 * with one without a name. */
typedef struct
{
  char *name;  /* (owned) */
  char *value; /* (owned) one line */
} BfyActivityFact;

/* (transfer full) (element-type BfyActivityFact) */
GPtrArray *bfy_activity_facts (JsonObject *event);

typedef enum
{
  BFY_ACTIVITY_ALL,
  BFY_ACTIVITY_USES,
  BFY_ACTIVITY_REFUSED,
  BFY_ACTIVITY_FAILED,
  BFY_ACTIVITY_CHANGES,
  BFY_ACTIVITY_ALARMS,
} BfyActivityKind;

typedef struct
{
  BfyActivityKind kind;
  char *binding; /* (owned) (nullable) */
  char *who;     /* (owned) (nullable) as of bfy_activity_who() */
  char *text;    /* (owned) (nullable) casefolded: in the sentence, or in a fact */
} BfyActivityFilter;

gboolean bfy_activity_filter_accepts (const BfyActivityFilter *self, JsonObject *event);
void bfy_activity_filter_clear (BfyActivityFilter *self);
