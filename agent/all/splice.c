/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/all/splice.h"

typedef struct
{
  const char *start;
  gsize length;
  char *token; /* (owned) */
} Change;

struct _BfySplice
{
  const char *text;
  gsize length;
  GArray *changes; /* (owned) (element-type Change) */
  gboolean is_sorted;
};

static void
change_clear (gpointer data)
{
  Change *change = data;

  g_free (change->token);
}

BfySplice *
bfy_splice_new (const char *text, gsize length)
{
  BfySplice *self = g_new0 (BfySplice, 1);

  self->text = text;
  self->length = length;
  self->changes = g_array_new (FALSE, FALSE, sizeof (Change));
  g_array_set_clear_func (self->changes, change_clear);

  return self;
}

void
bfy_splice_free (BfySplice *self)
{
  if (self == NULL)
    return;

  g_array_unref (self->changes);
  g_free (self);
}

void
bfy_splice_set (BfySplice *self, const BfyJsonSlice *slice, const char *token)
{
  Change change = { slice->start, slice->length, g_strdup (token) };

  g_array_append_val (self->changes, change);
  self->is_sorted = FALSE;
}

void
bfy_splice_set_string (BfySplice *self, const BfyJsonSlice *slice, const char *value)
{
  g_autoptr (GString) token = g_string_new (NULL);

  bfy_json_append_string (token, value, -1);
  bfy_splice_set (self, slice, token->str);
}

gboolean
bfy_splice_is_empty (const BfySplice *self)
{
  return self->changes->len == 0;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  const Change *first = a;
  const Change *second = b;

  return first->start < second->start ? -1 : first->start > second->start;
}

/* Within checked JSON a line break is white space between tokens. */
static void
append_flat (GString *out, const char *start, const char *end)
{
  gsize at = out->len;

  g_string_append_len (out, start, end - start);
  for (; at < out->len; at++)
    if (out->str[at] == '\n' || out->str[at] == '\r')
      out->str[at] = ' ';
}

/* The first change at or behind @start. */
static guint
find_first (const BfySplice *self, const char *start)
{
  guint low = 0;
  guint high = self->changes->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (g_array_index (self->changes, Change, middle).start < start)
        low = middle + 1;
      else
        high = middle;
    }

  return low;
}

void
bfy_splice_append (BfySplice *self, GString *out, const BfyJsonSlice *part)
{
  const char *at = part->start;
  const char *end = part->start + part->length;

  if (!self->is_sorted)
    g_array_sort (self->changes, compare);
  self->is_sorted = TRUE;
  for (guint i = find_first (self, at); i < self->changes->len; i++)
    {
      const Change *change = &g_array_index (self->changes, Change, i);

      if (change->start >= end)
        break;
      append_flat (out, at, change->start);
      g_string_append (out, change->token);
      at = change->start + change->length;
    }
  append_flat (out, at, end);
}

char *
bfy_splice_apply (BfySplice *self, gsize *length)
{
  BfyJsonSlice whole = { BFY_JSON_OBJECT, self->text, self->length };
  GString *out = g_string_sized_new (self->length + 256);

  bfy_splice_append (self, out, &whole);
  if (length != NULL)
    *length = out->len;

  return g_string_free (out, FALSE);
}

gboolean
bfy_splice_find (const BfyJsonSlice *root, const char *const *path, BfyJsonSlice *found)
{
  BfyJsonSlice here = *root;

  for (; *path != NULL; path++)
    if (!bfy_json_slice_member (&here, *path, &here))
      return FALSE;
  *found = here;

  return TRUE;
}
