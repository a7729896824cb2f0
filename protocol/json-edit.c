/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/json-edit.h"

#include <string.h>

#define INTEGER_LENGTH_MAX 20 /* -9223372036854775808 */

static void
append_member (GString *out, gboolean *is_first, const char *key, gsize key_length)
{
  if (!*is_first)
    g_string_append_c (out, ',');
  *is_first = FALSE;
  g_string_append_len (out, key, (gssize) key_length);
  g_string_append_c (out, ':');
}

static const BfyJsonEdit *
find_edit (const BfyJsonEdit *edits, gsize n_edits, const BfyJsonSlice *key)
{
  for (gsize i = 0; i < n_edits; i++)
    if (bfy_json_slice_equals (key, edits[i].name))
      return &edits[i];

  return NULL;
}

static void
append_old (GString *out,
            gboolean *is_first,
            const BfyJsonSlice *object,
            const BfyJsonEdit *edits,
            gsize n_edits)
{
  BfyJsonSlice key, value;
  BfyJsonIter iter;

  bfy_json_iter_init (&iter, object);
  while (bfy_json_iter_next (&iter, &key, &value))
    {
      const BfyJsonEdit *edit = find_edit (edits, n_edits, &key);

      if (edit != NULL && edit->value == NULL)
        continue;
      append_member (out, is_first, key.start, key.length);
      if (edit != NULL)
        g_string_append (out, edit->value);
      else
        g_string_append_len (out, value.start, (gssize) value.length);
    }
}

void
bfy_json_append_edited (GString *out,
                        const BfyJsonSlice *object,
                        const BfyJsonEdit *edits,
                        gsize n_edits)
{
  static const BfyJsonSlice nothing = { BFY_JSON_OBJECT, "{}", 2 };
  gboolean is_first = TRUE;
  BfyJsonSlice old;

  if (object == NULL || object->start == NULL || object->type != BFY_JSON_OBJECT)
    object = &nothing;
  g_string_append_c (out, '{');
  append_old (out, &is_first, object, edits, n_edits);
  for (gsize i = 0; i < n_edits; i++)
    {
      if (edits[i].value == NULL || bfy_json_slice_member (object, edits[i].name, &old))
        continue;
      if (!is_first)
        g_string_append_c (out, ',');
      is_first = FALSE;
      bfy_json_append_string (out, edits[i].name, -1);
      g_string_append_printf (out, ":%s", edits[i].value);
    }
  g_string_append_c (out, '}');
}

char *
bfy_json_edited (const BfyJsonSlice *object, const BfyJsonEdit *edits, gsize n_edits)
{
  GString *out = g_string_new (NULL);

  bfy_json_append_edited (out, object, edits, n_edits);

  return g_string_free (out, FALSE);
}

char *
bfy_json_slice_dup_raw (const BfyJsonSlice *slice)
{
  return slice->start != NULL ? g_strndup (slice->start, slice->length) : NULL;
}

gboolean
bfy_json_slice_find (const BfyJsonSlice *root, const char *const *path, BfyJsonSlice *found)
{
  BfyJsonSlice here = *root;

  for (; *path != NULL; path++)
    if (!bfy_json_slice_member (&here, *path, &here))
      return FALSE;
  *found = here;

  return TRUE;
}

gboolean
bfy_json_slice_get_int (const BfyJsonSlice *slice, gint64 *value)
{
  g_autofree char *text = NULL;

  if (slice->start == NULL || slice->type != BFY_JSON_NUMBER || slice->length > INTEGER_LENGTH_MAX)
    return FALSE;
  text = g_strndup (slice->start, slice->length);

  return g_ascii_string_to_signed (text, 10, G_MININT64, G_MAXINT64, value, NULL);
}
