/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/run/report.h"
#include "client/run/site.h"

/* The way of requests from the proxy of a run to the agent, where they are judged and get their
 * credential. Here they only change their address: the message that goes on is a new one, so
 * nothing but what was understood is passed on. */

#define BFY_RUN_BODY_BYTES_MAX (64 * 1024 * 1024)

typedef struct _BfyRunRelay BfyRunRelay;

/* @offers (element-type BfyRunOffer) and @key are borrowed for as long as it lives; @port is the
 * agent's. */
BfyRunRelay *bfy_run_relay_new (GPtrArray *offers, const char *key, guint16 port);
/* What is under way breaks off. */
void bfy_run_relay_free (BfyRunRelay *self);

/* Who is told of refusals; borrowed, may be NULL. */
void bfy_run_relay_set_report (BfyRunRelay *self, BfyRunReport *report);
/* Makes @site a server; it must not outlive @self. */
void bfy_run_relay_serve (BfyRunRelay *self, BfyRunSite *site);
/* {"error":…,"message":…,"hint":…}, as the agent has it. Free with g_free(). */
char *bfy_run_relay_format_error (const char *error, const char *message, const char *hint);
