/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/child/local.h"
#include "protocol/tool-headers.h"

/* The inside of a local server's record, shared by the two files that make it up: local.c keeps the
 * servers, local-probe.c finds out which era they speak. */

typedef struct
{
  BfyLocalFunc func;
  gpointer user_data;
} BfyLocalAsker;

typedef struct
{
  BfyWaiter waiter;
  BfyLocal *local;     /* borrowed: it owns the probe */
  BfySession *session; /* borrowed; NULL once it has ended */
  GSource *timer;      /* (owned) */
} BfyLocalProbe;

struct _BfyLocal
{
  BfyChildren *children; /* borrowed */
  BfyBinding *binding;   /* (owned) */
  BfyTail *tail;         /* (owned) */
  BfyLocalEra era;
  char *versions;        /* (owned) (nullable) */
  BfyToolHeaders *tools; /* (owned) what it has said about headers */
  GHashTable *sessions;  /* (owned) id → BfySession */
  BfySession *shared;    /* (owned) (nullable) */
  BfyLocalProbe *probe;  /* (owned) (nullable) while it runs */
  GArray *askers;        /* (owned) (element-type BfyLocalAsker) who wait for the probe */
  GSource *sweep;        /* (owned) (nullable) while there are servers */
  guint n_failures;      /* servers in a row that ended without an answer */
  gint64 not_before_us;
};

/* local.c */
void bfy_local_free_session (BfyLocal *self, BfySession *session);

/* local-probe.c */
void bfy_local_probe_free (BfyLocalProbe *probe);
