/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/room.h"

#include <string.h>

#include "agent/pause.h"

#define STATE_NAME "paused_for_room" /* ids, a line each */

struct _BfyRoom
{
  BfyAgent *agent; /* borrowed */
  GHashTable *ids; /* (owned) (element-type utf8): of bindings that this has paused */
  char *kept;      /* (owned) (nullable) what the store has of them */
  gulong changed_id;
  gboolean is_settling;
};

static void
load (BfyRoom *self)
{
  g_autoptr (GBytes) value = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) ids = NULL;

  if (!bfy_store_get_state (self->agent->store, STATE_NAME, &value, &error))
    {
      g_warning ("Which bindings were paused for want of room is not known: %s", error->message);
      return;
    }
  if (value == NULL)
    return;

  self->kept = g_strndup (g_bytes_get_data (value, NULL), g_bytes_get_size (value));
  ids = g_strsplit (self->kept, "\n", -1);
  for (guint i = 0; ids[i] != NULL; i++)
    {
      if (*ids[i] != '\0')
        g_hash_table_add (self->ids, g_strdup (ids[i]));
    }
}

/* Every write waits for the disk. */
static void
save (BfyRoom *self)
{
  g_autofree const char **ids = (const char **) g_hash_table_get_keys_as_array (self->ids, NULL);
  g_autofree char *text = g_strjoinv ("\n", (char **) ids);
  g_autoptr (GBytes) value = g_bytes_new (text, strlen (text));
  g_autoptr (GError) error = NULL;

  if (g_strcmp0 (text, self->kept) == 0)
    return;
  if (!bfy_store_set_state (self->agent->store, STATE_NAME, value, &error))
    {
      g_warning ("Which bindings are paused for want of room cannot be kept: %s", error->message);
      return;
    }
  g_free (self->kept);
  self->kept = g_steal_pointer (&text);
}

static gboolean
change (BfyRoom *self, const BfyBinding *binding, gboolean is_paused)
{
  const char *why = is_paused ? "more than bindings_max" : "there is room again";
  g_autoptr (GError) error = NULL;

  if (bfy_pause_change (self->agent, binding, is_paused, why, &error))
    return TRUE;

  g_warning ("“%s” stays as it is: %s", binding->name, error->message);

  return FALSE;
}

static int
compare_ages (gconstpointer a, gconstpointer b)
{
  const BfyBinding *const *first = a, *const *second = b;

  if ((*first)->created_at_s != (*second)->created_at_s)
    return (*first)->created_at_s < (*second)->created_at_s ? -1 : 1;

  return strcmp ((*first)->id, (*second)->id);
}

/* Those that are not paused any more, or not there, are none of ours. */
static void
forget_others (BfyRoom *self)
{
  GHashTableIter iter;
  gpointer id;

  g_hash_table_iter_init (&iter, self->ids);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    {
      const BfyBinding *binding = bfy_registry_find_by_id (self->agent->registry, id);

      if (binding == NULL || binding->state != BFY_STATE_PAUSED)
        g_hash_table_iter_remove (&iter);
    }
}

/* The newest first. They are noted before, so that an agent that is killed in between does not
 * leave one that seems to be paused by a person: what is noted and not paused is forgotten. */
static void
pause_some (BfyRoom *self, GPtrArray *by_age, guint n_over)
{
  g_autoptr (GPtrArray) chosen = g_ptr_array_new ();

  for (guint i = by_age->len; i > 0 && chosen->len < n_over; i--)
    {
      const BfyBinding *binding = g_ptr_array_index (by_age, i - 1);

      if (binding->state == BFY_STATE_PAUSED)
        continue;
      g_hash_table_add (self->ids, g_strdup (binding->id));
      g_ptr_array_add (chosen, (gpointer) binding);
    }
  save (self);
  for (guint i = 0; i < chosen->len; i++)
    change (self, g_ptr_array_index (chosen, i), TRUE);
}

/* The oldest first. */
static void
resume_some (BfyRoom *self, GPtrArray *by_age, guint n_free)
{
  for (guint i = 0; i < by_age->len && n_free > 0; i++)
    {
      const BfyBinding *binding = g_ptr_array_index (by_age, i);

      if (!g_hash_table_contains (self->ids, binding->id) || !change (self, binding, FALSE))
        continue;
      g_hash_table_remove (self->ids, binding->id);
      n_free--;
    }
}

static void
settle_all (BfyRoom *self)
{
  g_autoptr (GPtrArray) by_age = bfy_registry_bindings (self->agent->registry);
  guint n_max = bfy_registry_get_bindings_max (self->agent->registry);
  guint n = bfy_registry_n_not_paused (self->agent->registry);

  g_ptr_array_sort (by_age, compare_ages);
  forget_others (self);
  if (n_max > 0 && n > n_max)
    pause_some (self, by_age, n - n_max);
  else
    resume_some (self, by_age, n_max == 0 ? G_MAXUINT : n_max - n);
  save (self);
}

/* What it does is itself a change that is heard of. */
static void
settle (BfyRoom *self)
{
  gboolean has_maximum = bfy_registry_get_bindings_max (self->agent->registry) > 0;

  if (self->is_settling || (!has_maximum && g_hash_table_size (self->ids) == 0))
    return;

  self->is_settling = TRUE;
  settle_all (self);
  self->is_settling = FALSE;
}

static void
on_binding_changed (BfyRegistry *registry, BfyBinding *old, BfyBinding *now, gpointer user_data)
{
  gboolean was_paused = old == NULL || old->state == BFY_STATE_PAUSED;
  gboolean is_paused = now == NULL || now->state == BFY_STATE_PAUSED;

  if (was_paused != is_paused)
    settle (user_data);
}

BfyRoom *
bfy_room_new (BfyAgent *agent)
{
  BfyRoom *self = g_new0 (BfyRoom, 1);

  self->agent = agent;
  self->ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  load (self);
  settle (self);
  self->changed_id =
      g_signal_connect (agent->registry, "binding-changed", G_CALLBACK (on_binding_changed), self);

  return self;
}

void
bfy_room_free (BfyRoom *self)
{
  if (self == NULL)
    return;

  g_clear_signal_handler (&self->changed_id, self->agent->registry);
  g_clear_pointer (&self->ids, g_hash_table_unref);
  g_free (self->kept);
  g_free (self);
}
