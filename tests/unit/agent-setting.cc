// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <string>

#include "tests/unit/store-fixture.h"

extern "C"
{
#include "agent/setting.h"
#include "agent/settings.h"
}

using testing::HasSubstr;
using testing::Not;

namespace
{

const BfySetting *
setting (const char *name)
{
  Error error;
  const BfySetting *found = bfy_setting_find (name, error.out ());

  EXPECT_NE (found, nullptr) << name;
  return found;
}

std::string
write (const char *name, const std::string &text, const char *value)
{
  g_autofree char *written = bfy_setting_write (setting (name), text.c_str (), value);

  return written;
}

std::string
read (const char *name, const std::string &text)
{
  g_autofree char *value = bfy_setting_read (setting (name), text.c_str ());

  return value != nullptr ? value : "(nothing)";
}

} // namespace

// What is built in is what the reader takes for a file that says nothing.
TEST (Setting, DefaultsAreValidAndThoseOfTheReader)
{
  std::string all;
  const BfySetting *each;

  for (guint i = 0; (each = bfy_setting_nth (i)) != nullptr; i++)
    {
      Error error;

      EXPECT_TRUE (bfy_setting_check (each, each->fallback, error.out ())) << each->name;
      all = write (each->name, all, each->fallback);
      EXPECT_EQ (read (each->name, all), each->fallback);
    }
  g_autoptr (BfySettings) said = bfy_settings_parse (all.data (), all.size (), "all");
  g_autoptr (BfySettings) silent = bfy_settings_parse ("", 0, "nothing");

  EXPECT_EQ (said->problems[0], nullptr) << said->problems[0];
  EXPECT_EQ (said->port, silent->port);
  EXPECT_EQ (said->listens_tcp, silent->listens_tcp);
  EXPECT_STREQ (said->keyring, silent->keyring);
  EXPECT_EQ (said->lifetime_s, silent->lifetime_s);
  EXPECT_EQ (said->lock_on, silent->lock_on);
  EXPECT_STREQ (said->profile, silent->profile);
  EXPECT_EQ (said->retention.events_per_binding, silent->retention.events_per_binding);
  EXPECT_EQ (said->retention.events, silent->retention.events);
  EXPECT_EQ (said->retention.days, silent->retention.days);
}

TEST (Setting, OthersTakeAnEditorOrDoNotExist)
{
  Error by_editor, unknown;

  EXPECT_EQ (bfy_setting_find ("prompts.askpass", by_editor.out ()), nullptr);
  EXPECT_THAT (by_editor.message (), HasSubstr ("with an editor"));
  EXPECT_EQ (bfy_setting_find ("agent.por\nt", unknown.out ()), nullptr);
  EXPECT_THAT (unknown.message (), HasSubstr ("There is no setting"));
  EXPECT_THAT (unknown.message (), Not (HasSubstr ("\n")));
}

struct ValueCase
{
  const char *name, *setting, *value;
  const char *sentence; // nullptr: it is taken
};

class SettingValue : public testing::TestWithParam<ValueCase>
{
};

TEST_P (SettingValue, IsTakenOrExplained)
{
  const ValueCase &row = GetParam ();
  Error error;

  EXPECT_EQ (bfy_setting_check (setting (row.setting), row.value, error.out ()),
             row.sentence == nullptr);
  EXPECT_THAT (error.message (), HasSubstr (row.sentence != nullptr ? row.sentence : ""));
}

INSTANTIATE_TEST_SUITE_P (
    Values,
    SettingValue,
    testing::Values (
        ValueCase{ "Port", "agent.port", "8000", nullptr },
        ValueCase{ "AnyPort", "agent.port", "0", nullptr },
        ValueCase{ "PortTooLarge", "agent.port", "65536", "from 0 to 65535. It is the port" },
        ValueCase{ "PortIsNoWord", "agent.port", "http", "not a number" },
        ValueCase{ "Empty", "agent.port", "", "words and numbers" },
        ValueCase{ "Blank", "agent.port", "   ", "words and numbers" },
        ValueCase{ "TwoLines", "log.days", "1\nkeyring=memory", "words and numbers" },
        ValueCase{ "Comment", "log.days", "1#", "words and numbers" },
        ValueCase{ "Group", "log.days", "[lock]", "words and numbers" },
        ValueCase{ "Escape", "log.days", "1\\n", "words and numbers" },
        ValueCase{ "TooLong", "log.days",
                   "00000000000000000000000000000000000000000000000000000000000000001",
                   "at most 64" },
        ValueCase{ "Door", "agent.tcp", "false", nullptr },
        ValueCase{ "DoorAjar", "agent.tcp", "perhaps", "neither true nor false" },
        ValueCase{ "Lock", "lock.on", "screen, suspend", nullptr },
        ValueCase{ "NoLock", "lock.on", "none", nullptr },
        ValueCase{ "UnknownLock", "lock.on", "scren", "some of screen, suspend and session" },
        ValueCase{ "Life", "agent.lifetime", "1h30m", nullptr },
        ValueCase{ "NoLife", "agent.lifetime", "soon", "no time such as 8h" },
        ValueCase{ "Wait", "prompts.wait_ms", "60000", nullptr },
        ValueCase{ "ShortWait", "prompts.wait_ms", "7", "less than 200" },
        ValueCase{ "NoEvents", "log.events", "0", "less than 1" },
        ValueCase{ "Profile", "policy.profile", "read-only", nullptr },
        ValueCase{ "UnknownProfile", "policy.profile", "everything", "none of" }),
    case_name<ValueCase>);

struct WriteCase
{
  const char *name, *before, *value, *after;
};

class SettingWrite : public testing::TestWithParam<WriteCase>
{
};

TEST_P (SettingWrite, LeavesTheRestAsItIs)
{
  const WriteCase &row = GetParam ();

  EXPECT_EQ (write ("agent.port", row.before, row.value), row.after);
  EXPECT_EQ (read ("agent.port", row.after), row.value != nullptr ? row.value : "(nothing)");
}

INSTANTIATE_TEST_SUITE_P (
    Files,
    SettingWrite,
    testing::Values (
        WriteCase{ "Nothing", "", "1", "[agent]\nport=1\n" },
        WriteCase{ "OtherGroup", "[log]\ndays=1\n", "1", "[log]\ndays=1\n\n[agent]\nport=1\n" },
        WriteCase{ "NoEndOfLine", "[log]\ndays=1", "1", "[log]\ndays=1\n\n[agent]\nport=1\n" },
        WriteCase{ "Replaced", "# mine\n[agent]\n# the port\n port = 7 \nunknown=x\n", "1",
                   "# mine\n[agent]\n# the port\nport=1\nunknown=x\n" },
        WriteCase{ "AtTheEndOfItsGroup", "[agent]\nkeyring=vault\n\n\n[log]\nport=3\n", "1",
                   "[agent]\nkeyring=vault\nport=1\n\n\n[log]\nport=3\n" },
        WriteCase{ "GroupIsLast", "[agent]\nkeyring=vault\n", "1",
                   "[agent]\nkeyring=vault\nport=1\n" },
        WriteCase{ "Twice", "[agent]\nport=7\nport=8\n[log]\n[agent]\nport=9\n", "1",
                   "[agent]\nport=1\n[log]\n[agent]\n" },
        WriteCase{ "CommentedOut", "[agent]\n#port=7\n", "1", "[agent]\n#port=7\nport=1\n" },
        WriteCase{ "LookAlikes", "[agent]\nports=7\nport[de]=8\n[agents]\nport=9\n", "1",
                   "[agent]\nports=7\nport[de]=8\nport=1\n[agents]\nport=9\n" },
        WriteCase{ "Damaged", "[agent\nport=7\nnonsense\n", "1",
                   "[agent\nport=7\nnonsense\n\n[agent]\nport=1\n" },
        WriteCase{ "TakenOut", "[agent]\nport=7\nkeyring=vault\n", nullptr,
                   "[agent]\nkeyring=vault\n" },
        WriteCase{ "TakenOutOfNothing", "[log]\n", nullptr, "[log]\n" }),
    case_name<WriteCase>);

TEST (Setting, TheLastOneOfAFileCountsAndOnlyWhatIsValid)
{
  EXPECT_EQ (read ("agent.port", "[agent]\nport=1\nport=2\n"), "2");
  EXPECT_EQ (read ("agent.port", "[agent]\nport=99999\n"), "(nothing)");
  EXPECT_EQ (read ("agent.port", "port=1\n[log]\nport=1\n"), "(nothing)");
}
