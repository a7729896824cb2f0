// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// The pure parts of local servers: lines, ids, eras, plans, and what is kept of their errors.

#include <cstring>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/fixture/private-dirs.h"
#include "tests/unit/matchers.h"

extern "C"
{
#include "agent/child/handover.h"
#include "agent/child/home.h"
#include "agent/child/interview.h"
#include "agent/child/launch.h"
#include "agent/child/lines.h"
#include "agent/child/mux.h"
#include "agent/child/replay.h"
#include "agent/child/tail.h"
#include "agent/child/unit.h"
#include "agent/child/version.h"
#include "protocol/json.h"
}

namespace
{

using ::operator<<; // prints a row by its name

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

void
note_line (const char *line, gsize length, gboolean was_cut, gpointer user_data)
{
  static_cast<std::vector<std::string> *> (user_data)->push_back (std::string (line, length) +
                                                                  (was_cut ? "…" : ""));
}

std::vector<std::string>
cut (const std::string &text, size_t piece, size_t bytes_max)
{
  std::vector<std::string> lines;
  g_autoptr (BfyLines) cutter = bfy_lines_new (bytes_max, note_line, &lines);

  for (size_t at = 0; at < text.size (); at += piece)
    {
      // A copy, so that reading beyond the piece is found.
      std::string bytes = text.substr (at, piece);

      bfy_lines_feed (cutter, bytes.data (), bytes.size ());
    }
  bfy_lines_finish (cutter);
  return lines;
}

} // namespace

struct LinesCase
{
  const char *name;
  std::string text;
  std::vector<std::string> want; // with a limit of 8 bytes
};

class Lines : public testing::TestWithParam<LinesCase>
{
};

TEST_P (Lines, AreTheSameHoweverTheyArrive)
{
  for (size_t piece = 1; piece <= 24; piece++)
    EXPECT_EQ (cut (GetParam ().text, piece, 8), GetParam ().want) << piece;
}

INSTANTIATE_TEST_SUITE_P (
    Texts,
    Lines,
    testing::Values (LinesCase{ "Nothing", "", {} },
                     LinesCase{ "One", "abc\n", { "abc" } },
                     LinesCase{ "Unfinished", "abc\nde", { "abc", "de" } },
                     LinesCase{ "Empty", "\n\n", { "", "" } },
                     LinesCase{ "Crlf", "ab\r\ncd\r\n", { "ab", "cd" } },
                     LinesCase{ "LoneCr", "a\rb\n", { "a\rb" } },
                     LinesCase{ "Longest", "12345678\n", { "12345678" } },
                     LinesCase{ "TooLong", "123456789\nab\n", { "12345678…", "ab" } },
                     LinesCase{
                         "FarTooLong", std::string (100, 'x') + "\nab\n", { "xxxxxxxx…", "ab" } },
                     LinesCase{ "TooLongAtTheEnd", "ab\n123456789", { "ab", "12345678…" } }),
    [] (const auto &info) { return info.param.name; });

// Ids (mcp.md A.9).

class Mux : public testing::Test
{
protected:
  std::string request (const std::string &text, int *owner)
  {
    return take_text (bfy_mux_request (mux, text.data (), text.size (), owner, &number));
  }
  // "KIND owner text"
  std::string receive (const std::string &line)
  {
    static const char *const kinds[] = { "none", "response", "related", "request", "notification" };
    g_auto (BfyMuxMessage) message = {};

    bfy_mux_receive (mux, line.data (), line.size (), &message);
    return std::string (kinds[message.kind]) + " " +
           (message.owner == &first    ? "first"
            : message.owner == &second ? "second"
                                       : "-") +
           (message.text != nullptr ? " " + std::string (message.text, message.length) : "");
  }

  BfyMux *mux = bfy_mux_new (TRUE);
  int first = 1, second = 2;
  guint64 number = 0;

  ~Mux () override
  {
    bfy_mux_free (mux);
  }
};

TEST_F (Mux, RewritesIdsAndNothingElse)
{
  EXPECT_EQ (request ("{ \"id\" : \"x\",\n\"jsonrpc\":\"2.0\",\"method\":\"m\",\"params\":{\"id\":"
                      "\"x\",\"q\":1.50e1}}",
                      &first),
             "{ \"id\" : 1, \"jsonrpc\":\"2.0\",\"method\":\"m\",\"params\":{\"id\":\"x\","
             "\"q\":1.50e1}}");
  EXPECT_EQ (request ("{\"jsonrpc\":\"2.0\",\"method\":\"m\",\"id\":7}", &second),
             "{\"jsonrpc\":\"2.0\",\"method\":\"m\",\"id\":2}");
  EXPECT_EQ (bfy_mux_n_waiting (mux), 2u);
  EXPECT_EQ (receive ("{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{\"id\":2}}"),
             "response second {\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{\"id\":2}}");
  EXPECT_EQ (receive ("{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{}}"), "none -");
  EXPECT_EQ (
      receive ("{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32601,\"message\":\"\"}}"),
      "response first {\"jsonrpc\":\"2.0\",\"id\":\"x\",\"error\":{\"code\":-32601,"
      "\"message\":\"\"}}");
  EXPECT_EQ (bfy_mux_n_waiting (mux), 0u);
}

TEST_F (Mux, RewritesProgressTokens)
{
  EXPECT_EQ (request ("{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"m\",\"params\":{\"_meta\":{"
                      "\"progressToken\":\"t\"}}}",
                      &first),
             "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\",\"params\":{\"_meta\":{"
             "\"progressToken\":1}}}");
  EXPECT_EQ (receive ("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{"
                      "\"progress\":1,\"progressToken\":1}}"),
             "related first {\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{"
             "\"progress\":1,\"progressToken\":\"t\"}}");
  EXPECT_EQ (receive ("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{"
                      "\"progress\":1,\"progressToken\":\"t\"}}"),
             "none -");
}

TEST_F (Mux, RewritesSubscriptions)
{
  request ("{\"jsonrpc\":\"2.0\",\"id\":\"sub\",\"method\":\"subscriptions/listen\"}", &first);
  EXPECT_EQ (receive ("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/tools/list_changed\","
                      "\"params\":{\"_meta\":{\"io.modelcontextprotocol/subscriptionId\":1}}}"),
             "related first {\"jsonrpc\":\"2.0\",\"method\":\"notifications/tools/list_changed\","
             "\"params\":{\"_meta\":{\"io.modelcontextprotocol/subscriptionId\":\"sub\"}}}");
  EXPECT_EQ (
      receive ("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{"
               "\"requestId\":1}}"),
      "related first {\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{"
      "\"requestId\":\"sub\"}}");
  EXPECT_EQ (receive ("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"_meta\":{"
                      "\"io.modelcontextprotocol/subscriptionId\":1}}}"),
             "response first {\"jsonrpc\":\"2.0\",\"id\":\"sub\",\"result\":{\"_meta\":{"
             "\"io.modelcontextprotocol/subscriptionId\":\"sub\"}}}");
}

TEST_F (Mux, CancelsByItsOwnNumber)
{
  request ("{\"jsonrpc\":\"2.0\",\"id\":\"a\\u00e4\",\"method\":\"m\"}", &first);
  const std::string cancel = "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\","
                             "\"params\":{\"requestId\":\"aä\"}}";
  EXPECT_EQ (take_text (bfy_mux_pass (mux, cancel.data (), cancel.size ())),
             "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{"
             "\"requestId\":1}}");
  EXPECT_THAT (take_text (bfy_mux_cancel (mux, number)), HasSubstr ("\"requestId\":1,"));
  EXPECT_EQ (bfy_mux_n_waiting (mux), 0u);
  EXPECT_EQ (receive ("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}"), "none -");
  EXPECT_EQ (bfy_mux_cancel (mux, number), nullptr);
  EXPECT_EQ (bfy_mux_pass (mux, cancel.data (), cancel.size ()), nullptr);
}

// A legacy server numbers its own requests, too, and cancels those.
TEST_F (Mux, LeavesTheNumbersOfALegacyServerAlone)
{
  bfy_mux_free (mux);
  mux = bfy_mux_new (FALSE);
  request ("{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"method\":\"m\"}", &first);
  const std::string cancel = "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\","
                             "\"params\":{\"requestId\":1}}";
  EXPECT_EQ (receive (cancel), "notification - " + cancel);
  const std::string ask = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}";
  EXPECT_EQ (receive (ask), "request - " + ask);
  EXPECT_EQ (bfy_mux_n_waiting (mux), 1u);
}

TEST_F (Mux, DropsWhatIsForNobody)
{
  request ("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\"}", &first);
  for (const char *line : { "", "{}", "[]", "null", "{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{}}",
                            "{\"jsonrpc\":\"2.0\",\"id\":null,\"result\":{}}",
                            "{\"jsonrpc\":\"2.0\",\"id\":1.5,\"result\":{}}",
                            "{\"jsonrpc\":\"2.0\",\"id\":-1,\"result\":{}}",
                            "{\"jsonrpc\":\"2.0\",\"id\":18446744073709551617,\"result\":{}}",
                            "{\"jsonrpc\":\"2.0\",\"id\":1,\"id\":1,\"result\":{}}",
                            "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}",
                            "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\xff}" })
    EXPECT_EQ (receive (line), "none -") << line;
  EXPECT_EQ (bfy_mux_n_waiting (mux), 1u);
}

// Versions (mcp.md A.5, A.6).

TEST (Version, BelongsToOneEraOrNone)
{
  for (const char *modern : { "2026-07-28", "2026-12-01", "2030-01-01" })
    EXPECT_TRUE (bfy_version_is_modern (modern) && !bfy_version_is_legacy (modern)) << modern;
  for (const char *legacy : { "2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25" })
    EXPECT_TRUE (bfy_version_is_legacy (legacy) && !bfy_version_is_modern (legacy)) << legacy;
  for (const char *none : { "", "x", "2025-06-19", "2026-07-2", "2026-07-28x", "9999/99/99" })
    EXPECT_FALSE (bfy_version_is_legacy (none) || bfy_version_is_modern (none)) << none;
  EXPECT_TRUE (bfy_version_is_legacy (nullptr));
  EXPECT_FALSE (bfy_version_is_modern (nullptr));
}

TEST (Version, NeedsCapabilitiesOfTheClient)
{
  const std::string key = "\"io.modelcontextprotocol/clientCapabilities\":";

  for (const auto &[text, want] :
       std::map<std::string, bool>{ { "{\"params\":{\"_meta\":{" + key + "{}}}}", true },
                                    { "{\"params\":{\"_meta\":{" + key + "null}}}", false },
                                    { "{\"params\":{\"_meta\":{}}}", false },
                                    { "{\"params\":{" + key + "{}}}", false },
                                    { "{\"params\":[]}", false },
                                    { "{}", false } })
    EXPECT_EQ (bfy_version_has_capabilities (text.data (), text.size ()), want) << text;
}

// Plans: what the launcher is told.

class LaunchPlan : public testing::Test
{
protected:
  std::string plan (Error &error)
  {
    g_autoptr (BfySecret) secret = bfy_secret_new ("s3cr3t", 6);
    g_autoptr (BfySecret) text = bfy_launch_plan (program, &place, secret, error.out ());
    gsize length = 0;
    const guint8 *bytes = text != nullptr ? bfy_secret_peek (text, &length) : nullptr;
    std::string words (reinterpret_cast<const char *> (bytes), length);

    for (char &c : words)
      c = c == '\0' ? ' ' : c;
    return words;
  }

  ~LaunchPlan () override
  {
    bfy_program_free (program);
  }

  const char *environment[5] = { "PATH=/usr/bin", "X=1", "TMPDIR=/t",
                                 "DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/1/bus", nullptr };
  const char *hidden[1] = { nullptr };
  BfyProgram *program = bfy_program_new ();
  BfyPlace place = { "l",        nullptr,    "local", "/usr/bin/bwrap", environment,
                     "/home/me", "/private", hidden,  nullptr };
};

TEST_F (LaunchPlan, SaysNothingThatWasNotAskedFor)
{
  Error error;

  program->has_sandbox = FALSE;
  EXPECT_EQ (plan (error), "PATH=/usr/bin HOME=/home/me LANG=C.UTF-8 TMPDIR=/t ");
  program->delivery = BFY_DELIVER_ENV;
  program->variable = g_strdup ("TOKEN");
  program->pass[0] = nullptr;
  EXPECT_THAT (plan (error), testing::EndsWith (" TOKEN=s3cr3t "));
  program->delivery = BFY_DELIVER_FD;
  EXPECT_THAT (plan (error), testing::EndsWith (" TOKEN=3 "));
  EXPECT_THAT (plan (error), Not (HasSubstr ("s3cr3t")));
}

TEST_F (LaunchPlan, ConfinesTheProgram)
{
  Error error;
  std::string words = plan (error);

  for (const char *part :
       { "--unshare-user", "--unshare-pid", "--unshare-ipc", "--die-with-parent", "--clearenv",
         "--cap-drop ALL", "--proc /proc", "--ro-bind-try /proc/sys /proc/sys",
         "--ro-bind-try /proc/sysrq-trigger /proc/sysrq-trigger", "--tmpfs /tmp",
         "--bind /private /home/me" })
    EXPECT_THAT (words, HasSubstr (part));
  for (const char *part : { "--unshare-net", "/run", "/var", "--share-net", " / ", "X 1" })
    EXPECT_THAT (words, Not (HasSubstr (part)));
  program->has_network = FALSE;
  EXPECT_THAT (plan (error), HasSubstr ("--unshare-net"));
}

// Whoever shares the network reaches abstract sockets.
TEST_F (LaunchPlan, IsRefusedBesideAnAbstractBus)
{
  Error error;

  environment[3] = "DBUS_SESSION_BUS_ADDRESS=unix:abstract=/tmp/dbus-x";
  EXPECT_EQ (plan (error), "");
  EXPECT_THAT (error, FailsWith (BFY_ERROR_UNSUPPORTED));
  program->has_network = FALSE;
  EXPECT_NE (plan (error), "");
}

TEST (LaunchLookup, TakesWholeNames)
{
  const char *const environment[] = { "AB=1", "A=2", "A=3", nullptr };

  EXPECT_STREQ (bfy_launch_lookup (environment, "A"), "2");
  EXPECT_EQ (bfy_launch_lookup (environment, "B"), nullptr);
  EXPECT_EQ (bfy_launch_lookup (nullptr, "A"), nullptr);
}

// Units of systemd.

struct OwnUnitCase
{
  const char *name, *exec_pid, *cgroup, *want;
};

class OwnUnit : public testing::TestWithParam<OwnUnitCase>
{
};

TEST_P (OwnUnit, IsFound)
{
  g_autofree char *unit = bfy_unit_find_own (GetParam ().exec_pid, 42, GetParam ().cgroup);

  EXPECT_STREQ (unit, GetParam ().want);
}

INSTANTIATE_TEST_SUITE_P (
    Table,
    OwnUnit,
    testing::Values (
        OwnUnitCase{ "Service", "42", "0::/user.slice/user@1.service/app.slice/bindify.service\n",
                     "bindify.service" },
        OwnUnitCase{ "Hybrid", "42", "3:cpu:/\n1:name=systemd:/a/b.service\n0::/\n", "b.service" },
        OwnUnitCase{ "OtherControllers", "42", "3:cpu:/a/b.service\n0::/\n", nullptr },
        // Of a terminal that systemd has started.
        OwnUnitCase{ "Inherited", "41", "0::/a/terminal.service\n", nullptr },
        OwnUnitCase{ "Scope", "42", "0::/a/app-terminal-1.scope\n", nullptr },
        OwnUnitCase{ "NoSystemd", nullptr, "0::/a/b.service\n", nullptr },
        OwnUnitCase{ "NotANumber", "42x", "0::/a/b.service\n", nullptr },
        OwnUnitCase{ "NoText", "42", nullptr, nullptr },
        OwnUnitCase{ "Root", "42", "0::/", nullptr }),
    [] (const auto &info) { return std::string (info.param.name); });

class Handover : public testing::Test
{
protected:
  Handover ()
  {
    EXPECT_EQ (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  }
  ~Handover () override
  {
    close (ends[0]);
    close (ends[1]);
  }

  int ends[2];
};

TEST_F (Handover, BringsDescriptors)
{
  for (bool has_secret : { true, false })
    {
      int fds[BFY_HANDOVER_N], got[BFY_HANDOVER_N];

      std::fill (std::begin (fds), std::end (fds), STDERR_FILENO);
      fds[BFY_HANDOVER_SECRET] = has_secret ? STDERR_FILENO : -1;
      ASSERT_TRUE (bfy_handover_send (ends[0], fds));
      ASSERT_TRUE (bfy_handover_receive (ends[1], got));
      EXPECT_EQ (got[BFY_HANDOVER_SECRET] >= 0, has_secret);
      for (int fd : got)
        if (fd >= 0)
          {
            EXPECT_NE (fcntl (fd, F_GETFD) & FD_CLOEXEC, 0);
            close (fd);
          }
    }
}

TEST_F (Handover, IsNothingElse)
{
  int got[BFY_HANDOVER_N];

  // Bytes alone.
  ASSERT_EQ (write (ends[0], "x", 1), 1);
  EXPECT_FALSE (bfy_handover_receive (ends[1], got));
  // Nobody there.
  close (ends[0]);
  ends[0] = -1;
  EXPECT_FALSE (bfy_handover_receive (ends[1], got));
}

// The last words.

TEST (Tail, KeepsTheLastLinesWithoutSecrets)
{
  g_autoptr (BfySecret) secret = bfy_secret_new ("top-secret-value", 16);
  const BfyLeakEntry entry = { secret, 0 };
  g_autoptr (BfyLeakSet) leaks = bfy_leak_set_new (&entry, 1);
  g_autoptr (BfyTail) tail = bfy_tail_new ();

  for (int i = 0; i < BFY_TAIL_LINES_MAX + 5; i++)
    {
      std::string line = "line " + std::to_string (i) + " top-secret-value \xff";

      bfy_tail_add (tail, leaks, line.data (), line.size (), FALSE, 1000);
    }
  bfy_tail_add (tail, leaks, "cut top-secr", 12, TRUE, 1000);
  g_autoptr (JsonArray) lines = bfy_tail_to_json (tail);
  g_autoptr (JsonNode) node = json_node_init_array (json_node_alloc (), lines);
  std::string text = take_text (bfy_json_node_to_text (node, nullptr));

  EXPECT_EQ (json_array_get_length (lines), static_cast<guint> (BFY_TAIL_LINES_MAX));
  EXPECT_EQ (bfy_tail_n_dropped (tail), 6u);
  EXPECT_THAT (text, HasSubstr ("line 204 [REDACTED]"));
  EXPECT_THAT (text, Not (HasSubstr ("top-s")));
  EXPECT_THAT (text, HasSubstr ("cut …"));
}

// Private homes.

TEST (Home, IsRemovedWithoutFollowingLinks)
{
  TempDir dir;
  std::string base = dir.path ("homes"), outside = dir.path ("outside");
  Error error;
  g_autofree char *home = bfy_home_make (base.c_str (), "id", error.out ());

  ASSERT_NE (home, nullptr) << error;
  std::filesystem::create_directories (outside);
  write_file (outside + "/kept", "x");
  std::filesystem::create_directories (std::string (home) + "/a/b/c");
  write_file (std::string (home) + "/a/b/file", "x");
  std::filesystem::create_directory_symlink (outside, std::string (home) + "/a/link");
  std::filesystem::create_directory_symlink (outside, base + "/other");
  std::filesystem::permissions (std::string (home) + "/a", std::filesystem::perms::none);
  bfy_home_remove (base.c_str (), "id");
  bfy_home_remove (base.c_str (), "other");
  EXPECT_TRUE (std::filesystem::is_empty (base));
  EXPECT_EQ (read_file (outside + "/kept"), "x");
}

TEST (Home, OfNobodyIsSweptAway)
{
  TempDir dir;
  std::string base = dir.path ("homes");
  Error error;

  for (const char *name : { "used", "unused" })
    g_free (bfy_home_make (base.c_str (), name, error.out ()));
  bfy_home_sweep (
      base.c_str (),
      [] (const char *name, gpointer) -> gboolean { return strcmp (name, "used") == 0; }, nullptr);
  EXPECT_TRUE (std::filesystem::exists (base + "/used"));
  EXPECT_FALSE (std::filesystem::exists (base + "/unused"));
}

TEST (Home, OfSomebodyElseIsRefused)
{
  TempDir dir;
  Error error;

  std::filesystem::create_directory (dir.path ("homes"));
  std::filesystem::permissions (dir.path ("homes"), std::filesystem::perms::all);
  EXPECT_EQ (bfy_home_make (dir.path ("homes").c_str (), "id", error.out ()), nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_UNSAFE_PATH));
}

TEST_F (LaunchPlan, SharesNoLinksAndNothingHidden)
{
  TempDir dir;
  std::string real = dir.path ("real"), link = dir.path ("link");
  Error error;

  std::filesystem::create_directories (real + "/state");
  std::filesystem::create_directory_symlink (real, link);
  std::string state = real + "/state", key = real + "/key";
  std::ofstream (key) << "k";
  const char *masked[] = { state.c_str (), key.c_str (), nullptr };
  place.hidden = masked;
  for (const auto &[share, is_fine] : std::map<std::string, bool>{
           { real, true }, { link, false }, { state, false }, { dir.path ("nothing"), false } })
    {
      g_strfreev (program->share);
      program->share = g_new0 (char *, 2);
      program->share[0] = g_strdup (share.c_str ());
      EXPECT_EQ (plan (error) != "", is_fine) << share << error;
      if (!is_fine)
        continue;
      EXPECT_THAT (plan (error), HasSubstr ("--ro-bind " + real + " " + real + " --tmpfs " + state +
                                            " --ro-bind /dev/null " + key + " "));
    }
}

// The interview of a trial run.

struct InterviewCase
{
  const char *name;
  std::vector<std::string> lines; // of the server, in the order of its answers
  std::string asked;              // the methods that it was asked
  BfyInterviewState state;
  const char *server;
  gint64 n_tools;
};

class Interview : public testing::TestWithParam<InterviewCase>
{
protected:
  void send (const std::string &line)
  {
    static const std::string kMethod = R"("method":")";
    size_t at = line.find (kMethod);
    std::string word = at == std::string::npos ? "answer" : line.substr (at + kMethod.size ());

    EXPECT_TRUE (bfy_json_check (line.data (), line.size (), nullptr)) << line;
    asked += (asked.empty () ? "" : " ") + word.substr (0, word.find ('"'));
  }

  std::string asked;
};

TEST_P (Interview, AsksOneThingAfterTheOther)
{
  g_autoptr (BfyInterview) interview = bfy_interview_new ();
  g_autofree char *first = bfy_interview_begin (interview);
  BfyInterviewState state = BFY_INTERVIEW_GOES_ON;

  send (first);
  for (const std::string &line : GetParam ().lines)
    {
      g_autoptr (GPtrArray) replies = g_ptr_array_new_with_free_func (g_free);

      EXPECT_EQ (state, BFY_INTERVIEW_GOES_ON) << line;
      state = bfy_interview_take (interview, line.data (), line.size (), replies);
      for (guint i = 0; i < replies->len; i++)
        send (static_cast<char *> (g_ptr_array_index (replies, i)));
    }
  EXPECT_EQ (asked, GetParam ().asked);
  EXPECT_EQ (state, GetParam ().state);
  EXPECT_STREQ (bfy_interview_get_name (interview), GetParam ().server);
  EXPECT_EQ (bfy_interview_n_tools (interview), GetParam ().n_tools);
}

static std::string
answer (int id, const std::string &what)
{
  return R"({"jsonrpc":"2.0","id":)" + std::to_string (id) + "," + what + "}";
}

static const std::string kHello = R"("result":{"serverInfo":{"name":"s","version":"1"}})";
static const std::string kNo = R"("error":{"code":-32601,"message":"no"})";

INSTANTIATE_TEST_SUITE_P (
    Table,
    Interview,
    testing::Values (
        InterviewCase{ "Legacy",
                       { answer (1, kHello), answer (2, R"("result":{"tools":[{},{}]})") },
                       "initialize notifications/initialized tools/list",
                       BFY_INTERVIEW_DONE,
                       "s",
                       2 },
        InterviewCase{
            "Modern",
            { answer (1, kNo),
              answer (2,
                      R"("result":{"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"m"}}})"),
              answer (3, R"("result":{"tools":[]})") },
            "initialize server/discover tools/list",
            BFY_INTERVIEW_DONE,
            "m",
            0 },
        InterviewCase{ "Pages",
                       { answer (1, kHello),
                         answer (2, R"("result":{"tools":[1],"nextCursor":"\u00e4"})"),
                         answer (3, R"("result":{"tools":[1,2]})") },
                       "initialize notifications/initialized tools/list tools/list",
                       BFY_INTERVIEW_DONE,
                       "s",
                       3 },
        InterviewCase{ "NoTools",
                       { answer (1, kHello), answer (2, kNo) },
                       "initialize notifications/initialized tools/list",
                       BFY_INTERVIEW_DONE,
                       "s",
                       -1 },
        InterviewCase{ "NoServer",
                       { answer (1, kNo), answer (2, kNo) },
                       "initialize server/discover",
                       BFY_INTERVIEW_FAILED,
                       nullptr,
                       -1 },
        InterviewCase{
            "SmallTalk",
            { "x", "[]", answer (7, kHello), R"({"jsonrpc":"2.0","id":1,"method":"ping"})",
              R"({"jsonrpc":"2.0","id":"a","method":"roots/list"})",
              R"({"jsonrpc":"2.0","method":"notifications/message"})", answer (1, kHello) },
            "initialize answer answer notifications/initialized tools/list",
            BFY_INTERVIEW_GOES_ON,
            "s",
            -1 },
        InterviewCase{ "OddTypes",
                       { answer (1, R"("result":[])"), answer (2, R"("result":{"tools":{}})") },
                       "initialize notifications/initialized tools/list",
                       BFY_INTERVIEW_DONE,
                       nullptr,
                       -1 }),
    [] (const auto &info) { return std::string (info.param.name); });

// What has been sent, for those who come back.

static std::string
replayed (BfyReplay *replay, guint64 stream, guint64 number)
{
  std::string text;

  bfy_replay_foreach_after (
      replay, stream, number,
      [] (const char *id, const char *json, gsize length, gpointer user_data) {
        *static_cast<std::string *> (user_data) +=
            std::string (id) + "=" + std::string (json, length) + " ";
      },
      &text);
  return text;
}

TEST (Replay, KeepsStreamsApart)
{
  g_autoptr (BfyReplay) replay = bfy_replay_new ();

  for (const auto &[stream, json, want] :
       { std::tuple{ 7, "a", "7-1" }, std::tuple{ 0, "b", "0-2" }, std::tuple{ 7, "c", "7-3" } })
    {
      g_autofree char *id = bfy_replay_add (replay, static_cast<guint64> (stream), json, 1);

      EXPECT_STREQ (id, want);
    }
  g_autofree char *primed = bfy_replay_add (replay, 7, nullptr, 0);
  EXPECT_STREQ (primed, "7-4");
  EXPECT_EQ (replayed (replay, 7, 0), "7-1=a 7-3=c ");
  EXPECT_EQ (replayed (replay, 7, 1), "7-3=c ");
  EXPECT_EQ (replayed (replay, 0, 0), "0-2=b ");
  EXPECT_EQ (replayed (replay, 7, G_MAXUINT64), "");
  EXPECT_EQ (replayed (replay, 8, 0), "");
}

TEST (Replay, ForgetsTheOldest)
{
  g_autoptr (BfyReplay) replay = bfy_replay_new ();
  std::string large (BFY_REPLAY_BYTES_MAX, 'x');

  for (int i = 0; i < BFY_REPLAY_EVENTS_MAX + 1; i++)
    g_free (bfy_replay_add (replay, 1, "y", 1));
  EXPECT_THAT (replayed (replay, 1, 0), testing::StartsWith ("1-2=y "));
  g_free (bfy_replay_add (replay, 1, large.data (), large.size ()));
  EXPECT_THAT (replayed (replay, 1, 0), testing::StartsWith ("1-66=xxx"));
  // Too large to be kept; it does not push out what is there.
  g_free (bfy_replay_add (replay, 1, (large + "x").data (), large.size () + 1));
  EXPECT_THAT (replayed (replay, 1, 0), testing::StartsWith ("1-66=xxx"));
}

TEST (Replay, KnowsItsIds)
{
  guint64 stream, number;

  EXPECT_TRUE (bfy_replay_parse_id ("12-345", &stream, &number));
  EXPECT_EQ (stream, 12u);
  EXPECT_EQ (number, 345u);
  for (const char *id : { "", "-", "1", "1-", "-1", "1-2-3", "a-1", "1-a", "+1-2", "1- 2",
                          "99999999999999999999-1" })
    EXPECT_FALSE (bfy_replay_parse_id (id, &stream, &number)) << id;
}
