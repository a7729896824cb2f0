/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

#include "protocol/service.h"
#include "protocol/token-pattern.h"

/* The catalogue in memory: installed records, and a person's own. One of theirs with the id of an
 * installed one is a merge patch of it (RFC 7396): it says only what is otherwise. Records that do
 * not validate are skipped and remembered with the reason; so are claims of another's hosts. */
#define BFY_TYPE_SERVICES (bfy_services_get_type ())
G_DECLARE_FINAL_TYPE (BfyServices, bfy_services, BFY, SERVICES, GObject)

/* Either directory may be missing. Read at once: sixty small files. */
BfyServices *bfy_services_new (const char *installed_dir, const char *user_dir);
/* Borrowed, or NULL. */
BfyService *bfy_services_find (BfyServices *self, const char *id);
/* (transfer container) (element-type BfyService) by id */
GPtrArray *bfy_services_list (BfyServices *self);
/* (transfer full) (element-type BfyTokenPattern) of all records, which keep none: once. */
GPtrArray *bfy_services_token_patterns (BfyServices *self);

typedef struct
{
  const char *code; /* static: "service_record_skipped" or "service_claims_host" */
  char *path;       /* (owned) of the file, as one line that can be shown */
  char *reason;     /* (owned) a sentence, with the path of the member if it is about one */
} BfyServiceProblem;

/* Borrowed (element-type BfyServiceProblem) */
GPtrArray *bfy_services_problems (BfyServices *self);
/* One line: "PATH: reason". Free with g_free(). */
char *bfy_service_problem_format (const BfyServiceProblem *self);
