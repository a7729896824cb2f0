// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// Random stores, removes, rotations, slot changes and restores by one or two processes that are
// killed at random moments, against a model: whatever was acknowledged is there, what was under way
// is there or not, and nothing else is. For half an hour, or BINDIFY_SOAK_S seconds.

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <gtest/gtest.h>
#include <map>
#include <random>
#include <set>
#include <sys/wait.h>

#include "tests/fixture/private-dirs.h"
#include "tests/fixture/vault-calls.h"

namespace
{

constexpr long default_duration_s = 30 * 60;
constexpr int ops_per_round_max = 40;

struct Model
{
  std::map<std::string, std::string> items;
  std::map<guint, std::string> passphrases; // words by slot
  guint key_file = 1;                       // its slot, 0 for none

  bool operator== (const Model &other) const
  {
    return items == other.items && passphrases == other.passphrases && key_file == other.key_file;
  }
  size_t n_slots () const
  {
    return passphrases.size () + (key_file != 0 ? 1 : 0);
  }
  std::string slots () const
  {
    std::map<guint, std::string> all;
    std::string text;

    for (const auto &[number, words] : passphrases)
      all[number] = "passphrase";
    if (key_file != 0)
      all[key_file] = "key_file";
    for (const auto &[number, kind] : all)
      text += (text.empty () ? "" : " ") + kind + ":" + std::to_string (number);
    return text;
  }
  guint free_slot () const
  {
    guint number = 1;

    while (number == key_file || passphrases.count (number) != 0)
      number++;
    return number;
  }
};

struct Backup
{
  std::string bytes;
  Model model;
};

// What a writer does in its step @n: the same for whoever has the same model.
class Writer
{
public:
  // @prefix: of the ids that are its own; only the first writer changes anything else.
  Writer (char prefix, bool may_change_all, unsigned seed, const Backup &backup)
      : prefix_ (prefix), may_change_all_ (may_change_all), seed_ (seed), backup_ (backup)
  {
  }

  // With @vault does it, too; FALSE with the error when that fails.
  bool step (unsigned n, Model &model, VaultKeyring *vault, Error &error) const
  {
    std::mt19937 random (seed_ + n);
    const unsigned kind = random () % 100;

    if (may_change_all_ && kind < 30)
      return change (kind, random, model, vault, error);
    const std::string id = prefix_ + std::to_string (random () % 40);
    if (kind % 4 == 3 && model.items.erase (id) > 0)
      return vault == nullptr || vault->remove (id, error);
    const std::string text (random () % 3000, static_cast<char> ('a' + random () % 26));
    model.items[id] = text + std::to_string (n);
    return vault == nullptr || vault->store (id, model.items[id], error);
  }

private:
  bool change (
      unsigned kind, std::mt19937 &random, Model &model, VaultKeyring *vault, Error &error) const
  {
    const std::string words = "words " + std::to_string (random () % 1000);

    if (kind < 10)
      return vault == nullptr || rotate (*vault, error);
    if (kind < 16 && model.n_slots () < BFY_VAULT_SLOTS_MAX)
      {
        model.passphrases[model.free_slot ()] = words;
        return vault == nullptr || vault->add (BFY_VAULT_SLOT_PASSPHRASE, words, error);
      }
    if (kind < 18 && model.key_file == 0 && model.n_slots () < BFY_VAULT_SLOTS_MAX)
      {
        model.key_file = model.free_slot ();
        return vault == nullptr || vault->add (BFY_VAULT_SLOT_KEY_FILE, "", error);
      }
    if (kind < 20 && model.key_file != 0 && model.n_slots () > 1)
      {
        const guint slot = model.key_file;
        model.key_file = 0;
        return vault == nullptr || vault->remove_slot (slot, error);
      }
    if (model.passphrases.empty ())
      return true;
    const guint slot = std::next (model.passphrases.begin (),
                                  static_cast<long> (random () % model.passphrases.size ()))
                           ->first;
    if (kind < 24)
      {
        model.passphrases[slot] = words;
        return vault == nullptr ||
               vault->slot (BFY_VAULT_REPLACE_SLOT, BFY_VAULT_SLOT_PASSPHRASE, words, error, slot);
      }
    if (kind < 28 && model.n_slots () > 1)
      {
        model.passphrases.erase (slot);
        return vault == nullptr || vault->remove_slot (slot, error);
      }
    return restore (model, vault, error);
  }
  // Old keys go before and after, or the list would grow.
  static bool rotate (VaultKeyring &vault, Error &error)
  {
    return remove_old_keys (vault, error) && vault.rotate (error) && remove_old_keys (vault, error);
  }
  static bool remove_old_keys (VaultKeyring &vault, Error &error)
  {
    const std::vector<std::string> keys = vault.fingerprints ();
    const std::vector<guint> uses = vault.uses ();

    for (size_t i = 0; i + 1 < keys.size (); i++)
      {
        if (uses[i] == 0 && !vault.remove_key (keys[i], error) &&
            bfy_error_code (error.get ()) != BFY_ERROR_NOT_FOUND)
          return false;
      }
    return true;
  }
  bool restore (Model &model, VaultKeyring *vault, Error &error) const
  {
    if (backup_.bytes.empty () || backup_.model.passphrases.empty ())
      return true;
    const auto &[slot, words] = *backup_.model.passphrases.begin ();
    model = backup_.model;
    return vault == nullptr || vault->restore (backup_.bytes, words, error, slot, true);
  }

  const char prefix_;
  const bool may_change_all_;
  const unsigned seed_;
  const Backup &backup_;
};

// Opens it with whatever @model knows.
bool
open (VaultKeyring &vault, const Model &model, Error &error)
{
  if (model.key_file != 0)
    return vault.check (error) == "ready";
  return vault.unlock (model.passphrases.begin ()->first, model.passphrases.begin ()->second,
                       error);
}

// A writer's process: its number of steps, one byte to say that it is open and that each is done.
[[noreturn]] void
write_in_child (const std::string &dir, const Writer &writer, Model model, unsigned n_first, int fd)
{
  VaultKeyring vault (dir);
  Error error;

  if (!open (vault, model, error))
    {
      fprintf (stderr, "opening: %s\n", error.message ().c_str ());
      _exit (1);
    }
  if (write (fd, "o", 1) != 1)
    _exit (1);
  for (unsigned n = n_first; n < n_first + ops_per_round_max; n++)
    {
      if (!writer.step (n, model, &vault, error))
        {
          fprintf (stderr, "step %u: %s\n", n, error.message ().c_str ());
          _exit (1);
        }
      if (write (fd, "+", 1) != 1)
        _exit (1);
    }
  _exit (0);
}

struct Child
{
  pid_t pid;
  int fd;
  bool is_open = false;
  bool has_failed = false;
  unsigned n_done = 0;

  Child (const std::string &dir, const Writer &writer, const Model &model, unsigned n_first)
  {
    int fds[2];

    if (pipe (fds) != 0)
      abort ();
    pid = fork ();
    if (pid == 0)
      {
        close (fds[0]);
        write_in_child (dir, writer, model, n_first, fds[1]);
      }
    close (fds[1]);
    fd = fds[0];

    // The other one may change the locks as soon as it runs.
    char byte;
    is_open = read (fd, &byte, 1) == 1;
  }
  // Kills it unless it has finished, and counts what it has done.
  void end ()
  {
    char byte;
    int status;

    kill (pid, SIGKILL);
    waitpid (pid, &status, 0);
    has_failed = !is_open || (WIFEXITED (status) && WEXITSTATUS (status) != 0);
    while (read (fd, &byte, 1) == 1)
      n_done++;
    close (fd);
  }
};

class VaultSoak : public testing::Test
{
protected:
  // What is there, if it is @model.
  bool is (const Model &model)
  {
    VaultKeyring vault (dir_);
    Error error;
    std::map<std::string, std::string> items;

    if (vault.slots () != model.slots () || !open (vault, model, error))
      return false;
    for (const auto &[slot, words] : model.passphrases)
      {
        if (!vault.unlock (slot, words, error))
          return false;
      }
    for (const std::string &id : vault.list (error))
      items[id] = vault.lookup (id, error);
    EXPECT_EQ (g_strv_length (vault.info ()->orphans), 0u);
    EXPECT_TRUE (bfy_vault_verify (vault.vault (), error.out ())) << error;
    return items == model.items;
  }
  void expect_no_strangers ()
  {
    static const std::set<std::string> known = { "vault.bfy", "vault.bfy.new", "vault.key",
                                                 "vault.key.new", "vault.lock" };

    for (const auto &entry : std::filesystem::directory_iterator (dir_))
      EXPECT_EQ (known.count (entry.path ().filename ()), 1u) << entry.path ();
  }
  // Its steps up to the last that was acknowledged, and perhaps one more.
  static std::vector<Model>
  outcomes (const Writer &writer, const Model &model, unsigned n_first, const Child &child)
  {
    Model done = model;
    Error error;

    for (unsigned n = 0; n < child.n_done; n++)
      (void) writer.step (n_first + n, done, nullptr, error);
    if (child.n_done == ops_per_round_max)
      return { done };
    Model next = done;
    (void) writer.step (n_first + child.n_done, next, nullptr, error);
    return { done, next };
  }
  // Two writers touch different things: @first's, with the items of @second that are its own.
  static Model merge (const Model &first, const Model &second)
  {
    Model merged = first;

    for (auto item = merged.items.begin (); item != merged.items.end ();)
      item = item->first[0] == 'b' ? merged.items.erase (item) : std::next (item);
    for (const auto &item : second.items)
      {
        if (item.first[0] == 'b')
          merged.items.insert (item);
      }
    return merged;
  }
  // What is there becomes our model, if it is one of @ones with the items of one of @others.
  bool
  adopt (const std::vector<Model> &ones, const std::vector<Model> &others, unsigned &n_under_way)
  {
    std::vector<Model> candidates;

    for (const Model &one : ones)
      {
        for (const Model &other : others)
          candidates.push_back (merge (one, other));
        if (others.empty ())
          candidates.push_back (one);
      }
    for (size_t i = 0; i < candidates.size (); i++)
      {
        if (!is (candidates[i]))
          continue;
        model_ = candidates[i];
        n_under_way += i > 0 ? 1 : 0;
        return true;
      }
    return false;
  }
  void make_first ()
  {
    VaultKeyring vault (dir_);
    Error error;

    ASSERT_TRUE (vault.store ("a0", "first", error)) << error;
    model_.items["a0"] = "first";
  }
  void back_up ()
  {
    backup_.bytes = read_file (dir_ + "/vault.bfy");
    backup_.model = model_;
  }

  TempDir temp_{ quick_place () };
  std::string dir_ = temp_.path ("vault");
  Model model_;
  Backup backup_;
};

long
duration_s ()
{
  const char *text = getenv ("BINDIFY_SOAK_S");
  gint64 number = 0;

  if (text != nullptr && g_ascii_string_to_signed (text, 10, 1, 7 * 24 * 3600, &number, nullptr))
    return static_cast<long> (number);
  return default_duration_s;
}

TEST_F (VaultSoak, LosesNothing)
{
  const gint64 end_us = g_get_monotonic_time () + duration_s () * G_USEC_PER_SEC;
  const unsigned seed = std::random_device () ();
  std::mt19937 random (seed);
  unsigned n_rounds = 0, n_steps = 0, n_under_way = 0;

  printf ("Seed %u, %ld s\n", seed, duration_s ());
  make_first ();
  while (g_get_monotonic_time () < end_us)
    {
      const bool has_two = random () % 2 == 0;
      const Backup none;
      const Writer first ('a', true, seed, has_two ? none : backup_),
          second ('b', false, ~seed, none);
      const unsigned n_first = n_rounds * ops_per_round_max;
      std::unique_ptr<Child> other;

      if (has_two)
        other = std::make_unique<Child> (dir_, second, model_, n_first);
      Child child (dir_, first, model_, n_first);
      // Not to wait for anything, but to end them at another moment every time.
      usleep (random () % 60000);
      child.end ();
      ASSERT_FALSE (child.has_failed) << "round " << n_rounds << ", seed " << seed;
      std::vector<Model> others;
      if (has_two)
        {
          other->end ();
          ASSERT_FALSE (other->has_failed) << "round " << n_rounds << ", seed " << seed;
          others = outcomes (second, model_, n_first, *other);
          n_steps += other->n_done;
        }

      const bool is_found = adopt (outcomes (first, model_, n_first, child), others, n_under_way);
      ASSERT_TRUE (is_found) << "round " << n_rounds << ", seed " << seed << ", " << child.n_done
                             << " steps acknowledged";
      expect_no_strangers ();
      ASSERT_FALSE (HasFailure ());
      n_steps += child.n_done;
      n_rounds++;
      if (random () % 8 == 0)
        back_up ();
    }
  printf ("%u processes killed or finished, %u changes acknowledged, %u more found done; %zu "
          "credentials at the end\n",
          n_rounds, n_steps, n_under_way, model_.items.size ());
  EXPECT_GT (n_steps, 0u);
}

} // namespace
