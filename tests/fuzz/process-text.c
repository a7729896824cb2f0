/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* What processes and sandboxes write about themselves becomes short valid text, or nothing. */

#include "protocol/process-text.h"

#include <string.h>

#include "tests/fuzz/fuzz.h"

static void
check (char *text)
{
  g_autofree char *owned = text;

  if (owned == NULL)
    return;
  g_assert_cmpstr (owned, !=, "");
  g_assert_true (g_utf8_validate (owned, -1, NULL));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  const char *text = (const char *) data;
  BfyProcessStat stat;

  if (bfy_process_parse_stat (text, size, &stat))
    {
      g_assert_cmpuint (strlen (stat.name), <, BFY_PROCESS_NAME_BYTES);
      g_assert_cmpint (stat.parent, >=, 0);
      g_assert_true (g_ascii_isalpha (stat.state));
    }
  check (bfy_process_parse_scope (text, size));
  check (bfy_process_parse_snap (text, size));
  check (bfy_process_parse_flatpak (text, size));
  check (bfy_process_parse_script (text, size));
  (void) bfy_process_is_wrapper ("/bin/sh", text, size);

  return 0;
}
