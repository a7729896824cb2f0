/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/import/find.h"

/* @name: what it stands under. NULL unless @value is a secret there. */
BfyFind *bfy_find_new (const char *name, const char *value);
/* For what stands where only secrets do. */
BfyFind *bfy_find_new_sure (const char *name, const char *kind, const char *value);
/* Notes the host it is for, and by that, or by the name of its variable, the service. */
void bfy_find_set_host (BfyFind *self, const char *host);

/* Trees. Adds to @finds. */
gboolean
bfy_scan_tree (BfyForm form, const char *text, gsize length, GPtrArray *finds, GError **error);
/* An entry of a list of MCP servers. @path: where it is. */
gboolean bfy_scan_is_server (const BfyPlace *place);
void bfy_scan_server (const BfyPlace *entry, GPtrArray *path, GPtrArray *finds);

/* @url without the parameters that are secrets; each of those is added to @finds (element-type
 * BfyFind), without a place. Free with bfy_wipe_free(). */
char *bfy_scan_url (const char *url, GPtrArray *finds);

void bfy_scan_lines (const char *text, GPtrArray *finds);
void bfy_scan_netrc (const char *text, GPtrArray *finds);
void bfy_scan_urls (const char *text, GPtrArray *finds);
