/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/run/request.h"

/* The way of requests from the proxy of a run to the agent, and the servers of HTTP/1.1 that take
 * them. */

typedef struct _BfyRunRelay BfyRunRelay;

/* @offers (element-type BfyRunOffer) and @key are borrowed for as long as it lives; @port is the
 * agent's. */
BfyRunRelay *bfy_run_relay_new (GPtrArray *offers, const char *key, guint16 port);
/* What is under way breaks off. */
void bfy_run_relay_free (BfyRunRelay *self);

/* Who is told of refusals; borrowed, may be NULL. */
void bfy_run_relay_set_report (BfyRunRelay *self, BfyRunReport *report);
void bfy_run_relay_report (BfyRunRelay *self, BfyRunRefusal refusal);
/* Makes @site a server; it must not outlive @self. */
void bfy_run_relay_serve (BfyRunRelay *self, BfyRunSite *site);
/* What a server of another kind needs to send requests on. All in it is borrowed. */
BfyRunPlace bfy_run_relay_get_place (BfyRunRelay *self, BfyRunSite *site);
