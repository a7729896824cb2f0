// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <sys/stat.h>

#include "tests/fixture/private-dirs.h"
#include "tests/unit/matchers.h"

extern "C"
{
#include "agent/prompt/askpass-answer.h"
#include "agent/prompt/askpass.h"
}

namespace
{

using ::operator<<; // prints a row by its name

struct AnswerCase
{
  const char *name;
  int status;
  std::string output;
  BfyAskpassOutcome want;
  BfyAnswer answer = BFY_ANSWER_DISMISS;
  BfyGrantScope scope = BFY_GRANT_ONCE;
};

class AskpassAnswer : public testing::TestWithParam<AnswerCase>
{
};

TEST_P (AskpassAnswer, A16OnlyAPlainYesIsOne)
{
  const AnswerCase &row = GetParam ();
  BfyAskpassAnswer said = bfy_askpass_read (row.status, row.output.data (), row.output.size ());

  EXPECT_EQ (said.outcome, row.want);
  EXPECT_EQ (said.answer, row.answer);
  if (row.answer == BFY_ANSWER_ALLOW)
    {
      EXPECT_EQ (said.scope, row.scope);
    }
}

// behaviour 15.4, 15.6, A16.
INSTANTIATE_TEST_SUITE_P (
    A16,
    AskpassAnswer,
    testing::Values (
        AnswerCase{ "Silent", 0, "", BFY_ASKPASS_ANSWERED, BFY_ANSWER_ALLOW, BFY_GRANT_ONCE },
        AnswerCase{ "EmptyLine", 0, "\n", BFY_ASKPASS_ANSWERED, BFY_ANSWER_ALLOW, BFY_GRANT_ONCE },
        AnswerCase{ "Once", 0, "once\n", BFY_ASKPASS_ANSWERED, BFY_ANSWER_ALLOW, BFY_GRANT_ONCE },
        AnswerCase{ "TenMinutes", 0, "10min", BFY_ASKPASS_ANSWERED, BFY_ANSWER_ALLOW,
                    BFY_GRANT_TEN_MINUTES },
        AnswerCase{ "Session", 0, "session\n", BFY_ASKPASS_ANSWERED, BFY_ANSWER_ALLOW,
                    BFY_GRANT_SESSION },
        AnswerCase{ "UntilLock", 0, "until_lock\n", BFY_ASKPASS_ANSWERED, BFY_ANSWER_ALLOW,
                    BFY_GRANT_UNTIL_LOCK },
        AnswerCase{ "Always", 0, "always\n", BFY_ASKPASS_ANSWERED, BFY_ANSWER_ALLOW,
                    BFY_GRANT_ALWAYS },
        AnswerCase{ "Deny", 0, "deny\n", BFY_ASKPASS_ANSWERED, BFY_ANSWER_DENY },
        AnswerCase{ "DenyByStatusToo", 1, "deny\n", BFY_ASKPASS_ANSWERED, BFY_ANSWER_DENY },
        AnswerCase{ "Dismiss", 0, "dismiss", BFY_ASKPASS_ANSWERED, BFY_ANSWER_DISMISS },
        AnswerCase{ "Cancelled", 1, "", BFY_ASKPASS_CANCELLED },
        AnswerCase{ "CancelledWithAYes", 1, "once\n", BFY_ASKPASS_BROKEN },
        AnswerCase{ "OtherStatus", 2, "", BFY_ASKPASS_BROKEN },
        AnswerCase{ "DenyWithAnotherStatus", 127, "deny", BFY_ASKPASS_BROKEN },
        AnswerCase{ "NotByItself", -1, "", BFY_ASKPASS_BROKEN },
        AnswerCase{ "NotByItselfWithAYes", -1, "once", BFY_ASKPASS_BROKEN },
        AnswerCase{ "OtherWord", 0, "yes", BFY_ASKPASS_BROKEN },
        AnswerCase{ "UpperCase", 0, "Once", BFY_ASKPASS_BROKEN },
        AnswerCase{ "BlankAround", 0, " once", BFY_ASKPASS_BROKEN },
        AnswerCase{ "Blank", 0, " ", BFY_ASKPASS_BROKEN },
        AnswerCase{ "TwoLines", 0, "once\nalways\n", BFY_ASKPASS_BROKEN },
        AnswerCase{ "TwoEmptyLines", 0, "\n\n", BFY_ASKPASS_BROKEN },
        AnswerCase{ "Nul", 0, std::string ("once\0", 5), BFY_ASKPASS_BROKEN },
        AnswerCase{ "NulFirst", 0, std::string ("\0", 1), BFY_ASKPASS_BROKEN },
        AnswerCase{ "TooLong", 0, std::string (BFY_ASKPASS_OUTPUT_BYTES_MAX + 1, '\n'),
                    BFY_ASKPASS_BROKEN }),
    case_name<AnswerCase>);

class AskpassProgram : public testing::Test
{
protected:
  void make (unsigned mode, unsigned around = 0700)
  {
    write_file (path, "#!/bin/sh\n", mode);
    chmod (dir.path ().c_str (), around);
  }
  bool is_good (const std::string &name)
  {
    return bfy_askpass_check_program (name.c_str (), error.out ());
  }

  TempDir dir;
  std::string path = dir.path ("askpass");
  Error error;
};

TEST_F (AskpassProgram, IsOneThatNobodyElseCanChange)
{
  make (0755);
  EXPECT_TRUE (is_good (path)) << error;
  make (0775);
  EXPECT_FALSE (is_good (path));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_UNSAFE_PATH));
  make (0757);
  EXPECT_FALSE (is_good (path));
  make (0755, 0777);
  EXPECT_FALSE (is_good (path));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_UNSAFE_PATH));
}

TEST_F (AskpassProgram, IsAFileThatCanBeRun)
{
  make (0600);
  EXPECT_FALSE (is_good (path));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_INVALID_ARGUMENT));
  EXPECT_FALSE (is_good (dir.path ()));
  EXPECT_FALSE (is_good (dir.path ("nothing")));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_NOT_FOUND));
  EXPECT_FALSE (is_good ("askpass"));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_INVALID_ARGUMENT));
  EXPECT_FALSE (is_good (""));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_INVALID_ARGUMENT));
}

} // namespace
