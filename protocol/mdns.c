/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/mdns.h"

#include <string.h>

#include "protocol/upstream.h"

#define SUFFIX ".local"
#define HEADER_BYTES 12
#define LABEL_BYTES_MAX 63
#define NAME_BYTES_MAX 255 /* as sent */
#define POINTERS_MAX 16    /* in one name */
#define QUESTIONS_MAX 16
#define RECORDS_MAX 64
#define CLASS_IN 1
#define CLASS_FLUSH 0x8000 /* RFC 6762, 10.2 */
#define FLAG_ANSWER 0x8000
#define FLAGS_REFUSED 0x780f /* another operation than a query, or an error (18.3, 18.11) */
#define POINTER_BITS 0xc0

/* Where in a message we are. What is read is there. */
typedef struct
{
  const guint8 *data;
  gsize length;
  gsize at;
} Reader;

typedef struct
{
  guint16 type;
  guint16 class;
  guint32 ttl_s;
  guint16 n_bytes;
  const guint8 *bytes;
} Record;

gboolean
bfy_mdns_is_name (const char *host)
{
  return g_str_has_suffix (host, SUFFIX) && strlen (host) > strlen (SUFFIX) && host[0] != '.';
}

/* --- The question --- */

static gboolean
append_name (GByteArray *out, const char *name)
{
  g_auto (GStrv) labels = g_strsplit (name, ".", -1);
  gsize start = out->len;

  for (guint i = 0; labels[i] != NULL; i++)
    {
      gsize length = strlen (labels[i]);
      guint8 byte = (guint8) length;

      if (length == 0 || length > LABEL_BYTES_MAX)
        return FALSE;
      g_byte_array_append (out, &byte, 1);
      g_byte_array_append (out, (const guint8 *) labels[i], (guint) length);
    }
  g_byte_array_append (out, (const guint8 *) "", 1);

  return out->len - start <= NAME_BYTES_MAX;
}

GBytes *
bfy_mdns_new_question (const char *name, BfyMdnsType type, guint16 id)
{
  const guint8 header[HEADER_BYTES] = { (guint8) (id >> 8), (guint8) id, 0, 0, 0, 1 };
  const guint8 end[] = { 0, (guint8) type, 0, CLASS_IN };
  g_autoptr (GByteArray) out = g_byte_array_new ();

  if (*name == '\0' || strlen (name) > NAME_BYTES_MAX)
    return NULL;
  g_byte_array_append (out, header, sizeof header);
  if (!append_name (out, name))
    return NULL;
  g_byte_array_append (out, end, sizeof end);

  return g_byte_array_free_to_bytes (g_steal_pointer (&out));
}

/* --- The answer --- */

static gboolean
has_left (const Reader *self, gsize n)
{
  return n <= self->length - self->at;
}

static gboolean
read_16 (Reader *self, guint16 *value)
{
  if (!has_left (self, 2))
    return FALSE;
  *value = (guint16) (self->data[self->at] << 8 | self->data[self->at + 1]);
  self->at += 2;

  return TRUE;
}

static gboolean
read_32 (Reader *self, guint32 *value)
{
  guint16 high, low;

  if (!read_16 (self, &high) || !read_16 (self, &low))
    return FALSE;
  *value = (guint32) high << 16 | low;

  return TRUE;
}

/* The next label of @name, which is *@wanted, is @label, without regard to case; then *@wanted is
 * what follows it. NULL stands for a name that is another one already. */
static void
compare_label (const char **wanted, const guint8 *label, gsize length)
{
  const char *rest = *wanted;

  *wanted = NULL;
  if (rest == NULL || strlen (rest) < length ||
      g_ascii_strncasecmp (rest, (const char *) label, length) != 0 ||
      memchr (label, '.', length) != NULL || memchr (label, '\0', length) != NULL)
    return;
  rest += length;
  if (*rest == '.')
    *wanted = rest + 1;
  else if (*rest == '\0')
    *wanted = rest;
}

/* A pointer leads to before where this part of the name began, so no name is without end. */
static gboolean
follow_pointer (Reader *at, gsize *start)
{
  guint16 pointer;

  if (!read_16 (at, &pointer))
    return FALSE;
  pointer &= 0x3fff;
  if (pointer >= *start)
    return FALSE;
  at->at = *start = pointer;

  return TRUE;
}

/* Whether the name that begins here is @name. FALSE for one that is no name. */
static gboolean
read_name (Reader *self, const char *name, gboolean *is_same)
{
  Reader at = *self;
  const char *wanted = name;
  gsize start = at.at, n_bytes = 1;
  guint n_pointers = 0;

  while (has_left (&at, 1) && at.data[at.at] != 0)
    {
      guint8 length = at.data[at.at];

      if ((length & POINTER_BITS) == POINTER_BITS)
        {
          if (!follow_pointer (&at, &start) || ++n_pointers > POINTERS_MAX)
            return FALSE;
          self->at = n_pointers == 1 ? self->at + 2 : self->at;
          continue;
        }
      n_bytes += 1u + length;
      if (length > LABEL_BYTES_MAX || n_bytes > NAME_BYTES_MAX || !has_left (&at, 1u + length))
        return FALSE;
      compare_label (&wanted, at.data + at.at + 1, length);
      at.at += 1u + length;
      if (n_pointers == 0)
        self->at = at.at;
    }
  if (!has_left (&at, 1))
    return FALSE;
  if (n_pointers == 0)
    self->at = at.at + 1;
  *is_same = wanted != NULL && *wanted == '\0';

  return TRUE;
}

static gboolean
skip_questions (Reader *self, guint n)
{
  guint16 ignored;
  gboolean is_same;

  if (n > QUESTIONS_MAX)
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (!read_name (self, "", &is_same) || !read_16 (self, &ignored) || !read_16 (self, &ignored))
      return FALSE;

  return TRUE;
}

static gboolean
read_record (Reader *self, const char *name, Record *record, gboolean *is_same)
{
  if (!read_name (self, name, is_same) || !read_16 (self, &record->type) ||
      !read_16 (self, &record->class) || !read_32 (self, &record->ttl_s) ||
      !read_16 (self, &record->n_bytes) || !has_left (self, record->n_bytes))
    return FALSE;
  record->bytes = self->data + self->at;
  self->at += record->n_bytes;

  return TRUE;
}

static gboolean
is_of_a_group (const guint8 *bytes, gsize length)
{
  return length == 4 ? bytes[0] >= 224 : bytes[0] == 0xff;
}

/* A device that answers has an address in the network that it answers in. Anything else leads to
 * where whoever says so cannot be, such as to a service of this machine. */
static gboolean
is_of_a_device (const guint8 *bytes, gsize length)
{
  return bfy_reach_of_address (bytes, length) == BFY_REACH_PRIVATE &&
         !is_of_a_group (bytes, length) && bfy_reach_find_inner (bytes, length) == NULL;
}

/* A time of 0 takes a record back (10.1). */
static gboolean
take_address (const Record *record, BfyMdnsAddress *address)
{
  gsize length = record->type == BFY_MDNS_A ? 4 : record->type == BFY_MDNS_AAAA ? 16 : 0;

  if (length == 0 || record->n_bytes != length || record->ttl_s == 0 ||
      (record->class & ~CLASS_FLUSH) != CLASS_IN || !is_of_a_device (record->bytes, length))
    return FALSE;
  memcpy (address->bytes, record->bytes, length);
  address->length = (guint8) length;
  address->ttl_s = MIN (record->ttl_s, BFY_MDNS_TTL_S_MAX);

  return TRUE;
}

/* 0, too, when one of the records is damaged. */
static guint
read_records (Reader *self, guint n_records, const char *name, BfyMdnsAddress *addresses)
{
  guint n = 0;

  for (guint i = 0; i < n_records; i++)
    {
      Record record;
      gboolean is_same;

      if (!read_record (self, name, &record, &is_same))
        return 0;
      if (is_same && n < BFY_MDNS_ADDRESSES_MAX && take_address (&record, &addresses[n]))
        n++;
    }

  return n;
}

guint
bfy_mdns_read_answer (
    const guint8 *data, gsize length, const char *name, guint16 id, BfyMdnsAddress *addresses)
{
  Reader reader = { data, length, 0 };
  guint16 head[HEADER_BYTES / 2]; /* id, flags, how many questions and records of three kinds */
  guint n_records;

  if (length < HEADER_BYTES || length > BFY_MDNS_MESSAGE_BYTES_MAX)
    return 0;
  for (guint i = 0; i < G_N_ELEMENTS (head); i++)
    if (!read_16 (&reader, &head[i]))
      return 0;
  n_records = (guint) head[3] + head[4] + head[5];
  if (head[0] != id || (head[1] & FLAG_ANSWER) == 0 || (head[1] & FLAGS_REFUSED) != 0 ||
      n_records > RECORDS_MAX || !skip_questions (&reader, head[2]))
    return 0;

  return read_records (&reader, n_records, name, addresses);
}
