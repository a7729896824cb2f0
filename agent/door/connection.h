/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/deadline.h"
#include "agent/door/door.h"
#include "agent/door/framing.h"
#include "agent/door/output.h"
#include "agent/intake.h"
#include "agent/poller.h"
#include "protocol/caller.h"

#define BFY_HEAD_TIMEOUT_MS 10000  /* from the first byte of a request to the end of its head */
#define BFY_BODY_TIMEOUT_MS 30000  /* from there to the end of its body, and longer … */
#define BFY_BODY_BYTES_PER_MS 16   /* … by what has come of it: a drop at a time is too slow */
#define BFY_IDLE_TIMEOUT_MS 120000 /* between two requests */

typedef struct _BfyRequest BfyRequest;
typedef struct _BfyConnection BfyConnection;

/* What becomes of it is the server's business. */
typedef struct
{
  /* The head is there; it may be answered now. */
  void (*admit) (BfyRequest *request, gpointer user_data);
  /* The whole request is there. */
  void (*serve) (BfyRequest *request, gpointer user_data);
  /* It has been answered, or its client has gone. */
  void (*over) (BfyRequest *request, gpointer user_data);
  void (*closed) (BfyConnection *connection, gpointer user_data);
} BfyConnectionFuncs;

/* An accepted connection with what is known of its other end. It takes one request after the other,
 * checked by framing.h, keeps slow clients to their deadlines and notices when they hang up. While
 * a request is being worked on nothing more is read. */
struct _BfyConnection
{
  gatomicrefcount ref_count;
  BfyDoorKind door;
  guint16 port; /* of the TCP door, 0 on the UNIX door */
  BfyPeer peer;

  /*< private >*/
  const BfyConnectionFuncs *funcs;
  gpointer user_data;
  GSocketConnection *stream; /* (owned) (nullable) NULL once closed */
  int fd;                    /* of stream */
  BfyWatch *watch;           /* (owned) (nullable) */
  BfyFraming framing;
  GByteArray *head;    /* (owned) (nullable) a checked head, until it is a request */
  BfyRequest *request; /* (owned) (nullable) */
  BfyOutput output;
  BfyIntake intake;
  BfyDeadline deadline;
  gint64 body_begun_us;
  gsize n_body; /* bytes of the present body that have come */
  guint broken_id;
  gboolean has_asked;   /* at least one request has come */
  gboolean is_complete; /* the answer, though it may not all have gone out */
  gboolean is_last;     /* the connection closes after the answer */
  gboolean is_refused;
  char *peer_text; /* (owned) (nullable) once somebody has asked */
  BfyPeerPins pins;
  int sender;            /* whom process has been looked up for */
  BfyCaller *process;    /* (owned) (nullable) likewise: agent/caller */
  BfyCaller *key_holder; /* (owned) (nullable) of the key that came last; likewise */
};

BfyConnection *bfy_connection_new (BfyDoor *door,
                                   GSocketConnection *stream,
                                   const BfyPeer *peer,
                                   guint64 body_max);
/* Begins to read. FALSE when the kernel does not let us watch it. */
gboolean bfy_connection_open (BfyConnection *self,
                              BfyPoller *poller,
                              const BfyConnectionFuncs *funcs,
                              gpointer user_data);
/* Somebody else reads and writes: of @funcs only closed and over are called, when a request on it
 * is broken off. */
void bfy_connection_lend (BfyConnection *self, const BfyConnectionFuncs *funcs, gpointer user_data);
BfyConnection *bfy_connection_ref (BfyConnection *self);
void bfy_connection_unref (BfyConnection *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyConnection, bfy_connection_unref)

/* Who is at the other end of the UNIX door, for a person: "uid 1000 pid 4711 exe python3.11", as
 * far as it is known; NULL for the other door, where a client has a key. Looked up once. */
const char *bfy_connection_describe_peer (BfyConnection *self);

/* -1 once it is closed, and so are the pins. Borrowed. */
int bfy_connection_get_fd (BfyConnection *self);

/* The process that wrote last, where that is another one than has connected, as with a socket that
 * was inherited; else 0. */
int bfy_connection_get_sender (BfyConnection *self);

/* For the request that is on it. */
void bfy_connection_send (BfyConnection *self, const struct iovec *parts, guint n_parts);
/* All that has been sent has gone out. */
gboolean bfy_connection_is_flushed (BfyConnection *self);
/* All of the answer has been sent; @is_last: nothing else will be. */
void bfy_connection_complete (BfyConnection *self, gboolean is_last);
/* Writes @reply as it is, takes no further input and closes once the client has had time to read.
 */
void bfy_connection_refuse (BfyConnection *self, GBytes *reply);
/* Breaks the connection off, in the middle of whatever is going on: because the agent cannot go on
 * with its answer, or because nobody is there to read it, which the request learns (its "gone"). */
void bfy_connection_abort (BfyConnection *self);
void bfy_connection_close (BfyConnection *self);
