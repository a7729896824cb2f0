/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* bench-upstream TOKEN [PORT]: the MCP server that all proxies of the benchmark lead to. One
 * thread, epoll, HTTP/1.1 with keep-alive; it does next to nothing, so that what is measured is the
 * way to it.
 *
 * It answers POST by what it finds in the body: initialize, a notification (202), or a call, whose
 * "size" says how long the answer shall be. {"events":N,"interval_us":U} answers with N events of
 * 100 bytes, each with the time at which it was sent. GET opens a stream with one event and then
 * silence. Whoever does not present TOKEN as a bearer token gets 401: then a proxy has not added
 * it. */

#include <errno.h>
#include <glib.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define EVENTS_PER_TURN 128
#define READ_BYTES (64 * 1024)
#define REQUEST_BYTES_MAX (4 * 1024 * 1024)
#define EVENT_BYTES 100
#define ANSWER_BYTES_MIN 160

typedef struct
{
  int fd;
  int timer_fd;  /* -1 when no events are due */
  char *pending; /* (owned) from pending_offset on not written yet */
  gsize pending_offset;
  gsize n_pending;
  GByteArray *input; /* (owned) */
  gsize n_events_left;
  gboolean is_armed; /* waits for room to write */
} Connection;

static int epoll_fd;
static GPtrArray *closed;   /* (owned) freed when no event can speak of them any more */
static char *authorization; /* the line that a request must have */

static gint64
now_ns (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);

  return (gint64) now.tv_sec * 1000000000 + now.tv_nsec;
}

static void
watch (int fd, int op, guint32 events, Connection *connection, gboolean is_timer)
{
  /* The lowest bit tells the timer from the connection; both are aligned. */
  struct epoll_event event = { .events = events };

  event.data.u64 = (guint64) (guintptr) connection | (is_timer ? 1 : 0);
  if (epoll_ctl (epoll_fd, op, fd, &event) != 0)
    exit (1);
}

static void
connection_close (Connection *self)
{
  if (self->timer_fd >= 0)
    close (self->timer_fd);
  close (self->fd);
  self->fd = self->timer_fd = -1;
  g_ptr_array_add (closed, self);
}

static void
connection_free (gpointer user_data)
{
  Connection *self = user_data;

  g_free (self->pending);
  g_byte_array_unref (self->input);
  g_free (self);
}

static gboolean
flush (Connection *self)
{
  while (self->n_pending > 0)
    {
      gssize n =
          send (self->fd, self->pending + self->pending_offset, self->n_pending, MSG_NOSIGNAL);

      if (n < 0 && errno != EAGAIN)
        return FALSE;
      if (n < 0)
        break;
      self->n_pending -= (gsize) n;
      self->pending_offset += (gsize) n;
    }
  if (self->is_armed != (self->n_pending > 0))
    {
      self->is_armed = !self->is_armed;
      watch (self->fd, EPOLL_CTL_MOD, EPOLLIN | (self->is_armed ? EPOLLOUT : 0), self, FALSE);
    }

  return TRUE;
}

static gboolean
answer (Connection *self, const char *bytes, gsize length)
{
  gssize n = self->n_pending == 0 ? send (self->fd, bytes, length, MSG_NOSIGNAL) : 0;

  if (n < 0 && errno != EAGAIN)
    return FALSE;
  n = MAX (n, 0);
  if ((gsize) n == length)
    return TRUE;
  if (self->n_pending > 0)
    memmove (self->pending, self->pending + self->pending_offset, self->n_pending);
  self->pending_offset = 0;
  self->pending = g_realloc (self->pending, self->n_pending + length - (gsize) n);
  memcpy (self->pending + self->n_pending, bytes + n, length - (gsize) n);
  self->n_pending += length - (gsize) n;

  return flush (self);
}

static gboolean
answer_empty (Connection *self, const char *status)
{
  g_autofree char *text = g_strdup_printf ("HTTP/1.1 %s\r\nContent-Length: 0\r\n\r\n", status);

  return answer (self, text, strlen (text));
}

static guint64
find_number (const char *body, const char *name, guint64 otherwise)
{
  const char *found = strstr (body, name);

  return found != NULL ? g_ascii_strtoull (found + strlen (name), NULL, 10) : otherwise;
}

/* One event of EVENT_BYTES bytes in a chunk of its own. */
static gboolean
send_event (Connection *self)
{
  char text[256];
  int n = g_snprintf (text, sizeof text,
                      "%x\r\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\","
                      "\"params\":{\"t\":%" G_GINT64_FORMAT,
                      EVENT_BYTES, now_ns ());
  int head = 4; /* "64\r\n" */
  int n_fill = EVENT_BYTES - (n - head) - (int) strlen (",\"fill\":\"\"}}\n\n");

  n += g_snprintf (text + n, sizeof text - (gsize) n, ",\"fill\":\"%0*d\"}}\n\n\r\n", n_fill, 0);

  return answer (self, text, (gsize) n);
}

static gboolean
begin_stream (Connection *self)
{
  static const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                             "Cache-Control: no-cache\r\nX-Accel-Buffering: no\r\n"
                             "Transfer-Encoding: chunked\r\n\r\n";

  return answer (self, head, sizeof head - 1);
}

static gboolean
begin_events (Connection *self, guint64 n_events, guint64 interval_us)
{
  struct itimerspec when = { .it_value.tv_nsec = (long) MAX (interval_us, 1) * 1000,
                             .it_interval.tv_nsec = (long) MAX (interval_us, 1) * 1000 };

  self->n_events_left = n_events;
  self->timer_fd = timerfd_create (CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  if (self->timer_fd < 0 || timerfd_settime (self->timer_fd, 0, &when, NULL) != 0)
    return FALSE;
  watch (self->timer_fd, EPOLL_CTL_ADD, EPOLLIN, self, TRUE);

  return begin_stream (self);
}

static gboolean
on_timer (Connection *self)
{
  guint64 n_expired;

  if (read (self->timer_fd, &n_expired, sizeof n_expired) != sizeof n_expired)
    return TRUE;
  if (!send_event (self))
    return FALSE;
  if (--self->n_events_left > 0)
    return TRUE;

  close (self->timer_fd);
  self->timer_fd = -1;

  return answer (self, "0\r\n\r\n", 5);
}

static gboolean
answer_json (Connection *self, const char *session, const char *json, gsize length)
{
  g_autoptr (GString) text = g_string_sized_new (length + 256);

  g_string_append_printf (text,
                          "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n%s"
                          "Content-Length: %" G_GSIZE_FORMAT "\r\n\r\n",
                          session, length);
  g_string_append_len (text, json, (gssize) length);

  return answer (self, text->str, text->len);
}

static gboolean
answer_call (Connection *self, guint64 id, gsize size)
{
  static char *fill; /* made once: the upstream shall cost as little as it can */
  g_autofree char *head =
      g_strdup_printf ("{\"jsonrpc\":\"2.0\",\"id\":%" G_GUINT64_FORMAT
                       ",\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"",
                       id);
  const char *tail = "\"}]}}";
  gsize n_around = strlen (head) + strlen (tail);
  g_autoptr (GString) text = g_string_sized_new (size + ANSWER_BYTES_MIN);

  if (fill == NULL)
    fill = g_strnfill (REQUEST_BYTES_MAX, 'x');
  g_string_append (text, head);
  g_string_append_len (text, fill, (gssize) (MAX (size, n_around + 1) - n_around));
  g_string_append (text, tail);

  return answer_json (self, "", text->str, text->len);
}

static gboolean
answer_initialize (Connection *self, guint64 id)
{
  g_autofree char *text =
      g_strdup_printf ("{\"jsonrpc\":\"2.0\",\"id\":%" G_GUINT64_FORMAT
                       ",\"result\":{\"protocolVersion\":\"2025-06-18\",\"capabilities\":"
                       "{\"tools\":{}},\"serverInfo\":{\"name\":\"bench\",\"version\":\"1\"}}}",
                       id);

  return answer_json (self, "Mcp-Session-Id: bench\r\n", text, strlen (text));
}

static gboolean
serve (Connection *self, const char *head, const char *body)
{
  guint64 n_events;

  if (strcasestr (head, authorization) == NULL)
    return answer_empty (self, "401 Unauthorized");
  if (strncmp (head, "GET ", 4) == 0)
    return begin_stream (self) && send_event (self);
  if (strncmp (head, "POST ", 5) != 0)
    return answer_empty (self, "200 OK");
  if (strstr (body, "\"id\":") == NULL)
    return answer_empty (self, "202 Accepted");
  if (strstr (body, "\"initialize\"") != NULL)
    return answer_initialize (self, find_number (body, "\"id\":", 0));

  n_events = find_number (body, "\"events\":", 0);
  if (n_events > 0)
    return begin_events (self, n_events, find_number (body, "\"interval_us\":", 1000));

  return answer_call (self, find_number (body, "\"id\":", 0),
                      MIN (find_number (body, "\"size\":", 1024), REQUEST_BYTES_MAX));
}

/* Serves the first request of what has been read. FALSE: there is none yet. */
static gboolean
take_request (Connection *self, gboolean *is_good)
{
  char *head = (char *) self->input->data;
  char *end = memmem (head, self->input->len, "\r\n\r\n", 4);
  const char *field;
  g_autofree char *body = NULL;
  gsize length;

  if (end == NULL)
    return FALSE;
  *end = '\0';
  field = strcasestr (head, "\r\ncontent-length:");
  length = field != NULL ? g_ascii_strtoull (field + 17, NULL, 10) : 0;
  end[0] = '\r';
  if (length > REQUEST_BYTES_MAX)
    {
      *is_good = FALSE;
      return FALSE;
    }
  if (self->input->len < (gsize) (end + 4 - head) + length)
    return FALSE;

  body = g_strndup (end + 4, length);
  end[2] = '\0';
  *is_good = serve (self, head, body);
  g_byte_array_remove_range (self->input, 0, (guint) (end + 4 - head) + (guint) length);

  return *is_good;
}

static gboolean
on_readable (Connection *self)
{
  guint before = self->input->len;
  gboolean is_good = TRUE;
  gssize n;

  g_byte_array_set_size (self->input, before + READ_BYTES);
  n = recv (self->fd, self->input->data + before, READ_BYTES, 0);
  g_byte_array_set_size (self->input, before + (guint) MAX (n, 0));
  if (n == 0 || (n < 0 && errno != EAGAIN))
    return FALSE;
  while (take_request (self, &is_good))
    ;

  return is_good;
}

static void
on_listener (int listener)
{
  int one = 1;
  int fd = accept4 (listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  Connection *self;

  if (fd < 0)
    return;
  setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  self = g_new0 (Connection, 1);
  self->fd = fd;
  self->timer_fd = -1;
  self->input = g_byte_array_new ();
  watch (fd, EPOLL_CTL_ADD, EPOLLIN, self, FALSE);
}

static void
on_event (const struct epoll_event *event, int listener)
{
  Connection *connection = (Connection *) (guintptr) (event->data.u64 & ~(guint64) 1);
  gboolean is_good = TRUE;

  if (connection == NULL)
    {
      on_listener (listener);
      return;
    }
  if (connection->fd < 0)
    return;
  if ((event->data.u64 & 1) != 0)
    is_good = on_timer (connection);
  else if ((event->events & EPOLLOUT) != 0)
    is_good = flush (connection);
  if ((event->data.u64 & 1) == 0 && is_good && (event->events & (EPOLLIN | EPOLLHUP)) != 0)
    is_good = on_readable (connection);
  if (!is_good)
    connection_close (connection);
}

static int
listen_on (guint16 port)
{
  struct sockaddr_in address = { .sin_family = AF_INET,
                                 .sin_addr.s_addr = htonl (INADDR_LOOPBACK),
                                 .sin_port = htons (port) };
  socklen_t length = sizeof address;
  int one = 1;
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

  setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind (fd, (struct sockaddr *) &address, length) != 0 || listen (fd, 1024) != 0 ||
      getsockname (fd, (struct sockaddr *) &address, &length) != 0)
    {
      perror ("bench-upstream");
      exit (1);
    }
  printf ("READY port=%u\n", ntohs (address.sin_port));
  fflush (stdout);

  return fd;
}

int
main (int argc, char **argv)
{
  struct epoll_event events[EVENTS_PER_TURN];
  int listener;

  if (argc < 2)
    return 2;
  authorization = g_strdup_printf ("\r\nauthorization: Bearer %s\r\n", argv[1]);
  closed = g_ptr_array_new_with_free_func (connection_free);
  epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  listener = listen_on (argc > 2 ? (guint16) strtoul (argv[2], NULL, 10) : 0);
  watch (listener, EPOLL_CTL_ADD, EPOLLIN, NULL, FALSE);

  while (TRUE)
    {
      int n = epoll_wait (epoll_fd, events, EVENTS_PER_TURN, -1);

      for (int i = 0; i < n; i++)
        on_event (&events[i], listener);
      g_ptr_array_set_size (closed, 0);
    }
}
