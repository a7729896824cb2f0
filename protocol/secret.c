/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Secrets live in pages of their own, cut into slots of one size per page group ("chunk"). A chunk
 * is mapped once, locked, kept out of core files and emptied in forked children; slots are wiped
 * when they are given back. Secrets larger than the largest slot get a mapping of their own. Chunks
 * are kept for reuse: the working set of an agent is small and stable. */

#include "protocol/secret.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define CHUNK_BYTES (16 * 1024)
#define SLOT_BYTES_MIN 64
#define SLOT_BYTES_MAX 4096
#define N_CLASSES 7 /* 64, 128, … 4096 */

struct _BfySecret
{
  gatomicrefcount ref_count;
  gsize length;
  gsize mapped_bytes; /* of a mapping of its own, 0 for a slot */
  guint slot_class;
  guint8 bytes[]; /* length + 1 */
};

typedef struct _FreeSlot
{
  struct _FreeSlot *next;
} FreeSlot;

G_LOCK_DEFINE_STATIC (pool);
static FreeSlot *free_slots[N_CLASSES];
static gboolean lock_failed;

static gpointer
map_pages (gsize length)
{
  gpointer pages = mmap (NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

  if (pages == MAP_FAILED)
    {
      g_critical ("Cannot allocate %" G_GSIZE_FORMAT " bytes for a secret", length);
      abort (); /* as g_malloc() does: there is nothing to go on with */
    }
  if (mlock (pages, length) != 0)
    lock_failed = TRUE;
  (void) madvise (pages, length, MADV_DONTDUMP);
  (void) madvise (pages, length, MADV_WIPEONFORK);

  return pages;
}

static gsize
slot_bytes (guint slot_class)
{
  return (gsize) SLOT_BYTES_MIN << slot_class;
}

static void
add_chunk (guint slot_class)
{
  guint8 *chunk = map_pages (CHUNK_BYTES);

  for (gsize offset = 0; offset < CHUNK_BYTES; offset += slot_bytes (slot_class))
    {
      FreeSlot *slot = (FreeSlot *) (gpointer) (chunk + offset);

      slot->next = free_slots[slot_class];
      free_slots[slot_class] = slot;
    }
}

static BfySecret *
take_slot (guint slot_class)
{
  FreeSlot *slot;

  G_LOCK (pool);
  if (free_slots[slot_class] == NULL)
    add_chunk (slot_class);
  slot = g_steal_pointer (&free_slots[slot_class]);
  free_slots[slot_class] = slot->next;
  G_UNLOCK (pool);
  slot->next = NULL;

  return (BfySecret *) slot;
}

static void
give_slot_back (BfySecret *self)
{
  guint slot_class = self->slot_class;
  FreeSlot *slot = (FreeSlot *) self;

  OPENSSL_cleanse (self, slot_bytes (slot_class));
  G_LOCK (pool);
  slot->next = free_slots[slot_class];
  free_slots[slot_class] = slot;
  G_UNLOCK (pool);
}

static gsize
round_to_pages (gsize length)
{
  gsize page = (gsize) sysconf (_SC_PAGESIZE);

  return (length + page - 1) / page * page;
}

BfySecret *
bfy_secret_new_blank (gsize length, guint8 **data)
{
  gsize needed = sizeof (BfySecret) + length + 1;
  guint slot_class = 0;
  BfySecret *self;

  while (slot_class < N_CLASSES && slot_bytes (slot_class) < needed)
    slot_class++;
  if (slot_class < N_CLASSES)
    {
      self = take_slot (slot_class);
      self->mapped_bytes = 0;
    }
  else
    {
      self = map_pages (round_to_pages (needed));
      self->mapped_bytes = round_to_pages (needed);
    }
  g_atomic_ref_count_init (&self->ref_count);
  self->slot_class = slot_class;
  self->length = length;
  *data = self->bytes;

  return self;
}

BfySecret *
bfy_secret_new (gconstpointer data, gsize length)
{
  guint8 *bytes;
  BfySecret *self = bfy_secret_new_blank (length, &bytes);

  if (length > 0)
    memcpy (bytes, data, length);

  return self;
}

BfySecret *
bfy_secret_new_wipe (gpointer data, gsize length)
{
  BfySecret *self = bfy_secret_new (data, length);

  bfy_wipe (data, length);

  return self;
}

BfySecret *
bfy_secret_ref (BfySecret *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
bfy_secret_unref (BfySecret *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->ref_count))
    return;

  if (self->mapped_bytes == 0)
    {
      give_slot_back (self);
    }
  else
    {
      gsize mapped_bytes = self->mapped_bytes;

      OPENSSL_cleanse (self, mapped_bytes);
      munmap (self, mapped_bytes);
    }
}

const guint8 *
bfy_secret_peek (const BfySecret *self, gsize *length)
{
  if (length != NULL)
    *length = self->length;

  return self->bytes;
}

const char *
bfy_secret_peek_text (const BfySecret *self)
{
  return (const char *) self->bytes;
}

gsize
bfy_secret_length (const BfySecret *self)
{
  return self->length;
}

gboolean
bfy_secret_equal (const BfySecret *a, const BfySecret *b)
{
  return a->length == b->length && CRYPTO_memcmp (a->bytes, b->bytes, a->length) == 0;
}

gboolean
bfy_secret_memory_is_locked (void)
{
  return !lock_failed;
}

void
bfy_wipe (gpointer data, gsize length)
{
  if (data != NULL)
    OPENSSL_cleanse (data, length);
}

void
bfy_wipe_free (char *text)
{
  if (text != NULL)
    OPENSSL_cleanse (text, strlen (text));
  g_free (text);
}
