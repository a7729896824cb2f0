/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/door/request.h"

/* The one HTTP engine behind all doors: it turns checked connections into BfyRequests and knows how
 * many are under way. What a request means is the handler's business. */
typedef struct
{
  /* The head is there. Sets the route, the client and the body cap, or answers: then nothing more
   * of the request is looked at. */
  void (*admit) (BfyRequest *request, gpointer user_data);
  /* The whole request is there; to be answered now or later. */
  void (*serve) (BfyRequest *request, gpointer user_data);
} BfyServerHandler;

#define BFY_TYPE_SERVER (bfy_server_get_type ())
G_DECLARE_FINAL_TYPE (BfyServer, bfy_server, BFY, SERVER, GObject)

/* Connections in all; the descriptor limit may make it fewer. */
#define BFY_SERVER_CONNECTIONS_MAX 4096

BfyServer *bfy_server_new (const BfyServerHandler *handler, gpointer user_data);
/* Opens a door on a listening socket. */
void bfy_server_listen (BfyServer *self, GSocket *listener);
/* Of the first TCP door, 0 if there is none. */
guint16 bfy_server_get_port (BfyServer *self);
void bfy_server_set_connections_max (BfyServer *self, guint n_max);

/* Those that are under way, which @func may end. */
void bfy_server_foreach_request (BfyServer *self, BfyRequestFunc func, gpointer user_data);

/* How long a connection that is let in, and has asked nothing yet, is waited for at the end: its
 * client may have written already, or be about to. */
#define BFY_SERVER_FIRST_MS 250

/* Closes the doors; requests under way, and those that have come and wait to be read, have
 * @grace_ms to finish, then they are broken off. Who waits at a door that somebody else holds open,
 * too, as systemd does, is met by the next agent: so a restart refuses nobody. */
void bfy_server_stop_async (BfyServer *self,
                            guint grace_ms,
                            GAsyncReadyCallback callback,
                            gpointer user_data);
gboolean bfy_server_stop_finish (BfyServer *self, GAsyncResult *result, GError **error);
