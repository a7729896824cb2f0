// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// When the scheduler sets what going: real records, real timers; what is done, the network and the
// wall clock are the test's.

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fixture/await.h"
#include "tests/fixture/private-dirs.h"
#include "tests/unit/matchers.h"

extern "C"
{
#include "agent/oauth/scheduler-private.h"
}

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

namespace
{

constexpr gint64 kHour = 3600, kDay = 24 * kHour;

// --- A network that comes and goes as the test says ---

struct TestNetwork
{
  GObject parent_instance;
  gboolean is_there;
};
struct TestNetworkClass
{
  GObjectClass parent_class;
};

void
test_network_interface_init (GNetworkMonitorInterface *)
{
}

GType test_network_get_type ();
G_DEFINE_FINAL_TYPE_WITH_CODE (TestNetwork,
                               test_network,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_INITABLE, nullptr)
                                   G_IMPLEMENT_INTERFACE (G_TYPE_NETWORK_MONITOR,
                                                          test_network_interface_init))

enum
{
  PROP_AVAILABLE = 1,
  PROP_METERED,
  PROP_CONNECTIVITY,
};

void
test_network_get_property (GObject *object, guint id, GValue *value, GParamSpec *)
{
  gboolean is_there = reinterpret_cast<TestNetwork *> (object)->is_there;

  if (id == PROP_CONNECTIVITY)
    g_value_set_enum (value, is_there ? G_NETWORK_CONNECTIVITY_FULL : G_NETWORK_CONNECTIVITY_LOCAL);
  else
    g_value_set_boolean (value, id == PROP_AVAILABLE && is_there);
}

void
test_network_class_init (TestNetworkClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = test_network_get_property;
  g_object_class_override_property (object_class, PROP_AVAILABLE, "network-available");
  g_object_class_override_property (object_class, PROP_METERED, "network-metered");
  g_object_class_override_property (object_class, PROP_CONNECTIVITY, "connectivity");
}

void
test_network_init (TestNetwork *self)
{
  self->is_there = TRUE;
}

// --- What the scheduler is given ---

class Schedules : public testing::Test
{
protected:
  // A chore that the scheduler has begun.
  struct Begun
  {
    std::string name;
    BfyChore chore;
    GTask *task;
  };

  Schedules ()
  {
    Error error;

    now = this;
    agent.store = bfy_store_open (dirs.path ("state").c_str (), error.out ());
    EXPECT_NE (agent.store, nullptr) << error;
    agent.registry = bfy_registry_new (agent.store, error.out ());
    EXPECT_NE (agent.registry, nullptr) << error;
    agent.services =
        bfy_services_new (dirs.path ("none").c_str (), dirs.path ("services").c_str ());
    agent.keyrings = bfy_keyrings_new (dirs.path ("vault").c_str (), "memory", nullptr);
    agent.credentials = bfy_credentials_new (agent.keyrings);
    network = static_cast<TestNetwork *> (g_object_new (test_network_get_type (), nullptr));
  }
  ~Schedules () override
  {
    stop ();
    for (const std::string &name : running ())
      finish (name, false);
    g_object_unref (network);
    g_object_unref (agent.credentials);
    g_object_unref (agent.keyrings);
    g_object_unref (agent.services);
    g_object_unref (agent.registry);
    bfy_store_close (agent.store);
    g_object_unref (agent.store);
    now = nullptr;
  }

  void start ()
  {
    scheduler = bfy_scheduler_new_with (&agent, &parts);
    settle ();
  }
  void stop ()
  {
    g_clear_pointer (&scheduler, bfy_scheduler_free);
  }
  // Until there is nothing more to do at once.
  void settle ()
  {
    while (g_main_context_iteration (nullptr, FALSE))
      continue;
  }

  struct Wish
  {
    gint64 refreshed_s = -kDay; // against the clock, 0: never
    gint64 expires_s = 0;
    gboolean can_refresh = TRUE;
    gboolean allow_local = FALSE;
    BfyBindingState state = BFY_STATE_OK;
    const char *service = nullptr;
  };

  std::string add (const std::string &name, const Wish &wish)
  {
    g_autoptr (BfyBinding) binding = bfy_binding_new ();
    Error error;

    binding->id = g_uuid_string_random ();
    binding->name = g_strdup (name.c_str ());
    binding->type = BFY_BINDING_MCP;
    binding->url = g_strdup ("https://mcp.example.com/mcp");
    binding->injection = bfy_injection_new (BFY_INJECT_HEADER, "Authorization", "Bearer ");
    binding->auth_type = g_strdup ("oauth");
    binding->service = g_strdup (wish.service);
    binding->keyring = g_strdup ("memory");
    binding->state = wish.state;
    binding->allow_local = wish.allow_local;
    binding->refreshed_at_s = wish.refreshed_s != 0 ? clock_ms / 1000 + wish.refreshed_s : 0;
    binding->issued_at_s = binding->refreshed_at_s;
    binding->expires_at_s = wish.expires_s != 0 ? clock_ms / 1000 + wish.expires_s : 0;
    binding->can_refresh = wish.can_refresh;
    EXPECT_TRUE (bfy_registry_add (agent.registry, binding, error.out ())) << error;
    return binding->id;
  }
  BfyBinding *find (const std::string &name)
  {
    return bfy_registry_find (agent.registry, name.c_str ());
  }
  // As a refresh does.
  void set_tokens (const std::string &name, gint64 expires_s)
  {
    gint64 now_s = clock_ms / 1000;

    bfy_registry_set_tokens (agent.registry, find (name)->id,
                             expires_s != 0 ? now_s + expires_s : 0, now_s, TRUE);
  }

  std::vector<std::string> running ()
  {
    std::vector<std::string> names;

    for (const Begun &begun : all)
      if (begun.task != nullptr)
        names.push_back (begun.name);
    return names;
  }
  size_t n_begun () const
  {
    return all.size ();
  }
  Begun &last ()
  {
    return all.back ();
  }
  // The chore of that name that is under way comes to its end.
  void finish (const std::string &name, bool is_good = true)
  {
    for (Begun &begun : all)
      {
        if (begun.task == nullptr || begun.name != name)
          continue;
        g_autoptr (GTask) task = g_steal_pointer (&begun.task);

        if (is_good)
          g_task_return_boolean (task, TRUE);
        else
          g_task_return_new_error (task, BFY_ERROR, BFY_ERROR_REFRESH_COOLDOWN, "not now");
        settle ();
        return;
      }
    ADD_FAILURE () << name << " is not under way";
  }
  // As a refresh that succeeds: the record changes before it ends.
  void renew (const std::string &name, gint64 expires_s = 0)
  {
    set_tokens (name, expires_s);
    finish (name);
  }
  void set_network (bool is_there)
  {
    network->is_there = is_there;
    g_signal_emit_by_name (network, "network-changed", is_there);
    settle ();
  }
  void step_clock (gint64 seconds)
  {
    clock_ms += seconds * 1000;
    bfy_scheduler_note_clock_step (scheduler);
    settle ();
  }

  template <BfyChore chore>
  static void begin (BfyAgent *,
                     BfyBinding *binding,
                     GCancellable *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer user_data)
  {
    now->all.push_back (
        { binding->name, chore, g_task_new (nullptr, cancellable, callback, user_data) });
  }
  static gboolean end (BfyAgent *, GAsyncResult *result, GError **error)
  {
    return g_task_propagate_boolean (G_TASK (result), error);
  }

  TempDir dirs{ quick_place () };
  BfyAgent agent = {};
  BfyScheduler *scheduler = nullptr;
  TestNetwork *network;
  std::vector<Begun> all;
  gint64 clock_ms = 1790000000000, wait_s = 0;
  static inline Schedules *now;
  const BfySchedulerParts parts = {
    .kinds = { { nullptr, nullptr },
               { begin<BFY_CHORE_REFRESH>, end },
               { begin<BFY_CHORE_KEEP_ALIVE>, end } },
    .now_ms = [] { return now->clock_ms; },
    .find_network = [] { return reinterpret_cast<GNetworkMonitor *> (now->network); },
    .wait_s = [] (BfyAgent *, const BfyBinding *) { return now->wait_s; },
  };
};

} // namespace

TEST_F (Schedules, NothingIsSetWhenNothingIsDue)
{
  add ("paused", { .state = BFY_STATE_PAUSED });
  add ("permanent", { .can_refresh = FALSE });
  start ();

  EXPECT_THAT (running (), IsEmpty ());
  EXPECT_FALSE (bfy_scheduler_is_armed (scheduler));
}

TEST_F (Schedules, WhatIsOverdueIsDoneAtOnceAndTheRestInItsTime)
{
  add ("overdue", {});
  add ("later", { .refreshed_s = -kHour });
  start ();

  EXPECT_THAT (running (), ElementsAre ("overdue"));
  EXPECT_EQ (last ().chore, BFY_CHORE_REFRESH);
  EXPECT_TRUE (bfy_scheduler_is_armed (scheduler));
  renew ("overdue");
  EXPECT_THAT (running (), IsEmpty ());
  EXPECT_TRUE (bfy_scheduler_is_armed (scheduler));
}

// With the real timer: a token that lives for three seconds is renewed before it ends.
TEST_F (Schedules, AShortTokenIsRenewedBeforeItsEndAgainAndAgain)
{
  const BfySchedulerParts real = { .kinds = { { nullptr, nullptr },
                                              { begin<BFY_CHORE_REFRESH>, end },
                                              { begin<BFY_CHORE_KEEP_ALIVE>, end } },
                                   .now_ms = bfy_agent_now_ms,
                                   .find_network = parts.find_network,
                                   .wait_s = parts.wait_s };

  clock_ms = bfy_agent_now_ms ();
  add ("short", { .refreshed_s = -1, .expires_s = 2 });
  scheduler = bfy_scheduler_new_with (&agent, &real);
  for (size_t n = 1; n <= 2; n++)
    {
      ASSERT_TRUE (wait_until ([&] { return n_begun () >= n; }));
      EXPECT_LT (bfy_agent_now_ms () / 1000, find ("short")->expires_at_s) << "too late";
      clock_ms = bfy_agent_now_ms ();
      renew ("short", 2);
    }
}

TEST_F (Schedules, AtMostFourAtATime)
{
  for (const char *name : { "a", "b", "c", "d", "e", "f" })
    add (name, {});
  start ();

  EXPECT_EQ (running ().size (), size_t{ BFY_SCHEDULER_CHORES_MAX });
  renew (running ()[0]);
  EXPECT_EQ (running ().size (), size_t{ BFY_SCHEDULER_CHORES_MAX });
  EXPECT_EQ (n_begun (), 5u);
  renew (running ()[0]);
  renew (running ()[0]);
  EXPECT_EQ (n_begun (), 6u);
  EXPECT_EQ (running ().size (), 3u);
}

TEST_F (Schedules, TheLongestOverdueFirst)
{
  add ("a-new", { .refreshed_s = -2 * kDay });
  add ("b-old", { .refreshed_s = -9 * kDay });
  start ();

  EXPECT_THAT (running (), ElementsAre ("b-old", "a-new"));
}

// One that fails never holds up the others, and is left alone for a while itself (craft G10).
TEST_F (Schedules, AFailureStopsNobodyAndIsNotRepeatedAtOnce)
{
  add ("bad", { .refreshed_s = -9 * kDay });
  add ("good", {});
  start ();
  finish ("bad", false);
  renew ("good");
  add ("another", {});
  settle ();
  step_clock (0);

  EXPECT_THAT (running (), ElementsAre ("another"));
  EXPECT_EQ (n_begun (), 3u);
  EXPECT_TRUE (bfy_scheduler_is_armed (scheduler)) << "for the next attempt";
}

// Else a server whose tokens are no good is asked without end.
TEST_F (Schedules, WhatDidNotHelpCountsAsAFailure)
{
  add ("useless", {});
  start ();
  finish ("useless");
  step_clock (0);

  EXPECT_THAT (running (), IsEmpty ());
  EXPECT_EQ (n_begun (), 1u);
}

TEST_F (Schedules, ASignInEndsThePauseAfterAFailure)
{
  add ("svc", {});
  start ();
  finish ("svc", false);
  set_tokens ("svc", 10);
  settle ();
  EXPECT_THAT (running (), IsEmpty ());
  step_clock (9);

  EXPECT_THAT (running (), ElementsAre ("svc"));
}

TEST_F (Schedules, NothingIsBegunTwice)
{
  add ("svc", {});
  start ();
  step_clock (0);
  set_network (true);

  EXPECT_EQ (n_begun (), 1u);
}

TEST_F (Schedules, PausingAndResumingCounts)
{
  Error error;

  add ("svc", { .state = BFY_STATE_PAUSED });
  start ();
  EXPECT_THAT (running (), IsEmpty ());
  g_autoptr (BfyBinding) resumed = bfy_binding_copy (find ("svc"));
  resumed->state = BFY_STATE_OK;
  ASSERT_TRUE (bfy_registry_update (agent.registry, resumed, error.out ())) << error;
  settle ();

  EXPECT_THAT (running (), ElementsAre ("svc"));
}

TEST_F (Schedules, ALoginThatIsNeededStopsItUntilItIsNotNeededAnyMore)
{
  std::string id = add ("svc", {});
  start ();
  bfy_registry_set_state (agent.registry, id.c_str (), BFY_STATE_NEEDS_LOGIN, clock_ms / 1000);
  finish ("svc", false);
  EXPECT_FALSE (bfy_scheduler_is_armed (scheduler));
  bfy_registry_set_state (agent.registry, id.c_str (), BFY_STATE_OK, clock_ms / 1000);
  settle ();

  EXPECT_THAT (running (), ElementsAre ("svc"));
}

TEST_F (Schedules, ARemovedBindingIsForgotten)
{
  Error error;

  add ("svc", {});
  start ();
  ASSERT_TRUE (bfy_registry_remove (agent.registry, "svc", error.out ())) << error;
  finish ("svc");

  EXPECT_THAT (running (), IsEmpty ());
  EXPECT_FALSE (bfy_scheduler_is_armed (scheduler));
}

// craft 1.10, G09.
TEST_F (Schedules, J40AStepOfTheClockIsReckonedWith)
{
  add ("svc", { .refreshed_s = -1, .expires_s = 2 * kHour });
  start ();
  EXPECT_THAT (running (), IsEmpty ());
  step_clock (3 * kHour);
  EXPECT_THAT (running (), ElementsAre ("svc"));
  renew ("svc", 2 * kHour);
  EXPECT_THAT (running (), IsEmpty ());
  step_clock (-3 * kHour);
  EXPECT_THAT (running (), ElementsAre ("svc"));
  renew ("svc", 2 * kHour);
  EXPECT_THAT (running (), IsEmpty ());
}

// craft G10.
TEST_F (Schedules, WithoutANetworkOnlyWhatIsNearIsDone)
{
  network->is_there = FALSE;
  add ("far", {});
  add ("near", { .allow_local = TRUE });
  start ();
  EXPECT_THAT (running (), ElementsAre ("near"));
  renew ("near");
  EXPECT_THAT (running (), IsEmpty ());
  set_network (false);
  EXPECT_THAT (running (), IsEmpty ());
  set_network (true);

  EXPECT_THAT (running (), ElementsAre ("far"));
  EXPECT_EQ (n_begun (), 2u);
}

TEST_F (Schedules, WhatIsHeldDoesNotWakeAnybody)
{
  network->is_there = FALSE;
  add ("far", {});
  start ();

  EXPECT_FALSE (bfy_scheduler_is_armed (scheduler));
}

TEST_F (Schedules, NothingIsDoneWhileTheAgentIsLocked)
{
  add ("svc", {});
  bfy_credentials_lock (agent.credentials);
  start ();
  EXPECT_THAT (running (), IsEmpty ());
  EXPECT_FALSE (bfy_scheduler_is_armed (scheduler));
  bfy_credentials_unlock (agent.credentials);
  settle ();

  EXPECT_THAT (running (), ElementsAre ("svc"));
}

TEST_F (Schedules, ServicesSayWhetherSessionsAreKeptAlive)
{
  g_mkdir_with_parents (dirs.path ("services").c_str (), 0700);
  std::ofstream (dirs.path ("services/kept.json"))
      << R"({"id":"kept","name":"Kept","mcp_url":"https://mcp.example.com/mcp",)"
         R"("oauth":{"authorize_url":"https://example.com/a","token_url":)"
         R"("https://example.com/t","client":"own","pkce":true,"scopes":[]},)"
         R"("requires_refresh":false,"keepalive_interval_min":360})";
  g_object_unref (agent.services);
  agent.services = bfy_services_new (dirs.path ("none").c_str (), dirs.path ("services").c_str ());
  add ("svc", { .refreshed_s = -6 * kHour, .can_refresh = FALSE, .service = "kept" });
  start ();

  ASSERT_THAT (running (), ElementsAre ("svc"));
  EXPECT_EQ (last ().chore, BFY_CHORE_KEEP_ALIVE);
}

TEST_F (Schedules, StoppingInTheMiddleIsHarmless)
{
  add ("svc", {});
  start ();
  stop ();
  finish ("svc");

  EXPECT_THAT (running (), IsEmpty ());
}
