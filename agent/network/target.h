/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

#include "protocol/network-policy.h"
#include "protocol/proxies.h"

/* Where a connection may go: the one thing that is ever given to a socket client or a session to
 * connect to. The URL is judged when it is made. For each new connection the host's name is looked
 * up once, every address of it is judged, and the connection goes to those that passed and to no
 * others, while TLS asks for a certificate of the name (behaviour 14.6, craft J25). For the
 * `remote-connectable` of a session. */
#define BFY_TYPE_TARGET (bfy_target_get_type ())
G_DECLARE_FINAL_TYPE (BfyTarget, bfy_target, BFY, TARGET, GNetworkAddress)

/* What decides about it. */
typedef struct
{
  const BfyNetworkPolicy *policy; /* (nullable) the defaults */
  BfyNetworkPurpose purpose;
  BfyNetworkFacts facts;
  const BfyProxies *proxies; /* (nullable) */
  gboolean proxy_resolves;   /* a name is left to the proxy; nobody judges where it leads */
  gboolean asks_link;        /* a name below .local may be asked of the local network itself */
} BfyTerms;

/* What went wrong before there was a connection. It goes no further than to whoever wanted one, who
 * has bfy_network_explain() for it. A code is a BfyNetworkVerdict or one of these. */
#define BFY_NETWORK_ERROR (bfy_network_error_quark ())
GQuark bfy_network_error_quark (void);

typedef enum
{
  BFY_NETWORK_ERROR_NO_NAME_BEHIND_PROXY = BFY_N_NETWORK_VERDICTS, /* we cannot, a proxy may */
  BFY_NETWORK_ERROR_NO_PROXY,  /* its own name cannot be resolved */
  BFY_NETWORK_ERROR_BAD_PROXY, /* there should be one that cannot be used; the message says why */
  BFY_NETWORK_ERROR_NOBODY_ANSWERED, /* for a name of the local network */
} BfyNetworkErrorCode;

/* NULL with BFY_NETWORK_ERROR when the URL alone is reason enough. Everything in @terms is copied
 * or referenced. */
BfyTarget *bfy_target_new (const BfyUpstream *url,
                           const BfyTerms *terms,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* For the look-up (resolve.h). */
const BfyUpstream *bfy_target_get_url (BfyTarget *self);
/* NULL: none. */
const BfyProxy *bfy_target_get_proxy (BfyTarget *self);
gboolean bfy_target_leaves_name_to_proxy (BfyTarget *self);
gboolean bfy_target_asks_link (BfyTarget *self);
BfyNetworkVerdict bfy_target_judge (BfyTarget *self, GInetAddress *address);
