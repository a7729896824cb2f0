/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/event.h"

/* Records are tied to each other, so that one that is changed, removed or slipped in can be found:
 * each has the SHA-256 of itself and of the one before it in its chain. A chain is the records of
 * one binding, by its id, or those of no binding (""). Which comes before is written down in the
 * record, because the numbers of a chain have gaps.
 *
 * There is no key in it: who can write the file can make all hashes anew. Heads that are kept
 * elsewhere tell (bindify log verify --head). */
#define BFY_EVENT_HASH_BYTES 32

/* What ties a record to its chain. */
typedef struct
{
  const char *chain; /* borrowed */
  gint64 previous;   /* sequence of the one before, 0 for the first */
  guint8 hash[BFY_EVENT_HASH_BYTES];
} BfyEventLink;

/* The hash of @event, which comes behind the one with @previous_hash (zeroes for the first):
 * SHA-256 over that and over all fields, each with its length, so that no two records give the same
 * bytes. binding_id is left out: it goes when the binding goes, and the chain has it. @link: chain
 * and previous are read, hash is written. */
void bfy_event_link (const BfyEvent *event,
                     const guint8 previous_hash[BFY_EVENT_HASH_BYTES],
                     BfyEventLink *link);

/* What is found at the first place of a chain that is wrong. */
typedef enum
{
  BFY_CHAIN_OK,
  BFY_CHAIN_CHANGED,  /* the record says something else than when it was written */
  BFY_CHAIN_REMOVED,  /* the record is not there any more */
  BFY_CHAIN_INSERTED, /* the record is not one of the agent's */
  BFY_CHAIN_CUT_OFF,  /* the newest records, up to this one, are not there any more */
  BFY_CHAIN_UNBOUND,  /* where the chain begins and ends is not written down any more */
  BFY_CHAIN_REPLACED, /* a head that was kept elsewhere is not in it */
} BfyChainState;

typedef struct
{
  gint64 sequence; /* 0, and a hash of zeroes, before the first */
  guint8 hash[BFY_EVENT_HASH_BYTES];
} BfyChainEnd;

/* A walk along one chain, from its oldest record to its newest. Pure: nothing is read here. */
typedef struct
{
  const char *chain;    /* borrowed */
  BfyChainEnd anchor;   /* the newest record that was pruned */
  BfyChainEnd head;     /* the newest record */
  BfyChainEnd expected; /* what somebody kept as the head at some time; 0 = nothing */
  gint64 n_events;
  gint64 first_ms, last_ms; /* times of the oldest and the newest; 0 without records */
  BfyChainState state;
  gint64 where; /* sequence of that place, 0 = none */

  /*< private >*/
  BfyChainEnd at;     /* how far the walk has come */
  BfyChainEnd before; /* the record before that */
  gboolean has_met_expected;
} BfyChainWalk;

/* To be called once anchor, head and expected are filled in; @is_bound: the first two were there.
 */
void bfy_chain_walk_begin (BfyChainWalk *self, gboolean is_bound);
/* The next record. @link: as it is written, NULL when it has no hash. */
void bfy_chain_walk_take (BfyChainWalk *self, const BfyEvent *event, const BfyEventLink *link);
void bfy_chain_walk_end (BfyChainWalk *self);

/* "ok", "changed", "removed", "inserted", "cut_off", "unbound", "replaced" */
const char *bfy_chain_state_to_wire (BfyChainState state);
/* 64 lower-case hexadecimal digits. */
char *bfy_event_hash_to_text (const guint8 hash[BFY_EVENT_HASH_BYTES]);
gboolean bfy_event_hash_from_text (const char *text, guint8 hash[BFY_EVENT_HASH_BYTES]);
