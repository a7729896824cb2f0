/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The first byte says how the rest is read: as one of the files that credentials lie about in. What
 * is found lies within the text, and an entry that was moved does not hold its secret any more. */

#include <string.h>

#include "client/import/bridge-entry.h"
#include "client/import/find.h"
#include "client/import/report.h"
#include "tests/fuzz/fuzz.h"

#define N_FORMATS (BFY_SCAN_URLS + 1)

static void
check_find (BfyScanFormat format, const char *text, const BfyFind *find)
{
  g_autofree char *moved = NULL;

  g_assert_cmpuint (find->begin, <=, find->end);
  g_assert_cmpuint (find->end, <=, strlen (text));
  g_assert_cmpuint (strlen (find->tail), <=, 4);
  g_assert_nonnull (find->secret);
  if (!bfy_find_is_movable (find))
    return;
  g_assert_nonnull (find->path);
  moved = bfy_bridge_entry_put (format, text, find, "it", NULL);
  if (moved != NULL)
    g_assert_nonnull (strstr (moved, "bindify-mcp"));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  BfyScanFormat format = size > 0 ? data[0] % N_FORMATS : BFY_SCAN_JSON;
  gsize length = size > 0 ? size - 1 : 0;
  g_autofree char *text = g_malloc0 (length + 1);
  g_autoptr (GPtrArray) finds = NULL;

  if (length > 0)
    memcpy (text, data + 1, length);
  finds = bfy_scan (format, text, length, NULL);
  for (guint i = 0; finds != NULL && i < finds->len; i++)
    check_find (format, text, g_ptr_array_index (finds, i));

  return 0;
}
