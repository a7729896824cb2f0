/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/window/passphrase.h"

#include <glib/gi18n.h>

#include "client/fields.h"
#include "client/lock-key.h"
#include "client/vault-body.h"
#include "protocol/error.h"
#include "protocol/recovery.h"
#include "tray/window/dialog.h"
#include "tray/window/row.h"
#include "tray/window/secret-row.h"
#include "tray/window/trouble.h"

typedef enum
{
  PURPOSE_LOCK,
  PURPOSE_UNLOCK,
  PURPOSE_VAULT,
  PURPOSE_SET_ANSWERS,
  PURPOSE_CHANGE_ANSWERS,
  PURPOSE_REMOVE_ANSWERS,
  N_PURPOSES
} Purpose;

/* Which entries there are, and what is asked of the agent first. */
static const struct
{
  const char *title, *text, *action, *old_one, *new_one;
  const char *facts; /* path of what tells how a key is derived */
} purposes[N_PURPOSES] = {
  [PURPOSE_LOCK] = { N_ ("Lock with a Passphrase"),
                     N_ ("No credential is used, and bindings are not shown, until somebody gives "
                         "this passphrase."),
                     N_ ("_Lock"), NULL, N_ ("New passphrase"), "/v1/lock" },
  [PURPOSE_UNLOCK] = { N_ ("Unlock the Agent"), N_ ("It was locked with a passphrase."),
                       N_ ("_Unlock"), N_ ("Passphrase"), NULL, "/v1/lock" },
  [PURPOSE_VAULT] = { N_ ("Unlock the Vault"),
                      N_ ("Its passphrase opens it, and so does a recovery code that was written "
                          "down when it was made."),
                      N_ ("_Unlock"), N_ ("Passphrase or recovery code"), NULL, "/v1/vault" },
  [PURPOSE_SET_ANSWERS] = { N_ ("A Passphrase for Answers"),
                            N_ ("Who answers the question of a program has to give it, so that "
                                "another program cannot answer in your place."),
                            N_ ("_Set"), NULL, N_ ("New passphrase"), "/v1/lock" },
  [PURPOSE_CHANGE_ANSWERS] = { N_ ("Change the Passphrase for Answers"), NULL, N_ ("_Change"),
                               N_ ("Present passphrase"), N_ ("New passphrase"), "/v1/lock" },
  [PURPOSE_REMOVE_ANSWERS] = { N_ ("No Passphrase for Answers"),
                               N_ ("Answers will need no passphrase any more."), N_ ("_Remove"),
                               N_ ("Present passphrase"), NULL, "/v1/lock" },
};

typedef struct
{
  Purpose purpose;
  BfyDialog *dialog;
  BfyAgentLink *link;        /* (owned) */
  GCancellable *cancellable; /* (owned) */
  JsonObject *facts;         /* (owned) (nullable) */
  GtkWidget *old_one;        /* (nullable) */
  GtkWidget *new_one;        /* (nullable) */
  GtkWidget *again;          /* (nullable) */
  BfySecret *typed;          /* (owned) (nullable) while it is tried */
  GArray *slots;             /* (owned) (nullable) of the vault */
  BfySecret *code;           /* (owned) (nullable) @typed as a recovery code */
  guint slot;                /* the next one to try */
  guint work_id;
} Asking;

static void
on_gone (gpointer data, GObject *dialog)
{
  Asking *self = data;

  g_clear_handle_id (&self->work_id, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  g_object_unref (self->cancellable);
  g_object_unref (self->link);
  g_clear_pointer (&self->facts, json_object_unref);
  g_clear_pointer (&self->typed, bfy_secret_unref);
  g_clear_pointer (&self->code, bfy_secret_unref);
  g_clear_pointer (&self->slots, g_array_unref);
  g_free (self);
}

static void
wipe (GtkWidget *row)
{
  if (row != NULL)
    bfy_secret_row_wipe (ADW_PREFERENCES_ROW (row));
}

static void
finish (Asking *self)
{
  wipe (self->old_one);
  wipe (self->new_one);
  wipe (self->again);
  bfy_agent_link_refresh (self->link, BFY_NEWS_ALL);
  gtk_window_destroy (GTK_WINDOW (self->dialog));
}

/* What was wrong is typed anew. */
static void
fail (Asking *self, const char *text)
{
  GtkWidget *first = self->old_one != NULL ? self->old_one : self->new_one;

  g_clear_pointer (&self->typed, bfy_secret_unref);
  g_clear_pointer (&self->code, bfy_secret_unref);
  wipe (self->old_one);
  bfy_dialog_set_trouble (self->dialog, text);
  bfy_dialog_set_busy (self->dialog, FALSE);
  gtk_widget_grab_focus (first);
}

static void
fail_error (Asking *self, const GError *error)
{
  g_autofree char *text = bfy_trouble_describe (error);

  fail (self, text);
}

static void try_next_slot (Asking *self);

static void
on_reply (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Asking *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) reply = bfy_remote_call_finish (BFY_REMOTE (source), result, NULL, &error);

  if (g_error_matches (error, BFY_ERROR, BFY_ERROR_CANCELLED))
    return;
  if (reply != NULL)
    finish (self);
  else if (self->purpose == PURPOSE_VAULT && g_error_matches (error, BFY_ERROR, BFY_ERROR_DENIED))
    try_next_slot (self);
  else
    fail_error (self, error);
}

static void
send (Asking *self, const char *method, const char *path, GBytes *body)
{
  const BfyCall call = { method, path, body };

  bfy_remote_call_async (bfy_agent_link_get_remote (self->link), &call, self->cancellable, on_reply,
                         self);
}

/* The vault has several ways to be opened; what was typed is tried on each that it may be for.
 * Codes come first: they are quick to try. */
static const BfySlot *
find_slot (Asking *self, const BfySecret **input)
{
  const BfySlot *slot;

  while (self->slot < 2 * self->slots->len)
    {
      gboolean is_code = self->slot < self->slots->len;

      slot = &g_array_index (self->slots, BfySlot, self->slot % self->slots->len);
      self->slot++;
      *input = is_code ? self->code : self->typed;
      if (*input != NULL && g_str_equal (slot->kind, is_code ? "recovery" : "passphrase"))
        return slot;
    }

  return NULL;
}

static void
try_next_slot (Asking *self)
{
  const BfySecret *input = NULL;
  const BfySlot *slot = find_slot (self, &input);
  g_autoptr (GError) error = NULL;
  g_autoptr (BfySecret) key = slot != NULL ? bfy_kdf_derive (&slot->kdf, input, &error) : NULL;
  g_autoptr (GBytes) body = NULL;

  if (slot == NULL)
    {
      fail (self, _ ("That is neither its passphrase nor a recovery code of it."));
      return;
    }
  if (key == NULL)
    {
      fail_error (self, error);
      return;
    }
  body = bfy_slot_body_unlock (slot->number, key);
  send (self, "POST", "/v1/vault/unlock", body);
}

static void
begin_vault (Asking *self)
{
  g_clear_pointer (&self->slots, g_array_unref);
  self->slots = bfy_slots_read (self->facts);
  self->slot = 0;
  self->code = bfy_recovery_parse (self->typed, NULL);
  try_next_slot (self);
}

/* The agent’s lock and the passphrase for answers: a key for each that was typed. */
static void
send_keys (Asking *self)
{
  g_autoptr (BfySecret) fresh =
      self->new_one != NULL ? bfy_secret_row_dup (ADW_PREFERENCES_ROW (self->new_one), FALSE)
                            : NULL;
  g_autoptr (BfySecret) old_key = NULL;
  g_autoptr (BfySecret) new_key = NULL;
  g_autoptr (GBytes) body = NULL;
  g_autoptr (GError) error = NULL;
  BfyKdf kdf;

  if (self->old_one != NULL)
    old_key = bfy_lock_key_derive (
        self->facts, self->purpose == PURPOSE_UNLOCK ? "kdf" : "approval_kdf", self->typed, &error);
  if (error == NULL && fresh != NULL)
    new_key = bfy_lock_key_make (fresh, &kdf, &error);
  if (error != NULL)
    {
      fail_error (self, error);
      return;
    }
  switch (self->purpose)
    {
    case PURPOSE_LOCK:
      body = bfy_lock_key_body (NULL, &kdf, new_key);
      send (self, "POST", "/v1/lock", body);
      break;
    case PURPOSE_UNLOCK:
      body = bfy_lock_key_body (NULL, NULL, old_key);
      send (self, "POST", "/v1/unlock", body);
      break;
    case PURPOSE_SET_ANSWERS:
    case PURPOSE_CHANGE_ANSWERS:
    case PURPOSE_REMOVE_ANSWERS:
      body = bfy_lock_key_body (old_key, new_key != NULL ? &kdf : NULL, new_key);
      send (self, "PUT", "/v1/lock/approval", body);
      break;
    case PURPOSE_VAULT:
    case N_PURPOSES:
      g_assert_not_reached ();
    }
}

/* Deriving takes a moment: the window shows before that it has begun. */
static gboolean
on_work (gpointer user_data)
{
  Asking *self = user_data;

  self->work_id = 0;
  if (self->purpose == PURPOSE_VAULT)
    begin_vault (self);
  else
    send_keys (self);

  return G_SOURCE_REMOVE;
}

static void
on_facts (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Asking *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) reply = bfy_remote_call_finish (BFY_REMOTE (source), result, NULL, &error);

  if (g_error_matches (error, BFY_ERROR, BFY_ERROR_CANCELLED))
    return;
  if (reply == NULL)
    {
      fail_error (self, error);
      return;
    }
  g_clear_pointer (&self->facts, json_object_unref);
  self->facts = g_steal_pointer (&reply);
  self->work_id = g_timeout_add (20, on_work, self);
}

/* (nullable) why it cannot be tried. */
static char *
check_typed (Asking *self)
{
  g_autoptr (BfySecret) fresh = NULL;
  g_autoptr (BfySecret) again = NULL;
  g_autoptr (GError) error = NULL;

  if (self->old_one != NULL && self->typed == NULL)
    return g_strdup (_ ("Type the passphrase first."));
  if (self->new_one == NULL)
    return NULL;
  fresh = bfy_secret_row_dup (ADW_PREFERENCES_ROW (self->new_one), FALSE);
  again = bfy_secret_row_dup (ADW_PREFERENCES_ROW (self->again), FALSE);
  if (fresh == NULL)
    return g_strdup (_ ("Type a new passphrase, twice."));
  if (!bfy_lock_key_check (fresh, &error))
    return bfy_trouble_describe (error);
  if (again == NULL || !bfy_secret_equal (fresh, again))
    return g_strdup (_ ("The two new passphrases are not the same."));

  return NULL;
}

static void
on_action (GtkButton *button, gpointer user_data)
{
  Asking *self = user_data;
  const BfyCall call = { "GET", purposes[self->purpose].facts, NULL };
  g_autofree char *trouble = NULL;

  g_clear_pointer (&self->typed, bfy_secret_unref);
  if (self->old_one != NULL)
    self->typed = bfy_secret_row_dup (ADW_PREFERENCES_ROW (self->old_one), FALSE);
  trouble = check_typed (self);
  bfy_dialog_set_trouble (self->dialog, trouble);
  if (trouble != NULL)
    return;

  bfy_dialog_set_busy (self->dialog, TRUE);
  bfy_remote_call_async (bfy_agent_link_get_remote (self->link), &call, self->cancellable, on_facts,
                         self);
}

/* Who has forgotten it. */
static void
on_by_keyring (GtkButton *button, gpointer user_data)
{
  static const char text[] = "{\"keyring\":true}";
  Asking *self = user_data;
  g_autoptr (GBytes) body = g_bytes_new_static (text, strlen (text));

  bfy_dialog_set_busy (self->dialog, TRUE);
  send (self, "POST", "/v1/unlock", body);
}

/* Making it */

static GtkWidget *
add_entry (GtkWidget *group, const char *title)
{
  GtkWidget *row = bfy_secret_row_new (title);

  adw_entry_row_set_activates_default (ADW_ENTRY_ROW (row), TRUE);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);

  return row;
}

static void
add_way_out (Asking *self)
{
  GtkWidget *group = adw_preferences_group_new ();
  GtkWidget *row =
      bfy_row_new (_ ("Forgotten?"), _ ("The password of the desktop’s keyring opens it, too."));
  GtkWidget *button = bfy_row_add_button (ADW_ACTION_ROW (row), _ ("Use the _Keyring…"));

  g_signal_connect (button, "clicked", G_CALLBACK (on_by_keyring), self);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
  gtk_box_append (bfy_dialog_get_column (self->dialog), group);
}

static void
present (GtkWidget *parent, BfyAgentLink *link, Purpose purpose)
{
  Asking *self = g_new0 (Asking, 1);
  GtkWidget *group = adw_preferences_group_new ();
  GtkWidget *button;

  self->purpose = purpose;
  self->link = g_object_ref (link);
  self->cancellable = g_cancellable_new ();
  self->dialog = bfy_dialog_new (parent, gettext (purposes[purpose].title));
  g_object_weak_ref (G_OBJECT (self->dialog), on_gone, self);
  if (purposes[purpose].text != NULL)
    adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (group),
                                           gettext (purposes[purpose].text));
  if (purposes[purpose].old_one != NULL)
    self->old_one = add_entry (group, gettext (purposes[purpose].old_one));
  if (purposes[purpose].new_one != NULL)
    {
      self->new_one = add_entry (group, gettext (purposes[purpose].new_one));
      self->again = add_entry (group, _ ("The new one again"));
    }
  gtk_box_append (bfy_dialog_get_column (self->dialog), group);
  if (purpose == PURPOSE_UNLOCK)
    add_way_out (self);
  button = bfy_dialog_set_action (self->dialog, gettext (purposes[purpose].action));
  g_signal_connect (button, "clicked", G_CALLBACK (on_action), self);
  gtk_window_present (GTK_WINDOW (self->dialog));
  gtk_widget_grab_focus (self->old_one != NULL ? self->old_one : self->new_one);
}

void
bfy_passphrase_present_lock (GtkWidget *parent, BfyAgentLink *link)
{
  present (parent, link, PURPOSE_LOCK);
}

void
bfy_passphrase_present_unlock (GtkWidget *parent, BfyAgentLink *link)
{
  present (parent, link, PURPOSE_UNLOCK);
}

void
bfy_passphrase_present_vault (GtkWidget *parent, BfyAgentLink *link)
{
  present (parent, link, PURPOSE_VAULT);
}

void
bfy_passphrase_present_answers (GtkWidget *parent, BfyAgentLink *link, gboolean is_removed)
{
  JsonObject *status = bfy_agent_link_get_status (link);
  JsonObject *lock = status != NULL ? bfy_field_object (status, "lock") : NULL;
  gboolean is_set = lock != NULL && bfy_field_object (lock, "approval_kdf") != NULL;

  present (parent, link,
           is_removed ? PURPOSE_REMOVE_ANSWERS
           : is_set   ? PURPOSE_CHANGE_ANSWERS
                      : PURPOSE_SET_ANSWERS);
}
