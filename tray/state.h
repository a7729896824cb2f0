/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* What the icon says: from what is known to one state, a symbol, and words for whoever points at
 * it. Pure, so that every state can be shown in a table; whoever knows the agent fills in the facts
 * (tray/facts.h). */

/* The most pressing one that holds is shown. */
typedef enum
{
  BFY_TRAY_GONE,   /* no agent answers */
  BFY_TRAY_ALARM,  /* somebody sent a secret where it must not go; until it has been looked at */
  BFY_TRAY_ASKING, /* a program waits for an answer */
  BFY_TRAY_FROZEN, /* everything stands still until it is thawed */
  BFY_TRAY_LOCKED, /* no credential can be used until it is unlocked */
  BFY_TRAY_ACTIVE, /* a credential is in use just now */
  BFY_TRAY_NEEDS_LOGIN, /* a binding wants the person to sign in again */
  BFY_TRAY_IDLE,
  BFY_N_TRAY_STATES
} BfyTrayState;

/* Everything borrowed. Texts from outside need not be harmless yet. */
typedef struct
{
  gboolean is_present;
  const char *trouble; /* (nullable) why it is not present: a sentence without its full stop */
  const char *alarm;   /* (nullable) what has happened: a sentence */
  guint n_questions;
  const char *question; /* (nullable) title of the one that waits longest */
  const char *silence;  /* (nullable) why questions are not shown here: a sentence */
  const char *lock;     /* "open", "screen", "plain", "passphrase" */
  gboolean is_frozen;
  const char *const *in_use; /* (nullable) names of bindings */
  guint n_bindings;
  guint n_paused;
  gint64 resumes_at_s; /* when the next of them goes on by itself; 0: none does */
  guint n_needs_login;
  const char *needs_login; /* (nullable) name of the first */
  guint n_keyring_locked;
} BfyTrayFacts;

/* What is shown. */
typedef struct
{
  BfyTrayState state;
  const char *icon;     /* of data/icons; static */
  const char *icon_off; /* (nullable) it alternates with while credentials are in use; static */
  gboolean is_urgent;   /* hosts may draw attention to it */
  char *title;          /* (owned) a few words */
  char *text;           /* (owned) whole sentences; "" when there is nothing to add */
} BfyTrayFace;

BfyTrayState bfy_tray_state_judge (const BfyTrayFacts *facts);
/* @now_s: to say how long a pause still lasts. */
void bfy_tray_face_init (BfyTrayFace *self, const BfyTrayFacts *facts, gint64 now_s);
void bfy_tray_face_clear (BfyTrayFace *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BfyTrayFace, bfy_tray_face_clear)

/* Names of all icons that a face can have: the n-th, or NULL behind the last one. */
const char *bfy_tray_icon_nth (guint n);
