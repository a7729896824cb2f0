/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* redact: times what the log sink does to a line of 200 bytes, one that holds nothing and one that
 * holds several credentials. Prints figures; there are no pass marks. */

#include "protocol/redact.h"

#include <stdio.h>
#include <string.h>

#define N_BATCHES 2000
#define BATCH_LINES 50 /* short, so that some batch is not disturbed */

static const struct
{
  const char *name, *text;
} lines[] = {
  { "plain", "Binding github: POST https://api.githubcopilot.com/mcp answered 502 after 1834 ms, "
             "trying again in 30 s; the credential was renewed at 2026-11-22T05:18:47Z by client "
             "claude-desktop (pid 4711), id 77" },
  { "secret",
    "sent ghp_16C7e42F292c6912E7710c838347Ae178B4a to https://u:pass@host.example/path?q=1 "
    "of /mcp/github/qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq7u7u7u7u7u7u7u7u7u7u7u7u "
    "with Basic dTpwYXNzd29yZA==" },
};

int
main (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      gint64 best_us = G_MAXINT64;

      for (guint batch = 0; batch < N_BATCHES; batch++)
        {
          gint64 start_us = g_get_monotonic_time ();

          for (guint n = 0; n < BATCH_LINES; n++)
            g_free (bfy_redact (lines[i].text));
          best_us = MIN (best_us, g_get_monotonic_time () - start_us);
        }
      printf ("redact %s: %zu bytes, %.2f us\n", lines[i].name, strlen (lines[i].text),
              (double) best_us / BATCH_LINES);
    }

  return 0;
}
