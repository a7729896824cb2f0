/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/cli.h"
#include "client/run/bus.h"
#include "client/run/plan.h"
#include "client/run/proxy.h"
#include "client/run/report.h"

/* What a run gets from the agent: a key of its own for its bindings, and what leads programs to
 * them. */
typedef struct
{
  char *id;  /* (owned) (nullable) of the client; NULL: no binding was named */
  char *key; /* (owned) (nullable) */
  guint16 port;
  GPtrArray *offers;    /* (owned) (nullable) (element-type BfyRunOffer) */
  BfyRunBus *bus;       /* (owned) (nullable) */
  BfyRunReport *report; /* (owned) (nullable) */
  BfyRunProxy *proxy;   /* (owned) (nullable) */
  GStrv variables;      /* (owned) (nullable) that lead programs to the bindings */
} BfyRunGrant;

/* FALSE when something is in the way; the key is given back then. */
gboolean bfy_run_grant_get (BfyCli *cli, const BfyRunWish *wish, BfyRunGrant *grant, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* The run is over: tells how, and gives the key back. */
void bfy_run_grant_end (BfyCli *cli, const BfyRunGrant *grant, int status);
/* Without a run. The agent does it in any case when this process ends. */
void bfy_run_grant_give_back (BfyCli *cli, const BfyRunGrant *grant);
void bfy_run_grant_clear (BfyRunGrant *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BfyRunGrant, bfy_run_grant_clear)
