/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

/* One audit record: metadata only, never a payload (behaviour 21). Which types there are, and which
 * of them are not written again and again, is in event-type.h; how records are tied to each other
 * in event-chain.h. */
typedef enum
{
  BFY_OUTCOME_SUCCESS,
  BFY_OUTCOME_FAILURE,
  BFY_OUTCOME_BLOCKED,
  BFY_OUTCOME_PENDING,
} BfyOutcome;

typedef struct
{
  gint64 sequence;  /* given by the store, 0 before */
  gint64 time_ms;   /* Unix time in milliseconds */
  char *type;       /* (owned) "proxy_request", "binding_created", "key_issued", … */
  char *category;   /* (owned) (nullable) */
  char *binding;    /* (owned) (nullable) name at the time */
  char *binding_id; /* (owned) (nullable) */
  char *client;     /* (owned) (nullable) label, or "uid 1000 pid 4711" on the socket */
  char *client_id;  /* (owned) (nullable) */
  char *method;     /* (owned) (nullable) "tools/call", "GET" */
  char *tool;       /* (owned) (nullable) tool, prompt or resource name */
  char *host;       /* (owned) (nullable) that the request went to, or was to go to */
  char *path;       /* (owned) (nullable) its pattern, bfy_path_pattern() */
  char *peer;       /* (owned) (nullable) "uid 1000 pid 4711 exe python3.11", on the socket */
  char *detail;     /* (owned) (nullable) one scrubbed line */
  BfyOutcome outcome;
  guint status;    /* upstream HTTP status, 0 = none */
  gint64 bytes_up; /* body bytes */
  gint64 bytes_down;
  gint64 duration_ms;
} BfyEvent;

BfyEvent *bfy_event_new (const char *type, gint64 time_ms);
void bfy_event_free (BfyEvent *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyEvent, bfy_event_free)

/* sequence, time (RFC 3339 with milliseconds), type, category, binding, binding_id, client,
 * client_id, method, tool, host, path, peer, detail, outcome, status, bytes_up, bytes_down,
 * duration_ms; absent values are left out. */
JsonObject *bfy_event_to_json (const BfyEvent *self);
BfyEvent *bfy_event_from_json (JsonObject *object, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Each text becomes one line of at most BFY_EVENT_TEXT_BYTES_MAX bytes in which nothing looks like
 * a credential: methods and names of tools are what a client says they are. @clean (nullable) takes
 * out secrets that are known exactly; it returns a copy without them, or NULL when there is none in
 * the text. @known: (nullable) (element-type utf8) a set that remembers texts in which nothing
 * looks like a credential, because most texts are those of an event before; what is known exactly
 * is looked for each time, since a text may have become a secret. */
#define BFY_EVENT_TEXT_BYTES_MAX 256
typedef char *(*BfyEventCleaner) (const char *text, gpointer user_data);
void bfy_event_clean (BfyEvent *self, GHashTable *known, BfyEventCleaner clean, gpointer user_data);

const char *bfy_outcome_to_wire (BfyOutcome outcome);
gboolean bfy_outcome_from_wire (const char *wire, BfyOutcome *outcome);
