// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

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
    g_auto (GStrv) lines = bfy_services_problems (services);
    std::vector<std::string> found;

    for (guint i = 0; lines[i] != nullptr; i++)
      found.push_back (lines[i]);
    return found;
  }

  TempDir dir;
  BfyServices *services = nullptr;
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

TEST_F (Services, MayBeMissing)
{
  BfyServices *nowhere = bfy_services_new (dir.path ("a").c_str (), nullptr);

  g_autoptr (GPtrArray) list = bfy_services_list (nowhere);
  g_auto (GStrv) lines = bfy_services_problems (nowhere);
  EXPECT_EQ (list->len, 0u);
  EXPECT_EQ (g_strv_length (lines), 0u);
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
                         write_file (path, good_record + std::string (65536, ' '));
                       },
                       "larger than 65536 bytes" },
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
