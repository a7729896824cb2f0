/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

#include "protocol/service.h"
#include "protocol/token-pattern.h"

/* The catalogue in memory: installed records, overridden by the user's of the same id. Records that
 * do not validate are skipped and remembered with the reason. */
#define BFY_TYPE_SERVICES (bfy_services_get_type ())
G_DECLARE_FINAL_TYPE (BfyServices, bfy_services, BFY, SERVICES, GObject)

/* Either directory may be missing. Read at once: sixty small files. */
BfyServices *bfy_services_new (const char *installed_dir, const char *user_dir);
/* Borrowed, or NULL. */
BfyService *bfy_services_find (BfyServices *self, const char *id);
/* (transfer container) (element-type BfyService) by id */
GPtrArray *bfy_services_list (BfyServices *self);
/* (transfer full) (element-type BfyTokenPattern) of all records */
GPtrArray *bfy_services_token_patterns (BfyServices *self);
/* (transfer full) one line each: "PATH: reason". */
GStrv bfy_services_problems (BfyServices *self);
