/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/json-edit.h"

/* Messages of one era of MCP written as the other one has them. Legacy is what begins with
 * initialize (2024-11-05 to 2025-11-25), modern is 2026-07-28, where every request carries its
 * circumstances in params._meta and a server asks by way of its result. Pure; works on slices of
 * checked text, so that tools, schemas and contents keep their bytes. All texts that are returned
 * are raw JSON; free them with g_free(). */

#define BFY_ERA_NEWEST_LEGACY "2025-11-25"
#define BFY_ERA_MODERN_VERSION "2026-07-28"

#define BFY_META_PREFIX "io.modelcontextprotocol/"

/* What params._meta of a modern request says. Slices that are absent have no start. */
typedef struct
{
  BfyJsonSlice version;
  BfyJsonSlice client_info;
  BfyJsonSlice capabilities;
  BfyJsonSlice log_level;
  BfyJsonSlice progress_token;
} BfyEraClaim;

void bfy_era_claim_read (const BfyJsonSlice *message, BfyEraClaim *claim);

/* Whether a method of one era means the same in the other, or has to be told apart. */
typedef enum
{
  BFY_ERA_METHOD_SAME,    /* a request with a counterpart of that name, or one nobody knows */
  BFY_ERA_METHOD_OWN,     /* answered by the bridge: handshake, subscriptions, log level, ping */
  BFY_ERA_METHOD_FOREIGN, /* belongs to the other era: there is no such method in this one */
  BFY_ERA_METHOD_LOST,    /* exists, and cannot be expressed in the other era */
} BfyEraMethod;

/* Of a request of a modern client, and of a legacy client. */
BfyEraMethod bfy_era_modern_method (const char *method);
BfyEraMethod bfy_era_legacy_method (const char *method);
/* Modern methods whose result may ask for input. */
gboolean bfy_era_may_ask (const char *method);

/* A modern request as a legacy one: @id and @progress_token (nullable: without) are raw tokens. */
char *
bfy_era_request_to_legacy (const BfyJsonSlice *message, const char *id, const char *progress_token);
/* @client_info, @capabilities: raw, (nullable). */
char *bfy_era_format_initialize (const char *id, const char *client_info, const char *capabilities);
/* A legacy result as a modern one. @server_info: raw, (nullable). */
char *
bfy_era_result_to_modern (const char *method, const BfyJsonSlice *result, const char *server_info);
/* The member `error` of a response. A code that this era must not use (era-pages.h) becomes that of
 * any other failure. */
char *bfy_era_error_to_modern (const char *method, const BfyJsonSlice *error);
/* An InitializeResult as DiscoverResult. */
char *bfy_era_discover_result (const BfyJsonSlice *initialize_result);

/* What goes into params._meta of a modern request. All raw. */
typedef struct
{
  const char *client_info;  /* (nullable) */
  const char *capabilities; /* (nullable) */
  const char *log_level;    /* (nullable) */
} BfyEraEnvelope;

/* A legacy request as a modern one. @responses, @state: (nullable) the raw inputResponses and
 * requestState of a retry. */
char *bfy_era_request_to_modern (const BfyJsonSlice *message,
                                 const char *id,
                                 const BfyEraEnvelope *envelope,
                                 const char *responses,
                                 const char *state);
/* One of the bridge's own. @params: (nullable) raw object without _meta. */
char *bfy_era_format_modern (const char *id,
                             const char *method,
                             const char *params,
                             const BfyEraEnvelope *envelope);
char *bfy_era_result_to_legacy (const char *method, const BfyJsonSlice *result);
char *bfy_era_error_to_legacy (const char *method, const BfyJsonSlice *error);
/* A DiscoverResult as InitializeResult. @name: the server's if it does not say one. */
char *bfy_era_initialize_result (const BfyJsonSlice *discover_result,
                                 const char *version,
                                 const char *name);

/* A request of a legacy server, sampling/createMessage, elicitation/create or roots/list, as a
 * member of inputRequests; the other way round with @id as raw token. NULL for other methods. */
char *bfy_era_input_request (const char *method, const BfyJsonSlice *params);
char *bfy_era_server_request (const BfyJsonSlice *input_request, const char *id);
/* The client capability without which a server must not ask; NULL for other methods. */
const char *bfy_era_input_capability (const char *method);

/* {"jsonrpc":"2.0","id":…,"error":{"code":…,"message":…,"data":{"origin":"agent",…}}}: @versions
 * (nullable) is a raw array for data.supported. */
char *bfy_era_format_error (const char *id, int code, const char *message, const char *versions);
/* A response with the raw member @name ("result" or "error"). */
char *bfy_era_format_response (const char *id, const char *name, const char *value);

/* A notification with params.progressToken replaced, or with the subscription it belongs to in
 * params._meta (NULL: without). @token, @id: raw. */
char *bfy_era_set_progress_token (const BfyJsonSlice *notification, const char *token);
char *bfy_era_set_subscription (const BfyJsonSlice *notification, const char *id);

/* What a listen asks for. */
typedef struct
{
  gboolean tools, prompts, resources;
  GStrv uris; /* (owned) (nullable) */
} BfyEraFilter;

void bfy_era_filter_read (const BfyJsonSlice *notifications, BfyEraFilter *filter);
void bfy_era_filter_clear (BfyEraFilter *filter);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BfyEraFilter, bfy_era_filter_clear)
char *bfy_era_filter_to_json (const BfyEraFilter *filter);
gboolean bfy_era_filter_takes (const BfyEraFilter *filter, const char *method, const char *uri);
/* Whom a server with these capabilities (raw) can serve at all: drops the rest. */
void bfy_era_filter_limit (BfyEraFilter *filter, const BfyJsonSlice *capabilities);

/* From debug (0) to emergency (7); -1 for no level. */
int bfy_era_log_rank (const char *level);

/* What the answer to a first request says about the server: to a modern request of @method, or to
 * initialize. @text: the whole body. */
typedef enum
{
  BFY_ERA_VERDICT_NONE,   /* nothing */
  BFY_ERA_VERDICT_SPEAKS, /* the era of the request */
  BFY_ERA_VERDICT_OTHER,  /* probably only the other one */
} BfyEraVerdict;

BfyEraVerdict
bfy_era_judge_modern (const char *method, guint status, const char *text, gsize length);
BfyEraVerdict bfy_era_judge_legacy (guint status, const char *text, gsize length);
