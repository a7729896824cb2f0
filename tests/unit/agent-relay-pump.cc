// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// The bytes of a relayed database connection: they go on unchanged, the end of one side is the end
// of both, and the kernel is not asked for what it has said is not there.

#include <string>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/fixture/await.h"
#include "tests/unit/matchers.h"

extern "C"
{
#include "agent/database/read-ahead.h"
#include "agent/database/relay-pump.h"
}

namespace
{

// Both ends of a connection: one for the code that is tested, one that the test holds.
class Pair
{
public:
  Pair ()
  {
    int fds[2];

    EXPECT_EQ (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    g_autoptr (GSocket) socket = g_socket_new_from_fd (fds[0], nullptr);
    g_socket_set_blocking (socket, FALSE);
    connection_ = g_socket_connection_factory_create_connection (socket);
    fd_ = fds[1];
  }
  ~Pair ()
  {
    hang_up ();
    g_object_unref (connection_);
  }
  Pair (const Pair &) = delete;
  Pair &operator= (const Pair &) = delete;

  GSocketConnection *connection () const
  {
    return connection_;
  }
  GIOStream *stream () const
  {
    return G_IO_STREAM (connection_);
  }
  void say (const std::string &bytes) const
  {
    EXPECT_EQ (send (fd_, bytes.data (), bytes.size (), MSG_NOSIGNAL | MSG_DONTWAIT),
               static_cast<ssize_t> (bytes.size ()));
  }
  // What is there now.
  std::string hear () const
  {
    char bytes[64 * 1024];
    const ssize_t n = recv (fd_, bytes, sizeof bytes, MSG_DONTWAIT);

    return n > 0 ? std::string (bytes, static_cast<size_t> (n)) : std::string ();
  }
  void hang_up ()
  {
    if (fd_ >= 0)
      close (fd_);
    fd_ = -1;
  }

private:
  GSocketConnection *connection_ = nullptr;
  int fd_ = -1;
};

class RelayPump : public testing::Test
{
protected:
  ~RelayPump () override
  {
    bfy_relay_pump_free (pump_);
    g_byte_array_unref (first_);
    bfy_poller_unref (poller_);
  }
  void start ()
  {
    const BfyRelayPumpSetup setup = { poller_, client_.stream (), server_.stream (), first_ };

    pump_ = bfy_relay_pump_new (
        &setup, [] (gpointer user_data) { *static_cast<bool *> (user_data) = true; }, &ended_);
  }
  // Until so many bytes have come.
  static std::string hear (const Pair &pair, size_t n)
  {
    std::string heard;

    EXPECT_TRUE (wait_until ([&] { return (heard += pair.hear ()).size () >= n; }));
    return heard;
  }

  BfyPoller *poller_ = bfy_poller_new ();
  GByteArray *first_ = g_byte_array_new ();
  Pair client_;
  Pair server_;
  BfyRelayPump *pump_ = nullptr;
  bool ended_ = false;
};

TEST_F (RelayPump, CarriesBothWaysAndCounts)
{
  const std::string hello = "first";
  g_byte_array_append (first_, reinterpret_cast<const guint8 *> (hello.data ()),
                       static_cast<guint> (hello.size ()));
  start ();
  EXPECT_EQ (hear (client_, 5), "first");

  for (int i = 0; i < 3; i++)
    {
      client_.say ("question");
      EXPECT_EQ (hear (server_, 8), "question");
      server_.say ("answer");
      EXPECT_EQ (hear (client_, 6), "answer");
    }
  EXPECT_EQ (bfy_relay_pump_get_n_up (pump_), 24u);
  EXPECT_EQ (bfy_relay_pump_get_n_down (pump_), 23u);
  EXPECT_FALSE (ended_);
}

// The end has no event of its own then.
TEST_F (RelayPump, LastWordsAndTheEndMayComeTogether)
{
  start ();
  client_.say ("question");
  EXPECT_EQ (hear (server_, 8), "question");
  server_.say ("last words");
  server_.hang_up ();

  EXPECT_TRUE (wait_until ([this] { return ended_; }));
  EXPECT_EQ (client_.hear (), "last words");
}

TEST_F (RelayPump, WhatWasThereBeforeIsCarried)
{
  client_.say ("early");
  client_.hang_up ();
  start ();

  EXPECT_TRUE (wait_until ([this] { return ended_; }));
  EXPECT_EQ (server_.hear (), "early");
}

// More than one piece, with a reader that is slower than the writer.
TEST_F (RelayPump, WaitsForWhoReadsSlowly)
{
  const std::string piece (48 * 1024, 'x');
  std::string sent, heard;
  start ();

  for (int i = 0; i < 24; i++)
    {
      const std::string marked = std::to_string (i) + piece;
      server_.say (marked);
      sent += marked;
      EXPECT_TRUE (wait_until ([&] {
        heard += client_.hear ();
        return sent.size () - heard.size () < 2 * piece.size ();
      }));
    }
  EXPECT_TRUE (wait_until ([&] { return (heard += client_.hear ()).size () >= sent.size (); }));
  EXPECT_EQ (heard, sent);
}

class ReadAhead : public testing::Test
{
protected:
  ~ReadAhead () override
  {
    g_object_unref (stream_);
  }
  BfyReadAhead *ahead ()
  {
    return BFY_READ_AHEAD (g_io_stream_get_input_stream (stream_));
  }
  // So many bytes, as TLS asks; "-": none are there; "": the end.
  std::string read (gsize n_max)
  {
    char bytes[64];
    g_autoptr (GError) error = nullptr;
    const gssize n = g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (ahead ()),
                                                               bytes, n_max, nullptr, &error);

    if (n >= 0)
      return std::string (bytes, static_cast<size_t> (n));
    EXPECT_TRUE (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK));
    return "-";
  }

  Pair pair_;
  GIOStream *stream_ = bfy_read_ahead_new (pair_.connection ());
};

TEST_F (ReadAhead, GivesInPiecesWhatCameAtOnce)
{
  pair_.say ("headbody");

  EXPECT_EQ (read (4), "head");
  EXPECT_TRUE (g_pollable_input_stream_is_readable (G_POLLABLE_INPUT_STREAM (ahead ())));
  EXPECT_EQ (read (60), "body");
  EXPECT_EQ (read (4), "-");
}

// Before anybody tells it of what is new.
TEST_F (ReadAhead, AsksEachTimeWhenNobodyWakesIt)
{
  pair_.say ("one");
  EXPECT_EQ (read (60), "one");
  pair_.say ("two");
  EXPECT_EQ (read (60), "two");
  EXPECT_FALSE (bfy_read_ahead_is_drained (ahead ()));
}

TEST_F (ReadAhead, AsksAgainOnceItIsWoken)
{
  bfy_read_ahead_wake (ahead (), FALSE);
  pair_.say ("one");
  EXPECT_EQ (read (60), "one");
  EXPECT_TRUE (bfy_read_ahead_is_drained (ahead ()));
  pair_.say ("two");
  EXPECT_EQ (read (60), "-") << "asked though nobody told of anything";

  bfy_read_ahead_wake (ahead (), FALSE);
  EXPECT_EQ (read (60), "two");
}

TEST_F (ReadAhead, SeesAnEndThatCameWithTheLastBytes)
{
  pair_.say ("one");
  pair_.hang_up ();
  bfy_read_ahead_wake (ahead (), TRUE);

  EXPECT_EQ (read (60), "one");
  EXPECT_FALSE (bfy_read_ahead_is_drained (ahead ()));
  EXPECT_EQ (read (60), "");
}

// What a handshake waits on.
TEST_F (ReadAhead, TellsWhoWaitsOfWhatIsHere)
{
  pair_.say ("headbody");
  EXPECT_EQ (read (4), "head");
  g_autoptr (GSource) source =
      g_pollable_input_stream_create_source (G_POLLABLE_INPUT_STREAM (ahead ()), nullptr);
  bool told = false;
  const auto on_told = [] (GObject *, gpointer user_data) -> gboolean {
    *static_cast<bool *> (user_data) = true;
    return G_SOURCE_REMOVE;
  };

  g_source_set_callback (source, G_SOURCE_FUNC (+on_told), &told, nullptr);
  g_source_attach (source, nullptr);
  EXPECT_TRUE (wait_until ([&] { return told; }));
}

} // namespace
