/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/door/door.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/door/listen.h"
#include "protocol/error.h"

#define ACCEPTS_PER_TURN 16 /* so that a flood of connections cannot starve the others */

struct _BfyDoor
{
  GObject parent_instance;

  GSocket *listener; /* (owned) (nullable) NULL once stopped */
  GSource *source;   /* (owned) (nullable) NULL while paused */
  guint resume_id;
  BfyDoorFunc func;
  gpointer user_data;
};

G_DEFINE_FINAL_TYPE (BfyDoor, bfy_door, G_TYPE_OBJECT)

BfyDoorKind
bfy_door_get_kind (BfyDoor *self)
{
  return g_socket_get_family (self->listener) == G_SOCKET_FAMILY_UNIX ? BFY_DOOR_UNIX
                                                                      : BFY_DOOR_TCP;
}

guint16
bfy_door_get_port (BfyDoor *self)
{
  return bfy_listen_get_port (self->listener);
}

static gboolean
identify (BfyDoor *self, GSocket *socket, BfyPeer *peer)
{
  g_autoptr (GError) error = NULL;
  gboolean is_known = bfy_door_get_kind (self) == BFY_DOOR_UNIX
                          ? bfy_peer_of_unix (socket, peer, &error)
                          : bfy_peer_of_tcp (socket, peer, &error);

  if (!is_known)
    g_info ("Closed a connection whose owner is unknown (%s)", error->message);
  else if (peer->uid != geteuid ())
    g_message ("Closed a connection of uid %u, which is not ours", (guint) peer->uid);

  return is_known && peer->uid == geteuid ();
}

/* A process that has ended wants nothing any more, and nobody could be told who asks (craft B07).
 * What runs now is put on record, for who is asked later. */
static gboolean
pin (BfyDoor *self, GSocket *socket, BfyPeer *peer)
{
  if (bfy_door_get_kind (self) != BFY_DOOR_UNIX)
    return TRUE;
  if (bfy_peer_get_life (g_socket_get_fd (socket), peer) == BFY_PEER_DEAD)
    {
      g_info ("Closed a connection of process %d, which has ended", (int) peer->pid);
      return FALSE;
    }
  peer->file = bfy_program_file_of (peer->pid);

  return TRUE;
}

static void
admit (BfyDoor *self, GSocket *socket)
{
  g_autoptr (GSocketConnection) connection = NULL;
  BfyPeer peer;

  if (!identify (self, socket, &peer) || !pin (self, socket, &peer))
    return;
  if (bfy_door_get_kind (self) == BFY_DOOR_TCP)
    g_socket_set_option (socket, IPPROTO_TCP, TCP_NODELAY, TRUE, NULL);
  connection = g_socket_connection_factory_create_connection (socket);
  self->func (self, connection, &peer, self->user_data);
}

static gboolean
on_resume (gpointer user_data)
{
  BfyDoor *self = user_data;

  self->resume_id = 0;
  bfy_door_resume (self);

  return G_SOURCE_REMOVE;
}

/* A listening socket stays readable while we cannot accept: leave the poll set, or we would spin.
 */
void
bfy_door_pause (BfyDoor *self)
{
  if (self->source == NULL)
    return;

  g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
  self->resume_id = g_timeout_add (BFY_DOOR_PAUSE_MS, on_resume, self);
}

static gboolean
on_listener_ready (GSocket *listener, GIOCondition condition, gpointer user_data)
{
  g_autoptr (BfyDoor) self = g_object_ref (BFY_DOOR (user_data));

  for (guint i = 0; i < ACCEPTS_PER_TURN && self->source != NULL; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GSocket) socket = g_socket_accept (listener, NULL, &error);

      if (socket != NULL)
        {
          admit (self, socket);
          continue;
        }
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK) &&
          !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED))
        {
          g_warning ("Cannot accept a connection: %s; trying again in a moment", error->message);
          bfy_door_pause (self);
        }
      break;
    }

  return self->source != NULL ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

void
bfy_door_resume (BfyDoor *self)
{
  if (self->source != NULL || self->listener == NULL)
    return;

  g_clear_handle_id (&self->resume_id, g_source_remove);
  self->source = g_socket_create_source (self->listener, G_IO_IN, NULL);
  g_source_set_callback (self->source, G_SOURCE_FUNC (on_listener_ready), self, NULL);
  g_source_attach (self->source, g_main_context_get_thread_default ());
}

void
bfy_door_stop (BfyDoor *self)
{
  if (self->source != NULL)
    g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
  g_clear_handle_id (&self->resume_id, g_source_remove);
  if (self->listener != NULL)
    g_socket_close (self->listener, NULL);
  g_clear_object (&self->listener);
}

BfyDoor *
bfy_door_new (GSocket *listener, BfyDoorFunc func, gpointer user_data)
{
  BfyDoor *self = g_object_new (BFY_TYPE_DOOR, NULL);

  self->listener = g_object_ref (listener);
  /* What is accepted inherits it: who writes is told from the first byte on. */
  if (bfy_door_get_kind (self) == BFY_DOOR_UNIX)
    g_socket_set_option (listener, SOL_SOCKET, SO_PASSCRED, TRUE, NULL);
  self->func = func;
  self->user_data = user_data;
  bfy_door_resume (self);

  return self;
}

static void
bfy_door_finalize (GObject *object)
{
  bfy_door_stop (BFY_DOOR (object));
  G_OBJECT_CLASS (bfy_door_parent_class)->finalize (object);
}

static void
bfy_door_class_init (BfyDoorClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = bfy_door_finalize;
}

static void
bfy_door_init (BfyDoor *self)
{
}
