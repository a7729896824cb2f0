// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// What the agent's log says of events, as fields that journalctl can be asked for (behaviour 21).
// The fields are caught where GLib would hand them to the journal.

#include <gmock/gmock.h>
#include <map>
#include <string>
#include <vector>

#include "tests/unit/store-fixture.h"

extern "C"
{
#include "agent/journal.h"
}

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

namespace
{

struct Line
{
  GLogLevelFlags level;
  std::map<std::string, std::string> fields;

  std::string operator[] (const std::string &name) const
  {
    auto found = fields.find (name);

    return found != fields.end () ? found->second : "(none)";
  }
};

std::vector<Line> *caught; // nullptr: nobody wants them

GLogWriterOutput
catch_line (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer)
{
  if (caught == nullptr)
    return g_log_writer_default (level, fields, n_fields, nullptr);

  Line line = { level, {} };
  for (gsize i = 0; i < n_fields; i++)
    {
      const char *text = static_cast<const char *> (fields[i].value);

      line.fields[fields[i].key] = fields[i].length < 0
                                       ? std::string (text)
                                       : std::string (text, static_cast<size_t> (fields[i].length));
    }
  caught->push_back (line);
  return G_LOG_WRITER_HANDLED;
}

class Journal : public StoreFixture
{
protected:
  // A process has one writer, for good.
  static void SetUpTestSuite ()
  {
    static bool is_set = (g_log_set_writer_func (catch_line, nullptr, nullptr), true);

    ASSERT_TRUE (is_set);
  }
  void SetUp () override
  {
    open ();
    journal = bfy_journal_new (store);
    was_debug = g_log_get_debug_enabled ();
    caught = &lines;
  }
  void TearDown () override
  {
    caught = nullptr;
    g_log_set_debug_enabled (was_debug);
    bfy_journal_free (journal);
  }
  // Everything that a use can say.
  static BfyEvent *use (BfyOutcome outcome)
  {
    BfyEvent *event = bfy_event_new ("proxy_request", 1700000000000);

    event->category = g_strdup (outcome == BFY_OUTCOME_BLOCKED ? "denied" : "success");
    event->binding = g_strdup ("github");
    event->binding_id = g_strdup ("id-of-github");
    event->client = g_strdup ("laptop");
    event->client_id = g_strdup ("id-of-laptop");
    event->peer = g_strdup ("uid 1000 pid 4711 exe python3.11");
    event->method = g_strdup ("tools/call");
    event->tool = g_strdup ("create_issue");
    event->host = g_strdup ("api.example.com");
    event->path = g_strdup ("/mcp");
    event->outcome = outcome;
    event->status = 200;
    return event;
  }
  void append (BfyEvent *event)
  {
    bfy_store_append_event (store, event, FALSE);
  }
  void append (const char *type, const char *category, BfyOutcome outcome)
  {
    BfyEvent *event = bfy_event_new (type, 1700000000000);

    event->category = g_strdup (category);
    event->outcome = outcome;
    append (event);
  }

  BfyJournal *journal = nullptr;
  std::vector<Line> lines;
  gboolean was_debug = FALSE;
};

} // namespace

TEST_F (Journal, SaysEachPartOfAnEventInAField)
{
  append (use (BFY_OUTCOME_BLOCKED));
  ASSERT_THAT (lines, SizeIs (1));
  const std::map<std::string, std::string> want = {
    { "BINDIFY_EVENT", "proxy_request" },
    { "BINDIFY_CATEGORY", "denied" },
    { "BINDIFY_BINDING", "github" },
    { "BINDIFY_CLIENT", "laptop" },
    { "BINDIFY_PEER", "uid 1000 pid 4711 exe python3.11" },
    { "BINDIFY_METHOD", "tools/call" },
    { "BINDIFY_TOOL", "create_issue" },
    { "BINDIFY_HOST", "api.example.com" },
    { "BINDIFY_OUTCOME", "blocked" },
    { "BINDIFY_STATUS", "200" },
    { "MESSAGE", "proxy_request blocked, github, laptop, tools/call, create_issue, denied" },
    { "PRIORITY", "5" },
  };

  EXPECT_EQ (lines[0].fields, want);
}

TEST_F (Journal, LeavesOutWhatAnEventDoesNotSay)
{
  append ("locked", nullptr, BFY_OUTCOME_SUCCESS);
  ASSERT_THAT (lines, SizeIs (1));
  EXPECT_EQ (lines[0]["MESSAGE"], "locked success");
  for (const char *absent : { "BINDIFY_BINDING", "BINDIFY_CLIENT", "BINDIFY_TOOL" })
    EXPECT_EQ (lines[0][absent], "(none)");
}

// Nobody reads uses in the journal unless asked to, so nothing is made of them either; whoever asks
// gets them.
TEST_F (Journal, SaysUsesOnlyToWhoeverReadsInfo)
{
  g_log_set_debug_enabled (FALSE);
  ASSERT_TRUE (g_log_writer_default_would_drop (G_LOG_LEVEL_INFO, nullptr))
      << "run this without G_MESSAGES_DEBUG";
  append (use (BFY_OUTCOME_SUCCESS));
  EXPECT_THAT (lines, IsEmpty ());

  g_log_set_debug_enabled (TRUE);
  append (use (BFY_OUTCOME_SUCCESS));
  ASSERT_THAT (lines, SizeIs (1));
  EXPECT_EQ (lines[0].level, G_LOG_LEVEL_INFO);
  EXPECT_EQ (lines[0]["PRIORITY"], "6");
  EXPECT_EQ (lines[0]["BINDIFY_OUTCOME"], "success");
}

TEST_F (Journal, SaysAnAlarmAsAWarning)
{
  append ("security_violation", "decoy", BFY_OUTCOME_BLOCKED);
  append ("key_issued", nullptr, BFY_OUTCOME_SUCCESS);
  ASSERT_THAT (lines, SizeIs (2));
  EXPECT_EQ (lines[0].level, G_LOG_LEVEL_WARNING);
  EXPECT_EQ (lines[0]["PRIORITY"], "4");
  EXPECT_EQ (lines[1].level, G_LOG_LEVEL_MESSAGE);
  EXPECT_EQ (lines[1]["PRIORITY"], "5");
}

// A client in a loop does not fill it; what is no refusal is said all the same.
TEST_F (Journal, IsNotFilledByRefusals)
{
  for (int i = 0; i < 200; i++)
    append (use (BFY_OUTCOME_BLOCKED));
  EXPECT_THAT (lines, SizeIs (50));
  EXPECT_THAT (lines.back ()["MESSAGE"], HasSubstr ("bindify log shows all of it"));
  append ("key_revoked", nullptr, BFY_OUTCOME_SUCCESS);
  EXPECT_EQ (lines.back ()["BINDIFY_EVENT"], "key_revoked");
}

// What is no word of the vocabulary is a bug that every test with a log that must be clean shows.
TEST_F (Journal, ACategoryThatIsInNoVocabularyIsABug)
{
  append ("security_violation", "teapot", BFY_OUTCOME_BLOCKED);
  ASSERT_THAT (lines, SizeIs (2));
  EXPECT_EQ (lines[0].level, G_LOG_LEVEL_CRITICAL);
  EXPECT_THAT (lines[0]["MESSAGE"], HasSubstr ("“teapot” is no category"));
  EXPECT_EQ (lines[1]["BINDIFY_CATEGORY"], "teapot") << "and is on record";
}
