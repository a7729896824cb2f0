/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/remote.h"

#include <gio/gunixsocketaddress.h>
#include <glib/gi18n-lib.h>

#include "client/body.h"
#include "protocol/error.h"
#include "protocol/json.h"

#define BASE_URI "http://localhost"
#define REPLY_BYTES_MAX (32 * 1024 * 1024)
/* One program holds one connection per request in flight and keeps a few for the next ones. */
#define CONNECTIONS_MAX 1000

struct _BfyRemote
{
  GObject parent_instance;

  char *socket_path;    /* (owned) */
  SoupSession *session; /* (owned) */
  BfySecret *key;       /* (owned) (nullable) */
};

G_DEFINE_FINAL_TYPE (BfyRemote, bfy_remote, G_TYPE_OBJECT)

/* What a call has gathered; the hint outlives the error on the way to the caller. */
typedef struct
{
  SoupMessage *message; /* (owned) */
  char *hint;           /* (owned) (nullable) */
} CallClosure;

static void
call_closure_free (CallClosure *closure)
{
  g_clear_object (&closure->message);
  g_free (closure->hint);
  g_free (closure);
}

const char *
bfy_remote_get_socket_path (BfyRemote *self)
{
  return self->socket_path;
}

void
bfy_remote_set_key (BfyRemote *self, BfySecret *key)
{
  g_clear_pointer (&self->key, bfy_secret_unref);
  self->key = key != NULL ? bfy_secret_ref (key) : NULL;
}

void
bfy_remote_add_key (BfyRemote *self, SoupMessage *message)
{
  g_auto (BfyWipedText) value = NULL;

  if (self->key == NULL)
    return;

  value = g_strconcat ("Bearer ", bfy_secret_peek_text (self->key), NULL);
  soup_message_headers_replace (soup_message_get_request_headers (message), "Authorization", value);
}

SoupMessage *
bfy_remote_new_message (BfyRemote *self, const char *method, const char *path)
{
  g_autofree char *uri = g_strconcat (BASE_URI, path, NULL);
  SoupMessage *message = soup_message_new (method, uri);

  g_return_val_if_fail (message != NULL, NULL);

  /* The flag only lets libsoup reuse an idle connection for a POST; it never repeats one, because
   * it looks at the method for that. */
  soup_message_add_flags (message, SOUP_MESSAGE_IDEMPOTENT | SOUP_MESSAGE_NO_REDIRECT);
  return message;
}

static gboolean
is_nobody_there (const GError *error)
{
  static const GIOErrorEnum codes[] = { G_IO_ERROR_NOT_FOUND, G_IO_ERROR_CONNECTION_REFUSED,
                                        G_IO_ERROR_NOT_DIRECTORY, G_IO_ERROR_PERMISSION_DENIED };

  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      if (g_error_matches (error, G_IO_ERROR, (int) codes[i]))
        return TRUE;
    }

  return FALSE;
}

GError *
bfy_remote_error_from_io (BfyRemote *self, const GError *cause)
{
  if (cause->domain == BFY_ERROR)
    return g_error_copy (cause);
  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return g_error_new_literal (BFY_ERROR, BFY_ERROR_CANCELLED, _ ("Cancelled"));
  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED))
    return g_error_new (BFY_ERROR, BFY_ERROR_NO_AGENT,
                        _ ("The agent’s socket %s may not be used: permission denied"),
                        self->socket_path);
  if (is_nobody_there (cause))
    return g_error_new (BFY_ERROR, BFY_ERROR_NO_AGENT, _ ("No agent answers on %s"),
                        self->socket_path);

  return g_error_new_literal (BFY_ERROR, BFY_ERROR_FAILED,
                              _ ("The agent closed the connection before it had answered"));
}

gboolean
bfy_remote_probe (BfyRemote *self, GError **error)
{
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (self->socket_path);
  g_autoptr (GError) cause = NULL;
  g_autoptr (GSocket) socket = NULL;

  socket =
      g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, &cause);
  if (socket == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&cause));
      return FALSE;
    }

  g_socket_set_blocking (socket, FALSE);
  if (g_socket_connect (socket, address, NULL, &cause) || !is_nobody_there (cause))
    return TRUE;

  g_propagate_error (error, bfy_remote_error_from_io (self, cause));
  return FALSE;
}

static void
on_sent (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GInputStream) stream = NULL;

  stream = soup_session_send_finish (SOUP_SESSION (source), result, &error);
  if (stream == NULL)
    {
      g_task_return_error (task, bfy_remote_error_from_io (g_task_get_source_object (task), error));
      return;
    }

  g_task_return_pointer (task, g_steal_pointer (&stream), g_object_unref);
}

void
bfy_remote_send_async (BfyRemote *self,
                       SoupMessage *message,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, bfy_remote_send_async);
  /* The stream is worth having even when the caller cancels meanwhile: it is closed with it. */
  g_task_set_check_cancellable (task, FALSE);
  soup_session_send_async (self->session, message, G_PRIORITY_DEFAULT, cancellable, on_sent, task);
}

GInputStream *
bfy_remote_send_finish (BfyRemote *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* The agent’s sentences are English: who reads another language gets at least the headline in it.
 */
static GError *
new_agent_error (BfyErrorCode code, const char *message)
{
  const char *headline = bfy_error_to_headline (code);
  const char *translated = _ (headline);

  if (translated == headline || g_str_equal (translated, headline))
    return g_error_new_literal (BFY_ERROR, (int) code, message);

  /* Translators: a headline (“Not found”) and the sentence in English that belongs to it. */
  return g_error_new (BFY_ERROR, (int) code, _ ("%s: %s"), translated, message);
}

GError *
bfy_remote_error_from_body (guint status, const char *text, gsize length, char **hint)
{
  g_autoptr (JsonObject) body = bfy_json_parse_object (text, length, NULL);
  BfyErrorCode code = BFY_ERROR_FAILED;
  const char *wire = NULL;
  const char *message = NULL;
  const char *next = NULL;

  if (body == NULL || !bfy_json_get_string (body, "error", &wire, NULL) ||
      !bfy_json_get_string (body, "message", &message, NULL) || message == NULL)
    return g_error_new (BFY_ERROR, BFY_ERROR_FAILED, _ ("The agent answered with HTTP status %u"),
                        status);

  /* A name of a newer agent stays a plain failure; its sentence still helps. */
  if (!bfy_error_from_wire (wire, &code))
    code = BFY_ERROR_FAILED;
  if (hint != NULL && bfy_json_get_string (body, "hint", &next, NULL))
    *hint = g_strdup (next);

  return new_agent_error (code, message);
}

static void
finish_call (GTask *task, GBytes *body)
{
  CallClosure *closure = g_task_get_task_data (task);
  guint status = soup_message_get_status (closure->message);
  GError *error = NULL;
  JsonObject *reply;
  gsize length = 0;
  const char *text = g_bytes_get_data (body, &length);

  if (!SOUP_STATUS_IS_SUCCESSFUL (status))
    {
      g_task_return_error (task, bfy_remote_error_from_body (status, text, length, &closure->hint));
      return;
    }

  reply = length > 0 ? bfy_json_parse_object (text, length, &error) : json_object_new ();
  if (reply == NULL)
    {
      g_prefix_error (&error, _ ("The agent’s answer cannot be read: "));
      g_task_return_error (task, error);
      return;
    }

  g_task_return_pointer (task, reply, (GDestroyNotify) json_object_unref);
}

static void
on_call_body (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) body = bfy_body_read_finish (result, &error);

  if (body == NULL)
    {
      g_task_return_error (task, bfy_remote_error_from_io (g_task_get_source_object (task), error));
      return;
    }

  finish_call (task, body);
}

static void
on_call_sent (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GInputStream) stream = NULL;
  CallClosure *closure = g_task_get_task_data (task);
  GCancellable *cancellable = g_task_get_cancellable (task);

  stream = bfy_remote_send_finish (BFY_REMOTE (source), result, &error);
  if (stream == NULL)
    {
      closure->hint = bfy_error_format_hint (bfy_error_code (error), NULL);
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  bfy_body_read_async (stream, REPLY_BYTES_MAX, cancellable, on_call_body, g_steal_pointer (&task));
}

void
bfy_remote_call_async (BfyRemote *self,
                       const BfyCall *call,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  CallClosure *closure = g_new0 (CallClosure, 1);

  closure->message = bfy_remote_new_message (self, call->method, call->path);
  if (call->body != NULL)
    soup_message_set_request_body_from_bytes (closure->message, "application/json", call->body);
  g_task_set_source_tag (task, bfy_remote_call_async);
  g_task_set_task_data (task, closure, (GDestroyNotify) call_closure_free);
  bfy_remote_send_async (self, closure->message, cancellable, on_call_sent, task);
}

JsonObject *
bfy_remote_call_finish (BfyRemote *self, GAsyncResult *result, char **hint, GError **error)
{
  GTask *task = G_TASK (result);
  CallClosure *closure = g_task_get_task_data (task);

  if (hint != NULL)
    *hint = g_steal_pointer (&closure->hint);

  return g_task_propagate_pointer (task, error);
}

BfyRemote *
bfy_remote_new (const char *socket_path)
{
  BfyRemote *self = g_object_new (BFY_TYPE_REMOTE, NULL);
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (socket_path);

  self->socket_path = g_strdup (socket_path);
  /* Without the explicit NULL the default proxy resolver would load GIO's modules and talk to the
   * session bus: that costs more than everything else at start-up. The agent has deadlines of its
   * own, and what waits for a person or an event may be silent for longer than libsoup's minute. */
  self->session = soup_session_new_with_options (
      "remote-connectable", address, "proxy-resolver", NULL, "max-conns", CONNECTIONS_MAX,
      "max-conns-per-host", CONNECTIONS_MAX, "timeout", 0, NULL);
  soup_session_remove_feature_by_type (self->session, SOUP_TYPE_AUTH_MANAGER);
  soup_session_remove_feature_by_type (self->session, SOUP_TYPE_CONTENT_DECODER);
  return self;
}

static void
bfy_remote_finalize (GObject *object)
{
  BfyRemote *self = BFY_REMOTE (object);

  g_clear_object (&self->session);
  g_clear_pointer (&self->key, bfy_secret_unref);
  g_free (self->socket_path);
  G_OBJECT_CLASS (bfy_remote_parent_class)->finalize (object);
}

static void
bfy_remote_class_init (BfyRemoteClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = bfy_remote_finalize;
}

static void
bfy_remote_init (BfyRemote *self)
{
}
