// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <functional>
#include <gio/gio.h>
#include <libsoup/soup.h>
#include <map>
#include <memory>
#include <string>
#include <vector>

// What stands on the other side of the client's programs in tests: an HTTP server on a UNIX socket
// that plays the agent word by word, and the program itself as a child process. Everything runs in
// the main context of the test; spin() runs it until something is true.

// TRUE when @done became true within ten seconds; a test expects it to.
bool spin (const std::function<bool ()> &done);

// A private directory, removed at the end.
class PrivateDir
{
public:
  PrivateDir ();
  ~PrivateDir ();
  PrivateDir (const PrivateDir &) = delete;
  PrivateDir &operator= (const PrivateDir &) = delete;
  std::string file (const std::string &name) const;

private:
  std::string path_;
};

struct Request
{
  std::string method;
  std::string path; // with the query
  std::string body;
  std::map<std::string, std::string> headers; // names in lower case

  std::string header (const std::string &name) const
  {
    auto found = headers.find (name);

    return found != headers.end () ? found->second : "(none)";
  }
};

// An answer in the making: whole, or a stream that goes on until end().
class Answer
{
public:
  explicit Answer (SoupServerMessage *message);
  ~Answer ();
  Answer (const Answer &) = delete;
  Answer &operator= (const Answer &) = delete;

  void header (const std::string &name, const std::string &value);
  void json (guint status, const std::string &body);
  void text (guint status, const std::string &type, const std::string &body);
  void empty (guint status);
  // A stream: bytes as they are, or a JSON text as one event.
  void stream (guint status = 200, const std::string &type = "text/event-stream");
  void bytes (const std::string &bytes);
  void event (const std::string &data);
  void end ();
  // The client closed the request before it was answered in full.
  bool is_aborted () const
  {
    return is_aborted_;
  }
  // Body bytes that have gone into the socket.
  gsize n_written () const
  {
    return n_written_;
  }
  void abort ()
  {
    is_aborted_ = true;
  }

private:
  SoupServerMessage *message_;
  bool is_aborted_ = false;
  bool is_streaming_ = false;
  gsize n_written_ = 0;
};

using AnswerPtr = std::shared_ptr<Answer>;

class FakeAgent
{
public:
  // Gets each request; keeps the answer to finish it later.
  using Handler = std::function<void (const Request &request, const AnswerPtr &answer)>;

  explicit FakeAgent (Handler handler = nullptr);
  ~FakeAgent ();
  FakeAgent (const FakeAgent &) = delete;
  FakeAgent &operator= (const FakeAgent &) = delete;

  Handler handler;
  std::vector<Request> requests;
  std::vector<AnswerPtr> answers; // the same order

  const std::string &socket () const
  {
    return socket_;
  }
  // "POST /mcp/github" for each request so far.
  std::vector<std::string> lines () const;
  guint n_connections () const
  {
    return n_connections_;
  }
  // Gone, with all its connections.
  void stop ();

private:
  static gboolean on_incoming (GSocketService *service,
                               GSocketConnection *connection,
                               GObject *source,
                               gpointer user_data);
  static void on_request (SoupServer *server,
                          SoupServerMessage *message,
                          const char *path,
                          GHashTable *query,
                          gpointer user_data);
  static void on_aborted (SoupServer *server, SoupServerMessage *message, gpointer user_data);

  PrivateDir dir_;
  std::string socket_;
  SoupServer *server_;
  GSocketService *service_;
  int silent_end_ = -1;
  std::vector<GSocketConnection *> connections_;
  std::map<SoupServerMessage *, AnswerPtr> open_;
  guint n_connections_ = 0;
};

// One of the client's programs with pipes on all three streams.
class Program
{
public:
  Program (const std::string &name,
           const std::vector<std::string> &arguments,
           const std::map<std::string, std::string> &environment = {});
  ~Program ();
  Program (const Program &) = delete;
  Program &operator= (const Program &) = delete;

  void write (const std::string &bytes);
  void close_input ();
  // Lines of stdout so far; nothing is read while @is_reading is off.
  std::vector<std::string> lines;
  std::string errors; // stderr so far
  void set_reading (bool is_reading);
  bool wait_for_lines (gsize n);
  // Closes our end of its stdout.
  void close_output ();
  void signal (int number);
  // The exit status, 128 + n for a signal, -1 if it does not end. Reads the output to its end.
  int wait ();
  std::string output () const; // all lines, each with LF

private:
  void read_output ();
  static void on_output (GObject *source, GAsyncResult *result, gpointer user_data);
  static void on_errors (GObject *source, GAsyncResult *result, gpointer user_data);
  static void on_written (GObject *source, GAsyncResult *result, gpointer user_data);
  static void on_exit (GObject *source, GAsyncResult *result, gpointer user_data);
  void write_next ();

  GSubprocess *process_;
  GCancellable *cancellable_;
  GCancellable *output_cancellable_;
  std::vector<std::string> to_write_;
  std::string partial_;
  char output_chunk_[65536];
  char error_chunk_[4096];
  bool is_reading_ = true;
  bool is_read_pending_ = false;
  bool is_writing_ = false;
  bool closes_input_ = false;
  bool is_output_over_ = false;
  bool are_errors_over_ = false;
  bool has_exited_ = false;
  int n_pending_ = 0;
};

// Path of a program in the build folder.
std::string program_path (const std::string &name);
