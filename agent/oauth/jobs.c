/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/oauth/jobs.h"

#include "agent/boot-timer.h"
#include "protocol/refresh-plan.h"

#define MS_PER_S 1000

typedef struct
{
  gboolean is_running;
  guint n_failures;     /* in a row */
  gint64 not_before_ms; /* of bfy_boot_timer_now_ms(); 0: at any time */
} Job;

struct _BfyJobs
{
  GHashTable *jobs; /* (owned) binding id → Job */
  guint n_running;
};

BfyJobs *
bfy_jobs_new (void)
{
  BfyJobs *self = g_new0 (BfyJobs, 1);

  self->jobs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  return self;
}

void
bfy_jobs_free (BfyJobs *self)
{
  if (self == NULL)
    return;

  g_hash_table_unref (self->jobs);
  g_free (self);
}

static Job *
ensure (BfyJobs *self, const char *id)
{
  Job *job = g_hash_table_lookup (self->jobs, id);

  if (job == NULL)
    {
      job = g_new0 (Job, 1);
      g_hash_table_insert (self->jobs, g_strdup (id), job);
    }

  return job;
}

void
bfy_jobs_begin (BfyJobs *self, const char *id)
{
  ensure (self, id)->is_running = TRUE;
  self->n_running++;
}

void
bfy_jobs_end (BfyJobs *self, const char *id, gboolean is_good, gint64 wait_s)
{
  Job *job = ensure (self, id);
  gint64 pause_s;

  self->n_running--;
  if (is_good)
    {
      g_hash_table_remove (self->jobs, id);
      return;
    }

  job->is_running = FALSE;
  job->n_failures++;
  pause_s = MAX (bfy_refresh_cooldown_s (job->n_failures, 0), wait_s);
  job->not_before_ms = bfy_boot_timer_now_ms () + pause_s * MS_PER_S;
}

void
bfy_jobs_drop (BfyJobs *self, const char *id)
{
  if (!bfy_jobs_is_running (self, id))
    g_hash_table_remove (self->jobs, id);
}

guint
bfy_jobs_n_running (const BfyJobs *self)
{
  return self->n_running;
}

gboolean
bfy_jobs_is_running (const BfyJobs *self, const char *id)
{
  const Job *job = g_hash_table_lookup (self->jobs, id);

  return job != NULL && job->is_running;
}

gint64
bfy_jobs_pause_ms (const BfyJobs *self, const char *id)
{
  const Job *job = g_hash_table_lookup (self->jobs, id);

  return job != NULL && job->not_before_ms > 0 ? job->not_before_ms - bfy_boot_timer_now_ms () : 0;
}
