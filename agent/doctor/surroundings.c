/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/doctor/surroundings.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static void
check_path (const char *path, GPtrArray *findings)
{
  g_autofree char *quoted = g_shell_quote (path);
  struct stat status;
  BfyFinding *finding;

  if (lstat (path, &status) != 0)
    return;
  if (S_ISLNK (status.st_mode) || status.st_uid != geteuid ())
    {
      bfy_findings_add (findings, "unsafe_owner", NULL,
                        g_strdup_printf ("%s is a link or belongs to another user", path),
                        g_strdup_printf ("ls -ld %s, and move it away", quoted));
      return;
    }
  if ((status.st_mode & 077) == 0)
    return;

  finding = bfy_findings_add (findings, "unsafe_mode", NULL,
                              g_strdup_printf ("%s is open to other users (mode %04o)", path,
                                               (guint) (status.st_mode & 07777)),
                              g_strdup_printf ("chmod go= %s", quoted));
  finding->path = g_strdup (path);
  finding->is_fixable = TRUE;
}

static void
check_paths (BfyAgent *agent, GPtrArray *findings)
{
  static const char *const names[] = {
    "",      "bindify.db",      "bindify.db-wal", "bindify.db-shm",
    "vault", "vault/vault.bfy", "vault/vault.key"
  };
  g_autofree char *socket_dir =
      agent->socket_path != NULL ? g_path_get_dirname (agent->socket_path) : NULL;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = *names[i] != '\0'
                                  ? g_build_filename (agent->state_dir, names[i], NULL)
                                  : g_strdup (agent->state_dir);

      check_path (path, findings);
    }
  if (socket_dir == NULL)
    return;
  check_path (agent->socket_path, findings);
  check_path (socket_dir, findings);
}

/* Opened, not named: what is looked at is what is changed. Sockets can only be named. */
gboolean
bfy_doctor_fix_mode (const char *path)
{
  int fd = open (path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  g_autofree char *name = g_strdup_printf ("/proc/self/fd/%d", fd);
  struct stat status;
  gboolean is_fixed;

  if (fd < 0)
    return FALSE;
  is_fixed = fstat (fd, &status) == 0 && !S_ISLNK (status.st_mode) && status.st_uid == geteuid () &&
             chmod (name, status.st_mode & 0700) == 0;
  close (fd);

  return is_fixed;
}

void
bfy_doctor_look_around (BfyAgent *agent, GPtrArray *findings)
{
  const char *failure = bfy_store_get_event_failure (agent->store);

  check_paths (agent, findings);
  if (!bfy_secret_memory_is_locked ())
    bfy_findings_add (findings, "memory_not_locked", NULL,
                      g_strdup ("Some secrets could not be locked in memory and may reach the swap "
                                "space: RLIMIT_MEMLOCK is too low"),
                      g_strdup ("systemctl --user edit bindify.service, LimitMEMLOCK=8M"));
  if (failure != NULL)
    bfy_findings_add (findings, "log_failure", NULL,
                      g_strdup_printf ("The log cannot be written: %s", failure),
                      g_strdup ("df -h ~, for a full disk"));
  for (guint i = 0; agent->problems != NULL && agent->problems[i] != NULL; i++)
    bfy_findings_add (findings, "settings_problem", NULL, g_strdup (agent->problems[i]),
                      g_strdup ("edit that file, then restart bindify-agent"));
}
