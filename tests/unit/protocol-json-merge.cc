// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/json-merge.h"
#include "protocol/json.h"
}

namespace
{

struct MergeCase
{
  const char *name, *target, *patch, *result;
};

JsonObject *
parse (const char *text)
{
  return bfy_json_parse_object (text, strlen (text), nullptr);
}

std::string
text_of (JsonObject *object)
{
  g_autofree char *text = bfy_json_object_to_text (object, nullptr);
  return text;
}

class Merge : public testing::TestWithParam<MergeCase>
{
};

TEST_P (Merge, IsThatOfRfc7396)
{
  const MergeCase &row = GetParam ();
  g_autoptr (JsonObject) target = row.target != nullptr ? parse (row.target) : nullptr;
  g_autoptr (JsonObject) patch = parse (row.patch);
  std::string before = target != nullptr ? text_of (target) : "";

  ASSERT_NE (patch, nullptr);
  g_autoptr (JsonObject) result = bfy_json_merge (target, patch);
  EXPECT_EQ (text_of (result), row.result);
  EXPECT_EQ (target != nullptr ? text_of (target) : "", before);
}

// Those of its appendix A that are objects, and some more.
INSTANTIATE_TEST_SUITE_P (
    Rows,
    Merge,
    testing::Values (
        MergeCase{ "Replace", R"({"a":"b"})", R"({"a":"c"})", R"({"a":"c"})" },
        MergeCase{ "Add", R"({"a":"b"})", R"({"b":"c"})", R"({"a":"b","b":"c"})" },
        MergeCase{ "TakeAway", R"({"a":"b"})", R"({"a":null})", R"({})" },
        MergeCase{ "TakeOneAway", R"({"a":"b","b":"c"})", R"({"a":null})", R"({"b":"c"})" },
        MergeCase{ "ListByText", R"({"a":["b"]})", R"({"a":"c"})", R"({"a":"c"})" },
        MergeCase{ "TextByList", R"({"a":"c"})", R"({"a":["b"]})", R"({"a":["b"]})" },
        MergeCase{ "Inside", R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})",
                   R"({"a":{"b":"d"}})" },
        MergeCase{ "Lists", R"({"a":[{"b":"c"}]})", R"({"a":[1]})", R"({"a":[1]})" },
        MergeCase{ "NullThatIsThere", R"({"e":null})", R"({"a":1})", R"({"e":null,"a":1})" },
        MergeCase{ "Nothing", R"({})", R"({"a":{"bb":{"ccc":null}}})", R"({"a":{"bb":{}}})" },
        MergeCase{ "NullInAList", R"({})", R"({"a":[null]})", R"({"a":[null]})" },
        MergeCase{ "OnNothing", nullptr, R"({"a":{"b":null,"c":1}})", R"({"a":{"c":1}})" },
        MergeCase{ "ObjectOnText", R"({"a":"b"})", R"({"a":{"c":1}})", R"({"a":{"c":1}})" }),
    case_name<MergeCase>);

} // namespace
