/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/run/offer.h"
#include "client/run/report.h"
#include "client/run/tunnel.h"

/* The HTTPS proxy of one run, for programs that know nothing but HTTPS_PROXY. It plays the hosts of
 * the run's bindings to the command, with certificates that are trusted in the sandbox only, and
 * hands each request to the agent, as the door does. To others it leads only as its tunnels allow,
 * and without a look. It has no secret: only the client key of the run, which the command has, too.
 */
typedef struct _BfyRunProxy BfyRunProxy;

/* Where it listens in the sandbox's network; the second one when the door is there. */
#define BFY_RUN_PROXY_PORT 3128

/* Makes the certificates. @offers (element-type BfyRunOffer), @key and @port, of the agent, are
 * those of the run. @tunnels (nullable) is taken. BFY_ERROR_UNSUPPORTED when no binding has an
 * https address. */
BfyRunProxy *bfy_run_proxy_new (GPtrArray *offers,
                                const char *key,
                                guint16 port,
                                BfyRunTunnels *tunnels,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
void bfy_run_proxy_free (BfyRunProxy *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyRunProxy, bfy_run_proxy_free)

/* Who is told of what it refuses; borrowed, may be NULL. */
void bfy_run_proxy_set_report (BfyRunProxy *self, BfyRunReport *report);
guint16 bfy_run_proxy_get_port (BfyRunProxy *self);
/* The certificate that the command is to trust, PEM. Borrowed. */
const char *bfy_run_proxy_get_authority (BfyRunProxy *self);
/* Appends "NAME=VALUE" of what leads programs here. @authority: the path of that certificate. */
GStrv bfy_run_proxy_append_variables (BfyRunProxy *self, GStrv list, const char *authority);

/* @listener, a listening socket, is taken. */
gboolean
bfy_run_proxy_listen (BfyRunProxy *self, int listener, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Instead of that: listens on this machine, where others are; so it asks for a password, which is
 * in the variables. */
gboolean bfy_run_proxy_open (BfyRunProxy *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
