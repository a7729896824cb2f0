/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* What the process and all that it starts may do with files, said once more and in another part of
 * the kernel than the mounts say it: reading and running goes everywhere (what is not to be seen is
 * not there), writing into the given folders only. From its sixth version on it also keeps away
 * from abstract sockets and from processes outside. */

#define BFY_LANDLOCK_SCOPES 6 /* the version that knows sockets and signals */

/* The kernel's version of it; 0 without. */
int bfy_landlock_version (void);
/* For good. @writable: folders, those that do not exist are passed over. FALSE, with errno, when
 * the kernel has it and refuses; TRUE where there is none. */
gboolean bfy_landlock_restrict (const char *const *writable) G_GNUC_WARN_UNUSED_RESULT;
