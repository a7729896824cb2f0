/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/doctor/doctor.h"

#include "agent/doctor/policy-findings.h"
#include "agent/doctor/service-findings.h"
#include "agent/doctor/surroundings.h"
#include "agent/doctor/token-findings.h"
#include "agent/doctor/vault-findings.h"
#include "agent/oauth/recovery-file.h"
#include "agent/oauth/rhythm.h"
#include "agent/policy/hints.h"
#include "keyring/secret-service.h"
#include "protocol/error.h"

typedef struct
{
  BfyAgent *agent;     /* borrowed */
  GPtrArray *findings; /* (owned) (element-type BfyFinding) */
  GHashTable *held;    /* (owned) keyring name → GStrv of ids; only of those that can be asked */
  GPtrArray *bindings; /* (owned) (element-type BfyBinding) */
  guint n_keyrings;    /* looked at so far */
  guint n_bindings;    /* credentials looked at so far */
} Work;

static void
work_free (gpointer user_data)
{
  Work *work = user_data;

  g_clear_pointer (&work->findings, g_ptr_array_unref);
  g_hash_table_unref (work->held);
  g_ptr_array_unref (work->bindings);
  g_free (work);
}

static void next_keyring (GTask *task);
static void next_credential (GTask *task);

static guint
count_users (const Work *work, const char *keyring)
{
  guint n = 0;

  for (guint i = 0; i < work->bindings->len; i++)
    {
      const BfyBinding *binding = g_ptr_array_index (work->bindings, i);

      n += g_str_equal (binding->keyring, keyring);
    }

  return n;
}

static gboolean
holds (const Work *work, const char *keyring, const char *id)
{
  const char *const *ids = g_hash_table_lookup (work->held, keyring);

  return ids != NULL && g_strv_contains (ids, id);
}

/* An item of ours in a keyring: its record should be there and name this keyring. */
static void
judge_item (Work *work, const char *keyring, const char *id)
{
  BfyBinding *binding = bfy_registry_find_by_id (work->agent->registry, id);
  BfyFinding *finding;

  if (binding == NULL)
    {
      bfy_findings_add (work->findings, "secret_without_record", NULL,
                        g_strdup_printf ("The keyring “%s” holds a credential (%s) that no binding "
                                         "here uses; another agent may",
                                         keyring, id),
                        g_strdup ("bindify list, and your keyring’s own program to remove it"));
      return;
    }
  if (g_str_equal (binding->keyring, keyring))
    return;

  finding = bfy_findings_add (
      work->findings, "left_over", binding,
      g_strdup_printf ("A copy of “%s”’s credential is left in “%s”; it "
                       "rests in “%s”",
                       binding->name, keyring, binding->keyring),
      g_strdup_printf ("bindify keyring move %s --to %s", binding->name, binding->keyring));
  finding->is_fixable = holds (work, binding->keyring, id);
}

static void
judge_items (Work *work)
{
  GHashTableIter iter;
  gpointer keyring, ids;

  g_hash_table_iter_init (&iter, work->held);
  while (g_hash_table_iter_next (&iter, &keyring, &ids))
    for (char **id = ids; *id != NULL; id++)
      judge_item (work, keyring, *id);
}

static const char *
auth_type_of (const BfyCredential *credential)
{
  switch (credential->type)
    {
    case BFY_CREDENTIAL_API_KEY:
      return "api_key";
    case BFY_CREDENTIAL_OAUTH_TOKEN:
      return "oauth";
    case BFY_CREDENTIAL_BASIC_AUTH:
      return "basic";
    case BFY_CREDENTIAL_CUSTOM:
      return "custom";
    }

  return "";
}

static void
judge_credential (Work *work, const BfyBinding *binding, const BfySecret *secret)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BfyCredential) credential = bfy_credential_open (secret, &error);

  if (credential == NULL)
    bfy_findings_add (work->findings, "credential_damaged", binding,
                      g_strdup_printf ("The credential of “%s” in “%s” cannot be understood",
                                       binding->name, binding->keyring),
                      g_strdup_printf ("bindify login %s", binding->name));
  else if (!g_str_equal (auth_type_of (credential), binding->auth_type))
    bfy_findings_add (work->findings, "auth_type_disagrees", binding,
                      g_strdup_printf ("The record of “%s” says %s, its credential is %s",
                                       binding->name, binding->auth_type,
                                       auth_type_of (credential)),
                      g_strdup_printf ("bindify login %s", binding->name));
  else
    bfy_token_findings_of_credential (work->findings, binding, credential);
}

static void
on_looked_up (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Work *work = g_task_get_task_data (task);
  const BfyBinding *binding = g_ptr_array_index (work->bindings, work->n_bindings - 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (BfySecret) secret = bfy_keyring_lookup_finish (BFY_KEYRING (source), result, &error);

  if (secret != NULL)
    judge_credential (work, binding, secret);
  else if (!g_error_matches (error, BFY_ERROR, BFY_ERROR_CREDENTIAL_MISSING))
    bfy_findings_add (work->findings, "credential_unreadable", binding,
                      g_strdup_printf ("The credential of “%s” cannot be read: %s", binding->name,
                                       error->message),
                      g_strdup_printf ("bindify login %s", binding->name));
  next_credential (task);
}

/* A record whose keyring can be asked: the credential should be there, and be what the record says.
 * What a sealed one is, only a client's key can tell; nothing is opened while the agent is locked.
 */
static gboolean
judge_record (Work *work, const BfyBinding *binding)
{
  if (g_str_equal (binding->auth_type, "none") ||
      !g_hash_table_contains (work->held, binding->keyring))
    return FALSE;
  if (holds (work, binding->keyring, binding->id))
    return !binding->is_sealed && bfy_credentials_check_unlocked (work->agent->credentials, NULL);

  bfy_findings_add (work->findings, "record_without_secret", binding,
                    g_strdup_printf ("The credential of “%s” is not in “%s” any more",
                                     binding->name, binding->keyring),
                    g_strdup_printf ("bindify login %s", binding->name));

  return FALSE;
}

static void
judge_tokens (Work *work)
{
  const char *state_dir = work->agent->state_dir;
  g_autofree char *directory = g_build_filename (state_dir, BFY_RECOVERY_DIRECTORY, NULL);
  g_auto (GStrv) waiting = bfy_recovery_file_list (state_dir);

  for (guint i = 0; i < work->bindings->len; i++)
    {
      const BfyBinding *binding = g_ptr_array_index (work->bindings, i);
      const BfyRhythm rhythm = bfy_rhythm_of (work->agent, binding);

      bfy_token_findings_of_record (work->findings, binding, &rhythm, bfy_agent_now_s ());
    }
  bfy_token_findings_of_clock (work->findings, work->bindings, bfy_agent_now_s ());
  bfy_token_findings_of_recovery (work->findings, directory, (const char *const *) waiting,
                                  work->bindings);
}

static void
judge_policies (Work *work)
{
  for (guint i = 0; i < work->bindings->len; i++)
    {
      const BfyBinding *binding = g_ptr_array_index (work->bindings, i);
      const BfyPolicyFacts facts = bfy_hints_facts (work->agent, binding);

      bfy_policy_findings_of (work->findings, binding, &facts);
    }
}

static void
next_credential (GTask *task)
{
  Work *work = g_task_get_task_data (task);

  while (work->n_bindings < work->bindings->len)
    {
      BfyBinding *binding = g_ptr_array_index (work->bindings, work->n_bindings++);
      BfyKeyring *keyring = bfy_keyrings_find (work->agent->keyrings, binding->keyring, NULL);

      if (keyring == NULL || !judge_record (work, binding))
        continue;
      bfy_keyring_lookup_async (keyring, binding->id, NULL, on_looked_up, task);
      return;
    }

  judge_tokens (work);
  judge_policies (work);
  bfy_service_findings (work->findings, bfy_services_problems (work->agent->services));
  bfy_doctor_look_at_vault (work->agent, work->findings);
  bfy_doctor_look_around (work->agent, work->findings);
  g_task_return_pointer (task, g_steal_pointer (&work->findings),
                         (GDestroyNotify) g_ptr_array_unref);
  g_object_unref (task);
}

static void
on_listed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Work *work = g_task_get_task_data (task);
  const char *name = bfy_keyring_get_name (BFY_KEYRING (source));
  g_autoptr (GError) error = NULL;
  GStrv ids = bfy_keyring_list_finish (BFY_KEYRING (source), result, &error);

  if (ids != NULL)
    g_hash_table_insert (work->held, g_strdup (name), ids);
  else
    bfy_findings_add (
        work->findings, "keyring_unreadable", NULL,
        g_strdup_printf ("The keyring “%s” cannot be listed: %s", name, error->message),
        g_strdup ("bindify keyring list"));
  next_keyring (task);
}

/* Only a keyring that bindings rest in is worth a word when it is locked or not there. */
static void
judge_keyring (Work *work, const char *name, BfyKeyringState state, const GError *error)
{
  guint n_users = count_users (work, name);

  if (error != NULL)
    bfy_findings_add (work->findings, "keyring_damaged", NULL,
                      g_strdup_printf ("The keyring “%s” cannot be used: %s", name, error->message),
                      g_strdup ("bindify keyring list"));
  else if (state == BFY_KEYRING_LOCKED && n_users > 0)
    bfy_findings_add (work->findings, "keyring_locked", NULL,
                      g_strdup_printf ("The keyring “%s” is locked; %u of your bindings rest there",
                                       name, n_users),
                      g_strdup ("bindify unlock, and unlock that keyring"));
  else if (state == BFY_KEYRING_ABSENT && n_users > 0)
    bfy_findings_add (work->findings, "keyring_unavailable", NULL,
                      g_strdup_printf ("The keyring “%s” is not there; %u of your bindings rest "
                                       "there",
                                       name, n_users),
                      g_strdup ("bindify keyring list"));
}

/* What to do is in the middle of the message: it is not one command in every case. */
static void
on_prompter_found (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Work *work = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  if (!bfy_secret_service_find_prompter_finish (BFY_SECRET_SERVICE (source), result, &error) &&
      g_error_matches (error, BFY_ERROR, BFY_ERROR_LOCKED))
    bfy_findings_add (work->findings, "no_prompter", NULL, g_strdup (error->message),
                      g_strdup ("bindify doctor, when that is done"));
  next_keyring (task);
}

static void
on_checked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Work *work = g_task_get_task_data (task);
  BfyKeyring *keyring = BFY_KEYRING (source);
  g_autoptr (GError) error = NULL;
  BfyKeyringState state;

  if (bfy_keyring_check_finish (keyring, result, &state, &error) && state == BFY_KEYRING_READY)
    {
      bfy_keyring_list_async (keyring, NULL, on_listed, task);
      return;
    }

  judge_keyring (work, bfy_keyring_get_name (keyring), state, error);
  if (state == BFY_KEYRING_LOCKED && BFY_IS_SECRET_SERVICE (keyring) &&
      count_users (work, bfy_keyring_get_name (keyring)) > 0)
    bfy_secret_service_find_prompter_async (BFY_SECRET_SERVICE (keyring), on_prompter_found, task);
  else
    next_keyring (task);
}

static void
next_keyring (GTask *task)
{
  Work *work = g_task_get_task_data (task);
  GPtrArray *keyrings = bfy_keyrings_list (work->agent->keyrings);

  if (work->n_keyrings < keyrings->len)
    {
      bfy_keyring_check_async (g_ptr_array_index (keyrings, work->n_keyrings++), NULL, on_checked,
                               task);
      return;
    }

  judge_items (work);
  next_credential (task);
}

void
bfy_doctor_examine_async (BfyAgent *agent, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, NULL, callback, user_data);
  Work *work = g_new0 (Work, 1);

  g_task_set_source_tag (task, bfy_doctor_examine_async);
  g_task_set_task_data (task, work, work_free);
  work->agent = agent;
  work->findings = bfy_findings_new ();
  work->held = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_strfreev);
  work->bindings = bfy_registry_bindings (agent->registry);
  next_keyring (task);
}

GPtrArray *
bfy_doctor_examine_finish (GAsyncResult *result)
{
  return g_task_propagate_pointer (G_TASK (result), NULL);
}
