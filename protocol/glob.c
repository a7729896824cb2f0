/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/glob.h"

#include <string.h>

static const char *
find_star (const char *glob, const char *end)
{
  return memchr (glob, '*', end - glob);
}

/* What stands between two stars is taken where it is first found: that leaves the most for what
 * follows, so nothing is ever tried twice. */
gboolean
bfy_glob_matches_span (const char *glob, gsize glob_length, const char *text, gsize length)
{
  const char *glob_end = glob + glob_length;
  const char *end = text + length;
  const char *star = find_star (glob, glob_end);
  gsize n_bytes;

  if (star == NULL)
    return glob_length == length && memcmp (glob, text, length) == 0;
  n_bytes = star - glob;
  if (length < n_bytes || memcmp (glob, text, n_bytes) != 0)
    return FALSE;
  text += n_bytes;

  for (glob = star + 1; (star = find_star (glob, glob_end)) != NULL; glob = star + 1)
    {
      n_bytes = star - glob;
      text = memmem (text, end - text, glob, n_bytes);
      if (text == NULL)
        return FALSE;
      text += n_bytes;
    }

  n_bytes = glob_end - glob;

  return (gsize) (end - text) >= n_bytes && memcmp (end - n_bytes, glob, n_bytes) == 0;
}

gboolean
bfy_glob_matches (const char *glob, const char *text)
{
  return bfy_glob_matches_span (glob, strlen (glob), text, strlen (text));
}
