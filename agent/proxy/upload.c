/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/proxy/upload.h"

#include <string.h>

#include "agent/guard/guard.h"
#include "agent/guard/watch.h"
#include "protocol/client-key.h"

#define PREFIX_LENGTH (sizeof BFY_CLIENT_KEY_PREFIX - 1)
#define PRINTED_LENGTH (PREFIX_LENGTH + BFY_CLIENT_KEY_TEXT_LENGTH)
#define KEYS_MAX 16 /* that look like a client key and are tried, in one body */

enum
{
  LANE_ALL,    /* every secret that the agent holds */
  LANE_SEALED, /* the credential of a sealed binding, while it is open */
  LANE_PATH,   /* the key in the request's own path, as it is there */
  N_LANES,
};

struct _BfyUpload
{
  BfyAgent *agent;               /* borrowed */
  BfyGuard *guard;               /* (owned) */
  GList *keeper;                 /* borrowed from the guard */
  BfyLeakStream *lanes[N_LANES]; /* (owned) (nullable) */
  GBytes *ready;                 /* (owned) (nullable) searched for secrets, and before all else */
  GBytes *held;                  /* (owned) (nullable) it may be the beginning of a key */
  BfyUploadVerdict verdict;
  guint n_tried;
  guint tag;
};

static BfyLeakStream *
make_lane (BfyLeakSet *set)
{
  return set != NULL && !bfy_leak_set_is_empty (set) ? bfy_leak_stream_new (set) : NULL;
}

static void let_go (gpointer user_data);

BfyUpload *
bfy_upload_new (BfyAgent *agent, BfyRequest *request)
{
  BfyUpload *self = g_new0 (BfyUpload, 1);
  const BfyLeakEntry presented = { bfy_request_get_route (request)->presented, 0 };
  g_autoptr (BfyLeakSet) path = presented.secret != NULL ? bfy_leak_set_new (&presented, 1) : NULL;

  self->agent = agent;
  self->guard = bfy_guard_ref (agent->guard);
  self->keeper = bfy_guard_add_keeper (self->guard, let_go, self);
  self->lanes[LANE_ALL] = make_lane (bfy_guard_peek_set (agent->guard));
  self->lanes[LANE_SEALED] = make_lane (bfy_watch_peek_sealed (request));
  self->lanes[LANE_PATH] = make_lane (path);

  return self;
}

void
bfy_upload_free (BfyUpload *self)
{
  for (guint i = 0; i < N_LANES; i++)
    g_clear_pointer (&self->lanes[i], bfy_leak_stream_free);
  g_clear_pointer (&self->ready, g_bytes_unref);
  g_clear_pointer (&self->held, g_bytes_unref);
  bfy_guard_remove_keeper (self->guard, self->keeper);
  bfy_guard_unref (self->guard);
  g_free (self);
}

guint
bfy_upload_get_tag (const BfyUpload *self)
{
  return self->tag;
}

/* Takes over @piece; NULL is nothing, both ways. */
static GBytes *
search (BfyUpload *self, guint lane, GBytes *taken, gboolean is_last)
{
  g_autoptr (GBytes) piece = taken;
  BfyLeakStream *stream = self->lanes[lane];
  GBytes *passed;

  if (stream == NULL || (piece == NULL && !is_last))
    return g_steal_pointer (&piece);

  passed = bfy_leak_stream_feed (stream, piece, is_last);
  if (bfy_leak_stream_get_n_found (stream) > 0 && self->verdict == BFY_UPLOAD_PASSES)
    {
      self->tag = bfy_leak_stream_get_tag (stream);
      self->verdict = lane == LANE_PATH ? BFY_UPLOAD_HOLDS_KEY : BFY_UPLOAD_HOLDS_SECRET;
    }

  return passed;
}

static gboolean
is_key (BfyUpload *self, const char *text)
{
  g_autoptr (BfySecret) parsed = NULL;

  if (self->n_tried++ >= KEYS_MAX)
    return FALSE;
  parsed = bfy_client_key_parse (text, PRINTED_LENGTH);

  return parsed != NULL && bfy_registry_authenticate (self->agent->registry, parsed) != NULL;
}

/* Where the prefix of a key begins that the end cuts off; @length if nowhere. */
static gsize
find_cut_prefix (const char *data, gsize length)
{
  for (gsize n = MIN (length, PREFIX_LENGTH - 1); n > 0; n--)
    if (memmem (data + length - n, n, BFY_CLIENT_KEY_PREFIX, n) != NULL)
      return length - n;

  return length;
}

/* How many bytes hold no key, and cannot be the beginning of one. */
static gsize
look_for_keys (BfyUpload *self, const char *data, gsize length)
{
  const char *at = data;

  while ((at = memmem (at, length - (gsize) (at - data), BFY_CLIENT_KEY_PREFIX, PREFIX_LENGTH)) !=
         NULL)
    {
      if (length - (gsize) (at - data) < PRINTED_LENGTH)
        return (gsize) (at - data);
      if (is_key (self, at))
        {
          self->verdict = BFY_UPLOAD_HOLDS_KEY;
          return 0;
        }
      at++;
    }

  return find_cut_prefix (data, length);
}

/* Takes over both; NULL is nothing. */
static GBytes *
join (GBytes *first, GBytes *second)
{
  g_autoptr (GBytes) head = first;
  g_autoptr (GBytes) tail = second;
  GByteArray *both;

  if (head == NULL)
    return g_steal_pointer (&tail);
  if (tail == NULL)
    return g_steal_pointer (&head);

  both = g_byte_array_sized_new ((guint) (g_bytes_get_size (head) + g_bytes_get_size (tail)));
  g_byte_array_append (both, g_bytes_get_data (head, NULL), (guint) g_bytes_get_size (head));
  g_byte_array_append (both, g_bytes_get_data (tail, NULL), (guint) g_bytes_get_size (tail));

  return g_byte_array_free_to_bytes (both);
}

static GBytes *
search_keys (BfyUpload *self, GBytes *taken, gboolean is_last)
{
  g_autoptr (GBytes) bytes = join (g_steal_pointer (&self->held), taken);
  gsize length = 0;
  const char *data = bytes != NULL ? g_bytes_get_data (bytes, &length) : NULL;
  gsize n;

  if (length == 0)
    return NULL;
  n = look_for_keys (self, data, length);
  if (is_last || n == length)
    return g_steal_pointer (&bytes);
  self->held = g_bytes_new_from_bytes (bytes, n, length - n);

  return n > 0 ? g_bytes_new_from_bytes (bytes, 0, n) : NULL;
}

/* Secrets have been taken from the agent, so nobody remembers them: what is held back passes, and
 * from here on the search is for keys alone. */
static void
let_go (gpointer user_data)
{
  BfyUpload *self = user_data;
  GBytes *held = NULL;

  for (guint i = 0; i < N_LANES; i++)
    {
      held = search (self, i, held, TRUE);
      g_clear_pointer (&self->lanes[i], bfy_leak_stream_free);
    }
  self->ready = join (g_steal_pointer (&self->ready), held);
}

BfyUploadVerdict
bfy_upload_feed (BfyUpload *self, GBytes *piece, GBytes **passed)
{
  GBytes *bytes = piece != NULL ? g_bytes_ref (piece) : NULL;

  for (guint i = 0; i < N_LANES; i++)
    bytes = search (self, i, bytes, piece == NULL);
  bytes = join (g_steal_pointer (&self->ready), bytes);
  bytes = search_keys (self, bytes, piece == NULL);
  *passed = self->verdict == BFY_UPLOAD_PASSES ? bytes : NULL;
  if (*passed == NULL)
    g_clear_pointer (&bytes, g_bytes_unref);

  return self->verdict;
}
