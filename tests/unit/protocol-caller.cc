// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/caller.h"
#include "protocol/json.h"
}

namespace
{

using testing::HasSubstr;
using testing::Not;

BfyCaller *
local_program (const char *program)
{
  BfyCaller *caller = bfy_caller_new ();

  caller->uid = 1000;
  caller->pid = caller->program_pid = 4711;
  caller->program = g_strdup (program);
  caller->is_verified = TRUE;
  return caller;
}

std::string
subject_of (const BfyCaller *caller)
{
  char *subject = bfy_caller_dup_subject (caller);

  return subject != nullptr ? take_text (subject) : "none";
}

std::string
json_of (const BfyCaller *caller)
{
  g_autoptr (JsonObject) object = bfy_caller_to_json (caller);

  return take_text (bfy_json_object_to_text (object, nullptr));
}

} // namespace

TEST (Caller, IsRecognisedByItsKeyFirst)
{
  g_autoptr (BfyCaller) caller = local_program ("/usr/bin/claude");

  EXPECT_EQ (subject_of (caller), "program:/usr/bin/claude");
  caller->sandbox = BFY_SANDBOX_FLATPAK;
  caller->sandbox_id = g_strdup ("org.example.App");
  EXPECT_EQ (subject_of (caller), "flatpak:org.example.App");
  caller->sandbox = BFY_SANDBOX_SNAP;
  EXPECT_EQ (subject_of (caller), "snap:org.example.App");
  caller->client_id = g_strdup ("7f3a");
  EXPECT_EQ (subject_of (caller), "client:7f3a");
}

// craft B08: what cannot be recognised another time is not remembered.
TEST (Caller, B08WithoutAProofIsNotRemembered)
{
  g_autoptr (BfyCaller) caller = local_program ("/usr/bin/claude");

  caller->is_verified = FALSE;
  EXPECT_EQ (subject_of (caller), "none");
  caller->sandbox = BFY_SANDBOX_FLATPAK;
  caller->sandbox_id = g_strdup ("org.example.App");
  EXPECT_EQ (subject_of (caller), "none");

  g_autoptr (BfyCaller) unidentified = bfy_caller_new ();
  EXPECT_EQ (subject_of (unidentified), "none");
  EXPECT_EQ (take_text (bfy_caller_dup_name (unidentified)), "an unidentified program");
}

// craft B09: a path means something else in there.
TEST (Caller, B09InAnotherNamespaceIsNotRemembered)
{
  g_autoptr (BfyCaller) caller = local_program ("/usr/bin/claude");

  caller->sandbox = BFY_SANDBOX_NAMESPACE;
  EXPECT_EQ (subject_of (caller), "none");
  EXPECT_THAT (json_of (caller), HasSubstr (R"("sandbox":"namespace")"));
}

// craft H01, J46.
TEST (Caller, J46EveryTextIsOneHarmlessLine)
{
  const char *hostile = "/tmp/a\nb\x1b[31m\xe2\x80\xae$(x)<b>";
  std::string long_text (10000, 'x');
  g_autoptr (BfyCaller) caller = local_program (hostile);
  const char *const chain[] = { hostile, "zsh", nullptr };

  caller->client_label = g_strdup (long_text.c_str ());
  caller->script = g_strdup (hostile);
  caller->directory = g_strdup (hostile);
  caller->scope = g_strdup (hostile);
  caller->via = g_strdup (hostile);
  caller->sandbox_id = g_strdup (hostile);
  caller->chain = g_strdupv (const_cast<char **> (chain));
  std::string text = json_of (caller);

  EXPECT_LT (text.size (), 2000u);
  EXPECT_THAT (text, Not (HasSubstr ("\n")));
  EXPECT_THAT (text, Not (HasSubstr ("\x1b")));
  EXPECT_THAT (text, Not (HasSubstr ("\xe2\x80\xae")));
  EXPECT_THAT (take_text (bfy_caller_dup_chain (caller)), Not (HasSubstr ("\n")));
}

TEST (Caller, ToldInJsonAsFarAsKnown)
{
  g_autoptr (BfyCaller) caller = local_program ("/usr/bin/python3.11");
  const char *const chain[] = { "python3.11", "zsh", "kitty", nullptr };

  EXPECT_EQ (json_of (caller), R"({"name":"python3.11","uid":1000,"pid":4711,)"
                               R"("program":"/usr/bin/python3.11","verified":true})");
  caller->chain = g_strdupv (const_cast<char **> (chain));
  caller->script = g_strdup ("backup.py");
  caller->via = g_strdup ("bindify");
  caller->is_replaced = TRUE;
  EXPECT_EQ (json_of (caller),
             R"({"name":"python3.11","uid":1000,"pid":4711,"program":"/usr/bin/python3.11",)"
             R"("replaced":true,"script":"backup.py","chain":"python3.11 ← zsh ← kitty",)"
             R"("via":"bindify","verified":true})");
}

TEST (Caller, ACopyIsAnotherOne)
{
  const char *const chain[] = { "claude", "zsh", nullptr };
  g_autoptr (BfyCaller) caller = local_program ("/usr/bin/claude");

  caller->chain = g_strdupv (const_cast<char **> (chain));
  g_autoptr (BfyCaller) copy = bfy_caller_copy (caller);
  EXPECT_EQ (json_of (copy), json_of (caller));
  copy->client_id = g_strdup ("7f3a");
  EXPECT_EQ (subject_of (caller), "program:/usr/bin/claude");
}
