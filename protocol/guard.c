/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/guard.h"

#include <string.h>

#define HTTP_PORT 80 /* the one port that a client leaves out of Host and Origin */

/* Names that only ever mean this machine. A trailing dot would mean it too, but no browser and no
 * client of ours sends it, so it is foreign. */
static const char *const our_hosts[] = { "127.0.0.1", "localhost", "[::1]" };

static gboolean
is_our_port (const char *rest, guint16 port)
{
  char want[sizeof ":65535"];

  g_snprintf (want, sizeof want, ":%u", port);

  return strcmp (rest, want) == 0 || (port == HTTP_PORT && *rest == '\0');
}

static gboolean
is_our_authority (const char *authority, guint16 port)
{
  for (guint i = 0; i < G_N_ELEMENTS (our_hosts); i++)
    {
      gsize length = strlen (our_hosts[i]);

      if (g_ascii_strncasecmp (authority, our_hosts[i], length) == 0 &&
          is_our_port (authority + length, port))
        return TRUE;
    }

  return FALSE;
}

static gboolean
is_our_origin (const char *origin, guint16 port)
{
  static const char scheme[] = "http://";

  return g_str_has_prefix (origin, scheme) && is_our_authority (origin + strlen (scheme), port);
}

BfyGuard
bfy_guard_check (const char *host, const char *origin, guint16 port)
{
  if (host == NULL || !is_our_authority (host, port))
    return BFY_GUARD_FOREIGN_HOST;
  if (origin != NULL && !is_our_origin (origin, port))
    return BFY_GUARD_FOREIGN_ORIGIN;

  return BFY_GUARD_ALLOW;
}
