/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/oauth/listener.h"

#include "agent/door/listen.h"
#include "protocol/error.h"

#define ACCEPT_PAUSE_MS 200 /* after accepting failed, for want of descriptors */

struct _BfyListener
{
  GSocket *socket;    /* (owned) (nullable) NULL once it has the answer */
  GSource *accepting; /* (owned) (nullable) */
  GPtrArray *visits;  /* (owned) (element-type BfyVisit) the oldest first */
  char *redirect_uri; /* (owned) */
  guint visit_timeout_ms;
  BfyCallbackExpected expected; /* what it points to is owned */
  char *issuer;                 /* (owned) (nullable) the same as in expected */
  gboolean has_answer;
  BfySecret *code; /* (owned) (nullable) of the answer */
  GError *error;   /* (owned) (nullable) the answer, when it is not a code */
  GTask *task;     /* (owned) (nullable) whoever waits */
  GSource *timer;  /* (owned) (nullable) */
  GSource *cancel; /* (owned) (nullable) */
  guint pause_id;
};

static void
drop_source (GSource **source)
{
  if (*source != NULL)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

/* The port is free from here on, and nobody who is still connected is listened to. */
static void
stop_listening (BfyListener *self)
{
  drop_source (&self->accepting);
  drop_source (&self->timer);
  drop_source (&self->cancel);
  g_clear_handle_id (&self->pause_id, g_source_remove);
  if (self->socket != NULL)
    g_socket_close (self->socket, NULL);
  g_clear_object (&self->socket);
}

BfyListener *
bfy_listener_new (guint16 port, guint visit_timeout_ms, GError **error)
{
  g_autoptr (GSocket) socket = bfy_listen_loopback (G_SOCKET_FAMILY_IPV4, port, error);
  BfyListener *self;

  if (socket == NULL)
    return NULL;

  self = g_new0 (BfyListener, 1);
  self->socket = g_steal_pointer (&socket);
  self->visits = g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_visit_free);
  self->visit_timeout_ms = visit_timeout_ms;
  self->expected.port = bfy_listen_get_port (self->socket);
  self->redirect_uri =
      g_strdup_printf ("http://127.0.0.1:%u" BFY_CALLBACK_PATH, self->expected.port);

  return self;
}

void
bfy_listener_free (BfyListener *self)
{
  stop_listening (self);
  g_ptr_array_unref (self->visits);
  g_clear_pointer (&self->expected.state, bfy_secret_unref);
  g_clear_pointer (&self->code, bfy_secret_unref);
  g_clear_error (&self->error);
  g_free (self->issuer);
  g_free (self->redirect_uri);
  g_free (self);
}

guint16
bfy_listener_get_port (const BfyListener *self)
{
  return self->expected.port;
}

const char *
bfy_listener_get_redirect_uri (const BfyListener *self)
{
  return self->redirect_uri;
}

/* Whoever waits may free the listener when called back. */
static void
finish (BfyListener *self)
{
  g_autoptr (GTask) task = g_steal_pointer (&self->task);

  stop_listening (self);
  if (self->error != NULL)
    g_task_return_error (task, g_steal_pointer (&self->error));
  else
    g_task_return_pointer (task, g_steal_pointer (&self->code), (GDestroyNotify) bfy_secret_unref);
}

/* NULL for a code. */
static GError *
new_error (BfyCallbackVerdict verdict, const char *reason)
{
  switch (verdict)
    {
    case BFY_CALLBACK_DENIED:
      return g_error_new_literal (BFY_ERROR, BFY_ERROR_DENIED,
                                  "Access was not granted; nothing was stored");
    case BFY_CALLBACK_REFUSED:
      return g_error_new (BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED,
                          "The authorization server refused the sign-in: %s", reason);
    case BFY_CALLBACK_BAD_ISSUER:
      return g_error_new_literal (BFY_ERROR, BFY_ERROR_DENIED,
                                  "The browser came back with the answer of another server than "
                                  "the one that was asked; it was not used, and nothing was "
                                  "stored");
    case BFY_CALLBACK_NO_CODE:
      return g_error_new_literal (BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED,
                                  "The authorization server sent the browser back without a code");
    case BFY_CALLBACK_FOREIGN:
    case BFY_CALLBACK_ELSEWHERE:
    case BFY_CALLBACK_BAD_METHOD:
    case BFY_CALLBACK_MALFORMED:
    case BFY_CALLBACK_BAD_STATE:
    case BFY_CALLBACK_CODE:
      break;
    }

  return NULL;
}

/* The first answer counts and nothing after it. It is told when its page has gone out. */
static BfyCallbackVerdict
on_request (const BfyCallbackRequest *request, gpointer user_data)
{
  BfyListener *self = user_data;
  g_autoptr (BfySecret) code = NULL;
  const char *reason;
  BfyCallbackVerdict verdict = bfy_callback_judge (request, &self->expected, &code, &reason);

  if (!bfy_callback_is_answer (verdict))
    return verdict;
  if (self->has_answer)
    return BFY_CALLBACK_BAD_STATE;

  self->has_answer = TRUE;
  self->code = g_steal_pointer (&code);
  self->error = new_error (verdict, reason);
  stop_listening (self);

  return verdict;
}

static void
on_visit_end (BfyVisit *visit, gpointer user_data)
{
  BfyListener *self = user_data;

  g_ptr_array_remove (self->visits, visit);
  if (self->has_answer && self->task != NULL)
    finish (self);
}

static void
receive (BfyListener *self, GSocket *socket)
{
  g_autoptr (GSocketConnection) stream = g_socket_connection_factory_create_connection (socket);
  g_autoptr (GSocketAddress) peer = g_socket_get_remote_address (socket, NULL);

  if (!G_IS_INET_SOCKET_ADDRESS (peer) ||
      !g_inet_address_get_is_loopback (
          g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (peer))))
    return;

  if (self->visits->len >= BFY_LISTENER_VISITS_MAX)
    g_ptr_array_remove_index (self->visits, 0);
  g_ptr_array_add (self->visits,
                   bfy_visit_new (stream, self->visit_timeout_ms, on_request, on_visit_end, self));
}

static void begin_accepting (BfyListener *self);

static gboolean
on_pause_over (gpointer user_data)
{
  BfyListener *self = user_data;

  self->pause_id = 0;
  begin_accepting (self);

  return G_SOURCE_REMOVE;
}

static gboolean
on_ready (GSocket *listener, GIOCondition condition, gpointer user_data)
{
  BfyListener *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocket) socket = g_socket_accept (listener, NULL, &error);

  if (socket != NULL)
    {
      receive (self, socket);
      return G_SOURCE_CONTINUE;
    }
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK) ||
      g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED))
    return G_SOURCE_CONTINUE;

  g_warning ("Cannot accept the browser's connection: %s; trying again in a moment",
             error->message);
  self->pause_id = g_timeout_add (ACCEPT_PAUSE_MS, on_pause_over, self);
  g_clear_pointer (&self->accepting, g_source_unref);

  return G_SOURCE_REMOVE;
}

static void
begin_accepting (BfyListener *self)
{
  self->accepting = g_socket_create_source (self->socket, G_IO_IN, NULL);
  g_source_set_callback (self->accepting, G_SOURCE_FUNC (on_ready), self, NULL);
  g_source_attach (self->accepting, g_main_context_get_thread_default ());
}

static gboolean
on_timeout (gpointer user_data)
{
  BfyListener *self = user_data;

  g_set_error_literal (&self->error, BFY_ERROR, BFY_ERROR_UPSTREAM_TIMEOUT,
                       "Nobody came back from the browser in time; nothing was stored");
  finish (self);

  return G_SOURCE_REMOVE;
}

static gboolean
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  BfyListener *self = user_data;

  g_set_error_literal (&self->error, BFY_ERROR, BFY_ERROR_CANCELLED, "The sign-in was cancelled");
  finish (self);

  return G_SOURCE_REMOVE;
}

void
bfy_listener_wait_async (BfyListener *self,
                         const BfyCallbackExpected *expected,
                         guint timeout_ms,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  GMainContext *context = g_main_context_get_thread_default ();

  self->task = g_task_new (NULL, NULL, callback, user_data);
  g_task_set_source_tag (self->task, bfy_listener_wait_async);
  self->expected.state = bfy_secret_ref (expected->state);
  self->expected.issuer = self->issuer = g_strdup (expected->issuer);
  self->expected.sends_iss = expected->sends_iss;
  self->timer = g_timeout_source_new (timeout_ms);
  g_source_set_callback (self->timer, on_timeout, self, NULL);
  g_source_attach (self->timer, context);
  if (cancellable != NULL)
    {
      self->cancel = g_cancellable_source_new (cancellable);
      g_source_set_callback (self->cancel, G_SOURCE_FUNC (on_cancelled), self, NULL);
      g_source_attach (self->cancel, context);
    }
  begin_accepting (self);
}

BfySecret *
bfy_listener_wait_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
