/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>

#include "protocol/json.h"
#include "protocol/leak-private.h"

static void
fill (char *data, gsize start, gsize end)
{
  if (end > start)
    memset (data + start, BFY_LEAK_MASK_BYTE, end - start);
}

/* A secret may begin within another, so what was found is overwritten only when nothing more can
 * begin there. */
gsize
bfy_leak_index_mask (
    const BfyLeakIndex *self, char *data, gsize length, gboolean may_go_on, BfyLeakMask *mask)
{
  BfyLeak leak = { 0 };
  BfyLeakSight sight = bfy_leak_index_look (self, data, length, 0, may_go_on, &leak);
  gsize end;

  while (sight == BFY_LEAK_WHOLE)
    {
      if (leak.start >= mask->end)
        {
          fill (data, mask->start, mask->end);
          mask->start = leak.start;
        }
      mask->end = MAX (mask->end, leak.start + leak.length);
      if (mask->n_found++ == 0)
        mask->tag = leak.tag;
      sight = bfy_leak_index_look (self, data, length, leak.start + 1, may_go_on, &leak);
    }
  end = sight == BFY_LEAK_CUT ? leak.start : length;
  fill (data, mask->start, MIN (mask->end, end));

  return end;
}

/* The end of the JSON string whose first byte is at @start; whether there are escapes in it. */
static gsize
find_string_end (const char *data, gsize length, gsize start, gboolean *has_escapes)
{
  gsize at = start;

  *has_escapes = FALSE;
  for (; at < length && data[at] != '"'; at++)
    {
      if (data[at] != '\\')
        continue;
      *has_escapes = TRUE;
      at++;
    }

  return MIN (at, length);
}

/* One string without its quotes, which are there. */
static gboolean
mask_string (const BfyLeakSet *set, char *string, gsize length, char *scratch)
{
  BfyJsonSlice slice = { BFY_JSON_STRING, string - 1, length + 2 };
  gsize n_plain = bfy_json_slice_unescape (&slice, scratch);
  BfyLeak leak;

  if (!bfy_leak_set_find (set, scratch, n_plain, 0, &leak))
    return FALSE;
  fill (string, 0, length);

  return TRUE;
}

guint
bfy_leak_set_mask_json (const BfyLeakSet *self, char *data, gsize length)
{
  guint n_found = bfy_leak_set_mask (self, data, length);
  g_autofree char *scratch = NULL;
  const char *quote;
  gsize end;

  if (bfy_leak_set_is_empty (self) || memchr (data, '\\', length) == NULL)
    return n_found;

  scratch = g_malloc (length);
  for (gsize at = 0; (quote = memchr (data + at, '"', length - at)) != NULL; at = end + 1)
    {
      gsize start = (gsize) (quote - data) + 1;
      gboolean has_escapes;

      end = find_string_end (data, length, start, &has_escapes);
      if (end == length)
        break;
      if (has_escapes && mask_string (self, data + start, end - start, scratch))
        n_found++;
    }
  bfy_wipe (scratch, length);

  return n_found;
}
