// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/client-agent.h"

#include <algorithm>
#include <csignal>
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

static const guint deadline_ms = 10000;

bool
spin (const std::function<bool ()> &done)
{
  gint64 end = g_get_monotonic_time () + deadline_ms * G_TIME_SPAN_MILLISECOND;
  /* Wakes the loop, so that the deadline is noticed. */
  guint tick = g_timeout_add (
      100, [] (gpointer) -> gboolean { return G_SOURCE_CONTINUE; }, nullptr);
  bool is_done = done ();

  while (!is_done && g_get_monotonic_time () < end)
    {
      g_main_context_iteration (nullptr, TRUE);
      is_done = done ();
    }
  g_source_remove (tick);
  return is_done;
}

PrivateDir::PrivateDir ()
{
  g_autofree char *path = g_dir_make_tmp ("bindify-client-XXXXXX", nullptr);

  path_ = path;
}

PrivateDir::~PrivateDir ()
{
  g_autoptr (GDir) dir = g_dir_open (path_.c_str (), 0, nullptr);
  const char *name;

  while (dir != nullptr && (name = g_dir_read_name (dir)) != nullptr)
    g_unlink (file (name).c_str ());
  g_rmdir (path_.c_str ());
}

std::string
PrivateDir::file (const std::string &name) const
{
  return path_ + "/" + name;
}

Answer::Answer (SoupServerMessage *message)
    : message_ (SOUP_SERVER_MESSAGE (g_object_ref (message)))
{
  soup_server_message_pause (message_);
  g_signal_connect_swapped (
      message_, "wrote-body-data",
      G_CALLBACK (+[] (Answer *self, guint n_bytes) { self->n_written_ += n_bytes; }), this);
}

Answer::~Answer ()
{
  g_signal_handlers_disconnect_by_data (message_, this);
  g_object_unref (message_);
}

void
Answer::header (const std::string &name, const std::string &value)
{
  soup_message_headers_replace (soup_server_message_get_response_headers (message_), name.c_str (),
                                value.c_str ());
}

void
Answer::text (guint status, const std::string &type, const std::string &body)
{
  soup_server_message_set_status (message_, status, nullptr);
  soup_server_message_set_response (message_, type.c_str (), SOUP_MEMORY_COPY, body.data (),
                                    body.size ());
  soup_server_message_unpause (message_);
}

void
Answer::json (guint status, const std::string &body)
{
  text (status, "application/json", body);
}

void
Answer::empty (guint status)
{
  soup_server_message_set_status (message_, status, nullptr);
  soup_server_message_unpause (message_);
}

void
Answer::stream (guint status, const std::string &type)
{
  is_streaming_ = true;
  soup_server_message_set_status (message_, status, nullptr);
  header ("Content-Type", type);
  soup_message_headers_set_encoding (soup_server_message_get_response_headers (message_),
                                     SOUP_ENCODING_CHUNKED);
  soup_message_body_set_accumulate (soup_server_message_get_response_body (message_), FALSE);
  soup_server_message_unpause (message_);
}

void
Answer::bytes (const std::string &bytes)
{
  if (is_aborted_)
    return;
  soup_message_body_append (soup_server_message_get_response_body (message_), SOUP_MEMORY_COPY,
                            bytes.data (), bytes.size ());
  soup_server_message_unpause (message_);
}

void
Answer::event (const std::string &data)
{
  bytes ("event: message\ndata: " + data + "\n\n");
}

void
Answer::end ()
{
  if (is_aborted_)
    return;
  soup_message_body_complete (soup_server_message_get_response_body (message_));
  soup_server_message_unpause (message_);
}

FakeAgent::FakeAgent (Handler new_handler)
    : handler (std::move (new_handler)), socket_ (dir_.file ("agent.sock")),
      server_ (soup_server_new (nullptr, nullptr)), service_ (g_socket_service_new ())
{
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (socket_.c_str ());

  // SoupServer closes every connection after one answer while it has no listener of its own. One
  // end of a silent socket pair counts as a listener and never accepts anything.
  int ends[2];
  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
    throw std::runtime_error ("No socket pair");
  silent_end_ = ends[1];
  g_autoptr (GSocket) silent = g_socket_new_from_fd (ends[0], nullptr);
  if (!soup_server_listen_socket (server_, silent, SoupServerListenOptions (0), nullptr))
    throw std::runtime_error ("The socket pair is no listener");

  soup_server_add_handler (server_, nullptr, on_request, this, nullptr);
  g_signal_connect (server_, "request-aborted", G_CALLBACK (on_aborted), this);
  g_signal_connect (service_, "incoming", G_CALLBACK (on_incoming), this);
  if (!g_socket_listener_add_address (G_SOCKET_LISTENER (service_), address, G_SOCKET_TYPE_STREAM,
                                      G_SOCKET_PROTOCOL_DEFAULT, nullptr, nullptr, nullptr))
    throw std::runtime_error ("The fake agent cannot listen");
}

FakeAgent::~FakeAgent ()
{
  stop ();
}

void
FakeAgent::stop ()
{
  if (server_ == nullptr)
    return;

  g_socket_service_stop (service_);
  g_socket_listener_close (G_SOCKET_LISTENER (service_));
  g_unlink (socket_.c_str ());
  for (GSocketConnection *connection : connections_)
    {
      g_socket_shutdown (g_socket_connection_get_socket (connection), TRUE, TRUE, nullptr);
      g_object_unref (connection);
    }
  connections_.clear ();
  soup_server_disconnect (server_);
  open_.clear ();
  answers.clear ();
  g_clear_object (&service_);
  g_clear_object (&server_);
  close (silent_end_);
}

gboolean
FakeAgent::on_incoming (GSocketService *,
                        GSocketConnection *connection,
                        GObject *,
                        gpointer user_data)
{
  auto *self = static_cast<FakeAgent *> (user_data);
  g_autoptr (GSocketAddress) address = g_socket_connection_get_local_address (connection, nullptr);

  self->n_connections_++;
  self->connections_.push_back (G_SOCKET_CONNECTION (g_object_ref (connection)));
  soup_server_accept_iostream (self->server_, G_IO_STREAM (connection), address, address, nullptr);
  return TRUE;
}

void
FakeAgent::on_request (
    SoupServer *, SoupServerMessage *message, const char *path, GHashTable *, gpointer user_data)
{
  auto *self = static_cast<FakeAgent *> (user_data);
  SoupMessageBody *body = soup_server_message_get_request_body (message);
  const char *query = g_uri_get_query (soup_server_message_get_uri (message));
  SoupMessageHeadersIter iter;
  const char *name, *value;
  Request request;

  request.method = soup_server_message_get_method (message);
  request.path = query != nullptr ? std::string (path) + "?" + query : path;
  request.body.assign (body->data != nullptr ? body->data : "", body->length);
  soup_message_headers_iter_init (&iter, soup_server_message_get_request_headers (message));
  while (soup_message_headers_iter_next (&iter, &name, &value))
    {
      g_autofree char *lower = g_ascii_strdown (name, -1);

      request.headers[lower] = value;
    }

  auto answer = std::make_shared<Answer> (message);
  self->requests.push_back (request);
  self->answers.push_back (answer);
  self->open_[message] = answer;
  if (self->handler)
    self->handler (request, answer);
}

void
FakeAgent::on_aborted (SoupServer *, SoupServerMessage *message, gpointer user_data)
{
  auto *self = static_cast<FakeAgent *> (user_data);
  auto found = self->open_.find (message);

  if (found != self->open_.end ())
    found->second->abort ();
}

std::vector<std::string>
FakeAgent::lines () const
{
  std::vector<std::string> lines;

  for (const Request &request : requests)
    lines.push_back (request.method + " " + request.path);
  return lines;
}

std::string
program_path (const std::string &name)
{
  return std::string (BFY_TEST_PROGRAMS_DIR) + "/" + name;
}

Program::Program (const std::string &name,
                  const std::vector<std::string> &arguments,
                  const std::map<std::string, std::string> &environment)
    : cancellable_ (g_cancellable_new ()), output_cancellable_ (g_cancellable_new ())
{
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (static_cast<GSubprocessFlags> (G_SUBPROCESS_FLAGS_STDIN_PIPE |
                                                                G_SUBPROCESS_FLAGS_STDOUT_PIPE |
                                                                G_SUBPROCESS_FLAGS_STDERR_PIPE));
  std::string path = program_path (name);
  std::vector<const char *> words = { path.c_str () };
  g_autoptr (GError) error = nullptr;

  for (const std::string &argument : arguments)
    words.push_back (argument.c_str ());
  words.push_back (nullptr);
  for (const auto &[key, value] : environment)
    g_subprocess_launcher_setenv (launcher, key.c_str (), value.c_str (), TRUE);
  /* A session of its own: no terminal of the developer's takes part. */
  g_subprocess_launcher_set_child_setup (
      launcher, [] (gpointer) { setsid (); }, nullptr, nullptr);

  process_ = g_subprocess_launcher_spawnv (launcher, words.data (), &error);
  if (process_ == nullptr)
    throw std::runtime_error (error->message);

  n_pending_ += 2;
  g_subprocess_wait_async (process_, nullptr, on_exit, this);
  g_input_stream_read_async (g_subprocess_get_stderr_pipe (process_), error_chunk_,
                             sizeof error_chunk_, G_PRIORITY_DEFAULT, cancellable_, on_errors,
                             this);
  read_output ();
}

Program::~Program ()
{
  g_subprocess_force_exit (process_);
  g_cancellable_cancel (cancellable_);
  g_cancellable_cancel (output_cancellable_);
  spin ([this] { return n_pending_ == 0; });
  g_object_unref (process_);
  g_object_unref (cancellable_);
  g_object_unref (output_cancellable_);
}

void
Program::read_output ()
{
  if (!is_reading_ || is_read_pending_ || is_output_over_)
    return;

  is_read_pending_ = true;
  n_pending_++;
  g_input_stream_read_async (g_subprocess_get_stdout_pipe (process_), output_chunk_,
                             sizeof output_chunk_, G_PRIORITY_DEFAULT, output_cancellable_,
                             on_output, this);
}

void
Program::on_output (GObject *source, GAsyncResult *result, gpointer user_data)
{
  auto *self = static_cast<Program *> (user_data);
  gssize n = g_input_stream_read_finish (G_INPUT_STREAM (source), result, nullptr);

  self->n_pending_--;
  self->is_read_pending_ = false;
  if (n <= 0)
    {
      self->is_output_over_ = true;
      if (!self->partial_.empty ())
        self->lines.push_back (self->partial_ + "(no LF)");
      return;
    }

  self->partial_.append (self->output_chunk_, n);
  gsize start = 0;
  for (gsize stop; (stop = self->partial_.find ('\n', start)) != std::string::npos;
       start = stop + 1)
    self->lines.push_back (self->partial_.substr (start, stop - start));
  self->partial_.erase (0, start);
  self->read_output ();
}

void
Program::on_errors (GObject *source, GAsyncResult *result, gpointer user_data)
{
  auto *self = static_cast<Program *> (user_data);
  gssize n = g_input_stream_read_finish (G_INPUT_STREAM (source), result, nullptr);

  if (n <= 0)
    {
      self->n_pending_--;
      self->are_errors_over_ = true;
      return;
    }
  self->errors.append (self->error_chunk_, n);
  g_input_stream_read_async (G_INPUT_STREAM (source), self->error_chunk_, sizeof self->error_chunk_,
                             G_PRIORITY_DEFAULT, self->cancellable_, on_errors, self);
}

void
Program::on_exit (GObject *source, GAsyncResult *result, gpointer user_data)
{
  auto *self = static_cast<Program *> (user_data);

  self->n_pending_--;
  self->has_exited_ = g_subprocess_wait_finish (G_SUBPROCESS (source), result, nullptr);
}

void
Program::set_reading (bool is_reading)
{
  is_reading_ = is_reading;
  read_output ();
}

void
Program::write (const std::string &bytes)
{
  to_write_.push_back (bytes);
  write_next ();
}

void
Program::close_input ()
{
  closes_input_ = true;
  write_next ();
}

void
Program::write_next ()
{
  GOutputStream *input = g_subprocess_get_stdin_pipe (process_);

  if (is_writing_)
    return;
  if (to_write_.empty ())
    {
      if (closes_input_)
        g_output_stream_close (input, nullptr, nullptr);
      return;
    }

  is_writing_ = true;
  n_pending_++;
  g_output_stream_write_all_async (input, to_write_.front ().data (), to_write_.front ().size (),
                                   G_PRIORITY_DEFAULT, cancellable_, on_written, this);
}

void
Program::on_written (GObject *source, GAsyncResult *result, gpointer user_data)
{
  auto *self = static_cast<Program *> (user_data);

  g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, nullptr, nullptr);
  self->n_pending_--;
  self->is_writing_ = false;
  self->to_write_.erase (self->to_write_.begin ());
  self->write_next ();
}

void
Program::close_output ()
{
  GInputStream *output = g_subprocess_get_stdout_pipe (process_);

  // A read that is under way keeps the pipe open.
  is_reading_ = false;
  g_cancellable_cancel (output_cancellable_);
  spin ([this] { return !is_read_pending_; });
  g_input_stream_close (output, nullptr, nullptr);
}

bool
Program::wait_for_lines (gsize n)
{
  return spin ([this, n] { return lines.size () >= n; });
}

void
Program::signal (int number)
{
  g_subprocess_send_signal (process_, number);
}

int
Program::wait ()
{
  if (!spin ([this] { return has_exited_ && is_output_over_ && are_errors_over_; }))
    return -1;
  return g_subprocess_get_if_exited (process_) ? g_subprocess_get_exit_status (process_)
                                               : 128 + g_subprocess_get_term_sig (process_);
}

std::string
Program::output () const
{
  std::string all;

  for (const std::string &line : lines)
    all += line + "\n";
  return all;
}
