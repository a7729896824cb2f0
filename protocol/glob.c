/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/glob.h"

#include <string.h>

BfyGlob
bfy_glob_measure (const char *text, gsize length)
{
  const char *first = memchr (text, '*', length);
  BfyGlob self = { .text = text, .length = length, .n_before = length };

  if (first != NULL)
    {
      self.n_before = first - text;
      self.n_after = text + length - ((const char *) memrchr (text, '*', length) + 1);
    }

  return self;
}

BfyGlob
bfy_glob_measure_literal (const char *text)
{
  gsize length = strlen (text);

  return (BfyGlob){ .text = text, .length = length, .n_before = length };
}

/* What stands between two stars is taken where it is first found: that leaves the most for what
 * follows, so nothing is ever tried twice. @glob: behind the first star. */
static gboolean
parts_fit (const char *glob, const char *glob_end, const char *text, const char *end)
{
  const char *star;

  for (; (star = memchr (glob, '*', glob_end - glob)) != NULL; glob = star + 1)
    {
      gsize n_bytes = star - glob;

      text = memmem (text, end - text, glob, n_bytes);
      if (text == NULL)
        return FALSE;
      text += n_bytes;
    }

  return TRUE;
}

/* As most patterns and texts do. */
static inline gboolean
begins_otherwise (const char *glob, gsize glob_length, const char *text, gsize length)
{
  return glob_length > 0 && glob[0] != '*' && (length == 0 || glob[0] != text[0]);
}

gboolean
bfy_glob_fits (const BfyGlob *self, const char *text, gsize length)
{
  const char *glob_end = self->text + self->length;

  if (begins_otherwise (self->text, self->n_before, text, length))
    return FALSE;
  if (self->n_before == self->length)
    return length == self->length && memcmp (self->text, text, length) == 0;
  if (length < self->n_before + self->n_after || memcmp (self->text, text, self->n_before) != 0 ||
      memcmp (glob_end - self->n_after, text + length - self->n_after, self->n_after) != 0)
    return FALSE;

  return parts_fit (self->text + self->n_before + 1, glob_end - self->n_after,
                    text + self->n_before, text + length - self->n_after);
}

gboolean
bfy_glob_matches_span (const char *glob, gsize glob_length, const char *text, gsize length)
{
  BfyGlob self;

  if (begins_otherwise (glob, glob_length, text, length))
    return FALSE;
  self = bfy_glob_measure (glob, glob_length);

  return bfy_glob_fits (&self, text, length);
}

gboolean
bfy_glob_matches (const char *glob, const char *text)
{
  return bfy_glob_matches_span (glob, strlen (glob), text, strlen (text));
}
