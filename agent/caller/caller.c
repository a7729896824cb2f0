/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/caller/caller.h"

#include <errno.h>
#include <unistd.h>

#include "agent/caller/glance.h"
#include "agent/caller/look.h"
#include "agent/caller/sockets.h"
#include "agent/door/sock-diag.h"

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

/* Where it comes from does not change when it becomes another program; unless it is one of ours,
 * and what is shown is somebody else's. */
static BfyCaller *
new_unidentified (BfyConnection *connection, const BfyCaller *seen, gboolean is_same)
{
  BfyCaller *self = new_of_peer (connection);

  self->started_at = seen->started_at;
  if (!is_same || seen->via != NULL || seen->chain == NULL)
    return self;
  self->chain = g_strdupv (seen->chain);
  g_free (self->chain[0]);
  self->chain[0] = g_strdup ("?");
  self->scope = g_strdup (seen->scope);
  self->directory = g_strdup (seen->directory);

  return self;
}

typedef enum
{
  HOLD_UNKNOWN, /* the kernel does not tell */
  HOLD_LOOSE,   /* not at all, or so that another program would go on with it */
  HOLD_OWN,
} Hold;

/* A process that connects and then becomes another program may do so before we have looked once.
 * But it cannot take a socket along that is closed on exec, and the other program does not get one:
 * whoever holds its end of the connection like that has been the same program all the time. */
static Hold
get_hold (BfyConnection *connection)
{
  guint64 inode;

  if (!bfy_sock_diag_unix (bfy_connection_get_fd (connection), &inode))
    return errno == ENOENT ? HOLD_LOOSE : HOLD_UNKNOWN;

  return bfy_sockets_find (connection->peer.pid, inode) == BFY_SOCKET_OWN ? HOLD_OWN : HOLD_LOOSE;
}

/* Between two looks at whether it lives. What did not stay the same is not shown at all. */
static BfyCaller *
look_at_process (BfyConnection *connection)
{
  g_autoptr (BfyCaller) seen = new_of_peer (connection);
  gboolean is_same =
      get_life (connection) != BFY_PEER_DEAD && bfy_look_at_caller (seen, &connection->peer);
  Hold hold = is_same ? get_hold (connection) : HOLD_UNKNOWN;
  BfyPeerLife life = get_life (connection);

  if (!is_same || life == BFY_PEER_DEAD || (seen->program != NULL && hold == HOLD_LOOSE))
    return new_unidentified (connection, seen, is_same);
  seen->is_verified = seen->program != NULL && (life == BFY_PEER_ALIVE || hold == HOLD_OWN);

  return g_steal_pointer (&seen);
}

/* The number may be somebody else's by the time that it is opened. */
static int
pin (int pid, guint64 started_at)
{
  int folder = bfy_peer_pin_by_number (pid);

  if (folder < 0 || bfy_glance_has_started_at (pid, started_at))
    return folder;
  close (folder);

  return -1;
}

static gboolean
has_other_program (const BfyCaller *caller)
{
  return caller->program_pid != caller->pid && caller->program_pid != 0;
}

static void
pin_all (BfyConnection *connection, const BfyCaller *process)
{
  BfyPeerPins *pins = &connection->pins;

  pins->process = pin (process->pid, process->started_at);
  if (has_other_program (process))
    pins->program = pin (process->program_pid, process->program_started_at);
}

static gboolean
runs (int pid, const BfyProgramFile *then)
{
  BfyProgramFile now = bfy_program_file_of (pid);

  return bfy_program_file_is_same (&now, then);
}

/* One question for both: a process that has ended runs nothing. */
static gboolean
runs_at (int folder, const BfyProgramFile *then)
{
  BfyProgramFile now;

  return bfy_program_file_at (folder, &now) && bfy_program_file_is_same (&now, then);
}

/* That it lives is asked last: what was seen before was its. */
static gboolean
is_peer_still (BfyConnection *connection, const BfyCaller *caller)
{
  const BfyProgramFile *file = &connection->peer.file;
  BfyPeerLife life;

  if (connection->pins.process >= 0)
    return runs_at (connection->pins.process, file);
  if (!runs (caller->pid, file))
    return FALSE;
  life = get_life (connection);

  return life == BFY_PEER_ALIVE ||
         (life == BFY_PEER_UNSURE && bfy_glance_has_started_at (caller->pid, caller->started_at));
}

/* Pinned is what was found behind the process last. */
static gboolean
is_pinned (BfyConnection *connection, const BfyCaller *caller)
{
  const BfyCaller *pinned = connection->process;

  return connection->pins.program >= 0 && pinned != NULL &&
         pinned->program_pid == caller->program_pid &&
         pinned->program_started_at == caller->program_started_at;
}

static gboolean
is_program_still (BfyConnection *connection, const BfyCaller *caller)
{
  const BfyProgramFile file = { caller->program_device, caller->program_inode };

  if (is_pinned (connection, caller))
    return runs_at (connection->pins.program, &file);

  return runs (caller->program_pid, &file) &&
         bfy_glance_has_started_at (caller->program_pid, caller->program_started_at);
}

static gboolean
is_process_still (BfyConnection *connection, const BfyCaller *caller)
{
  return is_peer_still (connection, caller) &&
         (!has_other_program (caller) || is_program_still (connection, caller));
}

static void
look_up_process (BfyConnection *connection, int sender)
{
  BfyCaller *process;

  if (connection->door != BFY_DOOR_UNIX || bfy_connection_get_fd (connection) < 0)
    {
      connection->process = new_of_peer (connection);
      return;
    }
  process = connection->process = look_at_process (connection);
  if (process->is_verified)
    pin_all (connection, process);
  if (sender != 0)
    bfy_look_at_sender (process, sender);
}

/* What is known of it holds for this request, too: on a connection that is kept, the process may
 * have become another one since the last. */
static gboolean
is_known (BfyConnection *connection, int sender)
{
  if (connection->process == NULL || connection->sender != sender)
    return FALSE;

  return connection->door != BFY_DOOR_UNIX || bfy_connection_get_fd (connection) < 0 ||
         is_process_still (connection, connection->process);
}

static BfyCaller *
get_process (BfyConnection *connection)
{
  int sender = bfy_connection_get_sender (connection);

  if (is_known (connection, sender))
    return connection->process;

  g_clear_pointer (&connection->process, bfy_caller_unref);
  g_clear_pointer (&connection->key_holder, bfy_caller_unref);
  bfy_peer_pins_close (&connection->pins);
  connection->sender = sender;
  look_up_process (connection, sender);

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

gboolean
bfy_caller_is_still (BfyRequest *request, const BfyCaller *caller)
{
  BfyConnection *connection = bfy_request_get_connection (request);

  if (connection == NULL || caller->client_id != NULL)
    return TRUE;
  if (bfy_connection_get_fd (connection) < 0)
    return FALSE;

  return connection->door == BFY_DOOR_TCP || is_process_still (connection, caller);
}

int
bfy_caller_open_process (BfyRequest *request)
{
  BfyConnection *connection = bfy_request_get_connection (request);
  int fd = connection != NULL ? bfy_connection_get_fd (connection) : -1;

  return fd >= 0 ? bfy_peer_open_process (fd, &connection->peer) : -1;
}
