/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/caller/caller.h"

#include "agent/caller/glance.h"
#include "agent/caller/look.h"

static BfyCaller *
new_of_peer (BfyConnection *connection)
{
  BfyCaller *self = bfy_caller_new ();

  self->uid = connection->peer.uid;
  self->pid = connection->peer.pid;

  return self;
}

static BfyPeerLife
get_life (BfyConnection *connection)
{
  int fd = bfy_connection_get_fd (connection);

  return fd >= 0 ? bfy_peer_get_life (fd, &connection->peer) : BFY_PEER_DEAD;
}

/* Between two looks at whether it lives. What did not stay the same is not shown at all. */
static BfyCaller *
look_at_process (BfyConnection *connection)
{
  g_autoptr (BfyCaller) seen = new_of_peer (connection);
  BfyPeerLife before = get_life (connection), after;
  gboolean is_same = before != BFY_PEER_DEAD && bfy_look_at_caller (seen, &connection->peer);

  after = get_life (connection);
  if (!is_same || after == BFY_PEER_DEAD)
    return new_of_peer (connection);
  seen->is_verified = seen->program != NULL && before == BFY_PEER_ALIVE && after == BFY_PEER_ALIVE;

  return g_steal_pointer (&seen);
}

static BfyCaller *
get_process (BfyConnection *connection)
{
  if (connection->process == NULL)
    connection->process =
        connection->door == BFY_DOOR_UNIX ? look_at_process (connection) : new_of_peer (connection);

  return connection->process;
}

static gboolean
is_of_key (const BfyCaller *self, const BfyClient *client)
{
  return self != NULL && g_str_equal (self->client_id, client->id) &&
         g_str_equal (self->client_label, client->label);
}

/* The key says who it is; on the UNIX door the process is a hint beside it. */
static BfyCaller *
get_key_holder (BfyConnection *connection, const BfyClient *client)
{
  BfyCaller *holder;

  if (is_of_key (connection->key_holder, client))
    return connection->key_holder;
  g_clear_pointer (&connection->key_holder, bfy_caller_unref);
  holder = bfy_caller_copy (get_process (connection));
  holder->client_id = g_strdup (client->id);
  holder->client_label = g_strdup (client->label);
  connection->key_holder = holder;

  return holder;
}

BfyCaller *
bfy_caller_of_request (BfyRequest *request)
{
  BfyConnection *connection = bfy_request_get_connection (request);
  BfyClient *client = bfy_request_get_client (request);

  if (connection == NULL)
    return NULL;

  return client != NULL ? get_key_holder (connection, client) : get_process (connection);
}

/* Its own, or behind our bridge. */
static gboolean
is_program_still (const BfyCaller *caller)
{
  BfyProgramFile then = { caller->program_device, caller->program_inode };
  BfyProgramFile now = bfy_program_file_of (caller->program_pid);
  BfyProcessStat stat;

  return bfy_program_file_is_same (&now, &then) &&
         bfy_glance_read_stat (caller->program_pid, &stat) &&
         stat.started_at == caller->program_started_at;
}

static gboolean
is_process_still (BfyConnection *connection, const BfyCaller *caller)
{
  BfyProgramFile now = bfy_program_file_of (caller->pid);
  BfyPeerLife life = get_life (connection);
  BfyProcessStat stat;

  if (life == BFY_PEER_DEAD || !bfy_program_file_is_same (&now, &connection->peer.file))
    return FALSE;
  if (caller->program_pid != 0 && caller->program_pid != caller->pid && !is_program_still (caller))
    return FALSE;

  return life == BFY_PEER_ALIVE ||
         (bfy_glance_read_stat (caller->pid, &stat) && stat.started_at == caller->started_at);
}

gboolean
bfy_caller_is_still (BfyRequest *request, const BfyCaller *caller)
{
  BfyConnection *connection = bfy_request_get_connection (request);

  if (connection == NULL || caller->client_id != NULL)
    return TRUE;

  return connection->door == BFY_DOOR_TCP || is_process_still (connection, caller);
}
