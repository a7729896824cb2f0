// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// Moves into a keyring that does not keep its word. No real one can be made to do that, so this is
// the one place with a keyring of the test's own.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fixture/await.h"
#include "tests/fixture/keyring-calls.h"
#include "tests/fixture/private-dirs.h"
#include "tests/unit/matchers.h"

extern "C"
{
#include "agent/move.h"
}

using testing::HasSubstr;

namespace
{

constexpr char kBinding[] = "4d1c8a3e-0000-4000-8000-000000000001";
constexpr char kSecret[] = R"({"v":1,"type":"api_key","api_key":"sk-move-unit"})";

enum class Fault
{
  kNone,
  kOtherBytes,
  kShorter,
  kLonger,
  kForgotten,
  kUnreadable,
  kNotStored,
};

// Called “memory”; takes what it is given and gives back what the fault says.
struct FaultyKeyring
{
  GObject parent_instance;
  Fault fault;
  std::string *kept; // (owned)
};
struct FaultyKeyringClass
{
  GObjectClass parent_class;
};

void faulty_keyring_interface_init (BfyKeyringInterface *interface);
GType faulty_keyring_get_type ();

G_DEFINE_FINAL_TYPE_WITH_CODE (FaultyKeyring,
                               faulty_keyring,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (BFY_TYPE_KEYRING,
                                                      faulty_keyring_interface_init))

FaultyKeyring *
faulty (gpointer object)
{
  return static_cast<FaultyKeyring *> (object);
}

void
faulty_keyring_finalize (GObject *object)
{
  delete faulty (object)->kept;
  G_OBJECT_CLASS (faulty_keyring_parent_class)->finalize (object);
}

void
faulty_keyring_class_init (FaultyKeyringClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = faulty_keyring_finalize;
}

void
faulty_keyring_init (FaultyKeyring *self)
{
  self->kept = new std::string;
}

GTask *
begin (BfyKeyring *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  return g_task_new (self, cancellable, callback, data);
}

void
store_async (BfyKeyring *keyring,
             const char *,
             BfySecret *secret,
             GCancellable *cancellable,
             GAsyncReadyCallback callback,
             gpointer data)
{
  g_autoptr (GTask) task = begin (keyring, cancellable, callback, data);
  FaultyKeyring *self = faulty (keyring);

  if (self->fault == Fault::kNotStored)
    {
      g_task_return_new_error (task, BFY_ERROR, BFY_ERROR_STORAGE, "No space left");
      return;
    }
  *self->kept = std::string (bfy_secret_peek_text (secret), bfy_secret_length (secret));
  if (self->fault == Fault::kOtherBytes)
    self->kept->back () = '?';
  if (self->fault == Fault::kShorter)
    self->kept->pop_back ();
  if (self->fault == Fault::kLonger)
    *self->kept += '\n';
  if (self->fault == Fault::kForgotten)
    self->kept->clear ();
  g_task_return_boolean (task, TRUE);
}

void
lookup_async (BfyKeyring *keyring,
              const char *,
              GCancellable *cancellable,
              GAsyncReadyCallback callback,
              gpointer data)
{
  g_autoptr (GTask) task = begin (keyring, cancellable, callback, data);
  FaultyKeyring *self = faulty (keyring);

  if (self->fault == Fault::kUnreadable)
    g_task_return_new_error (task, BFY_ERROR, BFY_ERROR_KEYRING_UNAVAILABLE, "It is gone");
  else if (self->kept->empty ())
    g_task_return_new_error (task, BFY_ERROR, BFY_ERROR_CREDENTIAL_MISSING, "Not there");
  else
    g_task_return_pointer (task, bfy_secret_new (self->kept->data (), self->kept->size ()),
                           reinterpret_cast<GDestroyNotify> (bfy_secret_unref));
}

gboolean
finish_boolean (BfyKeyring *, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

BfySecret *
finish_secret (BfyKeyring *, GAsyncResult *result, GError **error)
{
  return static_cast<BfySecret *> (g_task_propagate_pointer (G_TASK (result), error));
}

void
faulty_keyring_interface_init (BfyKeyringInterface *interface)
{
  interface->get_name = [] (BfyKeyring *) -> const char * { return BFY_KEYRING_MEMORY; };
  interface->store_async = store_async;
  interface->store_finish = finish_boolean;
  interface->lookup_async = lookup_async;
  interface->lookup_finish = finish_secret;
}

class MoveInto : public testing::TestWithParam<std::pair<const char *, Fault>>
{
protected:
  void SetUp () override
  {
    store = bfy_store_open (dir.path ("state").c_str (), error.out ());
    ASSERT_NE (store, nullptr) << error;
    agent.registry = bfy_registry_new (store, error.out ());
    agent.keyrings = bfy_keyrings_new (dir.path ("vault").c_str (), "vault", nullptr);
    agent.credentials = bfy_credentials_new (agent.keyrings);
    put_in_place_of_memory ();

    g_autoptr (BfyBinding) binding = bfy_binding_new ();
    binding->id = g_strdup (kBinding);
    binding->name = g_strdup ("notes");
    binding->url = g_strdup ("https://notes.example/mcp");
    binding->auth_type = g_strdup ("api_key");
    binding->keyring = g_strdup ("vault");
    ASSERT_TRUE (bfy_registry_add (agent.registry, binding, error.out ())) << error;
    Keyring calls (source ());
    ASSERT_TRUE (calls.store (kBinding, kSecret, error)) << error;
  }
  void TearDown () override
  {
    g_clear_object (&agent.credentials);
    g_clear_object (&agent.keyrings);
    g_clear_object (&agent.registry);
    bfy_store_close (store);
    g_clear_object (&store);
  }

  // (transfer full)
  BfyKeyring *source ()
  {
    return BFY_KEYRING (g_object_ref (bfy_keyrings_find (agent.keyrings, "vault", nullptr)));
  }
  bool move ()
  {
    g_auto (BfyMove) move = {};
    Await done;

    bfy_move_async (&agent, bfy_registry_find_by_id (agent.registry, kBinding), "memory",
                    Await::on_ready, done.data ());
    return bfy_move_finish (done.result (), &move, error.out ());
  }
  // As the next agent will read it.
  std::string recorded ()
  {
    g_autoptr (GPtrArray) bindings = bfy_store_load_bindings (store, nullptr);

    return static_cast<BfyBinding *> (g_ptr_array_index (bindings, 0))->keyring;
  }
  std::string kept_in_source ()
  {
    Keyring calls (source ());
    Error none;

    return calls.lookup (kBinding, none);
  }

  TempDir dir;
  Error error;
  BfyStore *store = nullptr;
  BfyAgent agent = {};
  FaultyKeyring *target = nullptr; // borrowed

private:
  void put_in_place_of_memory ()
  {
    GPtrArray *keyrings = bfy_keyrings_list (agent.keyrings);

    target = faulty (g_object_new (faulty_keyring_get_type (), nullptr));
    for (guint i = 0; i < keyrings->len; i++)
      {
        if (g_strcmp0 (bfy_keyring_get_name (BFY_KEYRING (keyrings->pdata[i])), "memory") != 0)
          continue;
        g_object_unref (keyrings->pdata[i]);
        keyrings->pdata[i] = target;
      }
    ASSERT_EQ (bfy_keyrings_find (agent.keyrings, "memory", nullptr),
               static_cast<gpointer> (target));
  }
};

} // namespace

// D12: nothing is deleted, nothing recorded, before the copy was read back and is the same; and it
// can be tried again at once.
TEST_P (MoveInto, AKeyringThatDoesNotKeepItChangesNothing)
{
  target->fault = GetParam ().second;
  EXPECT_FALSE (move ());
  EXPECT_THAT (error.message (), HasSubstr ("Not moved, the credential is where it was: "));
  EXPECT_EQ (kept_in_source (), kSecret);
  EXPECT_EQ (recorded (), "vault");
  EXPECT_STREQ (bfy_registry_find (agent.registry, "notes")->keyring, "vault");

  target->fault = Fault::kNone;
  ASSERT_TRUE (move ()) << error;
  EXPECT_EQ (*target->kept, kSecret);
  EXPECT_EQ (recorded (), "memory");
  EXPECT_EQ (kept_in_source (), "");
}

INSTANTIATE_TEST_SUITE_P (Faults,
                          MoveInto,
                          testing::Values (std::pair{ "OtherBytes", Fault::kOtherBytes },
                                           std::pair{ "Shorter", Fault::kShorter },
                                           std::pair{ "Longer", Fault::kLonger },
                                           std::pair{ "Forgotten", Fault::kForgotten },
                                           std::pair{ "Unreadable", Fault::kUnreadable },
                                           std::pair{ "NotStored", Fault::kNotStored }),
                          [] (const auto &info) { return std::string (info.param.first); });
