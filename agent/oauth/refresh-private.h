/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/oauth/refresher.h"
#include "keyring/safe-file.h"
#include "protocol/recovery-record.h"

/* The inside of the refresher, shared by the files that make it up: refresher.c is what callers
 * see, refresher-life.c its beginning and end, refresh-run.c those who wait for one renewal,
 * refresh-step.c takes one renewal from the lock to the answer of the token endpoint,
 * refresh-read.c and refresh-store.c read and write the credential, and refresh-note.c tells the
 * registry and the events what came of it. */

typedef struct _BfyRefreshRun BfyRefreshRun;

/* What is known about one binding between renewals. */
typedef struct
{
  char *id;               /* (owned) of the binding */
  BfyRefreshRun *run;     /* (nullable) borrowed: under way, it owns itself */
  guint n_failures;       /* in a row */
  gint64 wait_until_us;   /* CLOCK_BOOTTIME; no attempt before that */
  gint64 futile_until_us; /* a 401 is no reason to renew before that */
  char *failure;          /* (owned) (nullable) of the last event, and when that was */
  gint64 failed_at_s;
  guint64 refused;  /* digest of the token that is void for good; 0 = none */
  GBytes *unsaved;  /* (owned) (nullable) recovery record of a set the keyring did not take */
  guint n_rewrites; /* attempts to write it since */
  guint rewrite_source;
} BfyRefreshEntry;

struct _BfyRefresher
{
  gatomicrefcount ref_count;
  BfyAgent *agent;     /* borrowed */
  GHashTable *entries; /* (owned) binding id → BfyRefreshEntry */
  guint n_runs;
  guint start_source;
  gulong locked_id;
  gulong changed_id;
  gboolean is_over; /* the agent may have gone */
};

/* One renewal, from the lock to the last of those who wait. */
struct _BfyRefreshRun
{
  gatomicrefcount ref_count;
  BfyRefresher *self;     /* (owned) */
  BfyBinding *binding;    /* (owned) as the registry has it */
  BfyRefreshEntry *entry; /* (nullable) borrowed; NULL once forgotten */
  gboolean renews;        /* asks for tokens; else it only saves what is unsaved */
  gboolean is_forced;     /* whatever the expiry says */
  gboolean is_urgent;     /* somebody cannot go on without it */
  BfySecret *seen;        /* (owned) (nullable) access token when it began: another one is news */
  char *client_id;        /* (owned) (nullable) whose key opens a sealed binding, */
  BfySecret *proof;       /* (owned) (nullable) and that key's second half */
  gboolean is_asking;     /* just now, to unlock the keyring */
  gboolean may_ask;       /* a locked keyring open */
  GPtrArray *waiting;     /* (owned) (element-type GTask) in the order they came */
  GSource *deadline;      /* (owned) (nullable) of the first of them */
  guint sweep_source;
  BfySafeLock *lock; /* (owned) (nullable) */
  guint n_polls;     /* while another agent holds it */
  guint poll_source;
  BfyCredential *old;     /* (owned) (nullable) as it rests in the keyring */
  BfyCredential *renewed; /* (owned) (nullable) what takes its place */
  GBytes *record;         /* (owned) (nullable) of @renewed */
  gboolean is_adopting;   /* @renewed comes from a record, not from the server */
  guint64 asked_with;     /* digest of the token */
  BfyTokenAnswer *answer; /* (owned) (nullable) a refusal that is being looked into */
  gboolean was_refused;   /* by the token endpoint, for good */
  guint n_stores;
  GCancellable *cancellable; /* (owned) */
};

/* refresher-life.c */
void bfy_refresher_unref (BfyRefresher *self);

/* refresher.c */
gint64 bfy_refresh_boottime_us (void);
BfyFreshness bfy_refresh_judge_now (const BfyBinding *binding, const BfyCredential *credential);
/* Only saves what is unsaved; nobody waits. */
void bfy_refresh_begin_saving (BfyRefresher *self, BfyBinding *binding);

/* refresh-run.c */
BfyRefreshRun *
bfy_refresh_run_new (BfyRefresher *self, BfyBinding *binding, BfyRefreshEntry *entry);
BfyRefreshRun *bfy_refresh_run_ref (BfyRefreshRun *run);
void bfy_refresh_run_unref (BfyRefreshRun *run);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyRefreshRun, bfy_refresh_run_unref)
/* It may have been moved to another keyring. */
void bfy_refresh_run_follow_binding (BfyRefreshRun *run);
/* Takes over @task. */
void bfy_refresh_run_join (BfyRefreshRun *run, GTask *task);
/* Everybody who waits is told; NULL: there is a new token. @error is borrowed. */
void bfy_refresh_run_answer (BfyRefreshRun *run, const GError *error);
/* The end. @error is taken. */
void bfy_refresh_run_finish (BfyRefreshRun *run, GError *error);
/* The agent ends: nothing more is asked or written. */
void bfy_refresh_run_abandon (BfyRefreshRun *run);
/* Forgotten meanwhile, or the agent ends: then it has been finished. */
gboolean bfy_refresh_run_is_over (BfyRefreshRun *run);

/* refresh-step.c */
void bfy_refresh_run_start (BfyRefreshRun *run);
/* What bfy_refresh_run_store() was asked for is done. @error (taken): the keyring did not take it,
 * and it is used all the same. */
void bfy_refresh_run_go_on_stored (BfyRefreshRun *run, GError *error);

/* refresh-read.c: @old as it rests in the keyring now; then one call of @done. */
typedef void (*BfyRefreshFunc) (BfyRefreshRun *run, GError *error);
void bfy_refresh_run_read (BfyRefreshRun *run, BfyRefreshFunc done);
/* In the place of what is in memory. */
void bfy_refresh_run_remember (BfyRefreshRun *run, const BfyCredential *credential);
BfyCredential *bfy_refresh_copy_credential (const BfyCredential *credential);

/* refresh-store.c: @renewed as a record, the first thing that happens to it. */
void bfy_refresh_run_write_record (BfyRefreshRun *run);
/* And in the keyring. */
void bfy_refresh_run_store (BfyRefreshRun *run);
/* A record that says how @old goes on: from the disk, or one that could not be written there. */
GBytes *bfy_refresh_run_find_record (BfyRefreshRun *run);
void bfy_refresh_run_drop_record (BfyRefreshRun *run);

/* refresh-note.c */
void bfy_refresh_note_success (BfyRefreshRun *run);
void bfy_refresh_note_unsaved (BfyRefreshRun *run, const GError *error);
/* The next attempt to write what is unsaved, if anything is. */
void bfy_refresh_arm_rewrite (BfyRefreshRun *run);
/* The token endpoint's answer is of no use: event, cool-down, and the login that is needed. */
void bfy_refresh_note_failure (BfyRefreshRun *run, const BfyTokenAnswer *answer);
void bfy_refresh_note_needs_login (BfyRefreshRun *run);
/* Another agent is at it, and does not come to an end. */
void bfy_refresh_note_busy (BfyRefreshRun *run);
/* (transfer full) what callers are told */
GError *bfy_refresh_new_login_error (const BfyBinding *binding);
GError *bfy_refresh_new_cooldown_error (BfyRefresher *self, const BfyBinding *binding);
GError *bfy_refresh_new_changed_error (const BfyBinding *binding);
GError *bfy_refresh_new_ending_error (void);
/* Of the token that the next ones are asked for with; never 0. */
guint64 bfy_refresh_digest (const BfyCredential *credential);
