// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// What the tray makes of an agent that does not do what it should: it refuses, breaks off, forgets,
// or is replaced by another one.

#include <glib/gstdio.h>
#include <sys/stat.h>

#include "tests/unit/client-agent.h"
#include "tests/unit/matchers.h"

extern "C"
{
#include "client/fields.h"
#include "tray/agent-link.h"
#include "tray/socket-watch.h"
}

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace
{

const char question_text[] =
    R"({"id":"6f1c2d3e-4b5a-4978-8796-a5b4c3d2e1f0","title":"Let x do y?","digest":"00","lines":[],)"
    R"("scopes":["once"]})";

class TrayLink : public testing::Test
{
protected:
  TrayLink ()
  {
    agent.handler = [this] (const Request &request, const AnswerPtr &answer) {
      handle (request, answer);
    };
    link = bfy_agent_link_new (agent.socket ().c_str ());
    g_signal_connect (link, "event", G_CALLBACK (on_event), this);
    g_signal_connect (link, "question-closed", G_CALLBACK (on_closed), this);
  }
  ~TrayLink () override
  {
    bfy_agent_link_stop (link);
    g_object_unref (link);
  }

  void handle (const Request &request, const AnswerPtr &answer)
  {
    if (request.path.rfind ("/v1/events", 0) == 0)
      {
        followers.push_back (request);
        events = answer;
        answer->stream ();
        answer->bytes (": welcome\n\n");
      }
    else if (request.path == "/v1/prompters" && is_refusing)
      answer->json (403, R"({"error":"denied","message":"Not you","hint":"bindify doctor"})");
    else if (request.path == "/v1/prompters")
      {
        prompter = answer;
        registrations.push_back (request.body);
        answer->stream ();
        answer->bytes ("event: registered\ndata: {\"token\":\"t\"}\n\n");
      }
    else if (request.path == "/v1/bindings")
      answer->json (200, bindings);
    else
      answer->json (200, "{}");
  }

  void start ()
  {
    bfy_agent_link_start (link);
    ASSERT_TRUE (spin ([this] { return prompter != nullptr || is_silent (); }));
  }

  bool is_silent () const
  {
    return bfy_agent_link_get_silence (link) != nullptr;
  }

  static void on_event (BfyAgentLink *, JsonObject *event, gpointer user_data)
  {
    static_cast<TrayLink *> (user_data)->told.push_back (bfy_field_text (event, "type"));
  }
  static void on_closed (BfyAgentLink *, const char *, const char *how, gpointer user_data)
  {
    static_cast<TrayLink *> (user_data)->closed.push_back (how != nullptr ? how : "(gone)");
  }

  FakeAgent agent;
  BfyAgentLink *link;
  AnswerPtr events, prompter;
  std::vector<Request> followers;
  std::vector<std::string> registrations, told, closed;
  std::string bindings = R"({"bindings":[]})";
  bool is_refusing = false;
};

} // namespace

TEST_F (TrayLink, KnowsWhyItMayNotAnswerAndComesBackWhenItIsAskedTo)
{
  is_refusing = true;
  start ();
  EXPECT_TRUE (bfy_agent_link_is_present (link));
  EXPECT_STREQ (bfy_agent_link_get_silence (link), "Not you");
  EXPECT_STREQ (bfy_agent_link_get_silence_hint (link), "bindify doctor");

  is_refusing = false;
  g_autoptr (BfySecret) key = bfy_secret_new (reinterpret_cast<const guint8 *> ("k"), 1);
  bool is_done = false;
  bfy_agent_link_register_async (
      link, key,
      [] (GObject *source, GAsyncResult *result, gpointer user_data) {
        Error error;

        EXPECT_TRUE (bfy_agent_link_register_finish (BFY_AGENT_LINK (source), result, error.out ()))
            << error;
        *static_cast<bool *> (user_data) = true;
      },
      &is_done);
  ASSERT_TRUE (spin ([&] { return is_done && !is_silent (); }));
  EXPECT_THAT (registrations, ElementsAre (R"({"kind":"tray","key":"aw=="})"));
}

TEST_F (TrayLink, RegistersAgainWhenItWasBrokenOffAndNotForEver)
{
  start ();
  prompter->bytes (std::string ("event: opened\ndata: ") + question_text + "\n\n");
  ASSERT_TRUE (spin ([this] { return bfy_agent_link_get_questions (link)->len == 1; }));
  prompter->end ();
  ASSERT_TRUE (spin ([this] { return registrations.size () == 2; }));
  EXPECT_THAT (closed, ElementsAre ("(gone)"));
  EXPECT_EQ (followers.size (), 1u) << "the other connection was well";
}

// What was missed is told, and meanwhile the agent does not count as gone.
TEST_F (TrayLink, GoesOnBehindWhatItHasSeen)
{
  start ();
  events->bytes ("id: 7\ndata: {\"type\":\"locked\"}\n\n");
  ASSERT_TRUE (spin ([this] { return told.size () == 1; }));
  events->bytes ("event: dropped\ndata: {\"message\":\"x\",\"after\":9}\n\n");
  events->end ();
  ASSERT_TRUE (spin ([this] { return followers.size () == 2; }));
  EXPECT_EQ (followers[0].header ("last-event-id"), "(none)");
  EXPECT_EQ (followers[1].header ("last-event-id"), "9");
  EXPECT_TRUE (bfy_agent_link_is_present (link));
  EXPECT_EQ (registrations.size (), 1u);
  events->bytes ("id: 10\ndata: {\"type\":\"unlocked\"}\n\n");
  ASSERT_TRUE (spin ([this] { return told.size () == 2; }));
  EXPECT_THAT (told, ElementsAre ("locked", "unlocked"));
}

TEST_F (TrayLink, LosesAnAgentThatEndsAndFindsItAgain)
{
  start ();
  events->bytes ("event: in_use\ndata: {\"bindings\":[\"a\",7,null,\"b\"]}\n\n");
  ASSERT_TRUE (spin ([this] { return bfy_agent_link_get_in_use (link)[0] != nullptr; }));
  EXPECT_STREQ (bfy_agent_link_get_in_use (link)[1], "b");
  prompter->end ();
  events->end ();
  ASSERT_TRUE (spin ([this] { return !bfy_agent_link_is_present (link); }));
  EXPECT_STREQ (bfy_agent_link_get_trouble (link), "The agent has gone away");
  EXPECT_EQ (bfy_agent_link_get_in_use (link)[0], nullptr);
  EXPECT_EQ (bfy_agent_link_get_bindings (link), nullptr);
  ASSERT_TRUE (spin ([this] { return bfy_agent_link_is_present (link); }));
  EXPECT_EQ (followers.back ().header ("last-event-id"), "(none)") << "it is another agent";
  EXPECT_TRUE (spin ([this] { return registrations.size () == 2; }));
}

// Nonsense changes nothing and ends nothing.
TEST_F (TrayLink, IsNotConfusedByNonsense)
{
  start ();
  for (const char *text :
       { "data: nonsense\n\n", "data: []\n\n", "event: in_use\ndata: {\"bindings\":7}\n\n",
         "event: in_use\ndata: []\n\n", "event: of_a_newer_agent\ndata: {}\n\n",
         "event: dropped\ndata: x\n\n", "data: {\"type\":7}\n\n" })
    events->bytes (text);
  for (const char *text : { "event: opened\ndata: {}\n\n", "event: closed\ndata: {\"id\":7}\n\n",
                            "event: closed\ndata: {\"id\":\"x\"}\n\n" })
    prompter->bytes (text);
  events->bytes ("id: 1\ndata: {\"type\":\"locked\"}\n\n");
  ASSERT_TRUE (spin ([this] { return !told.empty () && told.back () == "locked"; }));
  EXPECT_EQ (bfy_agent_link_get_questions (link)->len, 0u);
  EXPECT_TRUE (bfy_agent_link_is_present (link));
  EXPECT_THAT (closed, IsEmpty ());
}

// A burst of changes is one question, and an old answer never replaces a new one.
TEST_F (TrayLink, AsksForAListOnceForManyEvents)
{
  start ();
  ASSERT_TRUE (spin ([this] { return bfy_agent_link_get_bindings (link) != nullptr; }));
  auto n_asked = [this] {
    gsize n = 0;
    for (const std::string &line : agent.lines ())
      n += line == "GET /v1/bindings";
    return n;
  };
  gsize before = n_asked ();

  bindings = R"({"bindings":[{"name":"new"}]})";
  for (int i = 0; i < 200; i++)
    events->bytes ("data: {\"type\":\"binding_changed\"}\n\n");
  ASSERT_TRUE (spin (
      [this] { return bfy_field_count (bfy_agent_link_get_bindings (link), "bindings") == 1; }));
  EXPECT_LE (n_asked () - before, 4u);
}

// Uses are many and change nothing, but for these.
TEST_F (TrayLink, LooksAtBindingsWhenACredentialIsRefusedOrWorksAgain)
{
  auto knows = [this] (guint n) {
    JsonObject *known = bfy_agent_link_get_bindings (link);
    return known != nullptr && bfy_field_count (known, "bindings") == n;
  };

  start ();
  ASSERT_TRUE (spin ([&] { return knows (0); }));
  bindings = R"({"bindings":[{"name":"a","state":"needs_login"}]})";
  events->bytes ("data: {\"type\":\"proxy_request\",\"category\":\"needs_login\","
                 "\"binding\":\"a\",\"outcome\":\"failure\"}\n\n");
  EXPECT_TRUE (spin ([&] { return knows (1); }));
  bindings = R"({"bindings":[{"name":"a","state":"ok"},{"name":"b","state":"ok"}]})";
  events->bytes ("data: {\"type\":\"proxy_request\",\"category\":\"success\","
                 "\"binding\":\"a\",\"outcome\":\"success\"}\n\n");
  EXPECT_TRUE (spin ([&] { return knows (2); }));
  bindings = R"({"bindings":[]})";
  events->bytes ("data: {\"type\":\"proxy_request\",\"category\":\"success\","
                 "\"binding\":\"a\",\"outcome\":\"success\"}\n\n");
  events->bytes ("data: {\"type\":\"approval_granted\"}\n\n");
  ASSERT_TRUE (spin ([this] { return told.size () == 4; }));
  gsize n = agent.lines ().size ();
  ASSERT_TRUE (spin ([&] { return agent.lines ().size () > n; }));
  EXPECT_TRUE (knows (2)) << "it was not asked for";
}

TEST (TrayLinkAlone, SaysThatNobodyIsThere)
{
  PrivateDir dir;
  g_autoptr (BfyAgentLink) link = bfy_agent_link_new (dir.file ("agent.sock").c_str ());

  bfy_agent_link_start (link);
  ASSERT_TRUE (spin ([&] { return bfy_agent_link_get_trouble (link) != nullptr; }));
  EXPECT_THAT (bfy_agent_link_get_trouble (link), HasSubstr ("No agent answers on"));
  EXPECT_FALSE (bfy_agent_link_is_present (link));
  bfy_agent_link_retry (link);
  bfy_agent_link_stop (link);
}

// --- Waiting for a socket ---

namespace
{

class Watched : public testing::Test
{
protected:
  void TearDown () override
  {
    for (const char *name : { "a/b/s", "a/b", "a" })
      g_remove (dir.file (name).c_str ());
  }

  void make_folder (const char *name)
  {
    ASSERT_EQ (g_mkdir (dir.file (name).c_str (), 0700), 0);
  }
  void make_socket ()
  {
    ASSERT_TRUE (g_file_set_contents (dir.file ("a/b/s").c_str (), "", 0, nullptr));
  }
  bool is_told ()
  {
    return spin ([this] { return n_told > 0; });
  }

  PrivateDir dir;
  int n_told = 0;
};

void
on_told (gpointer user_data)
{
  ++*static_cast<int *> (user_data);
}

} // namespace

TEST_F (Watched, ASocketAppearsInAFolderThatIsThere)
{
  make_folder ("a");
  make_folder ("a/b");
  g_autoptr (BfySocketWatch) watch =
      bfy_socket_watch_new (dir.file ("a/b/s").c_str (), on_told, &n_told);
  ASSERT_NE (watch, nullptr);
  make_socket ();
  EXPECT_TRUE (is_told ());
}

TEST_F (Watched, TheFoldersOnTheWayAppearOneAfterTheOther)
{
  g_autoptr (BfySocketWatch) watch =
      bfy_socket_watch_new (dir.file ("a/b/s").c_str (), on_told, &n_told);
  ASSERT_NE (watch, nullptr);
  make_folder ("a");
  make_folder ("a/b");
  make_socket ();
  EXPECT_TRUE (is_told ());
}

TEST_F (Watched, TheFolderGoesAndComesBack)
{
  make_folder ("a");
  make_folder ("a/b");
  g_autoptr (BfySocketWatch) watch =
      bfy_socket_watch_new (dir.file ("a/b/s").c_str (), on_told, &n_told);
  ASSERT_NE (watch, nullptr);
  for (int i = 0; i < 3; i++)
    {
      make_socket ();
      ASSERT_TRUE (is_told ()) << i;
      for (const char *name : { "a/b/s", "a/b", "a" })
        ASSERT_EQ (g_remove (dir.file (name).c_str ()), 0);
      // It has been noticed when the next change is told.
      while (g_main_context_iteration (nullptr, FALSE))
        continue;
      n_told = 0;
      make_folder ("a");
      make_folder ("a/b");
    }
}
