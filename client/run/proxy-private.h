/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/run/authority.h"
#include "client/run/listener.h"
#include "client/run/proxy.h"
#include "client/run/relay.h"

/* What the proxy of a run (proxy.c) and those who have connected to it (guest.c) share. */
struct _BfyRunProxy
{
  gatomicrefcount ref_count;
  GPtrArray *offers;         /* borrowed */
  BfyRunTunnels *tunnels;    /* (owned) (nullable) */
  char *pass;                /* (owned) (nullable) what is asked for; NULL: nothing */
  BfyRunPapers *papers;      /* (owned) */
  GPtrArray *sites;          /* (owned) (element-type BfyRunSite) */
  BfyRunRelay *relay;        /* (owned) */
  BfyRunListener *listener;  /* (owned) (nullable) */
  GCancellable *cancellable; /* (owned) */
  guint16 port;
  guint n_tunnels;
};

/* Lets go of a reference; what is under way has some. */
void bfy_run_proxy_unref (gpointer data);
/* Somebody has connected. A BfyRunGuestFunc. */
void bfy_run_proxy_let_in (GSocketConnection *connection, gpointer proxy);
