/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/run-user.h"

#include <sys/stat.h>
#include <unistd.h>

gboolean
bfy_run_user_is_ours (void)
{
  g_autofree char *path = g_strdup_printf ("/run/user/%u", (guint) getuid ());
  struct stat info;

  return lstat (path, &info) == 0 && S_ISDIR (info.st_mode) && info.st_uid == getuid ();
}
