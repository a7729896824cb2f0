/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/child/edits.h"

void
bfy_edits_add (BfyEdits *edits, const BfyJsonSlice *slice, const char *token)
{
  guint i = edits->n++;

  for (; i > 0 && edits->list[i - 1].slice.start > slice->start; i--)
    edits->list[i] = edits->list[i - 1];
  edits->list[i] = (BfyEdit){ *slice, token };
}

/* Within checked JSON a line break is white space between tokens. */
static void
append_flat (GString *out, const char *text, gsize length)
{
  gsize at = out->len;

  g_string_append_len (out, text, (gssize) length);
  for (; at < out->len; at++)
    if (out->str[at] == '\n' || out->str[at] == '\r')
      out->str[at] = ' ';
}

char *
bfy_edits_apply (const char *text, gsize length, const BfyEdits *edits, gsize *n_written)
{
  GString *out = g_string_sized_new (length + 64);
  const char *end = text + length;

  for (guint i = 0; i < edits->n; i++)
    {
      const BfyEdit *edit = &edits->list[i];

      append_flat (out, text, (gsize) (edit->slice.start - text));
      g_string_append (out, edit->token);
      text = edit->slice.start + edit->slice.length;
    }
  append_flat (out, text, (gsize) (end - text));
  if (n_written != NULL)
    *n_written = out->len;

  return g_string_free (out, FALSE);
}
