/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/sandbox-findings.h"

#include <glib/gi18n-lib.h>
#include <unistd.h>

#include "client/local-findings.h"

#define APPARMOR_PROFILE "/etc/apparmor.d/bwrap-userns-restrict"

static gboolean
is_number (const char *text, gint64 number)
{
  return text != NULL && g_ascii_isdigit (*text) && g_ascii_strtoll (text, NULL, 10) == number;
}

static void
add_forbidden (JsonArray *findings, const char *next)
{
  bfy_local_findings_add (findings, "sandbox_forbidden",
                          g_strdup (_ ("User namespaces are forbidden here, so bubblewrap can make "
                                       "no sandbox: “bindify run” and local servers will not "
                                       "start")),
                          g_strdup (next));
}

void
bfy_sandbox_findings_judge (JsonArray *findings, const BfySandboxFacts *facts)
{
  if (!facts->has_bwrap)
    bfy_local_findings_add (findings, "sandbox_missing",
                            g_strdup (_ ("bubblewrap is not installed, so there is no sandbox: "
                                         "“bindify run” and local servers will not start")),
                            g_strdup ("sudo apt install bubblewrap"));
  else if (is_number (facts->userns_clone, 0))
    add_forbidden (findings, "sudo sysctl -w kernel.unprivileged_userns_clone=1");
  else if (is_number (facts->userns_max, 0))
    add_forbidden (findings, "sudo sysctl -w user.max_user_namespaces=15000");
  else if (is_number (facts->userns_restricted, 1))
    add_forbidden (findings, "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0");
}

static char *
read_file (const char *path)
{
  char *text = NULL;

  (void) g_file_get_contents (path, &text, NULL, NULL);

  return text;
}

/* Root needs nobody's leave, and with a profile of its own neither does bubblewrap. */
void
bfy_sandbox_findings_look (JsonArray *findings)
{
  g_autofree char *clone = read_file ("/proc/sys/kernel/unprivileged_userns_clone");
  g_autofree char *restricted =
      read_file ("/proc/sys/kernel/apparmor_restrict_unprivileged_userns");
  g_autofree char *max = read_file ("/proc/sys/user/max_user_namespaces");
  gboolean is_root = geteuid () == 0;
  const BfySandboxFacts facts = {
    .has_bwrap = access ("/usr/bin/bwrap", X_OK) == 0 || access ("/bin/bwrap", X_OK) == 0 ||
                 access ("/usr/local/bin/bwrap", X_OK) == 0,
    .userns_clone = is_root ? NULL : clone,
    .userns_restricted = is_root || access (APPARMOR_PROFILE, R_OK) == 0 ? NULL : restricted,
    .userns_max = max,
  };

  bfy_sandbox_findings_judge (findings, &facts);
}
