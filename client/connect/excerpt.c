/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/connect/excerpt.h"

#include <string.h>

#include "client/plaintext.h"
#include "protocol/name.h"
#include "protocol/redact.h"

#define MARGIN "    "
#define ELLIPSIS "…"
#define LINE_CHARACTERS_MAX 200
#define LINES_MAX 200
/* Behind this many pairs of lines that would have to be compared, all of them count as changed. */
#define PAIRS_MAX 1000000

/* One of the two texts. */
typedef struct
{
  char **lines;    /* (owned) */
  guint begin, n;  /* those that the other one may not have */
  gboolean *hides; /* (owned) for each line: a token stands in it */
} Side;

static void
side_clear (Side *self)
{
  g_strfreev (self->lines);
  g_free (self->hides);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Side, side_clear)

static void
side_init (Side *self, const char *path, const char *text)
{
  g_auto (BfyPlaintextScan) scan;

  self->lines = g_strsplit (text, "\n", -1);
  self->n = g_strv_length (self->lines);
  if (self->n > 0 && *self->lines[self->n - 1] == '\0')
    self->n--;
  self->hides = g_new0 (gboolean, self->n + 1);
  bfy_plaintext_scan_init (&scan);
  bfy_plaintext_scan_text (&scan, path, text);
  for (guint i = 0; i < self->n && scan.found->len >= BFY_PLAINTEXT_FOUND_MAX; i++)
    self->hides[i] = TRUE;
  for (guint i = 0; i < scan.found->len; i++)
    {
      const BfyPlaintext *token = g_ptr_array_index (scan.found, i);

      if (token->line > 0 && token->line <= self->n)
        self->hides[token->line - 1] = TRUE;
    }
}

/* What both begin and end with is not looked at any more. */
static void
trim (Side *a, Side *b)
{
  while (a->n > 0 && b->n > 0 && g_str_equal (a->lines[a->begin], b->lines[b->begin]))
    {
      a->begin++, a->n--;
      b->begin++, b->n--;
    }
  while (a->n > 0 && b->n > 0 &&
         g_str_equal (a->lines[a->begin + a->n - 1], b->lines[b->begin + b->n - 1]))
    {
      a->n--;
      b->n--;
    }
}

/* For each pair of lines how many both have in common from there on, row by row; NULL when there
 * are too many. */
static guint *
count_common (const Side *a, const Side *b)
{
  gsize width = (gsize) b->n + 1;
  guint *common;

  if ((gsize) a->n * b->n > PAIRS_MAX)
    return NULL;
  common = g_new0 (guint, (a->n + 1) * width);
  for (guint i = a->n; i-- > 0;)
    for (guint j = b->n; j-- > 0;)
      {
        guint *here = common + i * width + j;

        if (g_str_equal (a->lines[a->begin + i], b->lines[b->begin + j]))
          *here = here[width + 1] + 1;
        else
          *here = MAX (here[width], here[1]);
      }

  return common;
}

static void
append_line (GString *out, char sign, const Side *side, guint index)
{
  const char *line = side->lines[side->begin + index];
  int n_blanks = (int) strspn (line, " \t");
  gsize length = strcspn (line + n_blanks, "\r");
  g_autofree char *rest = g_strndup (line + n_blanks, length);
  g_autofree char *redacted = bfy_redact (rest);
  g_autofree char *shown = bfy_text_to_line (redacted, LINE_CHARACTERS_MAX);

  g_string_append_printf (out, MARGIN "%c %.*s%s\n", sign, n_blanks, line,
                          side->hides[side->begin + index] ? ELLIPSIS : shown);
}

char *
bfy_excerpt_format (const char *path, const char *before, const char *after)
{
  g_auto (Side) a = { 0 };
  g_auto (Side) b = { 0 };
  g_autofree guint *common = NULL;
  GString *out = g_string_new (NULL);
  guint n_shown = 0;

  side_init (&a, path, before);
  side_init (&b, path, after);
  trim (&a, &b);
  common = count_common (&a, &b);
  for (guint i = 0, j = 0; (i < a.n || j < b.n) && n_shown < LINES_MAX;)
    {
      const guint *here = common != NULL ? common + i * ((gsize) b.n + 1) + j : NULL;
      gboolean is_left = i < a.n && (j == b.n || here == NULL || here[b.n + 1] >= here[1]);

      if (here != NULL && i < a.n && j < b.n &&
          g_str_equal (a.lines[a.begin + i], b.lines[b.begin + j]))
        {
          i++, j++;
          continue;
        }
      n_shown++;
      if (is_left)
        append_line (out, '-', &a, i++);
      else
        append_line (out, '+', &b, j++);
    }
  if (n_shown == LINES_MAX)
    g_string_append (out, MARGIN ELLIPSIS "\n");

  return g_string_free (out, FALSE);
}
