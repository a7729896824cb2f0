// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/access.h"
#include "protocol/capability.h"
}

using testing::HasSubstr;

// --- Names of tools ---

struct ToolNameCase
{
  const char *name;
  BfyAccess access;
};

class ToolName : public testing::TestWithParam<ToolNameCase>
{
};

TEST_P (ToolName, SaysWhatItDoes)
{
  EXPECT_EQ (bfy_access_of_tool_name (GetParam ().name), GetParam ().access) << GetParam ().name;
}

#define READ BFY_ACCESS_READ
#define WRITE BFY_ACCESS_WRITE
#define DANGER BFY_ACCESS_DANGER

// Of servers that are in use: GitHub, Linear, Notion, Slack, files, a database, a browser.
INSTANTIATE_TEST_SUITE_P (Real,
                          ToolName,
                          testing::Values (ToolNameCase{ "get_me", READ },
                                           ToolNameCase{ "get_issue", READ },
                                           ToolNameCase{ "list_issues", READ },
                                           ToolNameCase{ "search_code", READ },
                                           ToolNameCase{ "get_file_contents", READ },
                                           ToolNameCase{ "list_pull_requests", READ },
                                           ToolNameCase{ "get_commit", READ },
                                           ToolNameCase{ "get_latest_release", READ },
                                           ToolNameCase{ "list_merge_requests", READ },
                                           ToolNameCase{ "get_pull_request_review_comments", READ },
                                           ToolNameCase{ "create_issue", WRITE },
                                           ToolNameCase{ "add_issue_comment", WRITE },
                                           ToolNameCase{ "update_pull_request", WRITE },
                                           ToolNameCase{ "merge_pull_request", DANGER },
                                           ToolNameCase{ "delete_file", DANGER },
                                           ToolNameCase{ "push_files", WRITE },
                                           ToolNameCase{ "fork_repository", WRITE },
                                           ToolNameCase{ "create_or_update_file", WRITE },
                                           ToolNameCase{ "issue_write", WRITE },
                                           ToolNameCase{ "actions_run_trigger", WRITE },
                                           ToolNameCase{ "dismiss_notification", WRITE },
                                           ToolNameCase{ "request_copilot_review", WRITE },
                                           ToolNameCase{ "list_teams", READ },
                                           ToolNameCase{ "get_document", READ },
                                           ToolNameCase{ "create_project", WRITE },
                                           ToolNameCase{ "update_issue", WRITE },
                                           ToolNameCase{ "linear_search_issues", READ },
                                           ToolNameCase{ "linear_create_issue", WRITE },
                                           ToolNameCase{ "notion-create-pages", WRITE },
                                           ToolNameCase{ "notion-update-page", WRITE },
                                           ToolNameCase{ "notion-get-users", READ },
                                           ToolNameCase{ "notion-move-pages", WRITE },
                                           ToolNameCase{ "API-delete-block", DANGER },
                                           ToolNameCase{ "API-retrieve-a-page", READ },
                                           ToolNameCase{ "API-post-search", WRITE },
                                           ToolNameCase{ "slack_list_channels", READ },
                                           ToolNameCase{ "slack_post_message", WRITE },
                                           ToolNameCase{ "slack_get_thread_replies", READ },
                                           ToolNameCase{ "slack_add_reaction", WRITE },
                                           ToolNameCase{ "conversations_add_message", WRITE },
                                           ToolNameCase{ "read_file", READ },
                                           ToolNameCase{ "read_multiple_files", READ },
                                           ToolNameCase{ "write_file", WRITE },
                                           ToolNameCase{ "edit_file", WRITE },
                                           ToolNameCase{ "create_directory", WRITE },
                                           ToolNameCase{ "list_directory", READ },
                                           ToolNameCase{ "move_file", WRITE },
                                           ToolNameCase{ "search_files", READ },
                                           ToolNameCase{ "get_file_info", READ },
                                           ToolNameCase{ "list_allowed_directories", READ },
                                           ToolNameCase{ "execute_sql", DANGER },
                                           ToolNameCase{ "browser_click", WRITE },
                                           ToolNameCase{ "describe_table", READ },
                                           ToolNameCase{ "drop_table", DANGER }));

// What could make a write look like a read.
INSTANTIATE_TEST_SUITE_P (Odd,
                          ToolName,
                          testing::Values (ToolNameCase{ "", WRITE },
                                           ToolNameCase{ "frobnicate", WRITE },
                                           ToolNameCase{ "target", WRITE },
                                           ToolNameCase{ "getaway", WRITE },
                                           ToolNameCase{ "listen", WRITE },
                                           ToolNameCase{ "get_and_set", WRITE },
                                           ToolNameCase{ "get_or_create_user", WRITE },
                                           ToolNameCase{ "find_and_replace", WRITE },
                                           ToolNameCase{ "search_replace", WRITE },
                                           ToolNameCase{ "get_and_frobnicate", WRITE },
                                           ToolNameCase{ "get_and_merge", DANGER },
                                           ToolNameCase{ "list_then_delete", DANGER },
                                           ToolNameCase{ "get_deleted", READ },
                                           ToolNameCase{ "get_merge_status", READ },
                                           ToolNameCase{ "merge_get", DANGER },
                                           ToolNameCase{ "shuffle_list", WRITE },
                                           ToolNameCase{ "mark_read", WRITE },
                                           ToolNameCase{ "GET_ISSUE", READ },
                                           ToolNameCase{ "Delete_Repo", DANGER },
                                           ToolNameCase{ "getIssue", READ },
                                           ToolNameCase{ "deleteRepo", DANGER },
                                           ToolNameCase{ "XMLDelete", DANGER },
                                           ToolNameCase{ "getHTTPDelete", DANGER },
                                           ToolNameCase{ "github__get_issue", READ },
                                           ToolNameCase{ "github.delete_repo", DANGER },
                                           ToolNameCase{ "github/list_issues", READ },
                                           ToolNameCase{ "get.delete_all", DANGER },
                                           ToolNameCase{ "merge.get_status", DANGER },
                                           ToolNameCase{ "get__merge", DANGER },
                                           ToolNameCase{ "g\u0435t_issue", WRITE },
                                           ToolNameCase{ "get_i\u017f\u017fue", WRITE },
                                           ToolNameCase{ "d\u00e9lete_x", WRITE },
                                           ToolNameCase{ "get-", READ },
                                           ToolNameCase{ "2get_x", READ },
                                           ToolNameCase{ "getgetgetgetgetgetgetgetget_x", WRITE }));

// Each verb that changes something must be found in its table.
TEST (Access, KnowsEachVerb)
{
  for (const char *verb : { "delete", "archive", "ban", "zap", "write", "wipe", "upsert", "assign",
                            "vote", "unpin", "trash", "purge", "rm", "add" })
    EXPECT_NE (bfy_access_of_tool_name (verb), READ) << verb;
  for (const char *verb :
       { "ban",     "charge",    "clear",    "delete", "deploy",   "destroy",   "discard",
         "drop",    "empty",     "erase",    "eval",   "evict",    "exec",      "execute",
         "expunge", "force",     "format",   "kill",   "merge",    "overwrite", "pay",
         "prune",   "publish",   "purge",    "refund", "remove",   "reset",     "revoke",
         "rm",      "rmdir",     "rollback", "rotate", "shell",    "shred",     "spawn",
         "sudo",    "terminate", "transfer", "trash",  "truncate", "uninstall", "unlink",
         "wipe",    "wire",      "withdraw" })
    EXPECT_EQ (bfy_access_of_tool_name (verb), DANGER) << verb;
  for (const char *verb :
       { "browse", "cat",  "compare", "count", "describe", "diff",    "explain", "fetch",
         "find",   "get",  "grep",    "head",  "help",     "inspect", "list",    "lookup",
         "ls",     "ping", "preview", "read",  "retrieve", "search",  "show",    "stat",
         "tail",   "tree", "version", "view",  "whoami" })
    EXPECT_EQ (bfy_access_of_tool_name (verb), READ) << verb;
}

TEST (Access, OfHttpIsByMethod)
{
  for (const char *method : { "GET", "HEAD", "OPTIONS", "QUERY" })
    EXPECT_EQ (bfy_access_of_http_method (method), READ) << method;
  for (const char *method : { "POST", "PUT", "PATCH", "TRACE", "CONNECT", "get", "" })
    EXPECT_EQ (bfy_access_of_http_method (method), WRITE) << method;
  EXPECT_EQ (bfy_access_of_http_method ("DELETE"), DANGER);
  EXPECT_EQ (bfy_access_of_http_method ("delete"), DANGER);
}

TEST (Access, HasWords)
{
  BfyAccess access = DANGER;

  EXPECT_TRUE (bfy_access_from_wire ("write", &access));
  EXPECT_EQ (access, WRITE);
  EXPECT_FALSE (bfy_access_from_wire ("Write", &access));
  EXPECT_FALSE (bfy_access_from_wire (nullptr, &access));
  EXPECT_STREQ (bfy_access_to_wire (DANGER), "danger");
}

// --- Annotations ---

static BfyToolHints
hints_of (const std::string &annotations)
{
  std::string text = R"({"name":"x")" + annotations + "}";
  BfyJsonSlice tool;

  bfy_json_slice_root (text.c_str (), text.length (), &tool);
  return bfy_tool_hints_read (&tool);
}

struct HintCase
{
  const char *name, *annotations;
  BfyAccess from_read, from_write;
};

class Hints : public testing::TestWithParam<HintCase>
{
};

TEST_P (Hints, TightenAndNeverLoosen)
{
  BfyToolHints hints = hints_of (GetParam ().annotations);

  EXPECT_EQ (bfy_access_tighten (READ, &hints), GetParam ().from_read);
  EXPECT_EQ (bfy_access_tighten (WRITE, &hints), GetParam ().from_write);
  EXPECT_EQ (bfy_access_tighten (DANGER, &hints), DANGER);
  EXPECT_EQ (bfy_access_tighten (READ, nullptr), READ);
}

INSTANTIATE_TEST_SUITE_P (
    Annotations,
    Hints,
    testing::Values (
        HintCase{ "None", "", READ, WRITE },
        HintCase{ "SaysItReads", R"(,"annotations":{"readOnlyHint":true})", READ, WRITE },
        HintCase{ "SaysItWrites", R"(,"annotations":{"readOnlyHint":false})", WRITE, WRITE },
        HintCase{ "SaysItDestroys", R"(,"annotations":{"destructiveHint":true})", DANGER, DANGER },
        HintCase{ "SaysItDestroysNot", R"(,"annotations":{"destructiveHint":false})", READ, WRITE },
        HintCase{ "ReadsAndDestroys",
                  R"(,"annotations":{"readOnlyHint":true,"destructiveHint":true})", READ, WRITE },
        HintCase{ "Text", R"(,"annotations":{"readOnlyHint":"false"})", READ, WRITE },
        HintCase{ "NoObject", R"(,"annotations":[false])", READ, WRITE }),
    [] (const testing::TestParamInfo<HintCase> &info) { return info.param.name; });

// --- Capabilities ---

static BfyCapability *
read_capability (const std::string &text, GError **error)
{
  BfyJsonSlice object;

  bfy_json_slice_root (text.c_str (), text.length (), &object);
  return bfy_capability_read (&object, error);
}

TEST (Capability, NamesToolsAndRequests)
{
  Error error;
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_capability_free);

  for (const char *text :
       { R"({"id":"merge","name":"Merge pull requests","access":"danger",)"
         R"("tools":["merge_pull_request","Merge_*"],"http":["PUT /repos/*/*/pulls/*/merge"]})",
         R"({"id":"any","name":"All","access":"read","tools":["*_pull_request"]})" })
    {
      BfyCapability *capability = read_capability (text, error.out ());

      ASSERT_NE (capability, nullptr) << error;
      g_ptr_array_add (all, capability);
    }

  EXPECT_STREQ (bfy_capability_find_tool (all, "merge_pull_request")->id, "merge");
  EXPECT_STREQ (bfy_capability_find_tool (all, "get_pull_request")->id, "any");
  EXPECT_EQ (bfy_capability_find_tool (all, "merge_x"), nullptr);
  EXPECT_EQ (bfy_capability_find_tool (nullptr, "merge_x"), nullptr);
  EXPECT_STREQ (bfy_capability_find_http (all, "PUT", "/repos/a/b/pulls/1/merge")->id, "merge");
  EXPECT_EQ (bfy_capability_find_http (all, "PUT", "/repos/a/b/pulls/1"), nullptr);
  EXPECT_EQ (bfy_capability_find_http (all, "put", "/repos/a/b/pulls/1/merge"), nullptr);
  EXPECT_STREQ (bfy_capability_find (all, "any")->name, "All");
  EXPECT_EQ (bfy_capability_find (all, "other"), nullptr);
}

struct CapabilityCase
{
  const char *name, *text, *part;
};

class CapabilityRefused : public testing::TestWithParam<CapabilityCase>
{
};

TEST_P (CapabilityRefused, NamesTheMember)
{
  Error error;

  EXPECT_EQ (read_capability (GetParam ().text, error.out ()), nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_INVALID_ARGUMENT));
  EXPECT_THAT (error.message (), HasSubstr (GetParam ().part));
}

INSTANTIATE_TEST_SUITE_P (
    Records,
    CapabilityRefused,
    testing::Values (
        CapabilityCase{ "NoObject", "[]", "object" },
        CapabilityCase{ "Unknown", R"({"id":"a","name":"A","access":"read","tool":["x"]})",
                        "only" },
        CapabilityCase{ "NoId", R"({"name":"A","access":"read","tools":["x"]})", "“id”" },
        CapabilityCase{ "OddId", R"({"id":"A b","name":"A","access":"read","tools":["x"]})",
                        "“id”" },
        CapabilityCase{ "NoName", R"({"id":"a","access":"read","tools":["x"]})", "“name”" },
        CapabilityCase{ "Access", R"({"id":"a","name":"A","access":"rw","tools":["x"]})",
                        "“access”" },
        CapabilityCase{ "Empty", R"({"id":"a","name":"A","access":"read"})", "“tools”" },
        CapabilityCase{ "Wildcard", R"({"id":"a","name":"A","access":"read","tools":["x?"]})",
                        "wildcard" },
        CapabilityCase{ "Letters", R"({"id":"a","name":"A","access":"read","tools":["é"]})",
                        "ASCII" },
        CapabilityCase{ "NoList", R"({"id":"a","name":"A","access":"read","tools":"x"})", "list" },
        CapabilityCase{ "Http", R"({"id":"a","name":"A","access":"read","http":["get /"]})",
                        "capitals" }),
    [] (const testing::TestParamInfo<CapabilityCase> &info) { return info.param.name; });
