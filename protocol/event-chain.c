/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/event-chain.h"

#include <openssl/sha.h>
#include <string.h>

#define NUMBER_BYTES 8
#define RECORD_BYTES 768 /* most records fit */
#define ABSENT 'n'
#define TEXT 't'

/* Another one when the fields of a record change. */
static const char domain[] = "bindify event 1\n";

G_STATIC_ASSERT (BFY_EVENT_HASH_BYTES == SHA256_DIGEST_LENGTH);

static void
add_number (GByteArray *bytes, gint64 number)
{
  guint64 big_endian = GUINT64_TO_BE ((guint64) number);

  g_byte_array_append (bytes, (const guint8 *) &big_endian, NUMBER_BYTES);
}

/* What is absent differs from what is empty. */
static void
add_text (GByteArray *bytes, const char *text)
{
  guint8 mark = text != NULL ? TEXT : ABSENT;
  gsize length = text != NULL ? strlen (text) : 0;

  g_byte_array_append (bytes, &mark, 1);
  add_number (bytes, (gint64) length);
  g_byte_array_append (bytes, (const guint8 *) text, (guint) length);
}

void
bfy_event_link (const BfyEvent *event,
                const guint8 previous_hash[BFY_EVENT_HASH_BYTES],
                BfyEventLink *link)
{
  const char *texts[] = { event->type,   event->category,  event->binding,
                          event->client, event->client_id, event->method,
                          event->tool,   event->host,      event->path,
                          event->peer,   event->detail,    bfy_outcome_to_wire (event->outcome) };
  gint64 numbers[] = { event->sequence, event->time_ms,    event->status,
                       event->bytes_up, event->bytes_down, event->duration_ms };
  g_autoptr (GByteArray) bytes = g_byte_array_sized_new (RECORD_BYTES);

  g_byte_array_append (bytes, (const guint8 *) domain, strlen (domain));
  g_byte_array_append (bytes, previous_hash, BFY_EVENT_HASH_BYTES);
  add_text (bytes, link->chain);
  add_number (bytes, link->previous);
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    add_number (bytes, numbers[i]);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    add_text (bytes, texts[i]);
  SHA256 (bytes->data, bytes->len, link->hash);
}

static void
note (BfyChainWalk *self, BfyChainState state, gint64 where)
{
  if (self->state != BFY_CHAIN_OK)
    return;

  self->state = state;
  self->where = where;
}

void
bfy_chain_walk_begin (BfyChainWalk *self, gboolean is_bound)
{
  self->at = self->anchor;
  self->before = self->anchor;
  if (!is_bound)
    note (self, BFY_CHAIN_UNBOUND, 0);
}

static gboolean
is_behind (const BfyChainWalk *self,
           const BfyChainEnd *before,
           const BfyEvent *event,
           const BfyEventLink *link)
{
  BfyEventLink right = { .chain = self->chain, .previous = link->previous };

  bfy_event_link (event, before->hash, &right);

  return memcmp (right.hash, link->hash, BFY_EVENT_HASH_BYTES) == 0;
}

/* A record that is wrong and that the next one knows nothing of is not one of ours. */
static void
judge_last (BfyChainWalk *self, const BfyEventLink *link)
{
  if (self->state == BFY_CHAIN_CHANGED && self->where == self->at.sequence &&
      link->previous == self->before.sequence)
    self->state = BFY_CHAIN_INSERTED;
}

/* Two records that say that they follow the same one: which of them is not ours. */
static gint64
find_intruder (const BfyChainWalk *self, const BfyEvent *event, const BfyEventLink *link)
{
  return link->previous == self->before.sequence && is_behind (self, &self->before, event, link)
             ? self->at.sequence
             : event->sequence;
}

static void
judge (BfyChainWalk *self, const BfyEvent *event, const BfyEventLink *link)
{
  if (link->previous > self->at.sequence)
    note (self, BFY_CHAIN_REMOVED, link->previous);
  else if (link->previous < self->at.sequence)
    note (self, BFY_CHAIN_INSERTED, find_intruder (self, event, link));
  else if (!is_behind (self, &self->at, event, link))
    note (self, BFY_CHAIN_CHANGED, event->sequence);
}

static void
compare_expected (BfyChainWalk *self, const guint8 hash[BFY_EVENT_HASH_BYTES])
{
  self->has_met_expected = TRUE;
  if (memcmp (self->expected.hash, hash, BFY_EVENT_HASH_BYTES) != 0)
    note (self, BFY_CHAIN_REPLACED, self->expected.sequence);
}

void
bfy_chain_walk_take (BfyChainWalk *self, const BfyEvent *event, const BfyEventLink *link)
{
  if (self->n_events++ == 0)
    self->first_ms = event->time_ms;
  self->last_ms = event->time_ms;
  if (link == NULL)
    {
      note (self, BFY_CHAIN_INSERTED, event->sequence);
      return;
    }

  judge_last (self, link);
  judge (self, event, link);
  if (event->sequence == self->expected.sequence)
    compare_expected (self, link->hash);
  self->before = self->at;
  self->at.sequence = event->sequence;
  memcpy (self->at.hash, link->hash, BFY_EVENT_HASH_BYTES);
}

/* A head that has been pruned since cannot be compared; where it was, the chain goes on. */
static void
end_expected (BfyChainWalk *self)
{
  if (self->expected.sequence == 0 || self->has_met_expected ||
      self->expected.sequence < self->anchor.sequence)
    return;

  if (self->expected.sequence == self->anchor.sequence)
    compare_expected (self, self->anchor.hash);
  else
    note (self, BFY_CHAIN_REPLACED, self->expected.sequence);
}

void
bfy_chain_walk_end (BfyChainWalk *self)
{
  gint64 last = self->at.sequence;

  if (self->state == BFY_CHAIN_CHANGED && self->where == last && last > self->head.sequence)
    self->state = BFY_CHAIN_INSERTED;
  if (last < self->head.sequence)
    note (self, BFY_CHAIN_CUT_OFF, self->head.sequence);
  else if (last > self->head.sequence)
    note (self, BFY_CHAIN_INSERTED, last);
  else if (memcmp (self->at.hash, self->head.hash, BFY_EVENT_HASH_BYTES) != 0)
    note (self, BFY_CHAIN_CHANGED, last);
  end_expected (self);
}

const char *
bfy_chain_state_to_wire (BfyChainState state)
{
  static const char *const names[] = {
    [BFY_CHAIN_OK] = "ok",
    [BFY_CHAIN_CHANGED] = "changed",
    [BFY_CHAIN_REMOVED] = "removed",
    [BFY_CHAIN_INSERTED] = "inserted",
    [BFY_CHAIN_CUT_OFF] = "cut_off",
    [BFY_CHAIN_UNBOUND] = "unbound",
    [BFY_CHAIN_REPLACED] = "replaced",
  };

  return names[state];
}

char *
bfy_event_hash_to_text (const guint8 hash[BFY_EVENT_HASH_BYTES])
{
  GString *text = g_string_sized_new (2 * BFY_EVENT_HASH_BYTES + 1);

  for (guint i = 0; i < BFY_EVENT_HASH_BYTES; i++)
    g_string_append_printf (text, "%02x", hash[i]);

  return g_string_free (text, FALSE);
}

gboolean
bfy_event_hash_from_text (const char *text, guint8 hash[BFY_EVENT_HASH_BYTES])
{
  if (text == NULL || strlen (text) != 2 * BFY_EVENT_HASH_BYTES)
    return FALSE;

  for (guint i = 0; i < BFY_EVENT_HASH_BYTES; i++)
    {
      int high = g_ascii_xdigit_value (text[2 * i]);
      int low = g_ascii_xdigit_value (text[2 * i + 1]);

      if (high < 0 || low < 0)
        return FALSE;
      hash[i] = (guint8) (high << 4 | low);
    }

  return TRUE;
}
