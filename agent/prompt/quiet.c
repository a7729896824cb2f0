/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/prompt/quiet.h"

typedef struct
{
  char *name; /* (owned) */
  guint n_unanswered;
  guint n_refused;
  gint64 heard_at_ms;
  gint64 until_ms; /* 0 = not quiet */
} Subject;

struct _BfyQuiet
{
  guint duration_ms;
  GHashTable *subjects; /* (owned) (element-type utf8 Subject) */
};

static void
subject_free (gpointer data)
{
  Subject *subject = data;

  g_free (subject->name);
  g_free (subject);
}

BfyQuiet *
bfy_quiet_new (guint duration_ms)
{
  BfyQuiet *self = g_new0 (BfyQuiet, 1);

  self->duration_ms = duration_ms;
  self->subjects = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, subject_free);

  return self;
}

void
bfy_quiet_set_duration (BfyQuiet *self, guint duration_ms)
{
  self->duration_ms = duration_ms;
}

void
bfy_quiet_free (BfyQuiet *self)
{
  g_hash_table_unref (self->subjects);
  g_free (self);
}

static void
forget_oldest (BfyQuiet *self)
{
  const char *oldest = NULL;
  gint64 heard_at_ms = G_MAXINT64;
  gpointer key, value;
  GHashTableIter iter;

  g_hash_table_iter_init (&iter, self->subjects);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      const Subject *subject = value;

      if (subject->heard_at_ms >= heard_at_ms)
        continue;
      heard_at_ms = subject->heard_at_ms;
      oldest = key;
    }
  if (oldest != NULL)
    g_hash_table_remove (self->subjects, oldest);
}

static Subject *
ensure (BfyQuiet *self, const char *id, const char *name, gint64 now_ms)
{
  Subject *subject = g_hash_table_lookup (self->subjects, id);

  if (subject == NULL)
    {
      if (g_hash_table_size (self->subjects) >= BFY_QUIET_SUBJECTS_MAX)
        forget_oldest (self);
      subject = g_new0 (Subject, 1);
      g_hash_table_insert (self->subjects, g_strdup (id), subject);
    }
  g_free (subject->name);
  subject->name = g_strdup (name);
  subject->heard_at_ms = now_ms;

  return subject;
}

gboolean
bfy_quiet_note (
    BfyQuiet *self, const char *subject_id, const char *name, BfyQuietHow how, gint64 now_ms)
{
  Subject *subject;

  if (how == BFY_QUIET_ALLOWED)
    {
      g_hash_table_remove (self->subjects, subject_id);
      return FALSE;
    }

  subject = ensure (self, subject_id, name, now_ms);
  subject->n_unanswered = how == BFY_QUIET_TIMED_OUT ? subject->n_unanswered + 1 : 0;
  subject->n_refused += how == BFY_QUIET_DENIED;
  if (subject->until_ms > now_ms ||
      (subject->n_unanswered < BFY_QUIET_UNANSWERED && subject->n_refused < BFY_QUIET_REFUSED))
    return FALSE;

  subject->n_unanswered = 0;
  subject->n_refused = 0;
  subject->until_ms = now_ms + self->duration_ms;

  return TRUE;
}

gint64
bfy_quiet_until_ms (BfyQuiet *self, const char *subject_id, gint64 now_ms)
{
  const Subject *subject = g_hash_table_lookup (self->subjects, subject_id);

  return subject != NULL && subject->until_ms > now_ms ? subject->until_ms : 0;
}

void
bfy_quiet_foreach (BfyQuiet *self, gint64 now_ms, BfyQuietFunc func, gpointer user_data)
{
  gpointer value;
  GHashTableIter iter;

  g_hash_table_iter_init (&iter, self->subjects);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const Subject *subject = value;

      if (subject->until_ms > now_ms)
        func (subject->name, subject->until_ms, user_data);
    }
}

static void
count (const char *name, gint64 until_ms, gpointer user_data)
{
  guint *n = user_data;

  (*n)++;
}

guint
bfy_quiet_end (BfyQuiet *self, gint64 now_ms)
{
  guint n = 0;

  bfy_quiet_foreach (self, now_ms, count, &n);
  g_hash_table_remove_all (self->subjects);

  return n;
}
