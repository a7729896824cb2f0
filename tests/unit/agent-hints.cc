// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// What servers say of their tools: it adds up, is bounded, and goes with the server.

#include "tests/unit/store-fixture.h"

extern "C"
{
#include "agent/policy/hints.h"
#include "protocol/json.h"
}

namespace
{

constexpr char kId[] = "00000000-0000-4000-8000-000000000001";

class Hints : public testing::Test
{
protected:
  Hints ()
  {
    Error error;

    store = bfy_store_open (dir.path ().c_str (), error.out ());
    EXPECT_NE (store, nullptr) << error;
    registry = bfy_registry_new (store, error.out ());
    EXPECT_NE (registry, nullptr) << error;
    hints = bfy_hints_new (registry);
    g_autoptr (BfyBinding) binding = bfy_binding_new ();
    binding->id = g_strdup (kId);
    binding->name = g_strdup ("svc");
    binding->type = BFY_BINDING_MCP;
    binding->url = g_strdup ("https://a.example/mcp");
    binding->injection = bfy_injection_new (BFY_INJECT_NONE, nullptr, nullptr);
    binding->auth_type = g_strdup ("none");
    binding->keyring = g_strdup ("none");
    EXPECT_TRUE (bfy_registry_add (registry, binding, error.out ())) << error;
  }
  ~Hints () override
  {
    bfy_hints_free (hints);
    g_object_unref (registry);
    bfy_store_close (store);
    g_object_unref (store);
  }

  void learn (const std::string &tools)
  {
    BfyJsonSlice root;
    Error error;

    ASSERT_TRUE (bfy_json_check (tools.data (), tools.size (), error.out ())) << error;
    bfy_json_slice_root (tools.data (), tools.size (), &root);
    bfy_hints_learn (hints, kId, &root);
  }

  // "w" writes, "d" destroys, "-" nothing is known.
  std::string known (const char *name)
  {
    auto *found =
        static_cast<BfyToolHints *> (g_hash_table_lookup (bfy_hints_get (hints, kId), name));

    if (found == nullptr)
      return "-";
    return std::string (found->says_it_writes ? "w" : "") + (found->says_it_destroys ? "d" : "");
  }

  void change (void (*edit) (BfyBinding *))
  {
    g_autoptr (BfyBinding) copy = bfy_binding_copy (bfy_registry_find (registry, "svc"));
    Error error;

    edit (copy);
    ASSERT_TRUE (bfy_registry_update (registry, copy, error.out ())) << error;
  }

  TempDir dir;
  BfyStore *store = nullptr;
  BfyRegistry *registry = nullptr;
  BfyHints *hints = nullptr;
};

} // namespace

TEST_F (Hints, AreWhatAListSays)
{
  learn (R"([{"name":"a"},{"name":"b","annotations":{"readOnlyHint":false}},
             {"name":"c","annotations":{"destructiveHint":true}},
             {"name":"d","annotations":{"readOnlyHint":true}},
             {"annotations":{"destructiveHint":true}}, 7, null,
             {"name":5,"annotations":{"destructiveHint":true}}])");
  EXPECT_EQ (known ("a"), "-");
  EXPECT_EQ (known ("b"), "w");
  EXPECT_THAT (known ("c"), testing::HasSubstr ("d"));
  EXPECT_EQ (known ("d"), "-");
}

// It comes from whom is to be watched: a later list takes nothing back.
TEST_F (Hints, OnlyAddUp)
{
  learn (R"([{"name":"a","annotations":{"destructiveHint":true}}])");
  learn (R"([{"name":"a","annotations":{"readOnlyHint":true,"destructiveHint":false}}])");
  EXPECT_THAT (known ("a"), testing::HasSubstr ("d"));
  learn (R"([])");
  EXPECT_THAT (known ("a"), testing::HasSubstr ("d"));
  learn (R"([{"name":"a","annotations":{"readOnlyHint":false}}])");
  EXPECT_EQ (known ("a"), "wd");
}

TEST_F (Hints, AreBounded)
{
  std::string tools = "[";

  for (int i = 0; i < BFY_HINTS_TOOLS_MAX + 100; i++)
    tools += R"({"name":"t)" + std::to_string (i) + R"(","annotations":{"readOnlyHint":false}},)";
  learn (tools + R"({"name":")" + std::string (5000, 'x') +
         R"(","annotations":{"readOnlyHint":false}}])");
  EXPECT_EQ (g_hash_table_size (bfy_hints_get (hints, kId)), unsigned (BFY_HINTS_TOOLS_MAX));
  EXPECT_EQ (known ("t0"), "w");
  // What is known stays open to more.
  learn (R"([{"name":"t0","annotations":{"destructiveHint":true}}])");
  EXPECT_EQ (known ("t0"), "wd");
}

TEST_F (Hints, StayWhenTheBindingStaysWhatItIs)
{
  learn (R"([{"name":"a","annotations":{"destructiveHint":true}}])");
  change ([] (BfyBinding *binding) { binding->account = g_strdup ("me"); });
  change ([] (BfyBinding *binding) { binding->policy = bfy_policy_new_profile ("read-only"); });
  change ([] (BfyBinding *binding) { binding->state = BFY_STATE_PAUSED; });
  EXPECT_THAT (known ("a"), testing::HasSubstr ("d"));
}

TEST_F (Hints, GoWhenItLeadsElsewhere)
{
  learn (R"([{"name":"a","annotations":{"destructiveHint":true}}])");
  change ([] (BfyBinding *binding) {
    g_free (binding->url);
    binding->url = g_strdup ("https://b.example/mcp");
  });
  EXPECT_EQ (known ("a"), "-");
}

TEST_F (Hints, GoWithTheBinding)
{
  Error error;

  learn (R"([{"name":"a","annotations":{"destructiveHint":true}}])");
  ASSERT_TRUE (bfy_registry_remove (registry, "svc", error.out ())) << error;
  EXPECT_EQ (known ("a"), "-");
}

// Somebody who holds the table, as an open stream does, sees what comes later.
TEST_F (Hints, GrowInTheTableThatWasGivenOut)
{
  g_autoptr (GHashTable) held = g_hash_table_ref (bfy_hints_get (hints, kId));

  learn (R"([{"name":"a","annotations":{"destructiveHint":true}}])");
  EXPECT_TRUE (g_hash_table_contains (held, "a"));
}
