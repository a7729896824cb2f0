/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>
#include <sys/types.h>

/* Which file a process runs; all 0 when that may not be seen. It tells whether a process has become
 * another program since. */
typedef struct
{
  guint64 device, inode;
} BfyProgramFile;

/* Who is at the other end, as the kernel tells it. The uid is the boundary; the rest is a hint for
 * a person (craft 1.5). */
typedef struct
{
  uid_t uid;
  pid_t pid;           /* 0 when unknown */
  BfyProgramFile file; /* what that process ran when the connection was accepted */
} BfyPeer;

/* SO_PEERCRED: frozen when the peer connected. */
gboolean
bfy_peer_of_unix (GSocket *connection, BfyPeer *peer, GError **error) G_GNUC_WARN_UNUSED_RESULT;

typedef enum
{
  BFY_PEER_ALIVE,
  BFY_PEER_DEAD,
  BFY_PEER_UNSURE, /* something with its number lives; whether it is the same cannot be told */
} BfyPeerLife;

/* Of the process that connected to the UNIX door on @fd. The socket holds on to that process
 * (SO_PEERPIDFD), whatever becomes of its number; before Linux 6.5 only the number can be asked
 * about. No descriptor stays open. */
BfyPeerLife bfy_peer_get_life (int fd, const BfyPeer *peer);

/* A pidfd of that process, close-on-exec; -1, and errno says why, when there is none to be had. */
int bfy_peer_open_process (int fd, const BfyPeer *peer);

/* Descriptors of the folders in /proc of processes, so that these need not be looked up each time.
 * A folder is that of one process, whoever gets its number: once it has ended there is nothing in
 * it. -1: none. */
typedef struct
{
  int process; /* that connected */
  int program; /* that counts, where that is another one (agent/caller) */
} BfyPeerPins;

void bfy_peer_pins_init (BfyPeerPins *self);
void bfy_peer_pins_close (BfyPeerPins *self);
/* Of any process, by its number: it may be another one by now. -1 when there is none. */
int bfy_peer_pin_by_number (pid_t pid);

/* What @pid runs now. */
BfyProgramFile bfy_program_file_of (pid_t pid);
/* What the process runs now that @pin is of; FALSE when it has ended, or may not be seen. */
gboolean bfy_program_file_at (int pin, BfyProgramFile *file);
gboolean bfy_program_file_is_same (const BfyProgramFile *one, const BfyProgramFile *other);

/* The owner of the other end of a loopback TCP connection, by one exact question to the kernel
 * (NETLINK_SOCK_DIAG). Fails when the other end is not on this machine or already gone. */
gboolean
bfy_peer_of_tcp (GSocket *connection, BfyPeer *peer, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* "uid 1000 pid 4711 exe python3.11"; what is not known is left out, and so is the program when it
 * is not the one that connected. A hint and no proof. Free with g_free(). */
char *bfy_peer_describe (const BfyPeer *self);
