/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/guard/watch.h"

#include <string.h>

#include "agent/guard/alarm.h"
#include "agent/guard/guard.h"

/* Searched one after the other. Most answers need one: it is the set of when the request was sent,
 * and nothing has changed since. */
typedef enum
{
  LANE_SEALED, /* the credential of a sealed binding */
  LANE_FIRST,  /* what there was when the request was sent: its token may be renewed meanwhile */
  LANE_LATEST, /* what there is now, if that is something else */
  N_LANES,
} LaneKind;

typedef struct
{
  BfyLeakSet *set;       /* (owned) (nullable) */
  BfyLeakStream *stream; /* (owned) (nullable) from the first bytes on */
} Lane;

typedef struct
{
  BfyAgent *agent;     /* borrowed */
  BfyGuard *guard;     /* (owned) */
  BfyRequest *request; /* borrowed: it owns us */
  GList *keeper;       /* borrowed from the guard */
  Lane lanes[N_LANES];
  GBytes *ready; /* (owned) (nullable) searched, and to go out before all else */
  gboolean has_rung_for_body;
  gboolean has_rung_for_header;
  const char *found_where; /* (nullable) static; not reported yet */
  guint found_tag;
} Watch;

static void
lane_clear (Lane *lane)
{
  g_clear_pointer (&lane->stream, bfy_leak_stream_free);
  g_clear_pointer (&lane->set, bfy_leak_set_unref);
}

static GBytes *
no_bytes (void)
{
  return g_bytes_new_static ("", 0);
}

/* Takes over both; NULL is nothing. */
static GBytes *
join (GBytes *first, GBytes *second)
{
  g_autoptr (GBytes) head = first;
  g_autoptr (GBytes) tail = second;
  GByteArray *both;

  if (head == NULL || g_bytes_get_size (head) == 0)
    return g_steal_pointer (&tail);
  if (tail == NULL || g_bytes_get_size (tail) == 0)
    return g_steal_pointer (&head);

  both = g_byte_array_sized_new ((guint) (g_bytes_get_size (head) + g_bytes_get_size (tail)));
  g_byte_array_append (both, g_bytes_get_data (head, NULL), (guint) g_bytes_get_size (head));
  g_byte_array_append (both, g_bytes_get_data (tail, NULL), (guint) g_bytes_get_size (tail));

  return g_byte_array_free_to_bytes (both);
}

static void
note_found (Watch *self, const char *where, guint tag)
{
  gboolean *has_rung =
      g_str_equal (where, "header") ? &self->has_rung_for_header : &self->has_rung_for_body;

  if (*has_rung || self->found_where != NULL)
    return;
  *has_rung = TRUE;
  self->found_where = where;
  self->found_tag = tag;
}

/* Whoever hears of it may end the request, and us with it: the last thing that is done. */
static void
ring (Watch *self)
{
  const char *where = g_steal_pointer (&self->found_where);
  g_autoptr (BfyRequest) request = NULL;

  if (where == NULL)
    return;
  request = bfy_request_ref (self->request);
  bfy_alarm_leak (self->agent, request, self->found_tag, where);
}

/* Takes over @bytes; NULL is nothing, both ways. */
static GBytes *
feed (Watch *self, Lane *lane, GBytes *taken, gboolean is_last)
{
  g_autoptr (GBytes) bytes = taken;
  GBytes *passed;

  if (lane->set == NULL || bfy_leak_set_is_empty (lane->set) || (bytes == NULL && !is_last))
    return g_steal_pointer (&bytes);

  if (bytes == NULL)
    bytes = no_bytes ();
  if (lane->stream == NULL)
    lane->stream = bfy_leak_stream_new (lane->set);
  passed = bfy_leak_stream_feed (lane->stream, bytes, is_last);
  if (bfy_leak_stream_get_n_found (lane->stream) > 0)
    note_found (self, "body", bfy_leak_stream_get_tag (lane->stream));

  return passed;
}

/* What is held back for the sake of a set that goes has been searched for all of it but that. */
static void
replace_latest (Watch *self, BfyLeakSet *set)
{
  Lane *lane = &self->lanes[LANE_LATEST];
  GBytes *held = lane->stream != NULL ? feed (self, lane, NULL, TRUE) : NULL;

  lane_clear (lane);
  lane->set = bfy_leak_set_ref (set);
  self->ready = join (g_steal_pointer (&self->ready), feed (self, lane, held, FALSE));
}

static void
look_for_changes (Watch *self)
{
  BfyLeakSet *now = bfy_guard_peek_set (self->guard);
  Lane *first = &self->lanes[LANE_FIRST];

  if (first->set == NULL)
    first->set = bfy_leak_set_ref (now);
  else if (first->set != now && self->lanes[LANE_LATEST].set != now)
    replace_latest (self, now);
}

static GBytes *
filter_bytes (GBytes *bytes, gboolean is_last, gpointer user_data)
{
  Watch *self = user_data;
  GBytes *passed = g_bytes_ref (bytes);

  look_for_changes (self);
  for (guint i = 0; i < N_LANES; i++)
    passed = feed (self, &self->lanes[i], passed, is_last);
  passed = join (g_steal_pointer (&self->ready), passed);
  ring (self);

  return passed;
}

/* NULL when there is nothing to mask. The first that is found decides whose alarm it is. */
static char *
mask_text (Watch *self, const char *text, gsize length, const char *where)
{
  char *copy = NULL;

  look_for_changes (self);
  for (guint i = 0; i < N_LANES; i++)
    {
      BfyLeakSet *set = self->lanes[i].set;
      BfyLeak leak;

      if (set == NULL || bfy_leak_set_is_empty (set) ||
          !bfy_leak_set_find (set, copy != NULL ? copy : text, length, 0, &leak))
        continue;
      if (copy == NULL)
        {
          copy = g_malloc (length + 1);
          memcpy (copy, text, length);
          copy[length] = '\0';
        }
      bfy_leak_set_mask (set, copy, length);
      note_found (self, where, leak.tag);
    }
  ring (self);

  return copy;
}

/* An answer that has not begun is given as a whole. */
static char *
filter_text (const char *text, gsize length, gpointer user_data)
{
  Watch *self = user_data;

  return mask_text (self, text, length, bfy_request_has_begun (self->request) ? "header" : "body");
}

/* Secrets have been taken from the agent, so nobody remembers them: what is held back passes, and
 * from here on the search is for what is left. */
static void
let_go (gpointer user_data)
{
  Watch *self = user_data;
  GBytes *held = NULL;

  for (guint i = 0; i < N_LANES; i++)
    {
      if (self->lanes[i].stream != NULL)
        held = feed (self, &self->lanes[i], held, TRUE);
      lane_clear (&self->lanes[i]);
    }
  self->ready = join (g_steal_pointer (&self->ready), held);
}

static void
watch_free (gpointer user_data)
{
  Watch *self = user_data;

  for (guint i = 0; i < N_LANES; i++)
    lane_clear (&self->lanes[i]);
  g_clear_pointer (&self->ready, g_bytes_unref);
  bfy_guard_remove_keeper (self->guard, self->keeper);
  bfy_guard_unref (self->guard);
  g_free (self);
}

static const BfyRequestFilter filter = {
  .text = filter_text,
  .bytes = filter_bytes,
  .destroy = watch_free,
};

static Watch *
find_or_make (BfyAgent *agent, BfyRequest *request)
{
  Watch *self = bfy_request_find_filter (request, &filter);

  if (self != NULL)
    return self;

  self = g_new0 (Watch, 1);
  self->agent = agent;
  self->guard = bfy_guard_ref (agent->guard);
  self->request = request;
  self->keeper = bfy_guard_add_keeper (self->guard, let_go, self);
  bfy_request_set_filter (request, &filter, self);

  return self;
}

void
bfy_watch_request (BfyAgent *agent, BfyRequest *request)
{
  look_for_changes (find_or_make (agent, request));
}

void
bfy_watch_sealed (BfyAgent *agent,
                  BfyRequest *request,
                  const BfyBinding *binding,
                  const BfyCredential *credential)
{
  Lane *lane = &find_or_make (agent, request)->lanes[LANE_SEALED];

  lane_clear (lane);
  lane->set = bfy_guard_make_set (agent->guard, binding->id, credential);
}

gboolean
bfy_watch_finds (BfyRequest *request, const char *text)
{
  Watch *self = bfy_request_find_filter (request, &filter);
  g_autofree char *masked = self != NULL ? mask_text (self, text, strlen (text), "header") : NULL;

  return masked != NULL;
}

BfyLeakSet *
bfy_watch_peek_sealed (BfyRequest *request)
{
  const Watch *self = bfy_request_find_filter (request, &filter);

  return self != NULL ? self->lanes[LANE_SEALED].set : NULL;
}
