/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/child/version.h"

#include <string.h>

#include "protocol/json.h"

#define VERSION_LENGTH 10 /* 2026-07-28 */

static const char *const legacy_versions[] = { "2024-11-05", "2025-03-26", "2025-06-18",
                                               "2025-11-25", NULL };

static gboolean
is_date (const char *text)
{
  if (strlen (text) != VERSION_LENGTH)
    return FALSE;
  for (guint i = 0; i < VERSION_LENGTH; i++)
    if (i == 4 || i == 7 ? text[i] != '-' : !g_ascii_isdigit (text[i]))
      return FALSE;

  return TRUE;
}

gboolean
bfy_version_is_modern (const char *version)
{
  return version != NULL && is_date (version) && strcmp (version, BFY_VERSION_MODERN) >= 0;
}

gboolean
bfy_version_is_legacy (const char *version)
{
  return version == NULL || g_strv_contains (legacy_versions, version);
}

/* Older ones take the missing data for a broken message. */
gboolean
bfy_version_has_priming (const char *version)
{
  return g_strcmp0 (version, "2025-11-25") == 0;
}

gboolean
bfy_version_has_capabilities (const char *text, gsize length)
{
  BfyJsonSlice here;

  bfy_json_slice_root (text, length, &here);

  return bfy_json_slice_member (&here, "params", &here) &&
         bfy_json_slice_member (&here, "_meta", &here) &&
         bfy_json_slice_member (&here, "io.modelcontextprotocol/clientCapabilities", &here) &&
         here.type == BFY_JSON_OBJECT;
}
