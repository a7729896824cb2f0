/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

#include "agent/lock/logind.h"

/* The inside of what logind tells, shared by the files that make it up: logind.c is about sessions
 * and their screens, logind-sleep.c about the machine's sleep. */
#define BFY_LOGIND_MANAGER_PATH "/org/freedesktop/login1"
#define BFY_LOGIND_MANAGER "org.freedesktop.login1.Manager"
#define BFY_LOGIND_N_SUBSCRIPTIONS 3

struct _BfyLogind
{
  uid_t uid;
  gboolean delays_sleep;
  BfyLogindFunc func;
  gpointer user_data;
  GCancellable *cancellable;   /* (owned) */
  GDBusConnection *connection; /* (owned) (nullable) */
  guint subscriptions[BFY_LOGIND_N_SUBSCRIPTIONS];
  guint watch_id;
  char *owner;          /* (owned) (nullable) logind’s unique name */
  GHashTable *sessions; /* (owned) object path → BfyLogindSession: the graphical ones of our user */
  GHashTable *ended;    /* (owned) set of paths: of sessions that ended while they were looked at */
  guint n_looking;      /* sessions that are being looked at */
  int inhibitor;        /* -1 = none */
  guint told;           /* set of BfyHeld: what has been told at all … */
  guint held;           /* … and what as TRUE */
};

void bfy_logind_tell (BfyLogind *self, BfyHeld what, gboolean is_held);

/* logind-sleep.c */
/* From now on the machine waits for us, if it is to. */
void bfy_logind_inhibit_sleep (BfyLogind *self);
void bfy_logind_allow_sleep (BfyLogind *self);
void bfy_logind_note_sleep (BfyLogind *self, gboolean begins);
