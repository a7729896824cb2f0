// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// The renewal of tokens from within: several agents in this process, each with a state of its own,
// on one vault, and a real server with rotation and reuse detection (behaviour 7, craft G).

#include <filesystem>
#include <gmock/gmock.h>
#include <list>
#include <memory>
#include <sys/stat.h>

#include "tests/fixture/await.h"
#include "tests/fixture/keyring-calls.h"
#include "tests/fixture/planted.h"
#include "tests/fixture/private-dirs.h"
#include "tests/unit/matchers.h"

extern "C"
{
#include "agent/move.h"
#include "agent/network/network.h"
#include "agent/oauth/recovery-file.h"
#include "agent/oauth/refresher.h"
#include "agent/oauth/step-up.h"
#include "keyring/safe-file.h"
#include "keyring/vault.h"
#include "protocol/recovery-record.h"
}

using testing::HasSubstr;
using testing::Not;

namespace
{

constexpr char kBinding[] = "4d1c8a3e-0000-4000-8000-000000000001";

// What of an agent has to do with tokens.
class Party
{
public:
  Party (const std::string &state, const std::string &vault) : state_ (state)
  {
    Error error;

    agent.state_dir = state_.c_str ();
    agent.keyrings = bfy_keyrings_new (vault.c_str (), "vault", nullptr);
    agent.credentials = bfy_credentials_new (agent.keyrings);
    agent.store = bfy_store_open (state.c_str (), error.out ());
    agent.registry = bfy_registry_new (agent.store, error.out ());
    agent.unlocker = bfy_unlocker_new (BFY_UNLOCK_WAIT_MS, BFY_UNLOCK_PROMPT_MS);
    agent.seals = bfy_seals_new (agent.credentials, agent.registry);
    agent.network = bfy_network_new (agent.registry, nullptr, FALSE);
    agent.step_up = bfy_step_up_new ();
    add_binding ();
    agent.refresher = bfy_refresher_new (&agent);
    EXPECT_THAT (error, Succeeds ());
  }
  Party (const Party &) = delete;
  Party &operator= (const Party &) = delete;
  // Like a kill: nothing is saved, nobody is waited for.
  ~Party ()
  {
    bfy_refresher_free (agent.refresher);
    for (int i = 0; i < 1000 && g_main_context_iteration (nullptr, FALSE); i++)
      continue;
    bfy_step_up_free (agent.step_up);
    bfy_network_free (agent.network);
    g_object_unref (agent.seals);
    g_object_unref (agent.unlocker);
    g_object_unref (agent.registry);
    bfy_store_close (agent.store);
    g_object_unref (agent.store);
    g_object_unref (agent.credentials);
    g_object_unref (agent.keyrings);
  }

  BfyBinding *binding ()
  {
    return bfy_registry_find_by_id (agent.registry, kBinding);
  }
  // The access token in memory.
  std::string known ()
  {
    const BfyCredential *credential = bfy_credentials_peek (agent.credentials, binding ());

    return credential != nullptr ? text_of (credential->secret) : "";
  }
  void load ()
  {
    Await done;
    Error error;

    bfy_credentials_load_async (agent.credentials, binding (), nullptr, Await::on_ready,
                                done.data ());
    EXPECT_TRUE (bfy_credentials_load_finish (agent.credentials, done.result (), error.out ()))
        << error;
  }
  BfyFreshness check ()
  {
    return bfy_refresher_check (agent.refresher, binding (),
                                bfy_credentials_peek (agent.credentials, binding ()));
  }
  void begin (Await &done,
              BfyRenewReason reason = BFY_RENEW_EXPIRED,
              GCancellable *cancellable = nullptr,
              const std::string &refused = "")
  {
    g_autoptr (BfySecret) secret =
        refused.empty () ? nullptr : bfy_secret_new (refused.data (), refused.size ());

    bfy_refresher_renew_async (agent.refresher, binding (), reason, secret, nullptr, cancellable,
                               Await::on_ready, done.data ());
  }
  bool finish (Await &done, Error &error)
  {
    return bfy_refresher_renew_finish (agent.refresher, done.result (), error.out ());
  }
  bool
  renew (Error &error, BfyRenewReason reason = BFY_RENEW_EXPIRED, const std::string &refused = "")
  {
    Await done;

    begin (done, reason, nullptr, refused);
    return finish (done, error);
  }
  std::string state ()
  {
    return bfy_binding_state_to_wire (binding ()->state);
  }
  // "category detail" of each event about tokens.
  std::vector<std::string> events ()
  {
    BfyEventFilter filter = {};
    Error error;
    g_autoptr (GPtrArray) all = bfy_store_query_events (agent.store, &filter, error.out ());
    std::vector<std::string> texts;

    for (guint i = 0; all != nullptr && i < all->len; i++)
      {
        const BfyEvent *event = static_cast<const BfyEvent *> (all->pdata[i]);

        if (g_str_equal (event->type, "token_refresh"))
          texts.push_back (std::string (event->category) +
                           (event->detail != nullptr ? std::string (" ") + event->detail : ""));
      }
    return texts;
  }
  std::string record () const
  {
    return state_ + "/" + BFY_RECOVERY_DIRECTORY + "/" + kBinding;
  }
  bool has_record () const
  {
    return std::filesystem::exists (record ());
  }

  BfyAgent agent = {};

private:
  void add_binding ()
  {
    g_autoptr (BfyBinding) binding = bfy_binding_new ();
    Error error;

    if (bfy_registry_find_by_id (agent.registry, kBinding) != nullptr)
      return;
    binding->url = g_strdup ("http://127.0.0.1:9/mcp");
    binding->id = g_strdup (kBinding);
    binding->name = g_strdup ("notes");
    binding->auth_type = g_strdup ("oauth");
    binding->keyring = g_strdup ("vault");
    binding->injection = bfy_injection_new (BFY_INJECT_HEADER, "Authorization", "Bearer ");
    binding->allow_local = TRUE;
    EXPECT_TRUE (bfy_registry_add (agent.registry, binding, error.out ())) << error;
  }

  std::string state_;
};

class Refresher : public testing::Test
{
protected:
  std::unique_ptr<Party> open (const std::string &name)
  {
    return std::make_unique<Party> (dir.path (name), dir.path ("vault"));
  }
  // Into the vault, as another program would.
  void plant (const Tokens &tokens, const Times &times = {})
  {
    g_autoptr (BfyCredential) credential = make_credential (server, tokens, times);
    g_autoptr (BfySecret) item = bfy_credential_seal (credential);
    Keyring keyring (bfy_vault ());
    Error error;

    ASSERT_TRUE (keyring.store (kBinding, text_of (item), error)) << error;
  }
  // What rests there.
  Tokens planted ()
  {
    Keyring keyring (bfy_vault ());
    Error error;
    const std::string text = keyring.lookup (kBinding, error);

    EXPECT_THAT (error, Succeeds ());
    return { string_member (text, "access_token"), string_member (text, "refresh_token") };
  }
  // The server takes it for a call.
  int status_of (const std::string &access)
  {
    return server
        .request ("POST", "/mcp",
                  R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":)"
                  R"("2025-06-18","capabilities":{},"clientInfo":{"name":"x","version":"1"}}})",
                  "Content-Type: application/json\r\nAccept: application/json, "
                  "text/event-stream\r\nAuthorization: Bearer " +
                      access)
        .status;
  }
  BfyKeyring *bfy_vault ()
  {
    return bfy_vault_new (dir.path ("vault").c_str ());
  }
  // Nothing more is under way at the server.
  bool wait_for_refreshes (long n)
  {
    return wait_until ([&] { return server.count ("refresh_token") >= n; });
  }

  // Token requests that have come, answered or not.
  size_t n_asked () const
  {
    const std::string lines = read_file (dir.path ("server.log"));
    size_t n = 0;

    for (size_t at = lines.find ("\"/token\""); at != std::string::npos;
         at = lines.find ("\"/token\"", at + 1))
      n++;
    return n;
  }

  TempDir dir{ quick_place () };
  SignInServer server{ { "--log", dir.path ("server.log") } };
  Error error;
};

} // namespace

// A1, craft G02.
TEST_F (Refresher, AsksOnceHoweverManyWait)
{
  const Tokens old = sign_in (server);
  std::list<Await> waiting (20);

  plant (old);
  auto party = open ("a");
  party->load ();
  server.faults (R"({"token":["slow:0.3"]})");
  EXPECT_EQ (party->check (), BFY_EXPIRED);
  for (Await &one : waiting)
    party->begin (one);
  for (Await &one : waiting)
    EXPECT_TRUE (party->finish (one, error)) << error;

  EXPECT_EQ (server.count ("refresh_token"), 1);
  EXPECT_EQ (server.count ("reuse"), 0);
  EXPECT_NE (party->known (), old.access);
  EXPECT_EQ (party->known (), planted ().access);
  EXPECT_NE (planted ().refresh, old.refresh);
  EXPECT_EQ (status_of (party->known ()), 200);
  EXPECT_EQ (party->events (), std::vector<std::string>{ "success" });
  EXPECT_EQ (party->check (), BFY_FRESH);
  EXPECT_FALSE (party->has_record ()) << "it has done its service";
  EXPECT_GT (party->binding ()->expires_at_s, 0);
  EXPECT_GT (party->binding ()->refreshed_at_s, 0);
  EXPECT_TRUE (party->binding ()->can_refresh);
  // Whoever comes late has the answer at once.
  EXPECT_TRUE (party->renew (error)) << error;
  EXPECT_TRUE (party->renew (error, BFY_RENEW_REFUSED, old.access)) << error;
  EXPECT_EQ (server.count ("refresh_token"), 1);
}

// Where no file lock would hold them apart.
TEST_F (Refresher, AsksOnceInTheMemoryKeyringToo)
{
  std::list<Await> waiting (20);
  Await moved;
  g_auto (BfyMove) move = {};

  plant (sign_in (server));
  auto party = open ("a");
  bfy_move_async (&party->agent, party->binding (), "memory", Await::on_ready, moved.data ());
  ASSERT_TRUE (bfy_move_finish (moved.result (), &move, error.out ())) << error;
  for (Await &one : waiting)
    party->begin (one);
  for (Await &one : waiting)
    EXPECT_TRUE (party->finish (one, error)) << error;

  EXPECT_EQ (n_asked (), 2u) << "the sign-in and one renewal";
  EXPECT_EQ (server.count ("reuse"), 0);
  EXPECT_EQ (status_of (party->known ()), 200);
  EXPECT_FALSE (party->has_record ()) << "nothing would be there to open it";
}

TEST_F (Refresher, WhoGoesAwayDoesNotStopIt)
{
  const Tokens old = sign_in (server);
  g_autoptr (GCancellable) gone = g_cancellable_new ();
  Await leaving, staying;

  plant (old);
  auto party = open ("a");
  server.faults (R"({"token":["late:0.3"]})");
  party->begin (leaving, BFY_RENEW_EXPIRED, gone);
  party->begin (staying);
  ASSERT_TRUE (wait_for_refreshes (1));
  g_cancellable_cancel (gone);

  EXPECT_FALSE (party->finish (leaving, error));
  EXPECT_EQ (bfy_error_code (error.get ()), BFY_ERROR_CANCELLED);
  EXPECT_FALSE (staying.is_ready ());
  EXPECT_TRUE (party->finish (staying, error)) << error;
  EXPECT_EQ (status_of (planted ().access), 200);
}

TEST_F (Refresher, ComesToItsEndWithNobodyWaiting)
{
  const Tokens old = sign_in (server);
  g_autoptr (GCancellable) gone = g_cancellable_new ();
  Await leaving;

  plant (old);
  auto party = open ("a");
  server.faults (R"({"token":["late:0.2"]})");
  party->begin (leaving, BFY_RENEW_EXPIRED, gone);
  ASSERT_TRUE (wait_for_refreshes (1));
  g_cancellable_cancel (gone);
  EXPECT_FALSE (party->finish (leaving, error));

  EXPECT_TRUE (wait_until ([&] { return party->events ().size () == 1; }));
  EXPECT_NE (planted ().refresh, old.refresh);
  EXPECT_EQ (party->known (), planted ().access);
}

// craft G07: whoever waits hears of it when it can be read back from the disk.
TEST_F (Refresher, IsInTheVaultBeforeAnybodyUsesIt)
{
  struct Moment
  {
    std::string file, seen;
  } moment{ dir.path ("vault/vault.bfy"), "" };

  plant (sign_in (server));
  auto party = open ("a");
  const std::string before = read_file (moment.file);
  bfy_refresher_renew_async (
      party->agent.refresher, party->binding (), BFY_RENEW_EXPIRED, nullptr, nullptr, nullptr,
      [] (GObject *, GAsyncResult *, gpointer data) {
        Moment *now = static_cast<Moment *> (data);

        now->seen = read_file (now->file);
      },
      &moment);
  ASSERT_TRUE (wait_until ([&] { return !moment.seen.empty (); }));
  EXPECT_TRUE (moment.seen != before);
  EXPECT_EQ (moment.seen, read_file (moment.file)) << "nothing was written after that";
  EXPECT_EQ (party->known (), planted ().access);
}

// Where the registry says by then, not where it was when the renewal began.
TEST_F (Refresher, ABindingThatIsMovedMeanwhileKeepsIt)
{
  const Tokens old = sign_in (server);
  Await done, moved;
  g_auto (BfyMove) move = {};

  plant (old);
  auto party = open ("a");
  server.faults (R"({"token":["late:0.3"]})");
  party->begin (done);
  ASSERT_TRUE (wait_for_refreshes (1));
  bfy_move_async (&party->agent, party->binding (), "memory", Await::on_ready, moved.data ());
  EXPECT_TRUE (bfy_move_finish (moved.result (), &move, error.out ())) << error;
  EXPECT_TRUE (party->finish (done, error)) << error;

  Keyring memory (
      BFY_KEYRING (g_object_ref (bfy_keyrings_find (party->agent.keyrings, "memory", nullptr))));
  EXPECT_THAT (memory.lookup (kBinding, error), HasSubstr (party->known ()));
  EXPECT_NE (party->known (), old.access);
  Keyring vault (bfy_vault ());
  EXPECT_EQ (vault.lookup (kBinding, error), "");
}

// behaviour 7.3, 7.4
TEST_F (Refresher, TwoAgentsOnOneVaultRotateOnce)
{
  const Tokens old = sign_in (server);
  Await first_done, second_done;

  plant (old);
  auto first = open ("a"), second = open ("b");
  first->load ();
  second->load ();
  server.faults (R"({"token":["slow:0.3"]})");
  first->begin (first_done);
  second->begin (second_done);

  EXPECT_TRUE (first->finish (first_done, error)) << error;
  EXPECT_TRUE (second->finish (second_done, error)) << error;
  EXPECT_EQ (server.count ("refresh_token"), 1);
  EXPECT_EQ (server.count ("reuse"), 0);
  EXPECT_EQ (first->known (), second->known ());
  EXPECT_EQ (status_of (second->known ()), 200);
}

TEST_F (Refresher, AnotherAgentThatDoesNotComeToAnEndIsNotWaitedForForEver)
{
  const Tokens old = sign_in (server);

  plant (old, { 3600, 10 });
  g_autoptr (BfySafeDirectory) vault =
      bfy_safe_directory_open (dir.path ("vault").c_str (), error.out ());
  g_autoptr (BfySafeLock) theirs = bfy_safe_lock_try (
      vault, ("refresh-" + std::string (kBinding) + ".lock").c_str (), error.out ());
  ASSERT_NE (theirs, nullptr) << error;
  auto party = open ("a");
  party->load ();
  EXPECT_EQ (party->check (), BFY_DUE) << "it is still good";
  EXPECT_EQ (bfy_refresher_wait_s (party->agent.refresher, party->binding ()), 0)
      << "not urgent: no failure";
  plant (old);
  bfy_credentials_forget (party->agent.credentials, party->binding ());

  EXPECT_FALSE (party->renew (error));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_REFRESH_COOLDOWN));
  EXPECT_EQ (server.count ("refresh_token"), 0);
  EXPECT_EQ (party->events (),
             std::vector<std::string>{ "refresh_failed another agent is renewing it" });
}

// craft G04: somebody else has rotated, so the refusal of the old token is no news.
TEST_F (Refresher, TakesWhatIsInTheKeyringBeforeItAsks)
{
  const Tokens old = sign_in (server);

  plant (old, { 0, 3600 });
  auto party = open ("a");
  party->load ();
  const Tokens theirs = refresh (server, old.refresh);
  plant (theirs, { 0, 3600 });

  EXPECT_TRUE (party->renew (error, BFY_RENEW_REFUSED, old.access)) << error;
  EXPECT_EQ (party->known (), theirs.access);
  EXPECT_EQ (server.count ("refresh_token"), 1) << "theirs";
  EXPECT_EQ (server.count ("reuse"), 0);
}

// Not even our lock need be known to them: the token is void because there is a new one.
TEST_F (Refresher, SomebodyFasterWithoutTheLockIsNoReasonToSignIn)
{
  const Tokens old = sign_in (server), theirs = refresh (server, old.refresh);
  Await done;

  plant (old);
  auto party = open ("a");
  party->load ();
  server.faults (R"({"token":["slow:1+error:invalid_grant"]})");
  party->begin (done);
  ASSERT_TRUE (wait_until ([&] { return n_asked () == 3; }));
  plant (theirs, { 0, 3600 });

  EXPECT_TRUE (party->finish (done, error)) << error;
  EXPECT_EQ (party->known (), theirs.access);
  EXPECT_NE (party->state (), "needs_login");
  EXPECT_EQ (status_of (party->known ()), 200);
}

// behaviour 7.7, acceptance A2
TEST_F (Refresher, ARefusalForGoodIsNotedOnceAndNotRepeated)
{
  const Tokens old = sign_in (server);

  plant (old);
  auto party = open ("a");
  server.faults (R"({"token":["error:invalid_grant"]})");

  EXPECT_FALSE (party->renew (error));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_NEEDS_LOGIN));
  EXPECT_THAT (error.get ()->message, HasSubstr ("bindify login notes"));
  EXPECT_EQ (party->state (), "needs_login");
  for (BfyRenewReason reason : { BFY_RENEW_EXPIRED, BFY_RENEW_TIMER, BFY_RENEW_PERSON })
    {
      EXPECT_FALSE (party->renew (error, reason));
      EXPECT_THAT (error, FailsWith (BFY_ERROR_NEEDS_LOGIN)) << reason;
    }
  EXPECT_EQ (server.count ("refresh_token"), 1) << "no further attempts";
  EXPECT_EQ (party->events (), std::vector<std::string>{ "invalid_grant HTTP 400, invalid_grant" });
  EXPECT_EQ (planted ().refresh, old.refresh) << "kept";

  // A new sign-in, by whomever, is the end of it.
  const Tokens fresh = sign_in (server);
  plant (fresh);
  bfy_refresher_forget (party->agent.refresher, party->binding ());
  EXPECT_TRUE (party->renew (error)) << error;
  EXPECT_EQ (party->state (), "ok");
}

struct TransientCase
{
  const char *name, *fault, *event;
};

class RefresherTransient : public Refresher, public testing::WithParamInterface<TransientCase>
{
};

// behaviour 7.5, 7.7, craft G03: the old set is kept to the byte, nobody is flagged, and whoever
// asks again meanwhile does not hammer the endpoint.
TEST_P (RefresherTransient, KeepsTheSetAndCoolsDown)
{
  const Tokens old = sign_in (server);
  Error again;

  plant (old);
  auto party = open ("a");
  server.faults (std::string (R"({"token":[")") + GetParam ().fault + R"("]})");

  EXPECT_FALSE (party->renew (error));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_REFRESH_COOLDOWN));
  EXPECT_THAT (error.get ()->message, Not (HasSubstr ("evil")));
  EXPECT_FALSE (party->renew (again));
  EXPECT_THAT (again, FailsWith (BFY_ERROR_REFRESH_COOLDOWN)) << "else it would have worked";
  EXPECT_EQ (bfy_refresher_wait_s (party->agent.refresher, party->binding ()), 60);
  EXPECT_NE (party->state (), "needs_login");
  EXPECT_EQ (planted ().refresh, old.refresh);
  ASSERT_EQ (party->events ().size (), 1u);
  EXPECT_THAT (party->events ()[0], testing::StartsWith (GetParam ().event));
  EXPECT_THAT (party->events ()[0], Not (HasSubstr ("evil")));

  // A person who asks does not wait, and finds it mended.
  EXPECT_TRUE (party->renew (error, BFY_RENEW_PERSON)) << error;
  EXPECT_EQ (bfy_refresher_wait_s (party->agent.refresher, party->binding ()), 0);
  EXPECT_EQ (status_of (party->known ()), 200);
}

INSTANTIATE_TEST_SUITE_P (
    Faults,
    RefresherTransient,
    testing::Values (TransientCase{ "ServerError", "503", "refresh_failed" },
                     TransientCase{ "Timeout", "408", "refresh_failed" },
                     TransientCase{ "TooMany", "429", "refresh_failed" },
                     TransientCase{ "Reset", "reset", "refresh_failed" },
                     TransientCase{ "SlowDown", "error:slow_down", "refresh_failed" },
                     TransientCase{ "Garbage", "garbage", "unknown" },
                     TransientCase{ "Page", "html", "unknown" },
                     TransientCase{ "NoAccessToken", "missing:access_token", "unknown" }),
    [] (const testing::TestParamInfo<TransientCase> &info) {
      return std::string (info.param.name);
    });

// craft G06
TEST_F (Refresher, HonoursWhenTheServerWantsToBeAskedAgain)
{
  plant (sign_in (server));
  auto party = open ("a");
  server.faults (R"({"token":["429:retry-after=1"]})");

  EXPECT_FALSE (party->renew (error));
  EXPECT_EQ (bfy_refresher_wait_s (party->agent.refresher, party->binding ()), 1);
  EXPECT_TRUE (wait_until (
      [&] { return bfy_refresher_wait_s (party->agent.refresher, party->binding ()) == 0; }));
  EXPECT_TRUE (party->renew (error)) << error;
}

// craft G05
TEST_F (Refresher, WhatComesAfterANewSignInIsDropped)
{
  const Tokens old = sign_in (server), fresh = sign_in (server);
  Await done;

  plant (old);
  auto party = open ("a");
  server.faults (R"({"token":["late:1"]})");
  party->begin (done);
  ASSERT_TRUE (wait_for_refreshes (1));
  plant (fresh, { 0, 3600 });
  bfy_credentials_forget (party->agent.credentials, party->binding ());
  party->load ();
  bfy_refresher_forget (party->agent.refresher, party->binding ());

  EXPECT_TRUE (party->finish (done, error)) << error;
  EXPECT_EQ (server.count ("granted"), 3) << "nobody waited for the answer";
  // Another renewal begins meanwhile; both come to their ends.
  EXPECT_TRUE (party->renew (error, BFY_RENEW_PERSON)) << error;
  EXPECT_TRUE (wait_until ([&] { return server.count ("granted") >= 4; }));
  bfy_refresher_stop (party->agent.refresher);
  EXPECT_EQ (party->known (), planted ().access);
  EXPECT_EQ (status_of (planted ().access), 200);
  EXPECT_EQ (server.count ("reuse"), 0);
  EXPECT_FALSE (party->has_record ());
}

// Nor does it come back after a sign-out, whoever takes the credential away.
TEST_F (Refresher, WhatComesAfterTheCredentialHasGoneIsDropped)
{
  Await done, removed;

  plant (sign_in (server));
  auto party = open ("a");
  party->load ();
  server.faults (R"({"token":["late:0.3"]})");
  party->begin (done);
  ASSERT_TRUE (wait_for_refreshes (1));
  bfy_credentials_remove_async (party->agent.credentials, party->binding (), Await::on_ready,
                                removed.data ());
  EXPECT_TRUE (
      bfy_credentials_remove_finish (party->agent.credentials, removed.result (), error.out ()))
      << error;

  EXPECT_FALSE (party->finish (done, error));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_CREDENTIAL_MISSING));
  Keyring vault (bfy_vault ());
  EXPECT_EQ (vault.lookup (kBinding, error), "");
  EXPECT_FALSE (party->has_record ());
  EXPECT_EQ (party->known (), "");
}

// A locked agent gives nothing out, and does not lose the token that is on its way.
TEST_F (Refresher, ALockDoesNotLoseIt)
{
  const Tokens old = sign_in (server);
  Await done;

  plant (old);
  auto party = open ("a");
  server.faults (R"({"token":["late:0.2"]})");
  party->begin (done);
  ASSERT_TRUE (wait_for_refreshes (1));
  bfy_credentials_lock (party->agent.credentials);

  EXPECT_FALSE (party->finish (done, error));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_LOCKED));
  EXPECT_TRUE (wait_until ([&] { return planted ().refresh != old.refresh; }));
  EXPECT_TRUE (wait_until ([&] { return !party->has_record (); }));
  EXPECT_EQ (party->known (), "");
  EXPECT_FALSE (party->renew (error));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_LOCKED));
  bfy_credentials_unlock (party->agent.credentials);
  party->load ();
  EXPECT_EQ (status_of (party->known ()), 200);
}

// --- What the keyring does not take (behaviour 7.10, 7.11) ---

class RefresherUnsaved : public Refresher
{
protected:
  // The vault cannot be used from the moment that the token endpoint is asked.
  void renew_into_broken_vault (Party &party)
  {
    Await done;

    old = sign_in (server);
    plant (old);
    party.load ();
    server.faults (R"({"token":["late:0.3"]})");
    party.begin (done);
    ASSERT_TRUE (wait_for_refreshes (1));
    set_vault_mode (0755);
    EXPECT_TRUE (party.finish (done, error)) << error << "the request does not suffer";
  }
  void set_vault_mode (mode_t mode)
  {
    ASSERT_EQ (chmod (dir.path ("vault").c_str (), mode), 0);
  }

  Tokens old;
};

TEST_F (RefresherUnsaved, TheTokenIsUsedAndWrittenAtTheEnd)
{
  auto party = open ("a");
  struct stat facts;

  renew_into_broken_vault (*party);
  EXPECT_NE (party->known (), old.access);
  EXPECT_EQ (status_of (party->known ()), 200);
  EXPECT_EQ (party->state (), "unsaved");
  EXPECT_EQ (party->events (), std::vector<std::string>{ "store_write_failed unsafe_path" });
  ASSERT_EQ (stat (party->record ().c_str (), &facts), 0);
  EXPECT_EQ (facts.st_mode & 07777, 0600u);
  const std::string record = read_file (party->record ());
  EXPECT_THAT (record, Not (HasSubstr (party->known ())));
  EXPECT_THAT (record, Not (HasSubstr ("access_token")));
  // Nothing is renewed on top of it.
  EXPECT_FALSE (party->renew (error, BFY_RENEW_TIMER));
  EXPECT_EQ (server.count ("refresh_token"), 1);

  set_vault_mode (0700);
  EXPECT_EQ (planted ().refresh, old.refresh);
  bfy_refresher_stop (party->agent.refresher);
  EXPECT_EQ (planted ().access, party->known ());
  EXPECT_EQ (party->state (), "ok");
  EXPECT_FALSE (party->has_record ());
}

// A vault that can be read, but not be written: what is unsaved is not renewed once more, because
// its refresh token rests nowhere but in the record.
TEST_F (RefresherUnsaved, NothingIsRenewedOnTopOfIt)
{
  Await done;

  old = sign_in (server);
  plant (old);
  auto party = open ("a");
  party->load ();
  g_autoptr (BfySafeDirectory) vault =
      bfy_safe_directory_open (dir.path ("vault").c_str (), error.out ());
  g_autoptr (BfySafeLock) lock = bfy_safe_lock_try (vault, "vault.lock", error.out ());
  ASSERT_NE (lock, nullptr) << error;
  EXPECT_TRUE (party->renew (error)) << error;
  EXPECT_EQ (party->state (), "unsaved");
  const std::string renewed = party->known ();

  EXPECT_TRUE (party->renew (error, BFY_RENEW_TIMER)) << error << "it is good";
  EXPECT_EQ (server.count ("refresh_token"), 1);
  EXPECT_EQ (party->known (), renewed);
  g_clear_pointer (&lock, bfy_safe_lock_free);
  EXPECT_TRUE (wait_until ([&] { return party->state () == "ok"; }));
  EXPECT_EQ (planted ().access, renewed);
}

TEST_F (RefresherUnsaved, IsWrittenByItselfAsSoonAsThatGoes)
{
  auto party = open ("a");

  renew_into_broken_vault (*party);
  set_vault_mode (0700);
  EXPECT_TRUE (wait_until ([&] { return party->state () == "ok"; }));
  EXPECT_EQ (planted ().access, party->known ());
}

TEST_F (RefresherUnsaved, AKilledAgentAdoptsItWhenItStarts)
{
  std::string renewed;

  {
    auto party = open ("a");

    renew_into_broken_vault (*party);
    renewed = party->known ();
    set_vault_mode (0700);
  }
  auto party = open ("a");
  EXPECT_TRUE (wait_until ([&] { return !party->has_record (); }));
  EXPECT_EQ (planted ().access, renewed);
  EXPECT_EQ (party->known (), renewed);
  EXPECT_EQ (party->state (), "ok");
  EXPECT_EQ (server.count ("reuse"), 0);
}

// A request may come before the start has got to it: the old refresh token must not go out.
TEST_F (RefresherUnsaved, AKilledAgentAdoptsItBeforeItAsks)
{
  {
    auto party = open ("a");

    renew_into_broken_vault (*party);
    set_vault_mode (0700);
  }
  auto party = open ("a");
  EXPECT_TRUE (party->renew (error, BFY_RENEW_REFUSED, old.access)) << error;
  EXPECT_EQ (party->known (), planted ().access);
  EXPECT_EQ (status_of (party->known ()), 200);
  EXPECT_EQ (server.count ("refresh_token"), 1);
  EXPECT_EQ (server.count ("reuse"), 0);
}

// Killed between the last byte and its name: all that is needed is there.
TEST_F (RefresherUnsaved, ARecordWithoutItsNameIsAdopted)
{
  std::string record;

  {
    auto party = open ("a");

    renew_into_broken_vault (*party);
    set_vault_mode (0700);
    record = party->record ();
  }
  std::filesystem::rename (record, record + ".new");
  auto party = open ("a");
  EXPECT_TRUE (party->renew (error, BFY_RENEW_REFUSED, old.access)) << error;
  EXPECT_EQ (status_of (party->known ()), 200);
  EXPECT_EQ (server.count ("refresh_token"), 1);
  EXPECT_EQ (server.count ("reuse"), 0);
  EXPECT_FALSE (std::filesystem::exists (record + ".new"));
}

// It belongs to what was in the keyring then, and to nobody who cannot read that.
TEST_F (RefresherUnsaved, ARecordOfAnotherSetIsOfNoUseToAnybody)
{
  const Tokens fresh = sign_in (server);

  {
    auto party = open ("a");

    renew_into_broken_vault (*party);
    set_vault_mode (0700);
  }
  plant (fresh, { 0, 3600 });
  auto party = open ("a");
  EXPECT_TRUE (wait_until ([&] { return !party->has_record (); })) << "it has been overtaken";
  EXPECT_EQ (planted ().access, fresh.access);
}

TEST_F (RefresherUnsaved, ADamagedRecordStopsNothing)
{
  {
    auto party = open ("a");

    renew_into_broken_vault (*party);
    set_vault_mode (0700);
  }
  server.set (R"({"grace_s":60})");
  auto party = open ("a");
  std::string bytes = read_file (party->record ());
  bytes[bytes.size () - 1] = static_cast<char> (bytes[bytes.size () - 1] ^ 1);
  write_file (party->record (), bytes);

  EXPECT_TRUE (party->renew (error)) << error;
  EXPECT_EQ (status_of (party->known ()), 200);
  EXPECT_EQ (planted ().access, party->known ());
}
