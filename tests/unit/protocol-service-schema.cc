// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// The rows of tests/fixtures/service-rows.json, which tests/lint/services.py puts to
// data/service.schema.json: what is a record for the agent is one for an editor, too.

#include <cstdlib>

#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/json.h"
#include "protocol/service.h"
}

namespace
{

class ServiceSchema : public testing::Test
{
protected:
  void SetUp () override
  {
    const char *path = std::getenv ("BINDIFY_TEST_SERVICE_ROWS");
    g_autofree char *text = nullptr;
    gsize length;
    Error error;

    ASSERT_NE (path, nullptr) << "set BINDIFY_TEST_SERVICE_ROWS to service-rows.json";
    ASSERT_TRUE (g_file_get_contents (path, &text, &length, error.out ())) << error;
    root = bfy_json_parse_object (text, length, error.out ());
    ASSERT_NE (root, nullptr) << error;
  }

  void TearDown () override
  {
    g_clear_pointer (&root, json_object_unref);
  }

  JsonObject *root = nullptr;
};

std::string
record_of (JsonObject *row)
{
  JsonObject *members = json_object_get_object_member (row, "members");

  json_object_set_string_member (members, "id", "x");
  json_object_set_string_member (members, "name", "X");
  g_autofree char *text = bfy_json_object_to_text (members, nullptr);
  return text;
}

TEST_F (ServiceSchema, TakesTheGoodRowsOnly)
{
  JsonArray *rows = json_object_get_array_member (root, "rows");

  ASSERT_GT (json_array_get_length (rows), 100u);
  for (guint i = 0; i < json_array_get_length (rows); i++)
    {
      JsonObject *row = json_array_get_object_element (rows, i);
      std::string text = record_of (row);
      Error error;
      g_autoptr (BfyService) service = bfy_service_parse (text.data (), text.size (), error.out ());

      EXPECT_EQ (service != nullptr, json_object_get_boolean_member (row, "good"))
          << json_object_get_string_member (row, "name") << ": " << error;
    }
}

} // namespace
