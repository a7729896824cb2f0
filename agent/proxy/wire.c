/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/proxy/wire.h"

#include <errno.h>
#include <libsoup/soup.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "agent/intake.h"
#include "protocol/secret.h"

struct _BfyWire
{
  gatomicrefcount ref_count;
  GSocketConnection *connection; /* (owned) */
  int fd;                        /* of connection */
  BfyWatch *watch;               /* (owned) */
  BfyWireIdleFunc on_idle_event;
  gpointer idle_data;

  BfyIntake intake;

  const BfyWireFuncs *funcs; /* (nullable) NULL between requests */
  gpointer user_data;
  char *head; /* (owned) (nullable) until it has gone out; later the size of a chunk */
  gsize head_length;
  GBytes *body;     /* (owned) (nullable) until it has gone out */
  gsize n_tail;     /* of the end of a chunk */
  gsize n_written;  /* of head, body and tail */
  BfyPieces pieces; /* of which more are to come */
  gboolean has_sent_head;
  gboolean allows_upgrade;
  gboolean is_cut_off; /* the upstream takes no more of the request */
  gboolean is_telling; /* that it wants another one */
  gboolean wants_piece;
  BfyResponse answer;
  gboolean has_input;
  gboolean wants_body;
  gsize n_unfed; /* bytes that came together with those that are being handed on */
};

static void
drop_head (BfyWire *self)
{
  if (self->head != NULL)
    bfy_wipe (self->head, self->head_length);
  g_clear_pointer (&self->head, g_free);
}

void
bfy_wire_unref (BfyWire *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  (void) bfy_wire_finish (self);
  if (self->watch != NULL)
    bfy_watch_stop (self->watch);
  g_io_stream_close (G_IO_STREAM (self->connection), NULL, NULL);
  g_object_unref (self->connection);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyWire, bfy_wire_unref)

static BfyWire *
bfy_wire_ref (BfyWire *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

static void
fail_with_errno (BfyWire *self, int code)
{
  g_autoptr (GError) error =
      g_error_new_literal (G_IO_ERROR, g_io_error_from_errno (code), g_strerror (code));

  self->funcs->failed (error, self->user_data);
}

static void
fail (BfyWire *self, GQuark domain, int code, const char *message)
{
  g_autoptr (GError) error = g_error_new_literal (domain, code, message);

  self->funcs->failed (error, self->user_data);
}

/* It has heard enough of the body, and may have said why. */
static void
note_hang_up (BfyWire *self)
{
  drop_head (self);
  g_clear_pointer (&self->body, g_bytes_unref);
  self->n_tail = 0;
  self->pieces = BFY_PIECES_NONE;
  self->is_cut_off = TRUE;
  bfy_intake_note_events (&self->intake, EPOLLHUP);
}

static gboolean
has_output (const BfyWire *self)
{
  return self->head != NULL || self->body != NULL || self->n_tail > 0;
}

/* What is left of head, body and tail. */
static gssize
send_rest (BfyWire *self, gsize n_body)
{
  const struct iovec whole[] = {
    { self->head, self->head_length },
    { self->body != NULL ? (gpointer) g_bytes_get_data (self->body, NULL) : NULL, n_body },
    { (gpointer) "\r\n", self->n_tail },
  };
  struct iovec parts[G_N_ELEMENTS (whole)];
  struct msghdr message = { .msg_iov = parts, .msg_iovlen = G_N_ELEMENTS (parts) };
  gsize n_skipped = self->n_written;

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      gsize n = MIN (n_skipped, whole[i].iov_len);

      parts[i] = (struct iovec){ whole[i].iov_base, whole[i].iov_len - n };
      /* What has gone has no place to begin at. */
      if (whole[i].iov_base != NULL)
        parts[i].iov_base = (char *) whole[i].iov_base + n;
      n_skipped -= n;
    }

  return sendmsg (self->fd, &message, MSG_NOSIGNAL);
}

/* FALSE: it may be finished. */
static gboolean
note_written (BfyWire *self, gsize n, gsize n_body)
{
  self->n_written += n;
  if (self->head != NULL && self->n_written >= self->head_length)
    {
      gboolean is_first = !self->has_sent_head;

      drop_head (self);
      self->has_sent_head = TRUE;
      if (is_first)
        self->funcs->sent (self->user_data);
      if (self->funcs == NULL)
        return FALSE;
    }
  if (self->n_written == self->head_length + n_body + self->n_tail)
    {
      g_clear_pointer (&self->body, g_bytes_unref);
      self->n_tail = 0;
    }

  return TRUE;
}

/* Head and body leave in one piece when they fit. FALSE: it has failed, and may be finished. */
static gboolean
flush (BfyWire *self)
{
  while (has_output (self))
    {
      gsize n_body = self->body != NULL ? g_bytes_get_size (self->body) : 0;
      gssize n = send_rest (self, n_body);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0 && errno == EAGAIN)
        return TRUE;
      if (n < 0 && errno == EPIPE && self->has_sent_head)
        {
          note_hang_up (self);
          return TRUE;
        }
      if (n < 0)
        {
          fail_with_errno (self, errno);
          return FALSE;
        }
      if (!note_written (self, (gsize) n, n_body))
        return FALSE;
    }

  return TRUE;
}

/* Whoever is told may write at once: in a loop, not ever deeper. FALSE: it may be finished. */
static gboolean
flush_and_ask (BfyWire *self)
{
  if (!flush (self))
    return FALSE;
  self->wants_piece = self->pieces != BFY_PIECES_NONE && !has_output (self);
  if (self->is_telling)
    return TRUE;

  self->is_telling = TRUE;
  while (self->wants_piece && self->funcs != NULL)
    {
      self->wants_piece = FALSE;
      self->funcs->wants (self->user_data);
    }
  self->is_telling = FALSE;

  return self->funcs != NULL;
}

static void
on_input_ended (int code, gpointer user_data)
{
  BfyWire *self = user_data;

  if (code != 0)
    fail_with_errno (self, code);
  else if (!bfy_response_end (&self->answer))
    fail (self, G_IO_ERROR,
          self->has_input ? G_IO_ERROR_PARTIAL_INPUT : G_IO_ERROR_CONNECTION_CLOSED,
          "The upstream closed the connection");
}

/* Does whoever made the request wait for something that may be in what has been read? */
static gboolean
wants_input (gpointer user_data)
{
  BfyWire *self = user_data;

  return self->funcs != NULL && !bfy_response_is_fault (&self->answer) &&
         (!bfy_response_has_head (&self->answer) ||
          (self->wants_body && !bfy_response_is_done (&self->answer)));
}

/* Tells what came of the last bytes. */
static void
hand_on (BfyWire *self, gboolean had_head, const char *body, gsize n_body)
{
  if (bfy_response_is_fault (&self->answer))
    {
      fail (self, SOUP_SESSION_ERROR, SOUP_SESSION_ERROR_PARSING, "The answer is not HTTP");
    }
  else if (!had_head && bfy_response_has_head (&self->answer))
    {
      self->funcs->answered (self->user_data);
    }
  else if (n_body > 0)
    {
      g_autoptr (GBytes) bytes = g_bytes_new (body, n_body);

      self->wants_body = FALSE;
      self->funcs->body (bytes, self->user_data);
    }
}

/* One step; returns how many bytes it took. */
static gsize
on_input (const char *bytes, gsize length, gpointer user_data)
{
  BfyWire *self = user_data;
  gboolean had_head = bfy_response_has_head (&self->answer);
  const char *body = NULL;
  gsize n_body = 0;
  gsize n = bfy_response_feed (&self->answer, bytes, length, &body, &n_body);

  self->has_input = TRUE;
  self->n_unfed = length - n;
  hand_on (self, had_head, body, n_body);

  return n;
}

static const BfyIntakeFuncs intake_funcs = { wants_input, on_input, on_input_ended };

static void
pump (BfyWire *self)
{
  G_GNUC_UNUSED g_autoptr (BfyWire) guard = bfy_wire_ref (self);

  if (!bfy_intake_pump (&self->intake))
    return;
  if (self->funcs != NULL && self->wants_body && bfy_response_is_done (&self->answer))
    {
      self->wants_body = FALSE;
      self->funcs->body (NULL, self->user_data);
    }
}

static void
on_ready (guint32 events, gpointer user_data)
{
  g_autoptr (BfyWire) self = bfy_wire_ref (user_data);
  gboolean has_input = bfy_intake_note_events (&self->intake, events);

  if (self->funcs == NULL)
    {
      if (has_input)
        self->on_idle_event (self, self->idle_data);
      return;
    }
  if (has_output (self) && (events & EPOLLOUT) != 0 && !flush_and_ask (self))
    return;
  pump (self);
}

BfyWire *
bfy_wire_new (BfyPoller *poller,
              GSocketConnection *connection,
              BfyWireIdleFunc on_idle_event,
              gpointer user_data,
              GError **error)
{
  g_autoptr (BfyWire) self = g_new0 (BfyWire, 1);
  GSocket *socket = g_socket_connection_get_socket (connection);

  g_atomic_ref_count_init (&self->ref_count);
  self->connection = g_object_ref (connection);
  self->fd = g_socket_get_fd (socket);
  self->on_idle_event = on_idle_event;
  self->idle_data = user_data;
  bfy_intake_init (&self->intake, self->fd, &intake_funcs, self);
  g_socket_set_blocking (socket, FALSE);
  self->watch = bfy_poller_watch (poller, self->fd, on_ready, self);
  if (self->watch == NULL)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "epoll: %s",
                   g_strerror (errno));
      return NULL;
    }

  return g_steal_pointer (&self);
}

gboolean
bfy_wire_is_fresh (BfyWire *self)
{
  char byte;

  return !self->intake.has_hung_up && recv (self->fd, &byte, 1, MSG_PEEK) < 0 && errno == EAGAIN;
}

void
bfy_wire_begin (BfyWire *self,
                char *head,
                gsize head_length,
                GBytes *body,
                const BfyWireFuncs *funcs,
                gpointer user_data)
{
  G_GNUC_UNUSED g_autoptr (BfyWire) guard = bfy_wire_ref (self);

  self->head = head;
  self->head_length = head_length;
  self->body = body != NULL ? g_bytes_ref (body) : NULL;
  self->n_written = 0;
  self->n_tail = 0;
  self->has_sent_head = FALSE;
  self->is_cut_off = FALSE;
  self->funcs = funcs;
  self->user_data = user_data;
  self->has_input = FALSE;
  self->wants_body = FALSE;
  self->n_unfed = 0;
  bfy_intake_open (&self->intake);
  bfy_response_init (&self->answer);
  self->answer.allows_upgrade = self->allows_upgrade;
  self->answer.is_for_head = g_str_has_prefix (head, "HEAD ");
  if (flush_and_ask (self))
    pump (self);
}

void
bfy_wire_expect_pieces (BfyWire *self, BfyPieces pieces)
{
  self->pieces = pieces;
}

void
bfy_wire_allow_upgrade (BfyWire *self)
{
  self->allows_upgrade = TRUE;
}

void
bfy_wire_open (BfyWire *self)
{
  G_GNUC_UNUSED g_autoptr (BfyWire) guard = bfy_wire_ref (self);

  self->pieces = BFY_PIECES_COUNTED;
  flush_and_ask (self);
}

/* A last chunk has no bytes, and an end of its own. */
static void
begin_chunk (BfyWire *self, gsize length)
{
  self->head = g_strdup_printf ("%" G_GSIZE_MODIFIER "x\r\n", length);
  self->head_length = strlen (self->head);
  self->n_tail = 2;
}

void
bfy_wire_write (BfyWire *self, GBytes *piece)
{
  G_GNUC_UNUSED g_autoptr (BfyWire) guard = bfy_wire_ref (self);
  gboolean is_chunked = self->pieces == BFY_PIECES_CHUNKED;

  if (self->funcs == NULL || self->pieces == BFY_PIECES_NONE || has_output (self))
    return;

  self->n_written = 0;
  self->head_length = 0;
  self->body = piece != NULL ? g_bytes_ref (piece) : NULL;
  if (is_chunked)
    begin_chunk (self, piece != NULL ? g_bytes_get_size (piece) : 0);
  if (piece == NULL)
    self->pieces = BFY_PIECES_NONE;
  flush_and_ask (self);
}

void
bfy_wire_read (BfyWire *self)
{
  self->wants_body = TRUE;
  pump (self);
}

const BfyResponse *
bfy_wire_get_answer (BfyWire *self)
{
  return &self->answer;
}

gboolean
bfy_wire_has_input (BfyWire *self)
{
  return self->has_input;
}

gboolean
bfy_wire_finish (BfyWire *self)
{
  gboolean is_reusable = self->funcs != NULL && bfy_response_is_done (&self->answer) &&
                         self->answer.is_persistent && !has_output (self) && !self->is_cut_off &&
                         self->pieces == BFY_PIECES_NONE && self->intake.rest == NULL &&
                         self->n_unfed == 0 && !self->intake.has_hung_up;

  self->funcs = NULL;
  drop_head (self);
  g_clear_pointer (&self->body, g_bytes_unref);
  self->n_tail = 0;
  self->pieces = BFY_PIECES_NONE;
  self->wants_piece = FALSE;
  self->allows_upgrade = FALSE;
  bfy_intake_close (&self->intake);
  bfy_response_clear (&self->answer);

  return is_reusable;
}
