// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <sstream>

#include "tests/unit/matchers.h"

extern "C"
{
#include "client/question.h"
#include "protocol/json.h"
#include "tray/facts.h"
#include "tray/icon/pixmap.h"
#include "tray/menu.h"
}

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

namespace
{

using ::operator<<; // prints a row by its name

constexpr gint64 kNowS = 1795324727; // 2026-11-22T05:18:47Z

const char *const kNone[] = { nullptr };
const char *const kOne[] = { "github", nullptr };
const char *const kMany[] = { "a", "b", "c", "d", "e", nullptr };

// An agent with which nothing is the matter.
BfyTrayFacts
well ()
{
  BfyTrayFacts facts = {};

  facts.is_present = TRUE;
  facts.lock = "open";
  facts.in_use = kNone;
  facts.n_bindings = 3;

  return facts;
}

struct StateCase
{
  const char *name;
  std::function<void (BfyTrayFacts &)> change;
  BfyTrayState want;
  const char *want_icon; // behind "io.bindify.Tray"
  bool want_urgent;
  const char *want_title;
  const char *want_text; // part of it
};

class TrayState : public testing::TestWithParam<StateCase>
{
};

} // namespace

TEST_P (TrayState, IsSaidByIconAndWords)
{
  g_auto (BfyTrayFace) face = {};
  BfyTrayFacts facts = well ();

  GetParam ().change (facts);
  bfy_tray_face_init (&face, &facts, kNowS);
  EXPECT_EQ (bfy_tray_state_judge (&facts), GetParam ().want);
  EXPECT_EQ (face.state, GetParam ().want);
  EXPECT_EQ (std::string (face.icon), std::string ("io.bindify.Tray") + GetParam ().want_icon);
  EXPECT_EQ (face.is_urgent, GetParam ().want_urgent);
  EXPECT_STREQ (face.title, GetParam ().want_title);
  EXPECT_THAT (face.text, HasSubstr (GetParam ().want_text));
}

INSTANTIATE_TEST_SUITE_P (
    Table,
    TrayState,
    testing::Values (
        StateCase{ "Idle", [] (BfyTrayFacts &) {}, BFY_TRAY_IDLE, "-symbolic", false,
                   "bindify is ready", "3 services are connected." },
        StateCase{ "Empty", [] (BfyTrayFacts &f) { f.n_bindings = 0; }, BFY_TRAY_IDLE, "-symbolic",
                   false, "bindify is ready", "Open bindify to add a service." },
        StateCase{ "OnePaused",
                   [] (BfyTrayFacts &f) {
                     f.n_bindings = f.n_paused = 1;
                     f.resumes_at_s = kNowS + 61;
                   },
                   BFY_TRAY_IDLE, "-symbolic", false, "bindify is ready",
                   "1 service is connected. 1 is paused. The next one goes on by itself in 2 "
                   "minutes." },
        StateCase{ "KeyringLocked", [] (BfyTrayFacts &f) { f.n_keyring_locked = 2; }, BFY_TRAY_IDLE,
                   "-symbolic", false, "bindify is ready", "The keyring is locked" },
        StateCase{ "Active", [] (BfyTrayFacts &f) { f.in_use = kOne; }, BFY_TRAY_ACTIVE,
                   "-active-symbolic", false, "A credential is in use",
                   "A program is using: github." },
        StateCase{ "ManyActive", [] (BfyTrayFacts &f) { f.in_use = kMany; }, BFY_TRAY_ACTIVE,
                   "-active-symbolic", false, "A credential is in use",
                   "Programs are using a, b, c and 2 more." },
        StateCase{ "NeedsLogin",
                   [] (BfyTrayFacts &f) {
                     f.n_needs_login = 1;
                     f.needs_login = "notion";
                   },
                   BFY_TRAY_NEEDS_LOGIN, "-login-symbolic", false, "bindify needs you to sign in",
                   "“notion” needs you to sign in again." },
        StateCase{ "MoreNeedLogin",
                   [] (BfyTrayFacts &f) {
                     f.n_needs_login = 3;
                     f.needs_login = "notion";
                   },
                   BFY_TRAY_NEEDS_LOGIN, "-login-symbolic", false, "bindify needs you to sign in",
                   "“notion” and 2 more need you to sign in again." },
        StateCase{ "ActiveAboveNeedsLogin",
                   [] (BfyTrayFacts &f) {
                     f.n_needs_login = 1;
                     f.needs_login = "notion";
                     f.in_use = kOne;
                   },
                   BFY_TRAY_ACTIVE, "-active-symbolic", false, "A credential is in use", "github" },
        StateCase{ "LockedByHand", [] (BfyTrayFacts &f) { f.lock = "plain"; }, BFY_TRAY_LOCKED,
                   "-locked-symbolic", false, "bindify is locked", "when you choose Unlock" },
        StateCase{ "LockedByScreen", [] (BfyTrayFacts &f) { f.lock = "screen"; }, BFY_TRAY_LOCKED,
                   "-locked-symbolic", false, "bindify is locked", "screen is unlocked" },
        StateCase{ "LockedByPassphrase", [] (BfyTrayFacts &f) { f.lock = "passphrase"; },
                   BFY_TRAY_LOCKED, "-locked-symbolic", false, "bindify is locked", "passphrase" },
        StateCase{ "FrozenAboveLocked",
                   [] (BfyTrayFacts &f) {
                     f.lock = "plain";
                     f.is_frozen = TRUE;
                   },
                   BFY_TRAY_FROZEN, "-frozen-symbolic", false, "bindify is frozen",
                   "until you choose Thaw" },
        StateCase{ "AskingAboveFrozen",
                   [] (BfyTrayFacts &f) {
                     f.is_frozen = TRUE;
                     f.n_questions = 1;
                     f.question = "Let “x” read issues?";
                   },
                   BFY_TRAY_ASKING, "-asking-symbolic", true, "bindify is waiting for your answer",
                   "Let “x” read issues?" },
        StateCase{ "ManyAsking",
                   [] (BfyTrayFacts &f) {
                     f.n_questions = 500;
                     f.question = "Let “x” read issues?";
                   },
                   BFY_TRAY_ASKING, "-asking-symbolic", true, "bindify is waiting for your answer",
                   "Let “x”" },
        StateCase{ "AlarmAboveAsking",
                   [] (BfyTrayFacts &f) {
                     f.n_questions = 1;
                     f.alarm = "A secret was about to reach “x”.";
                   },
                   BFY_TRAY_ALARM, "-alarm-symbolic", true, "bindify stopped something dangerous",
                   "about to reach “x”." },
        StateCase{ "GoneAboveAll",
                   [] (BfyTrayFacts &f) {
                     f.is_present = FALSE;
                     f.alarm = "x";
                     f.trouble = "No agent answers on /run/x";
                   },
                   BFY_TRAY_GONE, "-gone-symbolic", false, "The bindify agent is not running",
                   "No agent answers on /run/x. Programs cannot" },
        StateCase{ "Silent", [] (BfyTrayFacts &f) { f.silence = "Answering needs the passphrase"; },
                   BFY_TRAY_IDLE, "-symbolic", false, "bindify is ready",
                   "connected. Answering needs the passphrase" }),
    [] (const auto &info) { return std::string (info.param.name); });

// What somebody else has chosen never looks like words of ours, and is never long.
TEST (TrayFace, IsNotFooledByHostileText)
{
  g_auto (BfyTrayFace) face = {};
  BfyTrayFacts facts = well ();
  std::string huge (10000, 'x');

  facts.n_needs_login = 1;
  facts.needs_login = "a”\n\u202e<b>$(id)";
  bfy_tray_face_init (&face, &facts, kNowS);
  EXPECT_THAT (face.text,
               AllOf (Not (HasSubstr ("\n")), Not (HasSubstr ("\u202e")), Not (HasSubstr ("a”"))));
  bfy_tray_face_clear (&face);

  facts.n_questions = 1;
  facts.question = huge.c_str ();
  bfy_tray_face_init (&face, &facts, kNowS);
  EXPECT_LT (strlen (face.text), 1000u);
}

TEST (TrayIcons, AreDistinctAndHavePixels)
{
  std::set<std::string> pictures;
  guint n = 0;

  for (; bfy_tray_icon_nth (n) != nullptr; n++)
    {
      g_autoptr (GVariant) pixmaps = g_variant_ref_sink (bfy_icon_pixmaps (bfy_tray_icon_nth (n)));

      ASSERT_EQ (g_variant_n_children (pixmaps), 2u) << bfy_tray_icon_nth (n);
      pictures.emplace (static_cast<const char *> (g_variant_get_data (pixmaps)),
                        g_variant_get_size (pixmaps));
    }
  EXPECT_EQ (n, static_cast<guint> (BFY_N_TRAY_STATES));
  EXPECT_EQ (pictures.size (), n);
  g_autoptr (GVariant) none = g_variant_ref_sink (bfy_icon_pixmaps ("../../etc/passwd"));
  EXPECT_EQ (g_variant_n_children (none), 0u);
}

// --- Facts ---

namespace
{

JsonObject *
parse (const std::string &text)
{
  Error error;
  JsonObject *object = bfy_json_parse_object (text.c_str (), text.size (), error.out ());

  EXPECT_NE (object, nullptr) << error;
  return object;
}

} // namespace

TEST (TrayFacts, ComeFromTheAgentsAnswers)
{
  g_autoptr (JsonObject) status = parse (R"({"lock":{"state":"plain","frozen":true}})");
  g_autoptr (JsonObject) bindings = parse (
      R"({"bindings":[{"name":"a","state":"ok"},{"name":"b","state":"needs_login"},)"
      R"({"name":"c","state":"needs_login"},{"name":"d","state":"locked"},)"
      R"({"name":"e","state":"paused","resumes_at":"2026-11-22T06:00:00Z"},)"
      R"({"name":"f","state":"paused","resumes_at":"2026-11-22T05:50:00Z"},)"
      R"({"name":"g","state":"paused","resumes_at":null},{"state":"of a newer agent"},7,null]})");
  BfyTrayFacts facts = {};

  bfy_tray_facts_take_status (&facts, status);
  bfy_tray_facts_take_bindings (&facts, bindings);
  EXPECT_STREQ (facts.lock, "plain");
  EXPECT_TRUE (facts.is_frozen);
  EXPECT_EQ (facts.n_needs_login, 2u);
  EXPECT_STREQ (facts.needs_login, "b");
  EXPECT_EQ (facts.n_keyring_locked, 1u);
  EXPECT_EQ (facts.n_paused, 3u);
  EXPECT_EQ (facts.resumes_at_s, 1795326600);
}

TEST (TrayFacts, OfNothingAndOfNonsenseAreNone)
{
  for (const char *text : { "", R"({"lock":7})", R"({"lock":{"state":[],"frozen":"yes"}})" })
    {
      g_autoptr (JsonObject) object = *text != '\0' ? parse (text) : nullptr;
      BfyTrayFacts facts = {};

      facts.is_present = TRUE;
      bfy_tray_facts_take_status (&facts, object);
      bfy_tray_facts_take_bindings (&facts, object);
      EXPECT_EQ (bfy_tray_state_judge (&facts), BFY_TRAY_IDLE) << text;
    }
}

TEST (TrayFacts, AnAlarmIsASentence)
{
  g_autoptr (JsonObject) leak =
      parse (R"({"type":"security_violation","category":"leak","client":"evil”\n<b>",)"
             R"("detail":"the credential of “github” in the body of an answer"})");
  g_autoptr (JsonObject) decoy = parse (R"({"type":"security_violation","category":"decoy"})");
  g_autoptr (JsonObject) other = parse (R"({"type":"proxy_request","category":"leak"})");
  g_autofree char *leaked = bfy_tray_describe_alarm (leak);
  g_autofree char *used = bfy_tray_describe_alarm (decoy);

  EXPECT_THAT (leaked, AllOf (HasSubstr ("was masked (the credential of “github”"),
                              Not (HasSubstr ("\n")), Not (HasSubstr ("evil”"))));
  EXPECT_THAT (used, HasSubstr ("A program used a decoy"));
  EXPECT_EQ (bfy_tray_describe_alarm (other), nullptr);
}

// --- The menu ---

namespace
{

// One row per line; what is below a row is indented, a line is "-".
void
write_rows (std::ostream &out, const GPtrArray *rows, const std::string &indent = "")
{
  for (guint i = 0; i < rows->len; i++)
    {
      auto *row = static_cast<const BfyMenuRow *> (rows->pdata[i]);

      if (row->key == nullptr)
        {
          out << indent << "-\n";
          continue;
        }
      out << indent << row->label;
      if (row->action != nullptr)
        out << " = " << row->action << (row->target != nullptr ? ":" : "")
            << (row->target != nullptr ? row->target : "");
      out << "\n";
      if (row->children != nullptr)
        write_rows (out, row->children, indent + "  ");
    }
}

class TrayMenu : public testing::Test
{
protected:
  void TearDown () override
  {
    g_ptr_array_unref (questions);
  }

  void ask (const std::string &title)
  {
    g_autofree char *uuid = g_uuid_string_random ();
    const std::string id = uuid;
    g_autoptr (JsonObject) object = parse (R"({"id":")" + id + R"(","title":")" + title +
                                           R"(","digest":"00","lines":[],"scopes":["once"]})");
    BfyQuestion *question = bfy_question_from_json (object);

    ASSERT_NE (question, nullptr);
    g_ptr_array_add (questions, question);
    facts.n_questions++;
  }

  std::string build (const std::string &bindings = R"({"bindings":[]})")
  {
    g_autoptr (JsonObject) object = parse (bindings);
    const BfyMenuMatter matter = { &facts, object, questions, kNowS };
    g_autoptr (GPtrArray) rows = nullptr;
    std::ostringstream out;

    facts.n_bindings = facts.n_paused = 0;
    bfy_tray_facts_take_bindings (&facts, object);
    rows = bfy_menu_build (&matter);
    write_rows (out, rows);
    return out.str ();
  }

  BfyTrayFacts facts = well ();
  GPtrArray *questions =
      g_ptr_array_new_with_free_func (reinterpret_cast<GDestroyNotify> (bfy_question_unref));
};

} // namespace

TEST_F (TrayMenu, OfAnEmptyAgent)
{
  EXPECT_EQ (build (), "bindify is ready\n-\nAdd a Service… = open:bindings\n-\n"
                       "Lock = lock\nFreeze Everything = freeze\n-\n"
                       "Open bindify = open:\nQuit This Icon = quit\n");
}

TEST_F (TrayMenu, OfAllStatesOfBindings)
{
  facts.in_use = kOne;
  EXPECT_EQ (
      build (R"({"bindings":[{"id":"1","name":"github","state":"ok"},)"
             R"({"id":"2","name":"my_notes","state":"paused","resumes_at":"2026-11-22T05:48:47Z"},)"
             R"({"id":"3","name":"notion","state":"needs_login"}]})"),
      "A credential is in use\n-\n"
      "github – In use\n"
      "  In use\n  -\n  Pause for an Hour = binding-pause-hour:github\n"
      "  Pause Until Resumed = binding-pause:github\n  Test = binding-test:github\n"
      "my_notes – Paused, goes on in 30 min\n"
      "  Paused, goes on in 30 min\n  -\n  Resume = binding-resume:my_notes\n"
      "notion – Needs you to sign in\n"
      "  Needs you to sign in\n  -\n  Sign In Again… = binding-login:notion\n"
      "  Pause for an Hour = binding-pause-hour:notion\n"
      "  Pause Until Resumed = binding-pause:notion\n  Test = binding-test:notion\n"
      "-\nPause All for an Hour = pause-all\nEnd the Pause Now = resume-all\n"
      "Lock = lock\nFreeze Everything = freeze\n-\nOpen bindify = open:\nQuit This Icon = quit\n");
}

TEST_F (TrayMenu, OfALockedAndFrozenAgent)
{
  facts.lock = "passphrase";
  facts.is_frozen = TRUE;
  EXPECT_EQ (build (R"({"bindings":[],"hidden":true})"),
             "bindify is frozen\n-\nUnlock… = unlock\nThaw = thaw\n-\n"
             "Open bindify = open:\nQuit This Icon = quit\n");
}

TEST_F (TrayMenu, OfAnAgentThatIsGone)
{
  facts.is_present = FALSE;
  EXPECT_EQ (build (), "The bindify agent is not running\nStart the Agent = start-agent\n-\n"
                       "Open bindify = open:\nQuit This Icon = quit\n");
}

TEST_F (TrayMenu, ShowsAlarmsAndSilence)
{
  facts.alarm = "x";
  facts.silence = "y";
  EXPECT_THAT (build (),
               HasSubstr ("Show What Happened = alarm\nShow Questions Here… = prompts\n"));
}

TEST_F (TrayMenu, ListsAFewOfManyQuestionsAndBindings)
{
  std::string bindings = R"({"bindings":[)";

  for (int i = 0; i < 500; i++)
    {
      ask ("Let x do thing " + std::to_string (i) + "?");
      bindings += std::string (i > 0 ? "," : "") + R"({"id":")" + std::to_string (i) +
                  R"(","name":"n)" + std::to_string (i) + R"(","state":"ok"})";
    }
  std::string menu = build (bindings + "]}");

  EXPECT_THAT (menu,
               AllOf (HasSubstr ("Let x do thing 0? = prompts\n"),
                      HasSubstr ("Let x do thing 5? = prompts\n"),
                      HasSubstr ("494 More Questions… = prompts\n"), Not (HasSubstr ("thing 6?"))));
  EXPECT_THAT (menu, AllOf (HasSubstr ("n19 – Ready\n"), Not (HasSubstr ("n20 – Ready")),
                            HasSubstr ("All Services… = open:bindings\n")));
}

// H01: markup, control characters and length do nothing.
TEST_F (TrayMenu, ShowsHostileTitlesInert)
{
  ask (R"(Let “\u001b[31m\u202eevil<b>$(id)” )" + std::string (5000, 'x'));
  std::string menu = build ();

  EXPECT_THAT (menu,
               AllOf (HasSubstr ("$(id)"), Not (HasSubstr ("\u001b")), Not (HasSubstr ("\u202e"))));
  EXPECT_LT (menu.size (), 1000u);
}

// Whoever shows the menu knows rows by their keys.
TEST_F (TrayMenu, HasEachKeyOnce)
{
  g_autoptr (JsonObject) object = parse (
      R"({"bindings":[{"id":"1","name":"a","state":"ok"},{"id":"2","name":"b","state":"ok"}]})");
  std::set<std::string> keys;
  std::function<void (const GPtrArray *)> collect = [&] (const GPtrArray *rows) {
    for (guint i = 0; i < rows->len; i++)
      {
        auto *row = static_cast<const BfyMenuRow *> (rows->pdata[i]);

        if (row->key != nullptr)
          {
            EXPECT_TRUE (keys.insert (row->key).second) << row->key;
          }
        if (row->children != nullptr)
          collect (row->children);
      }
  };

  ask ("One?");
  ask ("Two?");
  const BfyMenuMatter matter = { &facts, object, questions, kNowS };
  g_autoptr (GPtrArray) rows = bfy_menu_build (&matter);
  collect (rows);
  EXPECT_GT (keys.size (), 12u);
}
