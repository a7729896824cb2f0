/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

/* What names of the local network have led to lately, for as long as whoever said so permits. */
typedef struct _BfyLinkCache BfyLinkCache;

#define BFY_LINK_CACHE_MAX 32 /* names */

BfyLinkCache *bfy_link_cache_new (void);
void bfy_link_cache_free (BfyLinkCache *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyLinkCache, bfy_link_cache_free)

/* @addresses: (element-type GSocketAddress). Makes room by what would end first. */
void bfy_link_cache_put (BfyLinkCache *self, const char *name, GList *addresses, gint64 ends_at_us);
/* (transfer full) (element-type GSocketAddress) NULL when nothing is known any more. */
GList *bfy_link_cache_find (BfyLinkCache *self, const char *name, gint64 now_us);
