/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/run/landlock.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The kernel's own header may be older than the kernel. */
#define CALL_CREATE 444
#define CALL_ADD 445
#define CALL_RESTRICT 446
#define ASK_VERSION (1U << 0)
#define RULE_BENEATH 1

#define ACCESS_EXECUTE (1ULL << 0)
#define ACCESS_WRITE_FILE (1ULL << 1)
#define ACCESS_READ_FILE (1ULL << 2)
#define ACCESS_READ_DIR (1ULL << 3)
#define ACCESS_FIRST ((1ULL << 13) - 1)
#define ACCESS_REFER (1ULL << 13)    /* version 2 */
#define ACCESS_TRUNCATE (1ULL << 14) /* version 3 */
#define SCOPE_ALL 3ULL               /* abstract sockets and signals */

#define READING (ACCESS_EXECUTE | ACCESS_READ_FILE | ACCESS_READ_DIR)

typedef struct
{
  guint64 files;
  guint64 network;
  guint64 scopes;
} Attributes;

typedef struct __attribute__ ((packed))
{
  guint64 access;
  gint32 folder;
} Beneath;

int
bfy_landlock_version (void)
{
  long version = syscall (CALL_CREATE, NULL, 0, ASK_VERSION);

  return version > 0 ? (int) version : 0;
}

static gboolean
allow (int rules, const char *path, guint64 access)
{
  int folder = open (path, O_PATH | O_DIRECTORY | O_CLOEXEC);
  Beneath rule = { access, folder };
  gboolean is_ok;

  if (folder < 0)
    return TRUE;
  is_ok = syscall (CALL_ADD, rules, RULE_BENEATH, &rule, 0) == 0;
  close (folder);

  return is_ok;
}

gboolean
bfy_landlock_restrict (const char *const *writable)
{
  int version = bfy_landlock_version ();
  const Attributes attributes = {
    .files =
        ACCESS_FIRST | (version >= 2 ? ACCESS_REFER : 0) | (version >= 3 ? ACCESS_TRUNCATE : 0),
    .scopes = version >= BFY_LANDLOCK_SCOPES ? SCOPE_ALL : 0,
  };
  gboolean is_ok;
  int rules;

  if (version == 0)
    return TRUE;
  /* Older kernels take a longer structure whose end is 0. */
  rules = (int) syscall (CALL_CREATE, &attributes, sizeof attributes, 0);
  if (rules < 0)
    return FALSE;

  is_ok = allow (rules, "/", READING);
  for (; is_ok && *writable != NULL; writable++)
    is_ok = allow (rules, *writable, attributes.files);
  is_ok = is_ok && prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
          syscall (CALL_RESTRICT, rules, 0) == 0;
  close (rules);

  return is_ok;
}
