/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/upstream.h"

/* Which proxy a request goes through, if any: a setting, or what the environment said when the
 * agent was started. Only what is on the internet ever does: a proxy has no business with this
 * machine or the private network, and could be used to get there. One that was asked for and cannot
 * be used stops such requests; to go without it would show them to those it was to hide them from.
 * Immutable. */
typedef struct _BfyProxies BfyProxies;

typedef struct
{
  char *host; /* (owned) canonical */
  guint16 port;
} BfyProxy;

/* As they stand in the environment. */
typedef struct
{
  const char *http_proxy;  /* (nullable) */
  const char *https_proxy; /* (nullable) */
  const char *all_proxy;   /* (nullable) for those of the two that are not there */
  const char *no_proxy;    /* (nullable) hosts, domains, addresses and ranges of addresses, with
                              ":port" if wanted, or "*": what goes without */
} BfyProxyVariables;

#define BFY_PROXY_NONE "none"
#define BFY_PROXY_SYSTEM "system"

/* @setting: BFY_PROXY_NONE; NULL or BFY_PROXY_SYSTEM for @variables; or http://HOST:PORT for all,
 * of
 * @variables only "no_proxy" counts then. */
BfyProxies *bfy_proxies_new (const char *setting, const BfyProxyVariables *variables);
void bfy_proxies_free (BfyProxies *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyProxies, bfy_proxies_free)

/* Why a setting or variable cannot be used, one line, or NULL. */
const char *bfy_proxies_get_problem (const BfyProxies *self);
/* @proxy: NULL for none; borrowed. FALSE, with BFY_ERROR_INVALID_ARGUMENT, when there should be one
 * that cannot be used. @self may be NULL: no proxies. */
gboolean bfy_proxies_find (const BfyProxies *self,
                           const BfyUpstream *url,
                           const BfyProxy **proxy,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A value for the setting: "none", "system" or a proxy's URL. */
gboolean bfy_proxies_check_setting (const char *setting, GError **error) G_GNUC_WARN_UNUSED_RESULT;
