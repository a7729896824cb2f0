// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <cstring>
#include <gtest/gtest.h>
#include <string>

extern "C"
{
#include "client/base-urls.h"
#include "client/run/offer.h"
#include "protocol/json.h"
}

namespace
{

std::string
format (const char *name, const char *url, const char *facts)
{
  g_autoptr (JsonObject) object = bfy_json_parse_object (facts, strlen (facts), nullptr);
  g_autofree char *text = bfy_base_urls_format (name, url, object);

  return text;
}

} // namespace

TEST (BaseUrls, NameTheBindingAndWhatItsLibraryLooksAt)
{
  EXPECT_EQ (format ("my-api.2", "http://h/x", "{}"), "export BINDIFY_MY_API_2_URL='http://h/x'\n");
  EXPECT_EQ (format ("openai", "http://h/x",
                     R"({"base_url":["A_URL","B_URL"],"base_path":"/v1","token":["A_KEY"]})"),
             "export BINDIFY_OPENAI_URL='http://h/x'\nexport A_URL='http://h/x/v1'\n"
             "export B_URL='http://h/x/v1'\nexport A_KEY='bindify'\n");
  // A token that nothing leads to the agent with stays what it is.
  EXPECT_EQ (format ("x", "u", R"({"token":["A_KEY"]})"), "export BINDIFY_X_URL='u'\n");
}

// What a shell would run.
TEST (BaseUrls, AreHarmlessToAShell)
{
  EXPECT_EQ (format ("x", "u'; rm -rf $HOME #", R"j({"base_url":["A B","$(x)","1A","GOOD"]})j"),
             "export BINDIFY_X_URL='u'\\''; rm -rf $HOME #'\n"
             "export GOOD='u'\\''; rm -rf $HOME #'\n");
}

TEST (BaseUrls, TakeTheKeyWithoutItsBeginning)
{
  EXPECT_STREQ (bfy_base_urls_bare_key ("bnd_local_abc"), "abc");
  EXPECT_STREQ (bfy_base_urls_bare_key ("abc"), "abc");
}

TEST (BaseUrls, LeadGitThroughItsEnvironment)
{
  g_autofree char *text = bfy_base_urls_format_git ("https://github.com/", "http://h/http/gh/~k");

  EXPECT_STREQ (text, "export GIT_CONFIG_COUNT='1'\n"
                      "export GIT_CONFIG_KEY_0='url.http://h/http/gh/~k/.insteadOf'\n"
                      "export GIT_CONFIG_VALUE_0='https://github.com/'\n");
}

// Two of git, and two of one service: the first one has what both want.
TEST (BaseUrls, OfSeveralBindingsDoNotMix)
{
  g_autoptr (GPtrArray) offers =
      g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_run_offer_free);
  g_autoptr (GPtrArray) clashes = g_ptr_array_new_with_free_func (g_free);
  const char *service = R"({"env":{"base_url":["A_URL"],"token":["A_KEY"]}})";

  for (const char *binding :
       { R"({"name":"a","type":"http","url":"https://a/"})",
         R"({"name":"b","type":"http","url":"https://b/"})", R"({"name":"m","type":"mcp"})" })
    {
      g_autoptr (JsonObject) object = bfy_json_parse_object (binding, strlen (binding), nullptr);
      g_autoptr (JsonObject) record = bfy_json_parse_object (service, strlen (service), nullptr);

      g_ptr_array_add (offers, bfy_run_offer_new (object, record, strstr (binding, "mcp") == 0));
    }
  g_auto (GStrv) list = bfy_run_offers_list (offers, 7, "bnd_local_k", clashes);
  g_autofree char *text = g_strjoinv ("\n", list);

  EXPECT_STREQ (text, "GIT_CONFIG_KEY_0=url.http://127.0.0.1:7/http/a/~k/.insteadOf\n"
                      "GIT_CONFIG_VALUE_0=https://a/\n"
                      "BINDIFY_A_URL=http://127.0.0.1:7/http/a/~k\n"
                      "A_URL=http://127.0.0.1:7/http/a/~k\nA_KEY=bindify\n"
                      "GIT_CONFIG_COUNT=2\n"
                      "GIT_CONFIG_KEY_1=url.http://127.0.0.1:7/http/b/~k/.insteadOf\n"
                      "GIT_CONFIG_VALUE_1=https://b/\n"
                      "BINDIFY_B_URL=http://127.0.0.1:7/http/b/~k");
  ASSERT_EQ (clashes->len, 1u);
  EXPECT_STREQ (static_cast<char *> (clashes->pdata[0]), "A_URL");
}
