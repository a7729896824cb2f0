/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/child/launch.h"
#include "agent/child/tail.h"

/* One running local server: lines in, lines out, and an end that takes everything with it. */
typedef struct _BfyChild BfyChild;

#define BFY_CHILD_CLOSE_MS 2000 /* from the end of its input, or of its output, to its own */
#define BFY_CHILD_TERM_MS 4000  /* between that and SIGKILL; more than the launcher's own */

typedef struct
{
  /* A line of JSON without the secret. */
  void (*line) (BfyChild *child, const char *line, gsize length, gpointer user_data);
  /* It is over, or as good as: nothing more comes. Called once. @reason is a sentence's end ("ended
   * by itself (exit status 1)"). */
  void (*ended) (BfyChild *child, const char *reason, gpointer user_data);
} BfyChildEvents;

typedef struct
{
  const BfyProgram *program;
  const BfyPlace *place;
  const BfySecret *secret; /* (nullable) */
  gsize line_bytes_max;
  BfyTail *tail; /* borrowed: outlives the child's events */
} BfyChildSetup;

/* Nothing of @setup but the tail is kept. */
BfyChild *bfy_child_start (const BfyChildSetup *setup,
                           const BfyChildEvents *events,
                           gpointer user_data,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The handle goes; the process is stopped if it runs, and no event comes any more. */
void bfy_child_free (BfyChild *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyChild, bfy_child_free)

/* Takes @line, which holds no line break. */
void bfy_child_send (BfyChild *self, char *line);
/* When it has ended by itself, else -1. */
int bfy_child_get_exit_status (BfyChild *self);

/* Children that still run, stopped ones included. For the end of the agent. */
guint bfy_child_n_running (void);
