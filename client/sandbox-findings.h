/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

/* Whether this machine can make the sandbox that `bindify run` and local servers need, for
 * `bindify doctor`. */

/* What the kernel says, as its files have it; NULL where it has no such file. */
typedef struct
{
  gboolean has_bwrap;
  const char *userns_clone;      /* kernel.unprivileged_userns_clone */
  const char *userns_restricted; /* kernel.apparmor_restrict_unprivileged_userns */
  const char *userns_max;        /* user.max_user_namespaces */
} BfySandboxFacts;

/* Pure. At most one finding is added. */
void bfy_sandbox_findings_judge (JsonArray *findings, const BfySandboxFacts *facts);
/* The same for this machine. */
void bfy_sandbox_findings_look (JsonArray *findings);
