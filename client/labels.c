/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/labels.h"

#include "client/table.h"

struct _BfyLabels
{
  guint indent;
  gsize width;
  GPtrArray *pairs; /* (owned) (element-type utf8) labels, and each one's value behind it */
};

BfyLabels *
bfy_labels_new (guint indent, guint columns_min)
{
  BfyLabels *self = g_new0 (BfyLabels, 1);

  self->indent = indent;
  self->width = columns_min;
  self->pairs = g_ptr_array_new_with_free_func (g_free);

  return self;
}

void
bfy_labels_free (BfyLabels *self)
{
  g_ptr_array_unref (self->pairs);
  g_free (self);
}

void
bfy_labels_add (BfyLabels *self, const char *label, const char *value)
{
  self->width = MAX (self->width, bfy_text_width (label));
  g_ptr_array_add (self->pairs, g_strdup (label));
  g_ptr_array_add (self->pairs, g_strdup (value));
}

char *
bfy_labels_format (const BfyLabels *self)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i + 1 < self->pairs->len; i += 2)
    {
      const char *label = self->pairs->pdata[i];
      gsize n_blanks = self->width - bfy_text_width (label);

      g_string_append_printf (out, "%*s%s%*s %s\n", (int) self->indent, "", label, (int) n_blanks,
                              "", (const char *) self->pairs->pdata[i + 1]);
    }

  return g_string_free (out, FALSE);
}
