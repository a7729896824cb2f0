// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <string>
#include <vector>

#include "tests/unit/matchers.h"

extern "C"
{
#include "client/board-view.h"
#include "client/table.h"
#include "protocol/json.h"
}

using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// `bindify prompts --watch` without a terminal: what keys do and how the screen looks, by clocks
// that are passed in.

namespace
{

using ::operator<<; // prints a row by its name

// What stands in a reply of the agent for one question.
struct Asked
{
  std::string id = "11111111-1111-4111-8111-111111111111";
  std::string title = "Let “claude” merge pull requests on GitHub?";
  std::vector<std::string> lines = { "Program: “claude ← zsh” (verified)",
                                     "Effect: can’t be undone" };
  std::vector<std::string> scopes = { "once", "10min" };
  int n_waiting = 1;

  BfyQuestion *make () const
  {
    g_autoptr (JsonObject) object = json_object_new ();
    JsonArray *texts = json_array_new ();
    JsonArray *names = json_array_new ();
    JsonArray *meanings = json_array_new ();

    for (const std::string &line : lines)
      json_array_add_string_element (texts, line.c_str ());
    for (const std::string &scope : scopes)
      {
        json_array_add_string_element (names, scope.c_str ());
        json_array_add_string_element (meanings, ("what " + scope + " means").c_str ());
      }
    json_object_set_string_member (object, "id", id.c_str ());
    json_object_set_string_member (object, "title", title.c_str ());
    json_object_set_array_member (object, "lines", texts);
    json_object_set_array_member (object, "scopes", names);
    json_object_set_array_member (object, "meanings", meanings);
    json_object_set_string_member (object, "digest", "abcd");
    json_object_set_string_member (object, "created_at", "2026-11-27T00:00:00Z");
    json_object_set_string_member (object, "expires_at", "2026-11-27T00:02:00Z");
    json_object_set_int_member (object, "waiting", n_waiting);
    return bfy_question_from_json (object);
  }
};

constexpr gint64 asked_at_s = 1795737600; // 2026-11-27T00:00:00Z

Asked
nth (int n)
{
  Asked asked;

  asked.id[0] = static_cast<char> ('0' + n);
  asked.title = "Question " + std::to_string (n) + "?";
  return asked;
}

class Board : public testing::Test
{
protected:
  ~Board () override
  {
    bfy_board_free (board);
  }

  void ask (const Asked &asked)
  {
    g_autoptr (BfyQuestion) question = asked.make ();

    ASSERT_NE (question, nullptr);
    bfy_board_put (board, question, now_ms);
  }

  BfyBoardStep press (BfyKey key)
  {
    order = {};
    return bfy_board_press (board, key, now_ms, &order);
  }
  BfyBoardStep press (char letter)
  {
    return press (BfyKey{ BFY_KEY_LETTER, letter });
  }
  BfyBoardStep press (BfyKeyKind kind)
  {
    return press (BfyKey{ kind, 0 });
  }
  void be_armed ()
  {
    now_ms += BFY_BOARD_ARMING_MS;
  }
  std::string notice ()
  {
    const char *text = bfy_board_get_notice (board);

    return text != nullptr ? text : "";
  }
  std::string selected ()
  {
    BfyQuestion *question = bfy_board_get_selected (board);

    return question != nullptr ? question->title : "";
  }

  std::vector<std::string> draw (guint columns = 80, guint rows = 24)
  {
    g_auto (BfyView) view = bfy_board_draw (board, columns, rows, now_ms, asked_at_s + 18);
    std::vector<std::string> lines;

    for (guint i = 0; i < view.lines->len; i++)
      lines.push_back (static_cast<BfyViewLine *> (g_ptr_array_index (view.lines, i))->text);
    is_complete = view.is_complete;
    EXPECT_LE (lines.size (), rows);
    for (const std::string &line : lines)
      EXPECT_LE (bfy_text_width (line.c_str ()), columns) << line;
    return lines;
  }

  BfyBoard *board = bfy_board_new ();
  BfyBoardOrder order = {};
  gint64 now_ms = 1000000;
  bool is_complete = false;
};

// craft H02.
TEST_F (Board, H02NoKeyCountsWithin700MsOfAppearance)
{
  ask (nth (1));
  EXPECT_EQ (press (BFY_KEY_ENTER), BFY_BOARD_LOOK);
  now_ms += 699;
  EXPECT_EQ (bfy_board_get_arming_ms (board, now_ms), 1);
  EXPECT_EQ (press ('o'), BFY_BOARD_LOOK);
  EXPECT_THAT (notice (), StartsWith ("Too soon"));
  EXPECT_EQ (press (' '), BFY_BOARD_LOOK);
  be_armed ();
  EXPECT_EQ (press ('o'), BFY_BOARD_ANSWER);
  EXPECT_EQ (order.reply, BFY_REPLY_ALLOW);
  EXPECT_EQ (order.scope, BFY_GRANT_ONCE);
}

TEST_F (Board, H02AKeyHeldDownNeverGetsThrough)
{
  ask (nth (1));
  for (int i = 0; i < 100; i++)
    {
      now_ms += 30;
      EXPECT_EQ (press ('o'), BFY_BOARD_LOOK);
    }
}

TEST_F (Board, H02AnotherQuestionIsArmedAnew)
{
  ask (nth (1));
  ask (nth (2));
  be_armed ();
  EXPECT_EQ (press ('j'), BFY_BOARD_LOOK);
  EXPECT_EQ (selected (), "Question 2?");
  EXPECT_EQ (press ('o'), BFY_BOARD_LOOK);
  be_armed ();
  ASSERT_EQ (press ('o'), BFY_BOARD_ANSWER);
  EXPECT_STREQ (order.question->title, "Question 2?");

  // The next one steps into its place under the person's finger.
  bfy_board_close (board, order.question->id, "allowed", now_ms);
  EXPECT_EQ (selected (), "Question 1?");
  EXPECT_EQ (press ('o'), BFY_BOARD_LOOK);
}

// It may have been read as another one.
TEST_F (Board, H02AQuestionThatChangesIsArmedAnew)
{
  Asked more = nth (1), other = nth (1);
  ask (nth (1));
  be_armed ();
  more.n_waiting = 7;
  ask (more);
  EXPECT_EQ (bfy_board_get_arming_ms (board, now_ms), 0);
  other.lines = { "Program: “claude” (unverified)" };
  ask (other);
  EXPECT_EQ (press ('o'), BFY_BOARD_LOOK);
}

// In a window: it has been drawn only now, or somebody types.
TEST_F (Board, H02WhatIsLookedAtAgainIsArmedAnew)
{
  ask (nth (1));
  be_armed ();
  bfy_board_look_again (board, now_ms);
  EXPECT_EQ (bfy_board_choose (board, BFY_REPLY_ALLOW, BFY_GRANT_ONCE, now_ms, &order),
             BFY_BOARD_LOOK);
  be_armed ();
  EXPECT_EQ (bfy_board_choose (board, BFY_REPLY_ALLOW, BFY_GRANT_ONCE, now_ms, &order),
             BFY_BOARD_ANSWER);
  EXPECT_TRUE (bfy_board_is_answering (board, order.question->id));
}

// A button for what the question does not offer does nothing.
TEST_F (Board, OnlyWhatIsOfferedCanBeChosen)
{
  ask (nth (1));
  be_armed ();
  EXPECT_EQ (bfy_board_choose (board, BFY_REPLY_ALLOW, BFY_GRANT_ALWAYS, now_ms, &order),
             BFY_BOARD_NOTHING);
  EXPECT_EQ (bfy_board_choose (board, BFY_REPLY_DISMISS, BFY_GRANT_ONCE, now_ms, &order),
             BFY_BOARD_ANSWER);
  EXPECT_EQ (order.reply, BFY_REPLY_DISMISS);
}

// What is not said to be harmless is not taken for it.
TEST_F (Board, AQuestionOfUnknownEffectCannotBeUndone)
{
  g_autoptr (BfyQuestion) question = nth (1).make ();

  EXPECT_EQ (question->access, BFY_ACCESS_DANGER);
  EXPECT_FALSE (question->is_verified);
}

TEST_F (Board, ANewQuestionTakesNobodysPlace)
{
  ask (nth (1));
  be_armed ();
  ask (nth (2));
  EXPECT_EQ (selected (), "Question 1?");
  EXPECT_EQ (press ('o'), BFY_BOARD_ANSWER);
  EXPECT_STREQ (order.question->title, "Question 1?");
}

TEST_F (Board, DenyIsMarkedAtFirst)
{
  ask (nth (1));
  be_armed ();
  EXPECT_EQ (press (BFY_KEY_ENTER), BFY_BOARD_ANSWER);
  EXPECT_EQ (order.reply, BFY_REPLY_DENY);
}

TEST_F (Board, WhatIsMarkedIsDone)
{
  ask (nth (1));
  be_armed ();
  EXPECT_EQ (press (BFY_KEY_TAB), BFY_BOARD_LOOK);
  EXPECT_EQ (press (BFY_KEY_RIGHT), BFY_BOARD_LOOK);
  EXPECT_EQ (press (' '), BFY_BOARD_ANSWER);
  EXPECT_EQ (order.scope, BFY_GRANT_TEN_MINUTES);
  bfy_board_note_failed (board, order.question->id, "no");
  EXPECT_EQ (press (BFY_KEY_LEFT), BFY_BOARD_LOOK);
  EXPECT_EQ (press (BFY_KEY_BACK_TAB), BFY_BOARD_LOOK);
  EXPECT_EQ (press (BFY_KEY_BACK_TAB), BFY_BOARD_LOOK);
  EXPECT_EQ (press (BFY_KEY_ENTER), BFY_BOARD_ANSWER);
  EXPECT_EQ (order.reply, BFY_REPLY_DISMISS);
}

TEST_F (Board, AnswersOnceUntilItFailed)
{
  ask (nth (1));
  be_armed ();
  EXPECT_EQ (press ('d'), BFY_BOARD_ANSWER);
  EXPECT_EQ (press ('o'), BFY_BOARD_NOTHING);
  bfy_board_note_failed (board, nth (1).id.c_str (), "The agent said no");
  EXPECT_EQ (notice (), "The agent said no");
  EXPECT_EQ (press ('o'), BFY_BOARD_ANSWER);
}

TEST_F (Board, MovesWithinTheList)
{
  for (int i = 1; i <= 3; i++)
    ask (nth (i));
  EXPECT_EQ (press (BFY_KEY_UP), BFY_BOARD_NOTHING);
  EXPECT_EQ (press (BFY_KEY_DOWN), BFY_BOARD_LOOK);
  EXPECT_EQ (press (BFY_KEY_DOWN), BFY_BOARD_LOOK);
  EXPECT_EQ (press (BFY_KEY_DOWN), BFY_BOARD_NOTHING);
  EXPECT_EQ (selected (), "Question 3?");
  EXPECT_EQ (press ('k'), BFY_BOARD_LOOK);
  EXPECT_EQ (selected (), "Question 2?");
  bfy_board_clear (board);
  EXPECT_EQ (selected (), "");
  for (char letter : std::string ("dotslax "))
    EXPECT_EQ (press (letter), BFY_BOARD_NOTHING);
  EXPECT_EQ (press (BFY_KEY_TAB), BFY_BOARD_NOTHING);
  EXPECT_EQ (press ('q'), BFY_BOARD_QUIT);
  EXPECT_EQ (press (BFY_KEY_INTERRUPT), BFY_BOARD_INTERRUPT);
  EXPECT_EQ (press (BFY_KEY_SUSPEND), BFY_BOARD_SUSPEND);
}

struct LetterCase
{
  const char *name;
  char letter;
  std::vector<std::string> scopes;
  BfyBoardStep want;
  BfyReply reply = BFY_REPLY_DENY;
  BfyGrantScope scope = BFY_GRANT_ONCE;
};

class BoardLetter : public Board, public testing::WithParamInterface<LetterCase>
{
};

TEST_P (BoardLetter, DoesWhatIsOffered)
{
  const LetterCase &row = GetParam ();
  Asked asked;

  asked.scopes = row.scopes;
  ask (asked);
  be_armed ();
  ASSERT_EQ (press (row.letter), row.want);
  if (row.want != BFY_BOARD_ANSWER)
    return;
  EXPECT_EQ (order.reply, row.reply);
  if (row.reply == BFY_REPLY_ALLOW)
    {
      EXPECT_EQ (order.scope, row.scope);
    }
}

const std::vector<std::string> every_scope = { "once", "10min", "session", "until_lock", "always" };

INSTANTIATE_TEST_SUITE_P (
    Letters,
    BoardLetter,
    testing::Values (LetterCase{ "Deny", 'd', every_scope, BFY_BOARD_ANSWER, BFY_REPLY_DENY },
                     LetterCase{ "PutAway", 'x', every_scope, BFY_BOARD_ANSWER, BFY_REPLY_DISMISS },
                     LetterCase{ "Once", 'o', every_scope, BFY_BOARD_ANSWER, BFY_REPLY_ALLOW,
                                 BFY_GRANT_ONCE },
                     LetterCase{ "TenMinutes", 't', every_scope, BFY_BOARD_ANSWER, BFY_REPLY_ALLOW,
                                 BFY_GRANT_TEN_MINUTES },
                     LetterCase{ "Session", 's', every_scope, BFY_BOARD_ANSWER, BFY_REPLY_ALLOW,
                                 BFY_GRANT_SESSION },
                     LetterCase{ "UntilLock", 'l', every_scope, BFY_BOARD_ANSWER, BFY_REPLY_ALLOW,
                                 BFY_GRANT_UNTIL_LOCK },
                     LetterCase{ "Always", 'a', every_scope, BFY_BOARD_ANSWER, BFY_REPLY_ALLOW,
                                 BFY_GRANT_ALWAYS },
                     LetterCase{ "NoAlwaysForDanger", 'a', { "once", "10min" }, BFY_BOARD_NOTHING },
                     LetterCase{ "OnceOnly", 't', { "once" }, BFY_BOARD_NOTHING },
                     LetterCase{ "ScopeOfANewerAgent", 'o', { "for_ever" }, BFY_BOARD_NOTHING },
                     LetterCase{ "UpperCase", 'O', every_scope, BFY_BOARD_NOTHING },
                     LetterCase{ "Other", 'y', every_scope, BFY_BOARD_NOTHING }),
    case_name<LetterCase>);

TEST_F (Board, ShowsOneQuestionInFull)
{
  Asked asked;

  asked.n_waiting = 3;
  bfy_board_set_connected (board, TRUE);
  ask (asked);
  be_armed ();
  EXPECT_THAT (
      draw (),
      ElementsAre ("bindify: 1 open question", "Let “claude” merge pull requests on GitHub?",
                   "Program: “claude ← zsh” (verified)", "Effect: can’t be undone",
                   "Time left: 1:42, 3 requests wait",
                   "[d Deny]  o Once   t Ten minutes   x Put away ",
                   "Deny: refuse it, and the same again for an hour", "",
                   "Enter does what is in [ ] · Tab changes it · ↑ ↓ another question · q quits"));
  EXPECT_TRUE (is_complete);
  press (BFY_KEY_TAB);
  EXPECT_THAT (draw (), Contains ("Once: what once means"));
}

TEST_F (Board, SaysThatNothingIsAsked)
{
  bfy_board_set_connected (board, TRUE);
  EXPECT_THAT (draw (), ElementsAre ("bindify: 0 open questions", "Nothing is asked just now.", "",
                                     "q quits"));
  bfy_board_set_connected (board, FALSE);
  EXPECT_THAT (draw (), Contains (HasSubstr ("the agent does not answer")));
}

TEST_F (Board, ListsSeveralAndMarksOne)
{
  bfy_board_set_connected (board, TRUE);
  for (int i = 1; i <= 9; i++)
    ask (nth (i));
  press ('j');
  std::vector<std::string> lines = draw ();
  EXPECT_THAT (lines[1], AllOf (StartsWith ("  Question 1?"), HasSubstr ("1:42")));
  EXPECT_THAT (lines[2], StartsWith ("> Question 2?"));
  for (int i = 0; i < 9; i++)
    press ('j');
  EXPECT_THAT (draw (), Contains (StartsWith ("> Question 9?")));
}

// H01: what does not fit cannot be allowed unseen.
TEST_F (Board, H01WhatIsNotAllOnTheScreenCannotBeAllowed)
{
  Asked asked;

  for (int i = 0; i < 10; i++)
    asked.lines.push_back ("With: “" + std::string (110, 'x') + "”");
  bfy_board_set_connected (board, TRUE);
  ask (asked);
  be_armed ();
  EXPECT_THAT (draw (40, 16), Contains (StartsWith ("… there is more")));
  EXPECT_FALSE (is_complete);
  bfy_board_set_complete (board, is_complete);
  EXPECT_EQ (press ('o'), BFY_BOARD_LOOK);
  EXPECT_THAT (notice (), StartsWith ("The window is too small"));
  EXPECT_EQ (press ('d'), BFY_BOARD_ANSWER);
  draw (100, 40);
  EXPECT_TRUE (is_complete);
}

struct SizeCase
{
  const char *name;
  guint columns, rows;
};

class BoardSize : public Board, public testing::WithParamInterface<SizeCase>
{
};

// draw() looks whether it fits.
TEST_P (BoardSize, FitsWhateverTheSize)
{
  bfy_board_set_connected (board, TRUE);
  for (int i = 1; i <= 5; i++)
    {
      Asked asked = nth (i);

      asked.title = "Let “漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字” do something for a long while?";
      asked.n_waiting = 1000;
      asked.lines.push_back (std::string (119, 'x'));
      ask (asked);
    }
  bfy_board_set_notice (board, std::string (300, 'n').c_str ());
  EXPECT_FALSE (draw (GetParam ().columns, GetParam ().rows).empty ());
}

// Wherever a line is broken, nothing but blanks is lost.
TEST_F (Board, WrapsAtEveryWidth)
{
  std::string want;

  bfy_board_set_connected (board, TRUE);
  ask (Asked{});
  be_armed ();
  for (guint columns = 100; columns >= BFY_VIEW_COLUMNS_MIN; columns--)
    {
      std::vector<std::string> lines = draw (columns, 60);
      std::string all;

      EXPECT_TRUE (is_complete);
      lines.resize (lines.size () - 2); // the foot is cut
      for (const std::string &line : lines)
        all += line;
      all = all.substr (lines[0].size ()); // so is the head
      all.erase (std::remove (all.begin (), all.end (), ' '), all.end ());
      if (want.empty ())
        want = all;
      EXPECT_EQ (all, want) << columns;
    }
}

INSTANTIATE_TEST_SUITE_P (Sizes,
                          BoardSize,
                          testing::Values (SizeCase{ "Usual", 80, 24 },
                                           SizeCase{ "Large", 300, 100 },
                                           SizeCase{ "Narrow", 20, 24 },
                                           SizeCase{ "Low", 80, 8 },
                                           SizeCase{ "Smallest", 20, 8 },
                                           SizeCase{ "TooNarrow", 19, 24 },
                                           SizeCase{ "TooLow", 80, 7 },
                                           SizeCase{ "OneRow", 80, 1 },
                                           SizeCase{ "OneColumn", 2, 24 }),
                          case_name<SizeCase>);

// H01, J46: an agent that were to let something through would still move no cursor.
TEST_F (Board, J46NothingInAQuestionReachesTheTerminalRaw)
{
  Asked asked;

  asked.title = "x\033[2J\r\n\u202ey";
  asked.lines = { "a\nb", "\033]0;title\a", "\u009b31m" };
  bfy_board_set_connected (board, TRUE);
  ask (asked);
  g_auto (BfyView) view = bfy_board_draw (board, 80, 24, now_ms, asked_at_s);
  std::string picture = take_text (bfy_view_to_terminal (&view, TRUE));

  EXPECT_THAT (picture, Not (HasSubstr ("x\033[2J")));
  EXPECT_THAT (picture, HasSubstr ("x\\u{1b}[2J\\r\\n\\u{202e}y"));
  EXPECT_THAT (picture, Not (HasSubstr ("\033]")));
  EXPECT_THAT (picture, Not (HasSubstr ("\u202e")));
  EXPECT_THAT (picture, Not (HasSubstr ("\u009b")));
  std::string text = take_text (bfy_board_format_selected (board, asked_at_s));
  EXPECT_THAT (text, Not (HasSubstr ("\033")));
  EXPECT_THAT (text, HasSubstr ("  a\\nb\n"));
}

TEST_F (Board, ColoursCanBeDoneWithout)
{
  bfy_board_set_connected (board, TRUE);
  ask (Asked{});
  g_auto (BfyView) view = bfy_board_draw (board, 80, 24, now_ms, asked_at_s);

  EXPECT_THAT (take_text (bfy_view_to_terminal (&view, TRUE)), HasSubstr ("\033[1;31m"));
  EXPECT_THAT (take_text (bfy_view_to_terminal (&view, FALSE)), Not (HasSubstr (";31m")));
}

TEST_F (Board, SaysHowAQuestionEnded)
{
  for (const char *how : { "allowed", "denied", "dismissed", "timeout", "withdrawn", "refused" })
    {
      ask (nth (1));
      bfy_board_close (board, nth (1).id.c_str (), how, now_ms);
      EXPECT_THAT (notice (), AllOf (Not (StartsWith ("Closed")), HasSubstr (": Question 1?")));
    }
  ask (nth (1));
  bfy_board_close (board, nth (1).id.c_str (), "some_new_way", now_ms);
  EXPECT_EQ (notice (), "Closed: Question 1?");
  bfy_board_close (board, "unknown", "allowed", now_ms);
}

struct QuestionCase
{
  const char *name, *json;
  bool is_there;
};

class QuestionTest : public testing::TestWithParam<QuestionCase>
{
};

TEST_P (QuestionTest, IsReadOrNot)
{
  std::string text = GetParam ().json;
  g_autoptr (JsonObject) object = bfy_json_parse_object (text.data (), text.size (), nullptr);

  ASSERT_NE (object, nullptr);
  g_autoptr (BfyQuestion) question = bfy_question_from_json (object);
  EXPECT_EQ (question != nullptr, GetParam ().is_there);
}

#define UUID "\"id\":\"11111111-1111-4111-8111-111111111111\""
INSTANTIATE_TEST_SUITE_P (
    Replies,
    QuestionTest,
    testing::Values (
        QuestionCase{ "Least", "{" UUID R"(,"title":"x","digest":"a"})", true },
        QuestionCase{ "Empty", "{}", false },
        QuestionCase{ "NoDigest", "{" UUID R"(,"title":"x"})", false },
        QuestionCase{ "NoTitle", "{" UUID R"(,"digest":"x"})", false },
        QuestionCase{ "IdIsAPath", R"({"id":"../x","title":"x","digest":"a"})", false },
        QuestionCase{ "WrongTypes", "{" UUID R"(,"title":7,"digest":[]})", false },
        QuestionCase{
            "OddMembers",
            "{" UUID
            R"(,"title":"x","digest":"a","lines":[1,{},null,[]],"scopes":[1,{},"x"],"meanings":{}})",
            true },
        QuestionCase{ "MeaningsAreMissing",
                      "{" UUID R"(,"title":"x","digest":"a","scopes":["once"],"meanings":[]})",
                      true }),
    case_name<QuestionCase>);

class QuestionFind : public testing::Test
{
protected:
  QuestionFind ()
  {
    for (const char *id :
         { "aaaaaaaa-1111-4111-8111-111111111111", "aaaabbbb-1111-4111-8111-111111111111" })
      {
        Asked asked;

        asked.id = id;
        g_ptr_array_add (questions, asked.make ());
      }
  }
  ~QuestionFind () override
  {
    g_ptr_array_unref (questions);
  }

  GPtrArray *questions =
      g_ptr_array_new_with_free_func (reinterpret_cast<GDestroyNotify> (bfy_question_unref));
  Error error;
};

TEST_F (QuestionFind, TakesTheBeginningOfAnId)
{
  EXPECT_EQ (bfy_question_find (questions, "aaaab", error.out ()),
             g_ptr_array_index (questions, 1));
  EXPECT_EQ (bfy_question_find (questions, "AAAAAA", error.out ()),
             g_ptr_array_index (questions, 0));
  EXPECT_EQ (bfy_question_find (questions, "aaaa", error.out ()), nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_INVALID_ARGUMENT));
  EXPECT_EQ (bfy_question_find (questions, "b", error.out ()), nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_NOT_FOUND));
  EXPECT_EQ (bfy_question_find (questions, "", error.out ()), nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_NOT_FOUND));
}

TEST (Scope, IsReadAsTyped)
{
  BfyGrantScope scope;
  Error error;

  EXPECT_TRUE (bfy_scope_parse ("until-lock", &scope, error.out ()));
  EXPECT_EQ (scope, BFY_GRANT_UNTIL_LOCK);
  EXPECT_TRUE (bfy_scope_parse ("10min", &scope, error.out ()));
  EXPECT_FALSE (bfy_scope_parse ("forever", &scope, error.out ()));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_INVALID_ARGUMENT));
}

struct KeysCase
{
  const char *name;
  std::string bytes;
  std::vector<int> want; // kinds
};

class KeysTest : public testing::TestWithParam<KeysCase>
{
};

TEST_P (KeysTest, AreCut)
{
  BfyKeys keys = {};
  std::vector<int> kinds;

  for (char byte : GetParam ().bytes)
    {
      BfyKey key = bfy_keys_feed (&keys, static_cast<guint8> (byte));

      if (key.kind != BFY_KEY_NONE)
        kinds.push_back (key.kind);
    }
  EXPECT_EQ (kinds, GetParam ().want);
}

INSTANTIATE_TEST_SUITE_P (
    Bytes,
    KeysTest,
    testing::Values (
        KeysCase{ "Letter", "d", { BFY_KEY_LETTER } },
        KeysCase{ "Enter", "\r\n", { BFY_KEY_ENTER, BFY_KEY_ENTER } },
        KeysCase{ "Arrows",
                  "\033[A\033[B\033OC\033OD",
                  { BFY_KEY_UP, BFY_KEY_DOWN, BFY_KEY_RIGHT, BFY_KEY_LEFT } },
        KeysCase{ "ArrowWithControl", "\033[1;5A", { BFY_KEY_UP } },
        KeysCase{ "Tabs", "\t\033[Z", { BFY_KEY_TAB, BFY_KEY_BACK_TAB } },
        KeysCase{
            "Control", "\003\032\014", { BFY_KEY_INTERRUPT, BFY_KEY_SUSPEND, BFY_KEY_REDRAW } },
        KeysCase{ "NoLettersInASequence", "\033[3~\033[15~\033[[A\033[200~", {} },
        KeysCase{ "NoLettersBehindAlt", "\033o\033d", {} },
        KeysCase{ "NoLettersInAnAnswerOfTheTerminal", "\033]11;rgb:ooo\aq", { BFY_KEY_LETTER } },
        KeysCase{ "AnswerEndsByString", "\033P1+dodo\033\\q", { BFY_KEY_LETTER } },
        KeysCase{ "MouseReport", "\033[<0;10;10M", {} },
        KeysCase{ "InterruptWithinAString", "\033]11;\003", { BFY_KEY_INTERRUPT } },
        KeysCase{ "EscapeEscape", "\033\033[A", { BFY_KEY_UP } },
        KeysCase{ "NotAscii", "\xc3\xa9\xff\x80\x7f", {} },
        KeysCase{ "Nul", std::string (3, '\0'), {} }),
    case_name<KeysCase>);

TEST (Keys, AnEscapeAloneIsForgotten)
{
  BfyKeys keys = {};

  EXPECT_EQ (bfy_keys_feed (&keys, '\033').kind, BFY_KEY_NONE);
  bfy_keys_reset (&keys);
  EXPECT_EQ (bfy_keys_feed (&keys, 'q').kind, BFY_KEY_LETTER);
}

} // namespace
