/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/event.h"

/* The vocabulary of events (behaviour 21.1 to 21.9): one table, so that nobody has to guess what a
 * record can say, and what is written once although it happens again and again.
 *
 * Every use is on record. A use that the service answers with the same error status over and over,
 * for the same client, method and tool, is a record of its own once an hour (behaviour 21.6); in
 * between it is announced to whoever follows, without a number, and counted like all others. What
 * worked and what was refused always has its record: the five minutes that behaviour 21.6 gives to
 * successes would leave out who did what, which is what the log is for. */
typedef enum
{
  BFY_EVENT_USE,    /* a credential was used, or was to be used */
  BFY_EVENT_CARE,   /* the agent looks after a credential by itself */
  BFY_EVENT_CHANGE, /* somebody changed something */
  BFY_EVENT_ALARM,  /* somebody tried what nobody does by mistake */
} BfyEventClass;

typedef enum
{
  BFY_REPEAT_ALWAYS,        /* each has its record */
  BFY_REPEAT_FAILURES,      /* a failure of a binding: once an hour for each kind (21.8) */
  BFY_REPEAT_STATUS,        /* an upstream's error status: once an hour for each (21.6) */
  BFY_REPEAT_LEAK,          /* what a service keeps giving away: once an hour for each */
  BFY_REPEAT_AFTER_FAILURE, /* as FAILURES, and a success only after a failure (21.5) */
} BfyEventRepeat;

typedef struct
{
  const char *type;
  BfyEventClass kind;
  BfyEventRepeat repeat;
  const char *const *categories; /* (nullable) NULL-terminated */
  gboolean takes_errors;         /* a category may be the wire name of an error, too */
} BfyEventType;

/* NULL for what is no type of event. */
const BfyEventType *bfy_event_type_find (const char *type);
/* An absent category is always fine. */
gboolean bfy_event_type_has_category (const BfyEventType *self, const char *category);
/* The n-th of them, NULL behind the last. */
const BfyEventType *bfy_event_type_nth (guint n);
/* Whether it may stand for types: letters, “_” and “*” (glob.h). BFY_ERROR_BAD_REQUEST when it fits
 * none of them. */
gboolean bfy_event_type_check_pattern (const char *pattern,
                                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* How much a person who watches wants to see it. */
typedef enum
{
  BFY_EVENT_PLAIN,
  BFY_EVENT_NOTICE, /* a person is asked, or something is shut */
  BFY_EVENT_LOUD,   /* an alarm */
} BfyEventWeight;

BfyEventWeight bfy_event_type_get_weight (const char *type);
