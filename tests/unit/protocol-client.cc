// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/client.h"
#include "protocol/json.h"
}

namespace
{

using ::operator<<; // prints a row by its name

std::string
to_text (const BfyClient *client)
{
  g_autoptr (JsonObject) object = bfy_client_to_json (client);

  return take_text (bfy_json_object_to_text (object, nullptr));
}

const char *const two_names[] = { "github", "linear", nullptr };
const char *const no_names[] = { nullptr };

struct ClientCase
{
  const char *name;
  const char *const *bindings;
  gint64 last_used_at_s;
  gboolean has_decoy;
  const char *text;
};

class ClientForm : public testing::TestWithParam<ClientCase>
{
};

TEST_P (ClientForm, ComesBack)
{
  const ClientCase &row = GetParam ();
  g_autoptr (BfyClient) client = bfy_client_new ("c1", "My laptop", row.bindings);
  Error error;

  client->created_at_s = 1795324727;
  client->last_used_at_s = row.last_used_at_s;
  client->has_decoy = row.has_decoy;
  EXPECT_EQ (to_text (client), row.text);
  g_autoptr (JsonObject) object = bfy_json_parse_object (row.text, strlen (row.text), error.out ());
  ASSERT_NE (object, nullptr) << error;
  g_autoptr (BfyClient) back = bfy_client_from_json (object, error.out ());
  ASSERT_NE (back, nullptr) << error;
  EXPECT_EQ (to_text (back), row.text);
  g_autoptr (BfyClient) copy = bfy_client_copy (back);
  EXPECT_EQ (to_text (copy), row.text);
}

INSTANTIATE_TEST_SUITE_P (
    Forms,
    ClientForm,
    testing::Values (
        ClientCase{ "AllBindings", nullptr, 0, FALSE,
                    R"({"id":"c1","label":"My laptop","bindings":null,"has_decoy":false,)"
                    R"("created_at":"2026-11-22T05:18:47Z","last_used_at":null})" },
        ClientCase{
            "SomeBindings", two_names, 1795324728, TRUE,
            R"({"id":"c1","label":"My laptop","bindings":["github","linear"],"has_decoy":true,)"
            R"("created_at":"2026-11-22T05:18:47Z",)"
            R"("last_used_at":"2026-11-22T05:18:48Z"})" },
        ClientCase{ "NoBindings", no_names, 0, FALSE,
                    R"({"id":"c1","label":"My laptop","bindings":[],"has_decoy":false,)"
                    R"("created_at":"2026-11-22T05:18:47Z","last_used_at":null})" }),
    case_name<ClientCase>);

// behaviour 3.4.
TEST (Client, MayUseWhatItIsLimitedTo)
{
  g_autoptr (BfyClient) all = bfy_client_new ("c", "l", nullptr);
  g_autoptr (BfyClient) some = bfy_client_new ("c", "l", two_names);
  g_autoptr (BfyClient) none = bfy_client_new ("c", "l", no_names);

  EXPECT_TRUE (bfy_client_may_use (all, "anything"));
  EXPECT_TRUE (bfy_client_may_use (some, "github"));
  EXPECT_TRUE (bfy_client_may_use (some, "linear"));
  EXPECT_FALSE (bfy_client_may_use (some, "git"));
  EXPECT_FALSE (bfy_client_may_use (some, "GitHub"));
  EXPECT_FALSE (bfy_client_may_use (none, "github"));
}

TEST (Client, LivesAsLongAsItsReferences)
{
  BfyClient *client = bfy_client_new ("c", "l", two_names);
  BfyClient *second = bfy_client_ref (client);

  bfy_client_unref (client);
  EXPECT_STREQ (second->bindings[1], "linear");
  bfy_client_unref (second);
}

struct BadCase
{
  const char *name, *text;
  BfyErrorCode code;
};

class ClientRefused : public testing::TestWithParam<BadCase>
{
};

TEST_P (ClientRefused, WithAnError)
{
  Error error;
  g_autoptr (JsonObject) object =
      bfy_json_parse_object (GetParam ().text, strlen (GetParam ().text), error.out ());

  ASSERT_NE (object, nullptr) << error;
  EXPECT_EQ (bfy_client_from_json (object, error.out ()), nullptr);
  EXPECT_THAT (error, FailsWith (GetParam ().code));
}

INSTANTIATE_TEST_SUITE_P (
    Members,
    ClientRefused,
    testing::Values (
        BadCase{ "NoId", R"({"label":"l"})", BFY_ERROR_BAD_REQUEST },
        BadCase{ "NoLabel", R"({"id":"c"})", BFY_ERROR_INVALID_ARGUMENT },
        BadCase{ "LabelLines", R"({"id":"c","label":"a\nb"})", BFY_ERROR_INVALID_ARGUMENT },
        BadCase{ "LabelNumber", R"({"id":"c","label":1})", BFY_ERROR_BAD_REQUEST },
        BadCase{ "BindingsText", R"({"id":"c","label":"l","bindings":"a"})",
                 BFY_ERROR_BAD_REQUEST },
        BadCase{ "BindingsMixed", R"({"id":"c","label":"l","bindings":["a",1]})",
                 BFY_ERROR_BAD_REQUEST },
        BadCase{ "BindingName", R"({"id":"c","label":"l","bindings":["a","../b"]})",
                 BFY_ERROR_INVALID_ARGUMENT },
        BadCase{ "Time", R"({"id":"c","label":"l","created_at":"x"})", BFY_ERROR_BAD_REQUEST }),
    case_name<BadCase>);

} // namespace
