// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <csignal>
#include <fstream>

#include "tests/unit/client-agent.h"
#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/timestamp.h"
}

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

// `bindify` and `bindify-add` as a person or script runs them, against a scripted control API.

static const char github[] =
    R"({"id":"1","name":"github","type":"mcp","service":"github","url":"https://api.githubcopilot.com/mcp?x=1","state":"ok","auth_type":"api_key","mode":"managed","keyring":"vault","account":null,"injection":{"kind":"header","name":"Authorization","prefix":"Bearer "},"limits":{"request_bytes_max":1048576},"created_at":"2026-11-22T05:18:47Z","last_used_at":null})";
static const char services[] =
    R"({"services":[{"id":"github","name":"GitHub","mcp_url":"https://api.githubcopilot.com/mcp","supports_api_key":true,"supports_oauth":true,"oauth_client":"own","username_field":null,"token_url":"https://github.com/settings/tokens","instructions":["Choose the fine-grained kind."]},
    {"id":"atlassian","name":"Atlassian","mcp_url":"https://mcp.atlassian.com/v1/mcp","supports_api_key":true,"supports_oauth":false,"username_field":"email","token_url":null,"instructions":null},
    {"id":"notion","name":"Notion","mcp_url":"https://mcp.notion.com/mcp","supports_api_key":false,"supports_oauth":true,"username_field":null,"token_url":null,"instructions":null}]})";
static const char not_found[] =
    R"({"error":"not_found","message":"No binding is called “github”","hint":"bindify list"})";

static std::string
created (const std::string &name)
{
  return R"({"binding":{"name":")" + name +
         R"(","url":"https://api.githubcopilot.com/mcp","keyring":"vault"},"endpoint":"http://127.0.0.1:7391/mcp/)" +
         name + R"(","check":{"performed":true,"detail":null,"n_tools":42}})";
}

class Cli : public testing::Test
{
protected:
  struct Reply
  {
    guint status;
    std::string body;
  };

  struct Outcome
  {
    int status;
    std::string output, errors;
  };

  std::map<std::string, Reply> replies; // by "GET /v1/status"
  FakeAgent agent{ [this] (const Request &request, const AnswerPtr &answer) {
    auto found = replies.find (request.method + " " + request.path);

    if (found != replies.end () && found->second.status == 204)
      answer->empty (204);
    else if (found != replies.end ())
      answer->json (found->second.status, found->second.body);
    else
      answer->json (500, R"({"error":"internal_error","message":"unscripted","hint":null})");
  } };

  Outcome run (const std::vector<std::string> &words,
               const std::string &input = "",
               const std::string &program = "bindify")
  {
    Program child (program, words, { { "BINDIFY_SOCK", agent.socket () } });

    child.write (input);
    child.close_input ();
    int status = child.wait ();
    return { status, child.output (), child.errors };
  }

  Outcome add (const std::vector<std::string> &words, const std::string &input = "")
  {
    return run (words, input, "bindify-add");
  }

  void script_add ()
  {
    replies["GET /v1/services"] = { 200, services };
    replies["GET /v1/bindings/github"] = { 404, not_found };
    replies["POST /v1/bindings"] = { 201, created ("github") };
  }
};

TEST_F (Cli, ListShowsATableOrTheArray)
{
  replies["GET /v1/bindings"] = { 200, std::string (R"({"bindings":[)") + github + "]}" };

  auto table = run ({ "list" });
  EXPECT_EQ (table.status, 0) << table.errors;
  EXPECT_EQ (
      table.output,
      "NAME    TYPE/SERVICE  STATE  KEYRING  POLICY  UPSTREAM                       LAST USED\n"
      "github  mcp/github    ok     vault    open    https://api.githubcopilot.com  never\n");

  auto json = run ({ "list", "--json" });
  EXPECT_EQ (json.status, 0);
  EXPECT_THAT (json.output, StartsWith ("[\n"));
  EXPECT_THAT (json.output, HasSubstr (R"("name" : "github")"));
}

TEST_F (Cli, AnEmptyAgentIsNoErrorForListButForTheSshWay)
{
  replies["GET /v1/bindings"] = { 200, R"({"bindings":[]})" };
  EXPECT_EQ (run ({ "list" }).status, 0);
  auto outcome = add ({ "-l" });
  EXPECT_EQ (outcome.status, 1);
  EXPECT_EQ (outcome.output, "The agent has no bindings.\n");
  EXPECT_EQ (outcome.errors, "");
}

TEST_F (Cli, ShowSaysEverythingButSecrets)
{
  replies["GET /v1/bindings/github"] = { 200, std::string (R"({"binding":)") + github + "}" };
  auto outcome = run ({ "show", "github" });
  EXPECT_EQ (outcome.status, 0);
  EXPECT_THAT (outcome.output, HasSubstr ("State        ok\n"));
  EXPECT_THAT (outcome.output, HasSubstr ("Injected as  header Authorization: Bearer …\n"));
  EXPECT_THAT (outcome.output, Not (HasSubstr ("x=1")));
  EXPECT_THAT (run ({ "show", "--json", "github" }).output, StartsWith ("{\n"));
}

struct FailureCase
{
  const char *name;
  std::vector<std::string> words;
  guint http_status; // 0: nothing is asked
  const char *body;
  int status;
  const char *errors;
};

class CliFailure : public Cli, public testing::WithParamInterface<FailureCase>
{
};

TEST_P (CliFailure, IsASentenceAHintAndAStatus)
{
  const FailureCase &c = GetParam ();

  for (const char *path : { "GET /v1/bindings/github", "DELETE /v1/bindings/github",
                            "GET /v1/bindings", "GET /v1/status" })
    replies[path] = { c.http_status, c.body };
  auto outcome = run (c.words);
  EXPECT_EQ (outcome.status, c.status);
  EXPECT_EQ (outcome.output, "");
  EXPECT_EQ (outcome.errors, c.errors);
  EXPECT_EQ (agent.requests.empty (), c.http_status == 0);
}

INSTANTIATE_TEST_SUITE_P (
    Failures,
    CliFailure,
    testing::Values (
        FailureCase{ "NotFound",
                     { "show", "github" },
                     404,
                     not_found,
                     1,
                     "bindify: No binding is called “github”\nTry: bindify list\n" },
        FailureCase{
            "Locked",
            { "remove", "github" },
            423,
            R"({"error":"locked","message":"The keyring is locked","hint":"bindify unlock"})",
            4,
            "bindify: The keyring is locked\nTry: bindify unlock\n" },
        FailureCase{ "Denied",
                     { "show", "github" },
                     403,
                     R"({"error":"denied","message":"No","hint":null})",
                     3,
                     "bindify: No\n" },
        FailureCase{ "CodeOfANewerAgent",
                     { "show", "github" },
                     418,
                     R"({"error":"teapot","message":"Short and stout","hint":"tea"})",
                     1,
                     "bindify: Short and stout\nTry: tea\n" },
        FailureCase{ "NoJson",
                     { "show", "github" },
                     502,
                     "<html>",
                     1,
                     "bindify: The agent answered with HTTP status 502\n" },
        FailureCase{ "BadReply",
                     { "list" },
                     200,
                     "{",
                     1,
                     "bindify: The agent’s answer cannot be read: Not valid JSON: unexpected end "
                     "at byte 1\n" },
        FailureCase{ "EscapesInAMessage",
                     { "show", "github" },
                     404,
                     R"({"error":"not_found","message":"a\u001b[2Jb\nc","hint":null})",
                     1,
                     "bindify: a\\u{1b}[2Jb\\nc\n" },
        FailureCase{ "UnknownCommand",
                     { "lsit" },
                     0,
                     "",
                     1,
                     "bindify: There is no command “lsit”\nTry: bindify list\n" },
        FailureCase{ "CommandOfLater",
                     { "undo" },
                     0,
                     "",
                     1,
                     "bindify: There is no command “undo”\nTry: bindify help\n" },
        FailureCase{ "UnknownOption",
                     { "list", "--jsn" },
                     0,
                     "",
                     1,
                     "bindify: Unknown option --jsn\nTry: bindify list --help\n" },
        FailureCase{
            "SocketWithoutPath", { "--socket" }, 0, "", 1, "bindify: --socket needs a path\n" },
        FailureCase{ "MissingWord",
                     { "show" },
                     0,
                     "",
                     1,
                     "bindify: Too few words: it is “bindify show NAME”\n"
                     "Try: bindify show --help\n" },
        FailureCase{ "TooManyWords",
                     { "list", "x" },
                     0,
                     "",
                     1,
                     "bindify: “bindify list” takes options only\nTry: bindify list --help\n" },
        FailureCase{ "SubcommandMisspelt",
                     { "client", "ad" },
                     0,
                     "",
                     1,
                     "bindify: There is no command “ad”\nTry: bindify client add\n" }),
    case_name<FailureCase>);

TEST_F (Cli, WithoutAgentTheStatusIsTwo)
{
  for (const char *program : { "bindify", "bindify-add" })
    {
      Program child (program,
                     program == std::string ("bindify") ? std::vector<std::string>{ "status" }
                                                        : std::vector<std::string>{ "-l" },
                     { { "BINDIFY_SOCK", agent.socket () + ".none" } });

      EXPECT_EQ (child.wait (), 2);
      EXPECT_THAT (child.errors, StartsWith ("bindify: No agent answers on "));
      EXPECT_THAT (child.errors, HasSubstr ("\nTry: systemctl --user start bindify.socket"));
    }
}

TEST_F (Cli, TheOptionBeatsTheEnvironment)
{
  replies["GET /v1/bindings"] = { 200, R"({"bindings":[]})" };
  for (auto words : { std::vector<std::string>{ "--socket", agent.socket (), "list" },
                      std::vector<std::string>{ "list", "--socket=" + agent.socket () } })
    {
      Program child ("bindify", words, { { "BINDIFY_SOCK", "/nonexistent/sock" } });

      EXPECT_EQ (child.wait (), 0) << child.errors;
    }
}

TEST_F (Cli, ClientAddPrintsExactlyWhatScriptsWerePromised)
{
  replies["POST /v1/clients"] = {
    201,
    R"({"id":"u","label":"ci","key":"bnd_local_K","url_example":"http://127.0.0.1:1/mcp/NAME","bindings":null,"more":1})"
  };
  auto outcome = run ({ "client", "add", "ci", "--binding", "a", "--binding=b", "--json" });
  EXPECT_EQ (outcome.status, 0) << outcome.errors;
  EXPECT_EQ (outcome.output,
             "{\n  \"id\" : \"u\",\n  \"label\" : \"ci\",\n  \"key\" : \"bnd_local_K\",\n"
             "  \"url_example\" : \"http://127.0.0.1:1/mcp/NAME\"\n}\n");
  EXPECT_EQ (agent.requests[0].body, R"({"label":"ci","bindings":["a","b"]})");

  run ({ "client", "add", "ci" });
  EXPECT_EQ (agent.requests[1].body, R"({"label":"ci","bindings":null})");
}

TEST_F (Cli, ClientRemoveEscapesLabels)
{
  replies["DELETE /v1/clients/a b/c"] = { 204, "" };
  auto outcome = run ({ "client", "remove", "a b/c" });
  EXPECT_EQ (outcome.status, 0) << outcome.errors;
}

TEST_F (Cli, WithoutServicesItSaysWhereTheyComeFrom)
{
  replies["GET /v1/services"] = { 200, R"({"services":[]})" };
  auto outcome = run ({ "services" });
  EXPECT_EQ (outcome.status, 0) << outcome.errors;
  EXPECT_THAT (outcome.output, HasSubstr ("meson install"));
  EXPECT_THAT (outcome.output, HasSubstr ("--services-dir"));
  EXPECT_THAT (outcome.output, HasSubstr ("bindify-add --name NAME URL"));
}

TEST_F (Cli, ServicesSayHowOneSignsIn)
{
  replies["GET /v1/services"] = { 200, services };
  auto outcome = run ({ "services" });
  EXPECT_EQ (outcome.status, 0) << outcome.errors;
  EXPECT_THAT (outcome.output, HasSubstr ("token, or browser with an app of yours"));
  EXPECT_THAT (outcome.output, HasSubstr ("atlassian  Atlassian  token   "));
  EXPECT_THAT (outcome.output, HasSubstr ("notion     Notion     browser  "));
}

TEST_F (Cli, ListAndShowSayWhenALoginIsNeeded)
{
  std::string needs =
      R"({"name":"notes","type":"mcp","service":null,"url":"https://x.example/","state":"needs_login","auth_type":"oauth","mode":"managed","keyring":"vault","expires_at":"2026-11-22T05:18:47Z","refreshed_at":"2026-11-22T04:18:47Z","can_refresh":false})";

  replies["GET /v1/bindings"] = { 200, R"({"bindings":[)" + needs + "]}" };
  replies["GET /v1/bindings/notes"] = { 200, R"({"binding":)" + needs + "}" };
  EXPECT_THAT (run ({ "list" }).output, HasSubstr ("notes  mcp           needs login: bindify "
                                                   "login notes  vault"));
  auto shown = run ({ "show", "notes" });
  EXPECT_THAT (shown.output, HasSubstr ("State        needs login: bindify login notes\n"));
  EXPECT_THAT (shown.output, HasSubstr ("; type: bindify login notes\n"));
  EXPECT_THAT (shown.output, HasSubstr ("Renewed      "));
}

TEST_F (Cli, StatusTellsTroubleInWords)
{
  replies["GET /v1/status"] = {
    200,
    R"({"version":"0.1.0","pid":42,"port":0,"socket":"/s","keyrings":[{"name":"vault","state":"locked"}],"preferred_keyring":"vault","n_bindings":1,"n_clients":0,"memory_locked":false,"event_failure":null,"problems":["disk\nfull"],"uptime_s":3700})"
  };
  auto outcome = run ({ "status" });
  EXPECT_EQ (outcome.status, 0);
  EXPECT_THAT (outcome.output,
               StartsWith ("Agent        bindify-agent 0.1.0, process 42, up for 1 h 1 min\n"));
  EXPECT_THAT (outcome.output, HasSubstr ("HTTP         off\n"));
  EXPECT_THAT (outcome.output,
               HasSubstr ("Keyrings     vault: locked\nNew secrets  go into: vault\n"));
  EXPECT_THAT (outcome.output, HasSubstr ("RLIMIT_MEMLOCK"));
  EXPECT_THAT (outcome.output, HasSubstr ("Problem      disk\\nfull\n"));
}

TEST_F (Cli, LogShowsATable)
{
  agent.handler = [&] (const Request &, const AnswerPtr &answer) {
    answer->text (
        200, "application/x-ndjson",
        R"({"sequence":1,"time":"2026-11-22T05:18:47.123Z","type":"proxy_request","binding":)"
        R"("github","client":"ci","method":"tools/call","tool":"get","outcome":"success",)"
        R"("status":200,"duration_ms":12})"
        "\n");
  };

  auto table = run ({ "log", "--binding", "github", "--since", "2026-11-22T05:00:00Z", "-n", "5" });
  EXPECT_EQ (table.status, 0) << table.errors;
  EXPECT_THAT (table.output, HasSubstr ("proxy_request  tools/call  get"));
  EXPECT_THAT (table.output, HasSubstr ("200     12 ms"));
  EXPECT_EQ (agent.requests[0].path, "/v1/events?binding=github&since_ms=1795323600000&limit=5");
  run ({ "log", "--type", "proxy_*", "--after", "7" });
  EXPECT_EQ (agent.requests[1].path, "/v1/events?type=proxy_%2A&after=7&limit=50");
  auto wrong = run ({ "log", "--type", "party" });
  EXPECT_EQ (wrong.status, 1);
  EXPECT_THAT (wrong.errors, HasSubstr ("no such type of event"));
}

// One that is cut off for being slow, and an agent that ends, are the same to whoever reads.
TEST_F (Cli, LogFollowsOnBehindTheLastEventItWasTold)
{
  const std::string one = R"({"sequence":1,"type":"paused"})";
  const std::string two = R"({"sequence":2,"type":"removed"})";
  agent.handler = [&] (const Request &, const AnswerPtr &answer) {
    if (agent.requests.size () == 4)
      {
        answer->json (500, R"({"error":"failed","message":"That was all"})");
        return;
      }
    answer->stream ();
    if (agent.requests.size () == 1)
      answer->bytes ("id: 1\ndata: " + one + "\n\nevent: dropped\ndata: {\"after\":1}\n\n");
    if (agent.requests.size () == 2)
      answer->bytes ("id: 2\ndata: " + two + "\n\ndata: {\"type\":\"no_number\"}\n\n");
    answer->end ();
  };

  auto followed = run ({ "log", "-f", "--json" });
  EXPECT_EQ (followed.output, one + "\n" + two + "\n{\"type\":\"no_number\"}\n");
  EXPECT_EQ (followed.status, 1);
  EXPECT_THAT (followed.errors, HasSubstr ("not read fast enough"));
  EXPECT_THAT (followed.errors, HasSubstr ("waiting for it to come back"));
  EXPECT_THAT (followed.errors, HasSubstr ("That was all"));
  ASSERT_EQ (agent.requests.size (), 4u);
  EXPECT_EQ (agent.requests[0].path, "/v1/events?limit=50");
  EXPECT_EQ (agent.requests[0].header ("last-event-id"), "(none)");
  EXPECT_EQ (agent.requests[1].header ("last-event-id"), "1");
  EXPECT_EQ (agent.requests[2].header ("last-event-id"), "2");
  EXPECT_EQ (agent.requests[3].header ("last-event-id"), "2");
}

TEST_F (Cli, LogMarksWhatNeedsAPerson)
{
  agent.handler = [&] (const Request &, const AnswerPtr &answer) {
    if (agent.requests.size () > 1)
      {
        answer->json (500, R"({"error":"failed","message":"That was all"})");
        return;
      }
    answer->stream ();
    answer->event (R"({"time":"x","type":"proxy_request","binding":"github"})");
    answer->event (R"({"time":"x","type":"approval_requested","binding":"github"})");
    answer->event (R"({"time":"x","type":"security_violation","detail":"\u001b[2J\u202e"})");
    answer->end ();
  };

  EXPECT_EQ (run ({ "log", "-f" }).output, "x   github  proxy_request\n"
                                           "x ? github  approval_requested\n"
                                           "x ! security_violation  \\u{1b}[2J\\u{202e}\n");
}

TEST_F (Cli, LogAsksForOutcomes)
{
  agent.handler = [] (const Request &, const AnswerPtr &answer) {
    answer->text (200, "application/x-ndjson", "");
  };
  EXPECT_EQ (run ({ "log", "--outcome", "blocked" }).output, "No events.\n");
  EXPECT_EQ (agent.requests[0].path, "/v1/events?outcome=blocked&limit=50");
  auto wrong = run ({ "log", "--outcome", "fine" });
  EXPECT_EQ (wrong.status, 1);
  EXPECT_THAT (wrong.errors, HasSubstr ("success, failure, blocked or pending"));
}

TEST_F (Cli, LogVerifyNamesWhatIsWrong)
{
  const std::string hash (64, 'a');
  std::string state = "ok";
  agent.handler = [&] (const Request &, const AnswerPtr &answer) {
    bool is_ok = state == "ok";

    answer->json (
        200, R"({"ok":)" + std::string (is_ok ? "true" : "false") +
                 R"(,"unhashed":3,"chains":[{"chain":"","events":2,"state":"ok",)" +
                 R"("head":{"sequence":9,"hash":")" + hash + R"("}},{"chain":"b1","binding":)" +
                 R"("github","events":7,"first":"2026-11-22T05:18:47.123Z","state":")" + state +
                 R"(","sequence":5,"head":{"sequence":8,"hash":")" + hash + R"("}}]})");
  };
  auto good = run ({ "log", "verify" });
  EXPECT_EQ (good.status, 0) << good.errors;
  EXPECT_THAT (good.output, HasSubstr ("github   7"));
  EXPECT_THAT (good.output, HasSubstr ("3 records are older than the check"));
  EXPECT_EQ (agent.requests[0].method, "POST");
  EXPECT_EQ (agent.requests[0].body, "{}");

  const std::pair<const char *, const char *> texts[] = {
    { "changed", "record 5 says something else" },
    { "removed", "record 5 is not there any more" },
    { "inserted", "record 5 was not written by the agent" },
    { "cut_off", "the newest records, up to 5," },
    { "unbound", "begin and end is not written down" },
    { "replaced", "the head that was kept, 5," },
    { "of_tomorrow", "of_tomorrow" },
  };
  for (const auto &[wire, text] : texts)
    {
      state = wire;
      auto bad = run ({ "log", "verify" });
      EXPECT_EQ (bad.status, 1) << wire;
      EXPECT_THAT (bad.output, HasSubstr (text));
    }
}

TEST_F (Cli, LogVerifyComparesWithWhatItPrinted)
{
  const std::string hash (64, 'a');
  PrivateDir dir;
  agent.handler = [&] (const Request &, const AnswerPtr &answer) {
    answer->json (200, R"({"ok":true,"unhashed":0,"chains":[{"chain":"","events":2,"state":"ok",)"
                       R"("head":{"sequence":9,"hash":")" +
                           hash + R"("}}]})");
  };
  auto heads = run ({ "log", "verify", "--head" });
  EXPECT_THAT (heads.output, HasSubstr ("\n- 9 " + hash + "\n"));

  std::ofstream (dir.file ("heads")) << heads.output;
  EXPECT_EQ (run ({ "log", "verify", "--expect", dir.file ("heads") }).status, 0);
  EXPECT_EQ (agent.requests[1].body,
             R"({"heads":[{"chain":"","sequence":9,"hash":")" + hash + R"("}]})");

  for (const char *bad : { "x", "- 9 abc", "- 0 ", "- 9", "a b c d" })
    {
      std::ofstream (dir.file ("bad")) << "# heads\n" << bad << "\n";
      auto refused = run ({ "log", "verify", "--expect", dir.file ("bad") });
      EXPECT_EQ (refused.status, 1) << bad;
      EXPECT_THAT (refused.errors, HasSubstr ("line 2")) << bad;
    }
}

TEST_F (Cli, LogStatsAddsUp)
{
  agent.handler = [&] (const Request &, const AnswerPtr &answer) {
    const gint64 now_s = g_get_real_time () / G_USEC_PER_SEC;
    std::string spans;

    for (int hours : { 20, 1, 0 })
      {
        g_autofree char *time = bfy_time_to_text (now_s - now_s % 3600 - hours * 3600);

        spans += std::string (R"({"binding":"github","time":")") + time +
                 R"(","calls":20000,"refused":7,"failed":3,"bytes_up":1000,"bytes_down":3000,)"
                 R"("duration_ms":800000},)";
      }
    spans.pop_back ();
    answer->json (200, R"({"usage":[)" + spans + R"(],"is_cut":true})");
  };
  auto table = run ({ "log", "stats", "github" });
  EXPECT_EQ (table.status, 0) << table.errors;
  EXPECT_THAT (table.output, HasSubstr ("github   60000  21       9       12.0"));
  EXPECT_THAT (table.output, HasSubstr ("40 ms"));
  EXPECT_THAT (table.output, HasSubstr ("One mark of the activity is 1 h"));
  EXPECT_THAT (table.output, HasSubstr ("There is more"));
  EXPECT_THAT (agent.requests[0].path, HasSubstr ("/v1/usage?by=hour&since_ms="));
  EXPECT_THAT (agent.requests[0].path, HasSubstr ("&binding=github"));
  EXPECT_THAT (run ({ "log", "stats", "--json" }).output, HasSubstr (R"("calls" : 60000)"));
}

// How long a time is decides what one mark is; nobody gets more of them than a line holds.
TEST_F (Cli, LogStatsCountsLongTimesInDays)
{
  struct
  {
    const char *since, *step, *mark;
  } const rows[] = {
    { "48h", "by=hour", "is 1 h" },
    { "7d", "by=day", "is 1 day" },
    { "300d", "by=day", "is 6 days" },
    { "2001-01-01", "by=day", "is 7 days" },
  };

  agent.handler = [&] (const Request &, const AnswerPtr &answer) {
    answer->json (200, R"({"usage":[{"binding":"github","time":"2001-01-01T00:00:00Z","calls":1},)"
                       R"({"binding":"github","time":"nonsense","calls":9223372036854775807},)"
                       R"({"binding":"github","time":"2999-01-01T00:00:00Z","bytes_up":-1}]})");
  };
  for (const auto &row : rows)
    {
      auto table = run ({ "log", "stats", "--since", row.since });

      EXPECT_EQ (table.status, 0) << table.errors;
      EXPECT_THAT (agent.requests.back ().path, HasSubstr (row.step)) << row.since;
      EXPECT_THAT (table.output, HasSubstr (row.mark)) << row.since;
      EXPECT_THAT (table.output, HasSubstr ("9223372036854775807")) << "no more than fits";
    }
}

TEST_F (Cli, LogStopsQuietlyWhenNobodyReads)
{
  AnswerPtr stream;
  agent.handler = [&] (const Request &, const AnswerPtr &answer) {
    stream = answer;
    answer->stream ();
  };
  Program child ("bindify", { "log", "-f" }, { { "BINDIFY_SOCK", agent.socket () } });
  ASSERT_TRUE (spin ([&] { return stream != nullptr; }));
  child.close_output ();
  stream->event (R"({"sequence":1,"time":"2026-11-22T05:18:47.123Z","type":"removed"})");
  EXPECT_EQ (child.wait (), 1);
  EXPECT_EQ (child.errors, "");
}

// bindify-add

TEST_F (Cli, AddStoresATokenFromStdin)
{
  script_add ();
  auto outcome = add ({ "github", "--token-stdin" }, "ghp_\"secret\\\n");
  EXPECT_EQ (outcome.status, 0) << outcome.errors;
  EXPECT_EQ (
      agent.requests.back ().body,
      R"({"service":"github","name":"github","allow_local":false,"check":true,"credential":{"type":"api_key","api_key":"ghp_\"secret\\"}})");
  EXPECT_THAT (outcome.output, HasSubstr ("Added github: https://api.githubcopilot.com/mcp\n"));
  EXPECT_THAT (outcome.output, HasSubstr ("42 tools"));
  EXPECT_THAT (outcome.output, HasSubstr ("bindify-mcp"));
  EXPECT_THAT (outcome.output, Not (HasSubstr ("secret")));
  EXPECT_EQ (outcome.errors, "");
  EXPECT_EQ (run ({ "add", "-q", "github", "--token-stdin" }, "t").output, "");
}

TEST_F (Cli, AddNeedsNoTokenWhereTheServerAsksForNone)
{
  script_add ();
  replies["POST /v1/probe"] = { 200, R"({"auth":"none"})" };
  replies["GET /v1/bindings/example"] = { 404, not_found };
  auto outcome = add ({ "https://mcp.example.com/mcp" });
  EXPECT_EQ (outcome.status, 0) << outcome.errors;
  EXPECT_EQ (
      agent.requests.back ().body,
      R"({"url":"https://mcp.example.com/mcp","name":"example","allow_local":false,"check":true})");
}

struct InjectionCase
{
  const char *name;
  std::vector<std::string> words;
  const char *want;
};

class CliInjection : public Cli, public testing::WithParamInterface<InjectionCase>
{
};

TEST_P (CliInjection, GoesIntoTheRequest)
{
  std::vector<std::string> words = { "https://x.example/mcp", "--name", "x", "--token-stdin" };

  script_add ();
  replies["POST /v1/probe"] = { 200, R"({"auth":"unknown"})" };
  replies["GET /v1/bindings/x"] = { 404, not_found };
  words.insert (words.end (), GetParam ().words.begin (), GetParam ().words.end ());
  auto outcome = add (words, "t");
  EXPECT_EQ (outcome.status, 0) << outcome.errors;
  EXPECT_THAT (agent.requests.back ().body, HasSubstr (GetParam ().want));
}

INSTANTIATE_TEST_SUITE_P (
    Options,
    CliInjection,
    testing::Values (
        InjectionCase{ "Default", {}, R"("check":true,"credential":{"type":"api_key")" },
        InjectionCase{ "Header",
                       { "--header", "X-Key" },
                       R"("injection":{"kind":"header","name":"X-Key","prefix":""})" },
        InjectionCase{
            "Prefix",
            { "--prefix", "Token" },
            R"("injection":{"kind":"header","name":"Authorization","prefix":"Token "})" },
        InjectionCase{
            "Query", { "--query", "key" }, R"("injection":{"kind":"query","name":"key"})" },
        InjectionCase{
            "Basic",
            { "--basic", "me" },
            R"("injection":{"kind":"basic"},"credential":{"type":"basic_auth","username":"me","password":"t"})" },
        InjectionCase{ "Rest",
                       { "--account", "work", "--keyring", "vault", "--no-check" },
                       R"("check":false,"keyring":"vault","account":"work")" }),
    case_name<InjectionCase>);

struct RefusalCase
{
  const char *name;
  std::vector<std::string> words;
  const char *input;
  int status;
  const char *want; // in stderr
};

class CliRefusal : public Cli, public testing::WithParamInterface<RefusalCase>
{
};

TEST_P (CliRefusal, StoresNothingAndRepeatsNoToken)
{
  script_add ();
  replies["POST /v1/probe"] = { 200, R"({"auth":"bearer"})" };
  auto outcome = add (GetParam ().words, GetParam ().input);
  EXPECT_EQ (outcome.status, GetParam ().status);
  EXPECT_THAT (outcome.errors, HasSubstr (GetParam ().want));
  EXPECT_THAT (outcome.output + outcome.errors, Not (HasSubstr ("ghp_0123")));
  EXPECT_THAT (agent.lines (), Not (testing::Contains ("POST /v1/bindings")));
}

#define TOKEN "ghp_0123456789abcdef0123456789abcdef0123"
INSTANTIATE_TEST_SUITE_P (
    Refusals,
    CliRefusal,
    testing::Values (
        RefusalCase{ "TokenAsWord", { "github", TOKEN }, "", 1, "not taken from the command line" },
        RefusalCase{ "TokenAsOption",
                     { "github", "--token", TOKEN },
                     "",
                     1,
                     "not taken from the command line" },
        RefusalCase{ "TokenAsService", { TOKEN }, "", 1, "no service called" },
        RefusalCase{
            "NothingOnStdin", { "github", "--token-stdin" }, "\n", 1, "nothing was stored" },
        RefusalCase{ "TwoLines", { "github", "--token-stdin" }, "a\nb\n", 1, "more than one line" },
        RefusalCase{ "NotAscii", { "github", "--token-stdin" }, "\xc3\xbc", 1, "not ASCII" },
        RefusalCase{ "NoTerminal", { "github" }, "", 1, "Try: bindify-add … --token-stdin" },
        RefusalCase{ "MisspeltService", { "githbu" }, "", 1, "Try: bindify-add github\n" },
        RefusalCase{ "HostWithoutScheme",
                     { "mcp.example.com" },
                     "",
                     1,
                     "Try: bindify-add https://mcp.example.com\n" },
        RefusalCase{
            "OAuthOnly", { "notion", "--token-stdin" }, "t", 1, "sign-in with the browser" },
        RefusalCase{ "PairWithoutUser",
                     { "atlassian", "--token-stdin", "--name", "github" },
                     "t",
                     1,
                     "--basic USER" },
        RefusalCase{
            "Loopback", { "http://127.0.0.1:9/mcp" }, "", 3, "Try: the same with --allow-local\n" },
        RefusalCase{ "PlainHttp", { "http://example.com/mcp" }, "", 1, "http" },
        RefusalCase{ "BadName", { "github", "--name", "A B" }, "", 1, "A B" },
        RefusalCase{ "BasicAndHeader",
                     { "github", "--basic", "u", "--header", "X" },
                     "",
                     1,
                     "neither --header nor --query" },
        RefusalCase{ "ListAndWord", { "-l", "github" }, "", 1, "stand alone" },
        RefusalCase{ "AllWithoutYes", { "-D" }, "", 1, "unscripted" }),
    case_name<RefusalCase>);

TEST_F (Cli, AddDoesNotAskForATokenWhenTheNameIsTaken)
{
  script_add ();
  replies["GET /v1/bindings/github"] = { 200, std::string (R"({"binding":)") + github + "}" };
  auto outcome = add ({ "github", "--token-stdin" }, "t");
  EXPECT_EQ (outcome.status, 1);
  EXPECT_THAT (outcome.errors, HasSubstr ("--name NAME"));
  EXPECT_THAT (agent.lines (), Not (testing::Contains ("POST /v1/bindings")));
}

TEST_F (Cli, AddPassesTheAgentsRefusalOn)
{
  script_add ();
  replies["POST /v1/bindings"] = {
    422, R"({"error":"credential_refused","message":"GitHub refused the token","hint":null})"
  };
  auto outcome = add ({ "github", "--token-stdin" }, "t");
  EXPECT_EQ (outcome.status, 4);
  EXPECT_EQ (outcome.errors, "bindify: GitHub refused the token\n");
}

TEST_F (Cli, RemoveAllAsksOrIsTold)
{
  replies["GET /v1/bindings"] = { 200, R"({"bindings":[{"name":"a"},{"name":"b"}]})" };
  replies["DELETE /v1/bindings/b"] = { 204, "" };
  auto refused = add ({ "-D" });
  EXPECT_EQ (refused.status, 3);
  EXPECT_EQ (refused.errors, "bindify: Nothing was removed\nTry: bindify-add -D --yes\n");
  EXPECT_THAT (agent.lines (), ElementsAre ("GET /v1/bindings"));

  // One that fails does not keep the other, and is told.
  auto outcome = add ({ "-D", "--yes" });
  EXPECT_EQ (outcome.status, 1);
  EXPECT_EQ (outcome.output, "Removed b.\n");
  EXPECT_EQ (outcome.errors, "bindify: unscripted\n");
}

// tools and call

class CliTools : public Cli
{
protected:
  CliTools ()
  {
    agent.handler = [this] (const Request &request, const AnswerPtr &answer) {
      serve (request, answer);
    };
  }

  void serve (const Request &request, const AnswerPtr &answer)
  {
    gsize at = request.body.find ("\"id\":");
    std::string id = at != std::string::npos ? request.body.substr (at + 5, 1) : "";

    if (request.method == "DELETE")
      answer->empty (200);
    else if (request.body.find ("\"initialize\"") != std::string::npos)
      {
        answer->header ("Mcp-Session-Id", "s");
        answer->json (200, R"({"jsonrpc":"2.0","id":)" + id +
                               R"(,"result":{"protocolVersion":"2025-11-25"}})");
      }
    else if (request.body.find ("\"id\"") == std::string::npos)
      answer->empty (202);
    else if (request.body.find ("tools/list") != std::string::npos)
      answer->json (
          200, R"({"jsonrpc":"2.0","id":)" + id + R"(,"result":)" +
                   (request.body.find ("cursor") == std::string::npos ? first_page : second_page) +
                   "}");
    else if (request.body.find ("tools/call") != std::string::npos)
      call (id, answer);
    else
      answer->empty (202);
  }

  std::string first_page =
      R"({"tools":[{"name":"one","description":"First.\nMore."}],"nextCursor":"p\"2"})";
  std::string second_page =
      R"({"tools":[{"name":"get","inputSchema":{"properties":{"id":{"type":"string"}}}}]})";
  std::function<void (const std::string &id, const AnswerPtr &answer)> call;
};

TEST_F (CliTools, ListsAllPages)
{
  auto table = run ({ "tools", "github" });
  EXPECT_EQ (table.status, 0) << table.errors;
  EXPECT_EQ (table.output, "TOOL  WHAT IT DOES\none   First.\nget   -\n");
  EXPECT_THAT (agent.requests[3].body, HasSubstr (R"({"cursor":"p\"2"})"));
  EXPECT_EQ (agent.lines ().back (), "DELETE /mcp/github");
  EXPECT_EQ (agent.requests.back ().header ("mcp-session-id"), "s");
  EXPECT_THAT (run ({ "tools", "github", "--json" }).output, StartsWith ("[\n{\"name\":\"one\""));
}

TEST_F (CliTools, CallTypesItsArgumentsBySchema)
{
  call = [] (const std::string &id, const AnswerPtr &answer) {
    answer->stream ();
    answer->event (R"({"jsonrpc":"2.0","method":"notifications/progress"})");
    answer->event (R"({"jsonrpc":"2.0","id":77,"method":"ping"})");
    answer->event (
        R"({"jsonrpc":"2.0","id":)" + id +
        R"(,"result":{"content":[{"type":"text","text":"hello"},{"type":"image","mimeType":"image/png","data":"AA=="}],"big":12345678901234567890.10}})");
    // The stream stays open: the answer is there, so nobody waits.
  };
  auto outcome = run ({ "call", "github", "get", "id=7", "n=7" });
  EXPECT_EQ (outcome.status, 0) << outcome.errors;
  EXPECT_EQ (outcome.output, "hello\n[image image/png]\n");
  auto is_call = [] (const Request &r) { return r.body.find ("tools/call") != std::string::npos; };
  auto found = std::find_if (agent.requests.begin (), agent.requests.end (), is_call);
  ASSERT_NE (found, agent.requests.end ());
  EXPECT_THAT (found->body, HasSubstr (R"("arguments":{"id":"7","n":7})"));
  // The server's ping was answered.
  auto is_pong = [] (const Request &r) {
    return r.body == R"({"jsonrpc":"2.0","id":77,"result":{}})";
  };
  EXPECT_TRUE (std::any_of (agent.requests.begin (), agent.requests.end (), is_pong));

  EXPECT_THAT (run ({ "call", "github", "get", "{}", "--json" }).output,
               HasSubstr ("\"big\":12345678901234567890.10"));
}

struct CallCase
{
  const char *name, *answer;
  int status;
  const char *output, *errors;
};

class CliCall : public CliTools, public testing::WithParamInterface<CallCase>
{
};

TEST_P (CliCall, EndsWithTheStatusOfTheRefusal)
{
  call = [] (const std::string &id, const AnswerPtr &answer) {
    answer->json (200, R"({"jsonrpc":"2.0","id":)" + id + "," + GetParam ().answer + "}");
  };
  auto outcome = run ({ "call", "github", "get" });
  EXPECT_EQ (outcome.status, GetParam ().status);
  EXPECT_EQ (outcome.output, GetParam ().output);
  EXPECT_EQ (outcome.errors, GetParam ().errors);
  EXPECT_EQ (agent.lines ().back (), "DELETE /mcp/github");
}

INSTANTIATE_TEST_SUITE_P (
    Answers,
    CliCall,
    testing::Values (
        CallCase{ "Success", R"("result":{"content":[{"type":"text","text":"a\nb\n"}]})", 0,
                  "a\nb\n", "" },
        CallCase{ "ToolSaysNo",
                  R"("result":{"content":[{"type":"text","text":"bad"}],"isError":true})", 1,
                  "bad\n", "" },
        CallCase{
            "Denied",
            R"("error":{"code":-31004,"message":"Not permitted","data":{"origin":"agent","reason":"denied"}})",
            3, "", "bindify: Not permitted\nTry: bindify grants, or bindify policy show github\n" },
        CallCase{
            "NeedsLogin",
            R"("error":{"code":-31005,"message":"Log in","data":{"origin":"agent","reason":"needs_login"}})",
            4, "", "bindify: Log in\nTry: bindify login github\n" },
        CallCase{ "ServersError", R"("error":{"code":-32602,"message":"Unknown tool"})", 1, "",
                  "bindify: The server answered with an error: Unknown tool\n"
                  "Try: bindify tools github\n" }),
    case_name<CallCase>);

TEST_F (CliTools, InterruptEndsTheSessionAndTheProgram)
{
  AnswerPtr waiting;
  call = [&] (const std::string &, const AnswerPtr &answer) {
    waiting = answer;
    answer->stream ();
  };
  Program child ("bindify", { "call", "github", "get" }, { { "BINDIFY_SOCK", agent.socket () } });
  ASSERT_TRUE (spin ([&] { return waiting != nullptr; }));
  child.signal (SIGINT);
  EXPECT_EQ (child.wait (), 130);
  EXPECT_EQ (agent.lines ().back (), "DELETE /mcp/github");
  EXPECT_EQ (child.errors, "");
}

TEST_F (CliTools, AnUnknownBindingIsSaidSo)
{
  agent.handler = [] (const Request &, const AnswerPtr &answer) {
    answer->json (
        404,
        R"({"jsonrpc":"2.0","id":1,"error":{"code":-31001,"message":"No such binding","data":{"origin":"agent","reason":"not_found"}}})");
  };
  auto outcome = run ({ "tools", "github" });
  EXPECT_EQ (outcome.status, 1);
  EXPECT_EQ (outcome.errors, "bindify: No such binding\nTry: bindify list\n");
}
