// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// The server's side of a connection of HTTP/2: what is held, and what waits for whom.

#include <map>
#include <string>

#include "tests/unit/matchers.h"

extern "C"
{
#include "client/run/h2.h"
}

namespace
{

enum Kind
{
  kData = 0,
  kHeaders = 1,
  kReset = 3,
  kSettings = 4,
  kWindowUpdate = 8,
};

constexpr int kAck = 1, kEndStream = 1, kEndHeaders = 4;
constexpr size_t kFrame = 16384;

std::string
frame (Kind kind, int flags, guint32 stream, const std::string &payload)
{
  std::string bytes;

  for (int shift : { 16, 8, 0 })
    bytes += static_cast<char> (payload.size () >> shift & 0xff);
  bytes += static_cast<char> (kind);
  bytes += static_cast<char> (flags);
  for (int shift : { 24, 16, 8, 0 })
    bytes += static_cast<char> (stream >> shift & 0xff);

  return bytes + payload;
}

std::string
field (const std::string &name, const std::string &value)
{
  return std::string (1, '\0') + static_cast<char> (name.size ()) + name +
         static_cast<char> (value.size ()) + value;
}

class RunH2 : public testing::Test
{
protected:
  RunH2 ()
  {
    feed ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame (kSettings, 0, 0, ""));
    pull ();
    feed (frame (kSettings, kAck, 0, "")); // its windows count from now on
  }
  ~RunH2 () override
  {
    bfy_run_h2_free (session);
  }

  void feed (const std::string &bytes)
  {
    ASSERT_TRUE (
        bfy_run_h2_feed (session, reinterpret_cast<const guint8 *> (bytes.data ()), bytes.size ()));
  }
  void ask (guint32 stream, int flags = 0)
  {
    feed (frame (kHeaders, kEndHeaders | flags, stream,
                 field (":method", "POST") + field (":scheme", "https") +
                     field (":authority", "a.example") + field (":path", "/")));
  }
  void upload (guint32 stream, size_t length)
  {
    for (size_t sent = 0; sent < length; sent += kFrame)
      {
        feed (frame (kData, 0, stream, std::string (kFrame, 'x')));
        pull ();
      }
  }
  // Counts what has come out, by kind and stream.
  void pull ()
  {
    g_autoptr (GByteArray) out = g_byte_array_new ();

    bfy_run_h2_pull (session, out, G_MAXUINT);
    for (guint at = 0; at + 9 <= out->len;)
      {
        const guint8 *head = out->data + at;
        size_t length = static_cast<size_t> (head[0]) << 16 | head[1] << 8 | head[2];

        frames[{ head[3], head[8] }]++;
        if (head[3] == kData)
          n_data += length;
        at += static_cast<guint> (9 + length);
      }
  }

  static void on_request (BfyRunStream *stream, gpointer self)
  {
    static_cast<RunH2 *> (self)->asked[stream->id] = stream;
  }
  static void on_taken (BfyRunStream *, gpointer self)
  {
    static_cast<RunH2 *> (self)->n_taken++;
  }
  static void on_gone (BfyRunStream *stream, gpointer self)
  {
    static_cast<RunH2 *> (self)->asked.erase (stream->id);
  }
  static void on_output (gpointer)
  {
  }

  const BfyRunH2Events events = { on_request, on_taken, on_gone, on_output };
  BfyRunH2 *session = bfy_run_h2_new (&events, this);
  std::map<gint32, BfyRunStream *> asked;
  std::map<std::pair<int, int>, int> frames;
  size_t n_data = 0;
  int n_taken = 0;
};

} // namespace

TEST_F (RunH2, GivesRoomToTheOldestWhenMuchIsHeld)
{
  for (guint32 stream : { 1, 3, 5 })
    ask (stream);
  upload (3, 40 << 20);
  upload (5, 24 << 20);
  EXPECT_GT ((frames[{ kWindowUpdate, 5 }]), 0);

  frames.clear ();
  upload (5, 100000); // no more than the window has room for
  EXPECT_EQ ((frames[{ kWindowUpdate, 5 }]), 0);
  upload (1, 200000);
  EXPECT_GT ((frames[{ kWindowUpdate, 1 }]), 0);

  // Who is over makes room for others.
  feed (frame (kReset, 0, 3, std::string (3, '\0') + '\x08'));
  pull ();
  EXPECT_GT ((frames[{ kWindowUpdate, 5 }]), 0);
  EXPECT_TRUE (asked.empty ());
}

TEST_F (RunH2, TakesNoMoreThanTheOtherSide)
{
  g_autoptr (SoupMessageHeaders) headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_RESPONSE);
  std::string text (100000, 'x');
  g_autoptr (GBytes) piece = g_bytes_new_static (text.data (), text.size ());

  ask (1, kEndStream);
  ASSERT_EQ (asked.count (1), 1u);
  bfy_run_stream_respond (asked[1], 200, headers);
  bfy_run_stream_append (asked[1], piece);
  pull ();
  EXPECT_EQ (n_data, 65535u);
  EXPECT_EQ (n_taken, 0);

  for (guint32 stream : { 0, 1 })
    feed (frame (kWindowUpdate, 0, stream, std::string ("\0\1\0\0", 4)));
  pull ();
  EXPECT_EQ (n_data, text.size ());
  EXPECT_EQ (n_taken, 1);

  bfy_run_stream_end (asked[1]);
  pull ();
  EXPECT_TRUE (asked.empty ());
}

TEST_F (RunH2, BreaksOffWhatIsNotWhole)
{
  g_autoptr (SoupMessageHeaders) headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_RESPONSE);

  ask (1, kEndStream);
  bfy_run_stream_respond (asked[1], 200, headers);
  pull ();
  bfy_run_stream_break_off (asked[1]);
  pull ();
  EXPECT_EQ ((frames[{ kReset, 1 }]), 1);
  EXPECT_TRUE (asked.empty ());
}
