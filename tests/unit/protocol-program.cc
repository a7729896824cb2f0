// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/binding.h"
#include "protocol/json.h"
#include "protocol/program.h"
}

namespace
{

using ::operator<<; // prints a row by its name

BfyProgram *
parse (const std::string &text, Error &error)
{
  g_autoptr (JsonObject) object = bfy_json_parse_object (text.data (), text.size (), error.out ());

  return object != nullptr ? bfy_program_from_json (object, error.out ()) : nullptr;
}

std::string
to_text (const BfyProgram *program)
{
  g_autoptr (JsonObject) object = bfy_program_to_json (program);

  return take_text (bfy_json_object_to_text (object, nullptr));
}

} // namespace

TEST (Program, ComesBackAsItWas)
{
  const std::string text =
      R"({"argv":["npx","-y","some server"],"deliver":"file","variable":"TOKEN_FILE",)"
      R"("pass":["TZ"],"share":["/srv/a","/srv/b:rw"],"sandbox":true,"network":false})";
  Error error;
  g_autoptr (BfyProgram) program = parse (text, error);

  ASSERT_NE (program, nullptr) << error;
  EXPECT_EQ (to_text (program), text);
  g_autoptr (BfyProgram) copy = bfy_program_copy (program);
  EXPECT_TRUE (bfy_program_equal (program, copy));
  EXPECT_EQ (to_text (copy), text);
  copy->has_network = TRUE;
  EXPECT_FALSE (bfy_program_equal (program, copy));
}

TEST (Program, IsConfinedUnlessToldOtherwise)
{
  Error error;
  g_autoptr (BfyProgram) program = parse (R"({"argv":["true"],"variable":"T"})", error);

  ASSERT_NE (program, nullptr) << error;
  EXPECT_TRUE (program->has_sandbox);
  EXPECT_EQ (program->delivery, BFY_DELIVER_ENV);
  EXPECT_EQ (program->pass[0], nullptr);
  EXPECT_EQ (program->share[0], nullptr);
}

TEST (Program, StandsInTheBinding)
{
  Error error;
  g_autoptr (JsonObject) object = bfy_json_parse_object (
      R"({"id":"i","name":"n","type":"custom","command":{"argv":["a"]}})", 62, error.out ());
  ASSERT_NE (object, nullptr) << error;
  g_autoptr (BfyBinding) binding = bfy_binding_from_json (object, error.out ());

  ASSERT_NE (binding, nullptr) << error;
  ASSERT_NE (binding->program, nullptr);
  EXPECT_STREQ (binding->program->argv[0], "a");
  g_autoptr (BfyBinding) copy = bfy_binding_copy (binding);
  EXPECT_TRUE (bfy_program_equal (binding->program, copy->program));
}

struct FormatCase
{
  const char *name;
  std::vector<std::string> argv;
  const char *want;
};

class ProgramFormat : public testing::TestWithParam<FormatCase>
{
};

TEST_P (ProgramFormat, ShowsTheWholeCommand)
{
  g_autoptr (BfyProgram) program = bfy_program_new ();

  g_strfreev (program->argv);
  program->argv = g_new0 (char *, GetParam ().argv.size () + 1);
  for (size_t i = 0; i < GetParam ().argv.size (); i++)
    program->argv[i] = g_strdup (GetParam ().argv[i].c_str ());
  EXPECT_EQ (take_text (bfy_program_format_command (program)), GetParam ().want);
}

INSTANTIATE_TEST_SUITE_P (
    Commands,
    ProgramFormat,
    testing::Values (FormatCase{ "Plain", { "npx", "-y", "@a/b@1" }, "npx -y @a/b@1" },
                     FormatCase{ "Blank", { "my prog", "" }, "'my prog' ''" },
                     FormatCase{ "Shell", { "a", ";rm", "$(x)" }, "a ';rm' '$(x)'" },
                     FormatCase{ "Quote", { "it's" }, R"('it'\''s')" },
                     FormatCase{ "Escape", { "a", "\x1b[2Khidden" }, "a '\\u{1b}[2Khidden'" },
                     FormatCase{ "Line", { "a", "b\nc" }, "a 'b\\nc'" }),
    [] (const auto &info) { return info.param.name; });

TEST (ProgramFormat, IsNeverCutOff)
{
  g_autoptr (BfyProgram) program = bfy_program_new ();
  std::string word (60000, 'x');

  g_strfreev (program->argv);
  program->argv = g_new0 (char *, 2);
  program->argv[0] = g_strdup (word.c_str ());
  EXPECT_EQ (take_text (bfy_program_format_command (program)), word);
}

struct BadProgram
{
  const char *name;
  std::string text;
  BfyErrorCode want;
};

class ProgramRefusal : public testing::TestWithParam<BadProgram>
{
};

TEST_P (ProgramRefusal, NamesTheProblem)
{
  Error error;

  EXPECT_EQ (parse (GetParam ().text, error), nullptr);
  EXPECT_THAT (error, FailsWith (GetParam ().want));
}

static std::string
with (const std::string &more)
{
  return R"({"argv":["a"],)" + more + "}";
}

INSTANTIATE_TEST_SUITE_P (
    Programs,
    ProgramRefusal,
    testing::Values (
        BadProgram{ "Empty", "{}", BFY_ERROR_INVALID_ARGUMENT },
        BadProgram{ "NoWords", R"({"argv":[]})", BFY_ERROR_INVALID_ARGUMENT },
        BadProgram{ "EmptyWord", R"({"argv":[""]})", BFY_ERROR_INVALID_ARGUMENT },
        BadProgram{ "NotAList", R"({"argv":"a b"})", BFY_ERROR_BAD_REQUEST },
        BadProgram{ "Numbers", R"({"argv":["a",1]})", BFY_ERROR_BAD_REQUEST },
        BadProgram{ "Long", "{\"argv\":[\"" + std::string (70000, 'a') + "\"]}",
                    BFY_ERROR_INVALID_ARGUMENT },
        BadProgram{ "Unknown", with (R"("nice":1)"), BFY_ERROR_BAD_REQUEST },
        BadProgram{ "Sandbox", with (R"("sandbox":"no")"), BFY_ERROR_BAD_REQUEST },
        BadProgram{ "Deliver", with (R"("deliver":"argv","variable":"A")"),
                    BFY_ERROR_INVALID_ARGUMENT },
        BadProgram{ "NoVariable", with (R"("deliver":"env")"), BFY_ERROR_INVALID_ARGUMENT },
        BadProgram{ "NoWay", with (R"("deliver":"nothing","variable":"A")"),
                    BFY_ERROR_INVALID_ARGUMENT },
        BadProgram{ "VariableName", with (R"("variable":"A=B")"), BFY_ERROR_INVALID_ARGUMENT },
        BadProgram{ "VariableDigit", with (R"("variable":"1A")"), BFY_ERROR_INVALID_ARGUMENT },
        BadProgram{ "Preload", with (R"("variable":"LD_PRELOAD")"), BFY_ERROR_INVALID_ARGUMENT },
        BadProgram{ "Path", with (R"("pass":["PATH"])"), BFY_ERROR_INVALID_ARGUMENT },
        BadProgram{ "PassAndSecret", with (R"("variable":"A","pass":["A"])"),
                    BFY_ERROR_INVALID_ARGUMENT },
        BadProgram{ "ShareRelative", with (R"("share":["a"])"), BFY_ERROR_INVALID_ARGUMENT },
        BadProgram{ "ShareDots", with (R"("share":["/a/../b"])"), BFY_ERROR_INVALID_ARGUMENT },
        BadProgram{ "ShareEverything", with (R"("share":["/:rw"])"), BFY_ERROR_INVALID_ARGUMENT },
        BadProgram{ "ShareWithoutSandbox", with (R"("share":["/a"],"sandbox":false)"),
                    BFY_ERROR_INVALID_ARGUMENT },
        BadProgram{ "NoNetworkWithoutSandbox", with (R"("network":false,"sandbox":false)"),
                    BFY_ERROR_INVALID_ARGUMENT }),
    [] (const auto &info) { return info.param.name; });
