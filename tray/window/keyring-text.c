/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/window/keyring-text.h"

#include <glib/gi18n.h>
#include <string.h>

#include "client/fields.h"

typedef struct
{
  const char *wire;
  const char *text;
} Word;

static const char *
find (const Word *words, guint n_words, const char *wire)
{
  for (guint i = 0; i < n_words; i++)
    {
      if (strcmp (words[i].wire, wire) == 0)
        return gettext (words[i].text);
    }

  return NULL;
}

const char *
bfy_keyring_text_name (const char *name)
{
  static const Word words[] = {
    { "secret-service", N_ ("Keyring of the Desktop") },
    { "vault", N_ ("Vault") },
    { "memory", N_ ("Memory") },
    { "etcd", N_ ("Shared Store") },
  };
  const char *known = find (words, G_N_ELEMENTS (words), name);

  return known != NULL ? known : name;
}

static const char *
describe_state (JsonObject *keyring)
{
  static const Word words[] = {
    { "ready", N_ ("Ready.") },
    { "locked", N_ ("Locked: what rests there cannot be used until it is unlocked.") },
    { "absent", N_ ("Not there.") },
    { "unavailable", N_ ("It does not answer.") },
    { "damaged", N_ ("Damaged: “bindify vault restore” puts a backup in its place.") },
  };
  gboolean is_memory = strcmp (bfy_field_text (keyring, "name"), "memory") == 0;
  const char *state = bfy_field_text (keyring, "state");
  const char *known = find (words, G_N_ELEMENTS (words), state);

  if (is_memory && strcmp (state, "ready") == 0)
    return _ ("Ready. What rests there is gone when the agent ends.");

  return known != NULL ? known : state;
}

char *
bfy_keyring_text_details (JsonObject *keyring)
{
  gulong n = (gulong) MAX (0, bfy_field_int (keyring, "n_bindings"));
  const char *message = bfy_field_text (keyring, "message");
  g_autofree char *count =
      n > 0 ? g_strdup_printf (
                  ngettext ("%lu credential rests there.", "%lu credentials rest there.", n), n)
            : NULL;
  const char *is_default =
      bfy_field_boolean (keyring, "is_default") ? _ ("New ones go there.") : NULL;
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) sentences = NULL;

  g_strv_builder_add (builder, describe_state (keyring));
  if (*message != '\0')
    g_strv_builder_add (builder, message);
  if (count != NULL)
    g_strv_builder_add (builder, count);
  if (is_default != NULL)
    g_strv_builder_add (builder, is_default);
  sentences = g_strv_builder_end (builder);

  return g_strjoinv (" ", sentences);
}

const char *
bfy_keyring_text_lock (JsonObject *lock)
{
  static const Word words[] = {
    { "open", N_ ("Open: programs may use credentials.") },
    { "screen", N_ ("Locked as long as the screen is, or the machine sleeps.") },
    { "plain", N_ ("Locked, without a passphrase.") },
    { "passphrase", N_ ("Locked with a passphrase.") },
  };
  const char *known = find (words, G_N_ELEMENTS (words), bfy_field_text (lock, "state"));

  return known != NULL ? known : "";
}
