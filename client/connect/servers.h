/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

#include "client/connect/clients.h"

/* The servers in a client’s file, as text goes in and out: what stands there, and how one of ours
 * is put there and taken out again. Pure. */
typedef struct
{
  const char *name;
  const char *const *argv; /* the program, and what it is started with; or … */
  const char *url;         /* (nullable) … the agent’s HTTP door, */
  const char *key;         /* (nullable) and the key for it */
} BfyConnectServer;

typedef struct
{
  char *name;    /* (owned) */
  char *binding; /* (owned) (nullable) which one it leads to; NULL: it is not ours */
  gboolean has_key;
} BfyConnectFound;

/* (transfer full) (element-type BfyConnectFound) BFY_ERROR_PARSE with the line. A text of blanks
 * has none. */
GPtrArray *bfy_connect_read (const BfyConnectStyle *style,
                             const char *text,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* (nullable) borrowed */
const BfyConnectFound *bfy_connect_look_up (GPtrArray *found, const char *name);

/* What a server’s entry holds. (transfer full) */
JsonNode *bfy_connect_entry (const BfyConnectStyle *style, const BfyConnectServer *server);
/* A file with nothing but this server. Free with g_free(). */
char *bfy_connect_snippet (const BfyConnectStyle *style,
                           const BfyConnectServer *server,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The text with the server in it, in the place of one of the same name. One that is ours keeps what
 * else stands in its entry. BFY_ERROR_PARSE, BFY_ERROR_UNSUPPORTED. Free with g_free(). */
char *bfy_connect_put (const BfyConnectStyle *style,
                       const char *text,
                       const BfyConnectServer *server,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Likewise without it; BFY_ERROR_NOT_FOUND. */
char *bfy_connect_take (const BfyConnectStyle *style,
                        const char *text,
                        const char *name,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
