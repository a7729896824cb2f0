/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

/* What the page of the clients says of one. Pure. Free with g_free(). */

/* "May use all bindings. Last used 3 minutes ago." @client: as of GET /v1/clients. */
char *bfy_clients_text_key (JsonObject *client, gint64 now_s);

/* The programs of this computer that need no key: found in events and grants, each once, the one
 * that was heard of last first. An object has "id", "name", "program" (its path, or ""), "last_s".
 */
typedef struct _BfyLocalPrograms BfyLocalPrograms;

BfyLocalPrograms *bfy_local_programs_new (void);
void bfy_local_programs_free (BfyLocalPrograms *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyLocalPrograms, bfy_local_programs_free)
/* An event of GET /v1/events; FALSE when it is about no such program. */
gboolean bfy_local_programs_add_event (BfyLocalPrograms *self, JsonObject *event);
/* One of GET /v1/grants. */
gboolean bfy_local_programs_add_grant (BfyLocalPrograms *self, JsonObject *grant);
/* (transfer full) */
JsonArray *bfy_local_programs_list (BfyLocalPrograms *self);
char *bfy_clients_text_program (JsonObject *program, gint64 now_s);
/* What a client’s settings must say, as most take it. @url: of its binding, or what stands for it;
 * @key: (nullable) its key, or what stands for it, else it starts bindify-mcp. */
char *bfy_clients_text_snippet (const char *name, const char *url, const char *key);
