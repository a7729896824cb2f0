// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <csignal>
#include <fcntl.h>
#include <glib-unix.h>
#include <unistd.h>

#include "tests/unit/client-agent.h"
#include "tests/unit/matchers.h"

extern "C"
{
#include "client/arguments.h"
#include "client/bridge-reply.h"
#include "client/cli.h"
#include "client/commands/add.h"
#include "client/entry.h"
#include "client/inlet.h"
#include "client/mcp-headers.h"
#include "client/mcp-session.h"
#include "client/outlet.h"
#include "protocol/json.h"
}

using testing::ElementsAre;

// The small machines of the client, each alone.

struct ArgumentCase
{
  const char *name;
  std::vector<const char *> words;
  const char *want; // nullptr: refused
};

class ArgumentsTest : public testing::TestWithParam<ArgumentCase>
{
};

TEST_P (ArgumentsTest, BecomeOneJsonObject)
{
  const char *schema_text = R"({"properties":{"id":{"type":"string"},"n":{"type":"integer"},
                                "either":{"type":["null","string"]},"odd":7}})";
  g_autoptr (JsonObject) schema =
      bfy_json_parse_object (schema_text, strlen (schema_text), nullptr);
  std::vector<const char *> words = GetParam ().words;
  Error error;

  words.push_back (nullptr);
  g_autofree char *text = bfy_arguments_build (words.data (), schema, error.out ());
  EXPECT_STREQ (text, GetParam ().want) << error;
  if (GetParam ().want == nullptr)
    {
      EXPECT_TRUE (error.get () != nullptr && error.get ()->domain == BFY_ERROR);
    }
}

INSTANTIATE_TEST_SUITE_P (
    Words,
    ArgumentsTest,
    testing::Values (ArgumentCase{ "Nothing", {}, "{}" },
                     ArgumentCase{ "Object", { R"({"a": 1.0})" }, R"({"a": 1.0})" },
                     ArgumentCase{ "Text", { "a=hello there" }, R"({"a":"hello there"})" },
                     ArgumentCase{ "Empty", { "a=" }, R"({"a":""})" },
                     ArgumentCase{ "Equals", { "a=b=c" }, R"({"a":"b=c"})" },
                     ArgumentCase{ "Number", { "n=7", "m=-1.5e3" }, R"({"n":7,"m":-1.5e3})" },
                     ArgumentCase{ "Literals", { "a=true", "b=null" }, R"({"a":true,"b":null})" },
                     ArgumentCase{ "Nested", { R"(a=[1,{"b":2}])" }, R"({"a":[1,{"b":2}]})" },
                     ArgumentCase{ "SchemaSaysString", { "id=7" }, R"({"id":"7"})" },
                     ArgumentCase{ "SchemaAllowsString", { "either=7" }, R"({"either":"7"})" },
                     ArgumentCase{ "SchemaIsOdd", { "odd=7" }, R"({"odd":7})" },
                     ArgumentCase{ "LeadingZero", { "n=007" }, R"({"n":"007"})" },
                     ArgumentCase{ "QuotedKey", { "a\"b=1" }, R"({"a\"b":1})" },
                     ArgumentCase{ "NoEquals", { "hello" }, nullptr },
                     ArgumentCase{ "NoKey", { "=1" }, nullptr },
                     ArgumentCase{ "Twice", { "a=1", "a=2" }, nullptr },
                     ArgumentCase{ "BadObject", { "{a:1}" }, nullptr },
                     ArgumentCase{ "ObjectAndMore", { "{}", "a=1" }, nullptr },
                     ArgumentCase{ "BadUtf8", { "a=\xff" }, nullptr }),
    case_name<ArgumentCase>);

struct ErrorCase
{
  const char *name, *response;
  BfyErrorCode code;
  const char *message;
};

class McpErrorTest : public testing::TestWithParam<ErrorCase>
{
};

TEST_P (McpErrorTest, TellsTheAgentFromTheServer)
{
  std::string text = GetParam ().response;
  g_autoptr (GError) error = bfy_mcp_error_from_response (text.data (), text.size ());

  EXPECT_EQ (bfy_error_code (error), GetParam ().code);
  EXPECT_STREQ (error->message, GetParam ().message);
}

INSTANTIATE_TEST_SUITE_P (
    Responses,
    McpErrorTest,
    testing::Values (
        ErrorCase{
            "Denied",
            R"({"error":{"code":-31004,"message":"no","data":{"origin":"agent","reason":"denied"}}})",
            BFY_ERROR_DENIED, "no" },
        ErrorCase{
            "NewReason",
            R"({"error":{"code":-31099,"message":"no","data":{"origin":"agent","reason":"x"}}})",
            BFY_ERROR_FAILED, "no" },
        // A server cannot borrow our exit statuses by its number alone.
        ErrorCase{ "ServersOwnNumber",
                   R"({"error":{"code":-31004,"message":"no","data":{"reason":"denied"}}})",
                   BFY_ERROR_UPSTREAM_FAILED, "The server answered with an error: no" },
        ErrorCase{ "NoMessage", R"({"error":{"code":-32602}})", BFY_ERROR_UPSTREAM_FAILED,
                   "The server answered with an error: no reason given" },
        ErrorCase{ "Neither", R"({"id":1})", BFY_ERROR_UPSTREAM_FAILED,
                   "The server’s answer has neither result nor error" }),
    case_name<ErrorCase>);

struct EntryCase
{
  const char *name;
  std::string typed;
  BfyEntryState state;
  const char *want; // nullptr: nothing
};

class EntryTest : public testing::TestWithParam<EntryCase>
{
};

TEST_P (EntryTest, TakesWhatWasMeant)
{
  g_autoptr (BfyEntry) entry = bfy_entry_new ();
  BfyEntryState state = BFY_ENTRY_MORE;

  for (char byte : GetParam ().typed)
    {
      ASSERT_EQ (state, BFY_ENTRY_MORE);
      state = bfy_entry_feed (entry, static_cast<guint8> (byte));
    }
  g_autoptr (BfySecret) secret = bfy_entry_take (entry);
  EXPECT_EQ (state, GetParam ().state);
  EXPECT_STREQ (secret != nullptr ? bfy_secret_peek_text (secret) : nullptr, GetParam ().want);
}

// Behaviour 19.1.
INSTANTIATE_TEST_SUITE_P (
    Keys,
    EntryTest,
    testing::Values (EntryCase{ "Return", "abc\r", BFY_ENTRY_DONE, "abc" },
                     EntryCase{ "Newline", "abc\n", BFY_ENTRY_DONE, "abc" },
                     EntryCase{ "Blanks", "  abc \n", BFY_ENTRY_DONE, "abc" },
                     EntryCase{ "Empty", "\n", BFY_ENTRY_DONE, nullptr },
                     EntryCase{ "OnlyBlanks", "  \n", BFY_ENTRY_DONE, nullptr },
                     EntryCase{ "Backspace", "abx\x7f\x08z\n", BFY_ENTRY_DONE, "az" },
                     EntryCase{ "BackspaceAtStart",
                                "\x7f"
                                "a\n",
                                BFY_ENTRY_DONE, "a" },
                     EntryCase{ "BackspaceOverUtf8", "a\xc3\xbc\x7f\n", BFY_ENTRY_DONE, "a" },
                     EntryCase{ "Kill", "wrong\x15right\n", BFY_ENTRY_DONE, "right" },
                     EntryCase{ "ArrowKeys", "a\x1b[Db\x1bOHc\n", BFY_ENTRY_DONE, "abc" },
                     EntryCase{ "Paste", "\x1b[200~token\x1b[201~\n", BFY_ENTRY_DONE, "token" },
                     EntryCase{ "OtherControls", "a\x01\tb\n", BFY_ENTRY_DONE, "ab" },
                     EntryCase{ "EndAfterText", "abc\x04", BFY_ENTRY_DONE, "abc" },
                     EntryCase{ "EndAtStart", "\x04", BFY_ENTRY_CANCELLED, nullptr },
                     EntryCase{ "Interrupt", "ab\x03", BFY_ENTRY_CANCELLED, "ab" }),
    case_name<EntryCase>);

TEST (Entry, HasRoomForLongTokensAndAnEnd)
{
  g_autoptr (BfyEntry) entry = bfy_entry_new ();

  for (gsize i = 0; i < BFY_SECRET_BYTES_MAX; i++)
    ASSERT_EQ (bfy_entry_feed (entry, 'x'), BFY_ENTRY_MORE);
  EXPECT_EQ (bfy_entry_feed (entry, 'x'), BFY_ENTRY_TOO_LONG);
}

using InletPtr = std::unique_ptr<BfyInlet, decltype (&bfy_inlet_free)>;

// Lines as the inlet reports them: text, "(long)" or "(end)".
class InletTest : public testing::Test
{
protected:
  InletTest ()
  {
    EXPECT_TRUE (g_unix_open_pipe (fds, FD_CLOEXEC, nullptr));
  }
  ~InletTest () override
  {
    close (fds[0]);
    if (fds[1] >= 0)
      close (fds[1]);
  }

  static void on_line (BfyInletEvent event, const char *line, gsize length, gpointer user_data)
  {
    auto *self = static_cast<InletTest *> (user_data);

    switch (event)
      {
      case BFY_INLET_LINE:
        self->lines.push_back (std::string (line, length));
        break;
      case BFY_INLET_TOO_LONG:
        self->lines.push_back ("(long)");
        break;
      case BFY_INLET_END:
        self->lines.push_back ("(end)");
        break;
      }
  }

  void write_all (const std::string &bytes)
  {
    ASSERT_EQ (write (fds[1], bytes.data (), bytes.size ()), static_cast<gssize> (bytes.size ()));
  }

  void end ()
  {
    close (fds[1]);
    fds[1] = -1;
    EXPECT_TRUE (spin ([this] { return !lines.empty () && lines.back () == "(end)"; }));
  }

  int fds[2];
  std::vector<std::string> lines;
};

TEST_F (InletTest, FindsLinesWhereverTheyAreCut)
{
  InletPtr inlet (bfy_inlet_new (fds[0], 100, on_line, this), bfy_inlet_free);

  write_all ("one\ntw");
  EXPECT_TRUE (spin ([this] { return lines.size () == 1; }));
  write_all ("o\n\nthree");
  EXPECT_TRUE (spin ([this] { return lines.size () == 3; }));
  end ();
  EXPECT_THAT (lines, ElementsAre ("one", "two", "", "three", "(end)"));
}

TEST_F (InletTest, SkipsALineOverTheCapToItsEnd)
{
  InletPtr inlet (bfy_inlet_new (fds[0], 10, on_line, this), bfy_inlet_free);

  write_all ("0123456789\n0123456789x\n");
  EXPECT_TRUE (spin ([this] { return lines.size () == 2; }));
  write_all ("01234567");
  g_main_context_iteration (nullptr, TRUE);
  write_all ("89ab");
  g_main_context_iteration (nullptr, TRUE);
  write_all ("cdef\nok\n0123456789abc");
  end ();
  EXPECT_THAT (lines, ElementsAre ("0123456789", "(long)", "(long)", "ok", "(long)", "(end)"));
}

TEST_F (InletTest, ReadsNothingWhilePaused)
{
  InletPtr inlet (bfy_inlet_new (fds[0], 10, on_line, this), bfy_inlet_free);

  bfy_inlet_set_paused (inlet.get (), TRUE);
  write_all ("a\n");
  while (g_main_context_iteration (nullptr, FALSE))
    continue;
  EXPECT_THAT (lines, ElementsAre ());
  bfy_inlet_set_paused (inlet.get (), FALSE);
  EXPECT_TRUE (spin ([this] { return lines.size () == 1; }));
}

static void
on_outlet (BfyOutletEvent event, gpointer user_data)
{
  static_cast<std::vector<BfyOutletEvent> *> (user_data)->push_back (event);
}

TEST_F (InletTest, OutletNeverBlocksAndLosesNothing)
{
  std::vector<BfyOutletEvent> events;
  g_autoptr (BfyOutlet) outlet = bfy_outlet_new (fds[1], 100000, on_outlet, &events);
  gsize n_lines = 0;

  // A blocking pipe that nobody reads: this returns all the same.
  EXPECT_EQ (fcntl (fds[1], F_GETFL) & O_NONBLOCK, 0);
  for (; !bfy_outlet_is_full (outlet); n_lines++)
    bfy_outlet_push_take (outlet, g_string_new (std::string (9999, 'a').c_str ()));
  EXPECT_GE (n_lines, 10u);
  EXPECT_EQ (events.size (), 0u);

  InletPtr inlet (bfy_inlet_new (fds[0], 100000, on_line, this), bfy_inlet_free);
  EXPECT_TRUE (spin ([&] { return lines.size () == n_lines; }));
  EXPECT_TRUE (bfy_outlet_is_empty (outlet));
  EXPECT_EQ (events.front (), BFY_OUTLET_DRAINED);
  EXPECT_THAT (lines, testing::Each (std::string (9999, 'a')));
}

struct PrefixCase
{
  const char *name, *prefix, *want;
};

class PrefixTest : public testing::TestWithParam<PrefixCase>
{
};

TEST_P (PrefixTest, AWordIsFollowedByASpace)
{
  EXPECT_EQ (take_text (bfy_add_complete_prefix (GetParam ().prefix)), GetParam ().want);
}

INSTANTIATE_TEST_SUITE_P (Prefixes,
                          PrefixTest,
                          testing::Values (PrefixCase{ "Word", "Token", "Token " },
                                           PrefixCase{ "WithSpace", "Token ", "Token " },
                                           PrefixCase{ "Sign", "key=", "key=" },
                                           PrefixCase{ "Empty", "", "" }),
                          case_name<PrefixCase>);

// Ctrl-C in the very moment in which a wait ends, and right before the next one would begin.

static gboolean
interrupt_and_wake (gpointer user_data)
{
  raise (SIGINT);
  bfy_cli_wake (static_cast<BfyCli *> (user_data));
  return G_SOURCE_REMOVE;
}

static gboolean
wake (gpointer user_data)
{
  bfy_cli_wake (static_cast<BfyCli *> (user_data));
  return G_SOURCE_REMOVE;
}

// In a process of its own: signals and what is remembered of them are the whole program's.
[[noreturn]] static void
wait_twice (GSourceFunc first)
{
  BfyCli cli = {};

  cli.cancellable = g_cancellable_new ();
  cli.loop = g_main_loop_new (nullptr, FALSE);
  g_idle_add (first, &cli);
  bfy_cli_wait (&cli);
  if (cli.signal_number != 0 && g_cancellable_is_cancelled (cli.cancellable))
    _exit (1);
  g_idle_add (interrupt_and_wake, &cli);
  bfy_cli_wait (&cli);
  _exit (cli.signal_number == SIGINT && g_cancellable_is_cancelled (cli.cancellable) ? 2 : 3);
}

[[noreturn]] static void
raise_outside ()
{
  BfyCli cli = {};

  cli.cancellable = g_cancellable_new ();
  cli.loop = g_main_loop_new (nullptr, FALSE);
  g_idle_add (wake, &cli);
  bfy_cli_wait (&cli);
  raise (SIGTERM);
  _exit (3);
}

[[noreturn]] static void
raise_twice ()
{
  BfyCli cli = {};

  cli.cancellable = g_cancellable_new ();
  cli.loop = g_main_loop_new (nullptr, FALSE);
  g_idle_add (interrupt_and_wake, &cli);
  bfy_cli_wait (&cli);
  g_idle_add (interrupt_and_wake, &cli);
  bfy_cli_wait (&cli);
  _exit (3);
}

TEST (CliWaitDeathTest, NoSignalIsLostWhenAWaitEnds)
{
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT (wait_twice (interrupt_and_wake), testing::ExitedWithCode (1), "");
  EXPECT_EXIT (wait_twice (wake), testing::ExitedWithCode (2), "");
  EXPECT_EXIT (raise_outside (), testing::ExitedWithCode (128 + SIGTERM), "");
  EXPECT_EXIT (raise_twice (), testing::ExitedWithCode (128 + SIGINT), "");
}
