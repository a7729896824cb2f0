/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The credential as it rests in the keyring now, whatever is in memory: another agent may have
 * renewed it. */

#include "agent/oauth/refresh-private.h"
#include "protocol/error.h"

typedef struct
{
  BfyRefreshRun *run; /* (owned) */
  BfyRefreshFunc done;
} Read;

static void
read_free (Read *read)
{
  bfy_refresh_run_unref (read->run);
  g_free (read);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Read, read_free)

static void look (Read *owned_read);

static BfyCredential *
open_envelope (BfyRefreshRun *run, const BfySecret *item, GError **error)
{
  g_autoptr (BfySealedCredential) envelope = bfy_sealed_credential_parse (item, error);
  g_autoptr (BfySecret) data_key = NULL;
  BfyCredential *credential = NULL;

  if (envelope == NULL)
    return NULL;
  if (run->proof == NULL)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_LOCKED,
                   "“%s” is sealed: its token can be renewed only within a request that has the "
                   "key of a client",
                   run->binding->name);
      return NULL;
    }
  data_key =
      bfy_sealed_credential_unwrap (envelope, run->binding->id, run->client_id, run->proof, error);
  if (data_key != NULL)
    credential = bfy_sealed_credential_open (envelope, run->binding->id, data_key, error);
  if (credential != NULL)
    bfy_credentials_remember_sealed (run->self->agent->credentials, run->binding,
                                     g_steal_pointer (&envelope));

  return credential;
}

static void
on_opened (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Read) read = user_data;
  GError *error = NULL;

  read->run->is_asking = FALSE;
  if (bfy_unlocker_open_finish (BFY_UNLOCKER (source), result, &error))
    look (g_steal_pointer (&read));
  else
    read->done (read->run, error);
}

/* Somebody waits, and may be asked. */
static gboolean
may_unlock (BfyRefreshRun *run, BfyKeyring *keyring, const GError *error)
{
  return run->may_ask && g_error_matches (error, BFY_ERROR, BFY_ERROR_LOCKED) &&
         bfy_keyring_can_prompt (keyring) && !bfy_refresh_run_is_over (run) &&
         bfy_credentials_check_unlocked (run->self->agent->credentials, NULL);
}

static void
on_looked_up (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Read) read = user_data;
  BfyRefreshRun *run = read->run;
  g_autoptr (GError) error = NULL;
  g_autoptr (BfySecret) item = bfy_keyring_lookup_finish (BFY_KEYRING (source), result, &error);
  BfyCredential *credential = NULL;

  if (item == NULL && may_unlock (run, BFY_KEYRING (source), error))
    {
      run->may_ask = FALSE;
      run->is_asking = TRUE;
      bfy_unlocker_open_async (run->self->agent->unlocker, BFY_KEYRING (source), run->binding->id,
                               run->cancellable, on_opened, g_steal_pointer (&read));
      return;
    }
  if (item != NULL && !run->self->is_over)
    credential = run->binding->is_sealed ? open_envelope (run, item, &error)
                                         : bfy_credential_open (item, &error);
  if (credential != NULL)
    {
      g_clear_pointer (&run->old, bfy_credential_free);
      run->old = credential;
    }
  else if (error == NULL)
    {
      error = bfy_refresh_new_ending_error ();
    }
  read->done (run, g_steal_pointer (&error));
}

/* Takes over @owned_read. */
static void
look (Read *owned_read)
{
  g_autoptr (Read) read = owned_read;
  BfyRefreshRun *run = read->run;
  BfyKeyring *keyring;
  GError *error = NULL;

  if (run->self->is_over)
    {
      read->done (run, bfy_refresh_new_ending_error ());
      return;
    }
  bfy_refresh_run_follow_binding (run);
  keyring = bfy_credentials_find_keyring (run->self->agent->credentials, run->binding, &error);
  if (keyring == NULL)
    read->done (run, error);
  else
    bfy_keyring_lookup_async (keyring, run->binding->id, NULL, on_looked_up,
                              g_steal_pointer (&read));
}

void
bfy_refresh_run_read (BfyRefreshRun *run, BfyRefreshFunc done)
{
  Read *read = g_new0 (Read, 1);

  read->run = bfy_refresh_run_ref (run);
  read->done = done;
  look (read);
}

BfyCredential *
bfy_refresh_copy_credential (const BfyCredential *credential)
{
  BfyCredential *copy =
      bfy_credential_new (credential->type, credential->username, credential->secret);

  copy->refresh = credential->refresh != NULL ? bfy_secret_ref (credential->refresh) : NULL;
  copy->issued_at_s = credential->issued_at_s;
  copy->expires_at_s = credential->expires_at_s;
  copy->source = credential->source != NULL ? bfy_oauth_source_ref (credential->source) : NULL;

  return copy;
}

void
bfy_refresh_run_remember (BfyRefreshRun *run, const BfyCredential *credential)
{
  if (!run->binding->is_sealed && !bfy_refresh_run_is_over (run))
    bfy_credentials_remember (run->self->agent->credentials, run->binding,
                              bfy_refresh_copy_credential (credential));
}
