// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <set>
#include <string>
#include <vector>

#include "tests/unit/store-fixture.h"

extern "C"
{
#include "agent/services.h"
}

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

static std::string
record (const std::string &id, const std::string &name)
{
  return take_text (g_strdup_printf ("{\"id\":\"%s\",\"name\":\"%s\","
                                     "\"mcp_url\":\"https://mcp.example.com/mcp\"}",
                                     id.c_str (), name.c_str ()));
}

class Services : public testing::Test
{
protected:
  Services ()
  {
    std::filesystem::create_directories (installed ());
    std::filesystem::create_directories (user ());
  }
  ~Services () override
  {
    g_clear_object (&services);
  }
  std::string installed (const std::string &file = "") const
  {
    return dir.path ("installed" + (file.empty () ? "" : "/" + file));
  }
  std::string user (const std::string &file = "") const
  {
    return dir.path ("user" + (file.empty () ? "" : "/" + file));
  }
  void load ()
  {
    g_clear_object (&services);
    services = bfy_services_new (installed ().c_str (), user ().c_str ());
  }
  // "id=Name", in the order of the list.
  std::vector<std::string> listed ()
  {
    g_autoptr (GPtrArray) list = bfy_services_list (services);
    std::vector<std::string> found;

    for (guint i = 0; i < list->len; i++)
      {
        auto *service = static_cast<BfyService *> (list->pdata[i]);

        found.push_back (std::string (service->id) + "=" + service->name);
      }
    return found;
  }
  std::vector<std::string> problems ()
  {
    GPtrArray *known = bfy_services_problems (services);
    std::vector<std::string> found;

    for (guint i = 0; i < known->len; i++)
      {
        auto *problem = static_cast<BfyServiceProblem *> (known->pdata[i]);

        codes.insert (problem->code);
        found.push_back (take_text (bfy_service_problem_format (problem)));
      }
    return found;
  }
  std::vector<std::string> hosts (const char *id)
  {
    BfyService *service = bfy_services_find (services, id);
    std::vector<std::string> found;

    for (guint i = 0; service->hosts != nullptr && i < service->hosts->len; i++)
      found.push_back (static_cast<BfyServiceHost *> (service->hosts->pdata[i])->name);
    return found;
  }

  TempDir dir;
  BfyServices *services = nullptr;
  std::set<std::string> codes; // of problems that were asked for
};

TEST_F (Services, AreListedById)
{
  write_file (installed ("linear.json"), record ("linear", "Linear"), 0644);
  write_file (installed ("asana.json"), record ("asana", "Asana"), 0644);
  write_file (installed ("README.md"), "not a record");
  write_file (installed (".hidden.json"), "not a record");
  load ();
  EXPECT_THAT (listed (), ElementsAre ("asana=Asana", "linear=Linear"));
  EXPECT_THAT (problems (), IsEmpty ());
  ASSERT_NE (bfy_services_find (services, "linear"), nullptr);
  EXPECT_STREQ (bfy_services_find (services, "linear")->mcp_url, "https://mcp.example.com/mcp");
  EXPECT_EQ (bfy_services_find (services, "ghost"), nullptr);
}

TEST_F (Services, AreReplacedByTheUsers)
{
  write_file (installed ("linear.json"), record ("linear", "Linear"));
  write_file (user ("linear.json"), record ("linear", "Mine"));
  write_file (user ("own.json"), record ("own", "Own"));
  load ();
  EXPECT_THAT (listed (), ElementsAre ("linear=Mine", "own=Own"));
  EXPECT_STREQ (bfy_services_find (services, "linear")->name, "Mine");
  EXPECT_THAT (problems (), IsEmpty ());
}

// What a person's record does not say stays as it is installed (RFC 7396).
TEST_F (Services, AreMergedWithTheUsers)
{
  write_file (
      installed ("x.json"),
      R"({"id":"x","name":"X","mcp_url":"https://x.example/","docs_url":"https://x.example/d",)"
      R"("keywords":["a","b"],"quirks":{"get_405":true,"no_session_id":true}})");
  write_file (user ("x.json"),
              R"({"name":"Mine","docs_url":null,"keywords":["c"],"quirks":{"get_405":false}})");
  load ();
  EXPECT_THAT (problems (), IsEmpty ());
  BfyService *service = bfy_services_find (services, "x");
  ASSERT_NE (service, nullptr);
  EXPECT_STREQ (service->name, "Mine");
  EXPECT_STREQ (service->mcp_url, "https://x.example/");
  EXPECT_EQ (service->docs_url, nullptr);
  EXPECT_STREQ (service->keywords[0], "c");
  EXPECT_EQ (service->keywords[1], nullptr);
  EXPECT_FALSE (service->answers_get_405);
  EXPECT_TRUE (service->has_no_session_id);
}

TEST_F (Services, MustBeWholeWhenTheyAreNew)
{
  write_file (user ("own.json"), R"({"name":"Own"})");
  load ();
  EXPECT_THAT (listed (), IsEmpty ());
  EXPECT_THAT (problems (), ElementsAre (HasSubstr ("“id” is missing")));
  EXPECT_THAT (codes, ElementsAre ("service_record_skipped"));
}

TEST_F (Services, SayWhichMemberIsWrongAfterTheMerge)
{
  write_file (installed ("x.json"), record ("x", "X"));
  write_file (user ("x.json"), R"({"api_key":{"probe":{"url":"nowhere"}}})");
  load ();
  EXPECT_THAT (listed (), ElementsAre ("x=X"));
  EXPECT_THAT (problems (), ElementsAre (HasSubstr ("“api_key.injection” is missing")));
}

static std::string
claim (const std::string &id, const std::string &host, const std::string &more = "")
{
  return "{\"id\":\"" + id + "\",\"name\":\"X\",\"hosts\":[{\"host\":\"" + host + "\"" + more +
         "}]}";
}

struct ClaimCase
{
  const char *name, *host, *more;
  bool counts;
};

class Claim : public Services, public testing::WithParamInterface<ClaimCase>
{
};

TEST_P (Claim, CountsWhenTheHostIsNobodys)
{
  const ClaimCase &row = GetParam ();

  write_file (installed ("big.json"), claim ("big", "api.big.example", R"(,"path":"/v1")"));
  write_file (user ("own.json"), claim ("own", row.host, row.more));
  load ();
  EXPECT_EQ (hosts ("own").size (), row.counts ? 1u : 0u);
  EXPECT_THAT (hosts ("big"), ElementsAre ("api.big.example"));
  if (row.counts)
    {
      EXPECT_THAT (problems (), IsEmpty ());
      return;
    }
  EXPECT_THAT (problems (),
               ElementsAre (AllOf (HasSubstr ("own.json: It claims " + std::string (row.host)),
                                   HasSubstr ("“big”"))));
}

INSTANTIATE_TEST_SUITE_P (
    Hosts,
    Claim,
    testing::Values (ClaimCase{ "Nobodys", "own.example", "", true },
                     ClaimCase{ "Beside", "big.example", "", true },
                     ClaimCase{ "OtherPath", "api.big.example", R"(,"path":"/v2")", true },
                     ClaimCase{ "Same", "api.big.example", "", false },
                     ClaimCase{ "Part", "api.big.example", R"(,"path":"/v1/users")", false },
                     ClaimCase{ "Star", "*.big.example", "", false }),
    case_name<ClaimCase>);

TEST_F (Services, DoNotTakeEachOthersHostsByAnOverride)
{
  write_file (installed ("big.json"), claim ("big", "api.big.example"));
  write_file (installed ("x.json"), claim ("x", "x.example"));
  write_file (
      user ("x.json"),
      R"({"hosts":[{"host":"x.example"},{"host":"new.example"},{"host":"api.big.example"}]})");
  load ();
  EXPECT_THAT (hosts ("x"), ElementsAre ("x.example", "new.example"));
  EXPECT_EQ (problems ().size (), 1u);
  EXPECT_THAT (codes, ElementsAre ("service_claims_host"));
}

TEST_F (Services, DoNotTakeEachOthersGit)
{
  write_file (installed ("big.json"), R"({"id":"big","name":"Big",)"
                                      R"("git":{"host":"git.example","username":"x"}})");
  write_file (user ("own.json"), R"({"id":"own","name":"Own",)"
                                 R"("git":{"host":"git.example","username":"me"}})");
  load ();
  EXPECT_EQ (bfy_services_find (services, "own")->git_host, nullptr);
  EXPECT_EQ (bfy_services_find (services, "own")->git_username, nullptr);
  EXPECT_STREQ (bfy_services_find (services, "big")->git_username, "x");
  EXPECT_THAT (problems (), ElementsAre (HasSubstr ("It claims git.example")));
}

TEST_F (Services, MayBeMissing)
{
  BfyServices *nowhere = bfy_services_new (dir.path ("a").c_str (), nullptr);

  g_autoptr (GPtrArray) list = bfy_services_list (nowhere);
  EXPECT_EQ (list->len, 0u);
  EXPECT_EQ (bfy_services_problems (nowhere)->len, 0u);
  g_object_unref (nowhere);
}

TEST_F (Services, OfTheInstallationMayBeLinks)
{
  write_file (dir.path ("store.json"), record ("linear", "Linear"), 0644);
  std::filesystem::create_symlink (dir.path ("store.json"), installed ("linear.json"));
  load ();
  EXPECT_THAT (listed (), ElementsAre ("linear=Linear"));
}

// A bad record of the user's is told and does not hide the installed one.

struct BadRecordCase
{
  const char *name;
  void (*write) (const std::string &path);
  const char *say;
};

class BadRecord : public Services, public testing::WithParamInterface<BadRecordCase>
{
};

static const std::string good_record = record ("linear", "Mine");

TEST_P (BadRecord, IsSkippedWithAReason)
{
  write_file (installed ("linear.json"), record ("linear", "Linear"));
  GetParam ().write (user ("linear.json"));
  load ();
  EXPECT_THAT (listed (), ElementsAre ("linear=Linear"));
  EXPECT_THAT (problems (), ElementsAre (AllOf (testing::StartsWith (user ("linear.json") + ": "),
                                                HasSubstr (GetParam ().say))));
}

INSTANTIATE_TEST_SUITE_P (
    Records,
    BadRecord,
    testing::Values (
        BadRecordCase{ "Empty", [] (const std::string &path) { write_file (path, ""); }, "" },
        BadRecordCase{ "NotJson", [] (const std::string &path) { write_file (path, "{"); }, "" },
        BadRecordCase{ "NotARecord", [] (const std::string &path) { write_file (path, "[]"); },
                       "" },
        BadRecordCase{ "UnknownMember",
                       [] (const std::string &path) {
                         std::string text = good_record;

                         text.insert (1, "\"surprise\":1,");
                         write_file (path, text);
                       },
                       "surprise" },
        BadRecordCase{
            "OtherId",
            [] (const std::string &path) { write_file (path, record ("asana", "Asana")); },
            "belongs into a file called asana.json" },
        BadRecordCase{ "TooLarge",
                       [] (const std::string &path) {
                         write_file (path, good_record + std::string (1048576, ' '));
                       },
                       "larger than 1048576 bytes" },
        BadRecordCase{ "Link",
                       [] (const std::string &path) {
                         write_file (path + ".txt", good_record);
                         std::filesystem::create_symlink (path + ".txt", path);
                       },
                       "symbolic link" },
        BadRecordCase{ "Directory",
                       [] (const std::string &path) { std::filesystem::create_directory (path); },
                       "not a regular file" },
        BadRecordCase{ "OthersMayWrite",
                       [] (const std::string &path) { write_file (path, good_record, 0662); },
                       "Other users can change it" }),
    case_name<BadRecordCase>);

TEST_F (Services, CannotSmuggleControlCharactersIntoTheLog)
{
  write_file (user ("bad\x1b[31m\n.json"), "{");
  load ();
  ASSERT_EQ (problems ().size (), 1u);
  EXPECT_THAT (problems ()[0], testing::Not (HasSubstr ("\x1b")));
  EXPECT_THAT (problems ()[0], testing::Not (HasSubstr ("\n")));
}
