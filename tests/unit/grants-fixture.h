// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/unit/store-fixture.h"

extern "C"
{
#include "agent/grant/grants-private.h"
#include "agent/store/store-grants.h"
}

// Grants with a store, by a clock that the test holds.

constexpr const char *kBoot = "5f1c3f0e-2a5d-4a53-9c0b-1f7f1f6f0001";
constexpr const char *kNextBoot = "5f1c3f0e-2a5d-4a53-9c0b-1f7f1f6f0002";
constexpr gint64 kMinute = 60;
constexpr gint64 kHour = 60 * kMinute;

inline BfyMoment moment;

inline BfyMoment
read_clock ()
{
  return moment;
}

// The machine is awake or asleep for a while.
inline void
pass (gint64 seconds)
{
  moment.boot_ms += seconds * 1000;
  moment.wall_s += seconds;
}

struct CallerDeleter
{
  void operator() (BfyCaller *caller) const
  {
    bfy_caller_unref (caller);
  }
};

using Caller = std::unique_ptr<BfyCaller, CallerDeleter>;

inline Caller
client (const std::string &id)
{
  Caller caller (bfy_caller_new ());

  caller->client_id = g_strdup (id.c_str ());
  caller->client_label = g_strdup (("label of " + id).c_str ());
  return caller;
}

inline Caller
program (const char *path, int pid = 4711, guint64 started_at = 815)
{
  Caller caller (bfy_caller_new ());

  caller->pid = pid;
  caller->started_at = started_at;
  caller->program = g_strdup (path);
  caller->is_verified = path != nullptr;
  return caller;
}

struct Wish
{
  explicit Wish (const char *tool = "create_issue", guint8 arguments = 1)
  {
    g_atomic_ref_count_init (&wish.ref_count);
    wish.binding_id = const_cast<char *> ("id-of-github");
    wish.binding = const_cast<char *> ("github");
    wish.method = const_cast<char *> ("tools/call");
    wish.kind = BFY_POLICY_TOOL;
    wish.name = const_cast<char *> (tool);
    wish.access = BFY_ACCESS_WRITE;
    wish.rule = const_cast<char *> ("default");
    wish.digest[0] = arguments;
  }
  Wish &danger ()
  {
    wish.access = BFY_ACCESS_DANGER;
    wish.reach = BFY_WISH_SAME_ARGUMENTS;
    return *this;
  }
  Wish &by (const char *rule)
  {
    wish.rule = const_cast<char *> (rule);
    return *this;
  }
  Wish &on (const char *binding)
  {
    wish.binding_id = const_cast<char *> (binding);
    return *this;
  }

  BfyWish wish = {};
};

class Grants : public StoreFixture
{
protected:
  void SetUp () override
  {
    moment = { kBoot, 1000 * 1000, 1700000000 };
    open ();
    Error error;
    ASSERT_TRUE (add_binding (store, "github", error.out ())) << error;
    ASSERT_TRUE (add_binding (store, "gitlab", error.out ())) << error;
    for (const char *id : { "c1", "c2" })
      add_client (id);
    load ();
  }
  void TearDown () override
  {
    unload ();
  }
  void add_client (const char *id)
  {
    BfyClient *added = bfy_client_new (id, id, nullptr);
    guint8 hash[BFY_CLIENT_KEY_HASH_BYTES] = { static_cast<guint8> (id[1]) };
    Error error;

    EXPECT_TRUE (bfy_store_add_client (store, added, hash, error.out ())) << error;
    bfy_client_unref (added);
  }
  void load ()
  {
    Error error;

    registry = bfy_registry_new (store, error.out ());
    ASSERT_NE (registry, nullptr) << error;
    grants = bfy_grants_new_with_clock (store, read_clock, error.out ());
    ASSERT_NE (grants, nullptr) << error;
    g_signal_connect (grants, "removed", G_CALLBACK (on_removed), this);
  }
  void unload ()
  {
    g_clear_object (&grants);
    g_clear_object (&registry);
  }
  // As after a restart of the agent.
  void restart ()
  {
    unload ();
    open ();
    load ();
  }
  static void on_removed (BfyGrants *, BfyGrant *, gboolean is_revoked, gpointer self)
  {
    (is_revoked ? static_cast<Grants *> (self)->n_revoked
                : static_cast<Grants *> (self)->n_ended)++;
  }

  std::string allow (const Caller &caller, const Wish &wish, BfyGrantScope scope)
  {
    Error error;
    BfyGrant *grant =
        bfy_grants_add (grants, caller.get (), &wish.wish, scope, FALSE, error.out ());

    EXPECT_NE (grant, nullptr) << error;
    return grant != nullptr ? grant->id : "";
  }
  std::string deny (const Caller &caller, const Wish &wish)
  {
    Error error;
    BfyGrant *grant =
        bfy_grants_add (grants, caller.get (), &wish.wish, BFY_GRANT_ONCE, TRUE, error.out ());

    EXPECT_NE (grant, nullptr) << error;
    return grant != nullptr ? grant->id : "";
  }
  BfyGrantsVerdict use (const Caller &caller, const Wish &wish)
  {
    return bfy_grants_use (grants, caller.get (), &wish.wish, nullptr);
  }
  bool may (const Caller &caller, const Wish &wish)
  {
    return use (caller, wish) == BFY_GRANTS_ALLOW;
  }
  std::string n_kept ()
  {
    bfy_store_flush_events ();
    return Sqlite (database ()).ask ("SELECT count(*) FROM grant_given");
  }
  void bfy_store_flush_events ()
  {
    BfyEventFilter filter = {};
    Error error;
    g_autoptr (GPtrArray) events = bfy_store_query_events (store, &filter, error.out ());

    EXPECT_NE (events, nullptr) << error;
  }
  std::vector<std::string> events ()
  {
    BfyEventFilter filter = {};
    Error error;
    g_autoptr (GPtrArray) events = bfy_store_query_events (store, &filter, error.out ());
    std::vector<std::string> found;

    for (guint i = 0; events != nullptr && i < events->len; i++)
      {
        auto *event = static_cast<BfyEvent *> (events->pdata[i]);

        found.push_back (std::string (event->type) + " " + event->binding + " " +
                         (event->tool != nullptr ? event->tool : "-") + " " + event->detail);
      }
    return found;
  }
  void set_policy (const std::string &rules, const std::string &fallback = "ask")
  {
    g_autoptr (BfyBinding) changed = bfy_binding_copy (bfy_registry_find (registry, "github"));
    std::string text = R"({"version":1,"default":")" + fallback + R"(","rules":[)" + rules + "]}";
    Error error;

    g_clear_pointer (&changed->policy, bfy_policy_unref);
    changed->policy = bfy_policy_parse (text.data (), text.size (), error.out ());
    ASSERT_NE (changed->policy, nullptr) << error;
    ASSERT_TRUE (bfy_registry_update (registry, changed, error.out ())) << error;
  }

  BfyRegistry *registry = nullptr;
  BfyGrants *grants = nullptr;
  int n_revoked = 0;
  int n_ended = 0;
};
