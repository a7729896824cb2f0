/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"
#include "agent/desktop-session.h"
#include "agent/journal.h"
#include "agent/prompt/askpass.h"
#include "agent/run.h"
#include "agent/settings.h"
#include "protocol/proxies.h"

/* Everything that lives as long as the daemon. */
typedef struct
{
  BfyAgent agent;
  const BfyStart *start;
  GThread *main_thread;       /* borrowed */
  BfySettings *settings;      /* (owned) */
  BfyProxies *proxies;        /* (owned) (nullable) until the network has them */
  BfyJournal *journal;        /* (owned) */
  BfySecret *vault_key;       /* (owned) (nullable) from systemd */
  char *state_dir;            /* (owned) */
  char *config_dir;           /* (owned) */
  BfyAskpass *askpass;        /* (owned) (nullable) */
  char *socket_path;          /* (owned) (nullable) NULL when the socket was inherited */
  char *inherited_path;       /* (owned) (nullable) whoever made that socket removes it */
  BfyDesktopSession *session; /* (owned) (nullable) that we belong to */
  GMainLoop *loop;            /* (owned) */
  guint n_signals;
} BfyDaemon;

/* run-open.c: what the agent is made of. State first; the keyrings need its settings. */
gboolean bfy_daemon_open_state (BfyDaemon *self, GError **error);
void bfy_daemon_open_keyrings (BfyDaemon *self);
void bfy_daemon_open_children (BfyDaemon *self);
void bfy_daemon_open_prompts (BfyDaemon *self);

/* run-listen.c: both doors, which may have been inherited, and the word that they answer. */
/* (nullable) where the UNIX door is to be; free with g_free(). */
char *bfy_daemon_find_socket_path (const BfyStart *start, GError **error);
gboolean bfy_daemon_listen_all (BfyDaemon *self, GError **error);
void bfy_daemon_announce (BfyDaemon *self);
