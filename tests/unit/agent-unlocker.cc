// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// Who waits how long for a keyring that asks its person. The keyring is a double that answers when
// the test says so: the real ones are in the stories keyring-prompt and agent-prompt.

#include <memory>
#include <vector>

#include "tests/fixture/await.h"
#include "tests/unit/matchers.h"

extern "C"
{
#include "agent/unlocker.h"
}

namespace
{

constexpr guint wait_ms = 60;
constexpr guint prompt_ms = 400;

struct Asking
{
  GObject parent_instance;

  std::vector<GTask *> *questions;
};

void
asking_unlock_async (BfyKeyring *keyring,
                     const char *,
                     GCancellable *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer user_data)
{
  GTask *task = g_task_new (keyring, cancellable, callback, user_data);

  g_task_set_check_cancellable (task, TRUE);
  reinterpret_cast<Asking *> (keyring)->questions->push_back (task);
}

gboolean
asking_unlock_finish (BfyKeyring *, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
asking_interface_init (gpointer interface, gpointer)
{
  auto *keyring = static_cast<BfyKeyringInterface *> (interface);

  keyring->unlock_async = asking_unlock_async;
  keyring->unlock_finish = asking_unlock_finish;
}

void
silent_interface_init (gpointer, gpointer)
{
}

GType
register_double (const char *name, GInterfaceInitFunc init)
{
  const GInterfaceInfo info = { init, nullptr, nullptr };
  GType type =
      g_type_register_static_simple (G_TYPE_OBJECT, g_intern_string (name), sizeof (GObjectClass),
                                     nullptr, sizeof (Asking), nullptr, GTypeFlags (0));

  g_type_add_interface_static (type, BFY_TYPE_KEYRING, &info);
  return type;
}

BfyKeyring *
new_asking ()
{
  static const GType type = register_double ("TestAskingKeyring", asking_interface_init);

  return BFY_KEYRING (g_object_new (type, nullptr));
}

BfyKeyring *
new_silent ()
{
  static const GType type = register_double ("TestSilentKeyring", silent_interface_init);

  return BFY_KEYRING (g_object_new (type, nullptr));
}

// One who waits.
class Waiter
{
public:
  Waiter (BfyUnlocker *unlocker, BfyKeyring *keyring, const char *id) : unlocker_ (unlocker)
  {
    bfy_unlocker_open_async (unlocker, keyring, id, cancellable_, Await::on_ready, done_.data ());
  }
  ~Waiter ()
  {
    g_object_unref (cancellable_);
  }

  void go ()
  {
    g_cancellable_cancel (cancellable_);
  }
  bool is_done () const
  {
    return done_.is_ready ();
  }
  bool finish (Error &error)
  {
    return bfy_unlocker_open_finish (unlocker_, done_.result (), error.out ());
  }

private:
  BfyUnlocker *unlocker_;
  GCancellable *cancellable_ = g_cancellable_new ();
  Await done_;
};

class Unlocker : public testing::Test
{
protected:
  void SetUp () override
  {
    reinterpret_cast<Asking *> (keyring_)->questions = &questions_;
  }
  void TearDown () override
  {
    for (guint i = 0; i < questions_.size (); i++)
      if (questions_[i] != nullptr)
        answer (i, true);
    g_object_unref (unlocker_);
    g_object_unref (keyring_);
  }

  std::unique_ptr<Waiter> wait (const char *id = "a")
  {
    return std::make_unique<Waiter> (unlocker_, keyring_, id);
  }
  bool is_withdrawn (guint i)
  {
    return g_cancellable_is_cancelled (g_task_get_cancellable (questions_[i]));
  }
  void answer (guint i, bool is_open)
  {
    g_autoptr (GTask) task = questions_[i];

    questions_[i] = nullptr;
    if (is_open)
      g_task_return_boolean (task, TRUE);
    else
      g_task_return_new_error (task, BFY_ERROR, BFY_ERROR_LOCKED, "no");
    wait_until ([&] { return g_task_get_completed (task); });
  }

  BfyUnlocker *unlocker_ = bfy_unlocker_new (wait_ms, prompt_ms);
  BfyKeyring *keyring_ = new_asking ();
  std::vector<GTask *> questions_;
};

} // namespace

TEST_F (Unlocker, AsksOnceForAllWhoWait)
{
  auto first = wait (), second = wait (), other = wait ("b");
  Error error;

  EXPECT_EQ (questions_.size (), 2u) << "one for each binding";
  answer (0, true);
  EXPECT_TRUE (first->finish (error)) << error;
  EXPECT_TRUE (second->finish (error)) << error;
  EXPECT_FALSE (other->is_done ());
  answer (1, false);
  EXPECT_FALSE (other->finish (error));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_LOCKED));

  auto later = wait ();
  ASSERT_EQ (questions_.size (), 3u) << "a new question for a new lock";
  answer (2, true);
  EXPECT_TRUE (later->finish (error)) << error;
}

TEST_F (Unlocker, DoesNotBotherAKeyringThatCannotAsk)
{
  g_autoptr (BfyKeyring) silent = new_silent ();
  Waiter waiter (unlocker_, silent, "a");
  Error error;

  EXPECT_TRUE (waiter.finish (error)) << error;
}

// Behaviour 15.7
TEST_F (Unlocker, WithdrawsWhenTheLastOneGoes)
{
  auto first = wait (), last = wait ();
  Error error;

  first->go ();
  EXPECT_FALSE (first->finish (error));
  EXPECT_EQ (bfy_error_code (error.get ()), BFY_ERROR_CANCELLED);
  EXPECT_FALSE (is_withdrawn (0)) << "somebody still waits";
  last->go ();
  EXPECT_FALSE (last->finish (error));
  EXPECT_TRUE (is_withdrawn (0));

  // Who comes before the keyring has noticed gets a question of its own.
  auto later = wait ();
  ASSERT_EQ (questions_.size (), 2u);
  answer (0, false);
  EXPECT_FALSE (later->is_done ());
  answer (1, true);
  EXPECT_TRUE (later->finish (error)) << error;
}

// Behaviour 15.5
TEST_F (Unlocker, TellsWhoWaitedLongAndKeepsTheQuestion)
{
  auto first = wait ();
  Error error;

  EXPECT_FALSE (first->finish (error));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_LOCKED));
  EXPECT_THAT (error.message (), testing::HasSubstr ("still open"));
  EXPECT_FALSE (is_withdrawn (0));

  auto second = wait ();
  EXPECT_EQ (questions_.size (), 1u) << "the question that is open already";
  second->go ();
  EXPECT_FALSE (second->finish (error));
  EXPECT_FALSE (is_withdrawn (0)) << "the first one was told to try again";
  auto third = wait ();
  answer (0, true);
  EXPECT_TRUE (third->finish (error)) << error;
}

TEST_F (Unlocker, WithdrawsAQuestionThatNobodyAnswersInTheEnd)
{
  const gint64 begun_us = g_get_monotonic_time ();
  auto first = wait ();
  Error error;

  EXPECT_FALSE (first->finish (error));
  ASSERT_TRUE (wait_until ([&] { return is_withdrawn (0); }));
  EXPECT_GE (g_get_monotonic_time () - begun_us, (prompt_ms - 5) * G_TIME_SPAN_MILLISECOND);
}

// As long as somebody waits it stays, however old it is.
TEST_F (Unlocker, KeepsAnOldQuestionForOneWhoWaits)
{
  const gint64 begun_us = g_get_monotonic_time ();
  auto waiter = wait ();
  Error error;

  while (g_get_monotonic_time () - begun_us < prompt_ms * G_TIME_SPAN_MILLISECOND)
    {
      ASSERT_EQ (questions_.size (), 1u);
      ASSERT_FALSE (is_withdrawn (0));
      auto next = wait ();
      EXPECT_FALSE (waiter->finish (error));
      waiter = std::move (next);
    }
  EXPECT_FALSE (waiter->finish (error));
  EXPECT_TRUE (wait_until ([&] { return is_withdrawn (0); }, prompt_ms));
}
