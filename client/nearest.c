/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/nearest.h"

#include <string.h>

#define WORD_BYTES_MAX 64

/* Damerau’s distance with adjacent swaps, over bytes: enough for command and service names. */
static guint
distance (const char *a, const char *b)
{
  gsize n = strlen (a);
  gsize m = strlen (b);
  guint rows[3][WORD_BYTES_MAX + 1];

  for (gsize j = 0; j <= m; j++)
    rows[0][j] = (guint) j;

  for (gsize i = 1; i <= n; i++)
    {
      guint *now = rows[i % 3];
      const guint *last = rows[(i - 1) % 3];
      const guint *before = rows[(i + 1) % 3];

      now[0] = (guint) i;
      for (gsize j = 1; j <= m; j++)
        {
          guint change = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);

          now[j] = MIN (change, MIN (last[j], now[j - 1]) + 1);
          if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
            now[j] = MIN (now[j], before[j - 2] + 1);
        }
    }

  return rows[n % 3][m];
}

const char *
bfy_nearest (const char *text, const char *const *words)
{
  gsize length = strlen (text);
  const char *best = NULL;
  /* One slip in a short word, two in a longer one. */
  guint limit = length <= 3 ? 1 : 2;

  if (length == 0 || length > WORD_BYTES_MAX)
    return NULL;

  for (; *words != NULL; words++)
    {
      guint d = strlen (*words) <= WORD_BYTES_MAX ? distance (text, *words) : G_MAXUINT;

      if (d <= limit)
        {
          best = *words;
          limit = d > 0 ? d - 1 : 0;
        }
      if (d == 0)
        break;
    }

  return best;
}
