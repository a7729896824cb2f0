/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/prompt/answerer.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "agent/caller/glance.h"
#include "agent/caller/root.h"

#define FDINFO_BYTES_MAX 4096
#define DESCRIPTORS_MAX 4096 /* of one process that are looked at */

static gboolean
is_same_process (const BfyCaller *a, const BfyCaller *b)
{
  return a->pid == b->pid && a->started_at == b->started_at && a->pid > 0 && a->started_at > 0;
}

BfyAnswerer
bfy_answerer_judge (const BfyAnswererFacts *facts)
{
  if (facts->presents_key)
    return BFY_ANSWERER_HAS_KEY;
  if (facts->process == NULL || facts->process->pid <= 0)
    return BFY_ANSWERER_UNVERIFIED;
  if (facts->process->sandbox != BFY_SANDBOX_NONE)
    return BFY_ANSWERER_SANDBOXED;
  if (!facts->process->is_verified)
    return BFY_ANSWERER_UNVERIFIED;
  if (facts->registered != NULL && !is_same_process (facts->process, facts->registered))
    return BFY_ANSWERER_OTHER_PROCESS;
  if (facts->needs_terminal && facts->terminal == 0)
    return BFY_ANSWERER_NO_TERMINAL;
  if (facts->kin != BFY_KIN_NONE)
    return facts->kin == BFY_KIN_UNKNOWN ? BFY_ANSWERER_UNVERIFIED : BFY_ANSWERER_IS_KIN;

  return facts->is_controlled ? BFY_ANSWERER_CONTROLLED : BFY_ANSWERER_MAY;
}

static const struct
{
  const char *category;
  const char *text;
} rows[BFY_N_ANSWERERS] = {
  [BFY_ANSWERER_MAY] = { NULL, NULL },
  [BFY_ANSWERER_HAS_KEY] = { "client_key",
                             "A client key cannot answer questions; leave the key away" },
  [BFY_ANSWERER_UNVERIFIED] = { "unverified",
                                "It cannot be known which program this is, so it may not answer "
                                "questions; use bindify prompts --watch in a terminal" },
  [BFY_ANSWERER_SANDBOXED] = { "unverified",
                               "A program in a sandbox may not answer questions; use bindify "
                               "prompts --watch in a terminal outside of it" },
  [BFY_ANSWERER_OTHER_PROCESS] = { "unverified",
                                   "Only the process that registered may answer; start bindify "
                                   "prompts --watch" },
  [BFY_ANSWERER_IS_KIN] = { "own_request",
                            "A program cannot answer its own question, nor can those it started or "
                            "was started by; answer it in another terminal, with bindify prompts "
                            "--watch" },
  [BFY_ANSWERER_NO_TERMINAL] = { "unverified", "This is no terminal, so nobody can be seen to "
                                               "answer; use bindify "
                                               "prompts --watch in a terminal" },
  [BFY_ANSWERER_CONTROLLED] = { "own_request",
                                "The program that asked controls this terminal; answer it in "
                                "another one, with bindify prompts --watch" },
};

const char *
bfy_answerer_explain (BfyAnswerer answerer)
{
  return rows[answerer].text;
}

const char *
bfy_answerer_to_category (BfyAnswerer answerer)
{
  return rows[answerer].category;
}

int
bfy_answerer_find_terminal (int pid)
{
  BfyProcessStat stat;

  return bfy_glance_read_stat (pid, &stat) ? stat.terminal : 0;
}

/* The master of a pseudo-terminal says in its fdinfo which one it is of: "tty-index:\t3". */
static gboolean
is_master_of (int pid, const char *descriptor, gint64 index)
{
  g_autofree char *name = g_strconcat ("fdinfo/", descriptor, NULL);
  char text[FDINFO_BYTES_MAX];
  const char *at =
      bfy_glance_read (pid, name, text, sizeof text) > 0 ? strstr (text, "tty-index:") : NULL;

  return at != NULL && g_ascii_strtoll (at + strlen ("tty-index:"), NULL, 10) == index;
}

static gboolean
holds_master (int pid, gint64 index)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/fd", pid);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;
  guint n = 0;

  while (dir != NULL && n++ < DESCRIPTORS_MAX && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *link = g_build_filename (path, name, NULL);
      g_autofree char *target = g_file_read_link (link, NULL);

      if (target != NULL && strstr (target, "ptmx") != NULL && is_master_of (pid, name, index))
        return TRUE;
    }

  return FALSE;
}

GArray *
bfy_answerer_find_holders (int terminal)
{
  GArray *holders = g_array_new (FALSE, FALSE, sizeof (int));
  gint64 index = bfy_terminal_index (terminal);
  g_autoptr (GDir) dir = index >= 0 ? g_dir_open ("/proc", 0, NULL) : NULL;
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      gint64 number;
      int pid;

      if (!g_ascii_string_to_signed (name, 10, 1, G_MAXINT, &number, NULL))
        continue;
      pid = (int) number;
      if (holds_master (pid, index))
        g_array_append_val (holders, pid);
    }

  return holders;
}

gboolean
bfy_answerer_controls (int pid, const GArray *holders)
{
  for (guint i = 0; i < holders->len; i++)
    {
      BfyKin kin = bfy_kin_of (g_array_index (holders, int, i), pid);

      if (kin == BFY_KIN_SAME || kin == BFY_KIN_DESCENDANT)
        return TRUE;
    }

  return FALSE;
}

BfyKin
bfy_answerer_kin (int pid, int other, gboolean in_session)
{
  BfyKin kin = bfy_kin_of (pid, other);
  pid_t session = in_session ? getsid (pid) : -1;

  if (kin == BFY_KIN_UNKNOWN && kill (other, 0) != 0 && errno == ESRCH)
    return BFY_KIN_NONE;
  if (kin == BFY_KIN_NONE && session > 0 && session == getsid (other))
    return BFY_KIN_SAME;

  return kin;
}
