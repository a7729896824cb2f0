/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/glob.h"

#include <string.h>

/* What stands between two stars is taken where it is first found: that leaves the most for what
 * follows, so nothing is ever tried twice. */
gboolean
bfy_glob_matches (const char *glob, const char *text)
{
  const char *end = text + strlen (text);
  const char *star = strchr (glob, '*');
  gsize n_bytes;

  if (star == NULL)
    return strcmp (glob, text) == 0;
  n_bytes = star - glob;
  if (strncmp (glob, text, n_bytes) != 0)
    return FALSE;
  text += n_bytes;

  for (glob = star + 1; (star = strchr (glob, '*')) != NULL; glob = star + 1)
    {
      n_bytes = star - glob;
      text = memmem (text, end - text, glob, n_bytes);
      if (text == NULL)
        return FALSE;
      text += n_bytes;
    }

  n_bytes = strlen (glob);

  return (gsize) (end - text) >= n_bytes && memcmp (end - n_bytes, glob, n_bytes) == 0;
}
