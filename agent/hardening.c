/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/hardening.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "protocol/error.h"

#define DESCRIPTORS_WANTED 16384
#define DESCRIPTORS_RESERVED 16 /* store, keyring, bus, listening sockets, files for a moment */
/* Its own, one to the server behind the binding, the process and the program that ask. */
#define DESCRIPTORS_PER_CONNECTION 4
#define CONNECTIONS_MIN 4

static gboolean
fail (GError **error, const char *what)
{
  g_set_error (error, BFY_ERROR, BFY_ERROR_FAILED, "%s: %s", what, g_strerror (errno));

  return FALSE;
}

/* A file opened later must never land on a number that somebody prints to. */
static gboolean
fill_standard_descriptors (void)
{
  int fd;

  do
    fd = open ("/dev/null", O_RDWR);
  while (fd >= 0 && fd <= 2);
  if (fd > 2)
    close (fd);

  return fd > 2;
}

static gboolean
limit_core (void)
{
  const struct rlimit none = { 0, 0 };

  return setrlimit (RLIMIT_CORE, &none) == 0;
}

static void
raise_descriptor_limit (void)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= DESCRIPTORS_WANTED)
    return;
  limit.rlim_cur = MIN (limit.rlim_max, DESCRIPTORS_WANTED);
  (void) setrlimit (RLIMIT_NOFILE, &limit);
}

gboolean
bfy_harden (GError **error)
{
  umask (077);
  if (getuid () != geteuid () || getgid () != getegid ())
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_FAILED,
                           "This program must not be set-user-ID or set-group-ID");
      return FALSE;
    }
  if (!limit_core ())
    return fail (error, "Cannot switch core files off");
  if (prctl (PR_SET_DUMPABLE, 0) != 0)
    return fail (error, "Cannot make the process undumpable");
  if (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    return fail (error, "Cannot give up new privileges");
  if (!fill_standard_descriptors ())
    return fail (error, "Cannot open /dev/null");

  raise_descriptor_limit ();
  signal (SIGPIPE, SIG_IGN);

  return TRUE;
}

guint
bfy_hardening_connections_max (void)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur < DESCRIPTORS_RESERVED)
    return CONNECTIONS_MIN;

  return MAX (CONNECTIONS_MIN,
              (guint) ((limit.rlim_cur - DESCRIPTORS_RESERVED) / DESCRIPTORS_PER_CONNECTION));
}
