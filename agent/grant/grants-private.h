/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/boot-timer.h"
#include "agent/grant/grants.h"
#include "agent/grant/holds.h"
#include "agent/grant/programs.h"
#include "agent/grant/table.h"

/* The inside of BfyGrants: grants.c answers questions and takes answers, removal.c lets go of them,
 * follow.c does so when something else changes. */

struct _BfyGrants
{
  GObject parent_instance;

  BfyStore *store;       /* (owned) */
  BfyRegistry *registry; /* (owned) (nullable) once it is followed */
  BfyGrantsClock clock;
  guint n_max;
  guint n_of_one_max;    /* of one client */
  BfyGrantTable *table;  /* (owned) */
  BfyPrograms *programs; /* (owned) whose sessions last */
  BfyHolds *holds;       /* (owned) */
  BfyBootTimer *timer;   /* (owned) (nullable) of the next end; NULL once it is stopped */
};

/* Why grants go. */
typedef enum
{
  BFY_GRANTS_ENDED,    /* used up, out of time, its program has ended */
  BFY_GRANTS_REPLACED, /* by a newer answer, which the store has taken in the same step */
  BFY_GRANTS_REVOKED,  /* by a person, or because what it was about has changed */
  BFY_GRANTS_ORPHANED, /* its binding or client is gone, and with it its row */
} BfyGrantsEnd;

/* @entries: (element-type BfyGrantEntry) borrowed, gone after the call. Tells everybody once all of
 * them are gone. */
void bfy_grants_remove (BfyGrants *self, GPtrArray *entries, BfyGrantsEnd how);
void bfy_grants_remove_one (BfyGrants *self, BfyGrantEntry *entry, BfyGrantsEnd how);
/* All that is over by now; sets the timer for what ends next. */
void bfy_grants_sweep (BfyGrants *self);
void bfy_grants_set_timer (BfyGrants *self);
void bfy_grants_emit_removed (BfyGrants *self, BfyGrant *grant, gboolean is_revoked);
/* @type: approval_granted, _denied or _revoked. */
void bfy_grants_record (BfyGrants *self, const BfyGrant *grant, const char *type);
/* The process of a session ends. */
void bfy_grants_note_ended (int pid, guint64 started_at, gpointer self);
