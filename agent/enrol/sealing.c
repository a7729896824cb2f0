/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/enrol/sealing.h"

#include "protocol/blob.h"
#include "protocol/client-key.h"
#include "protocol/error.h"

void
bfy_sealing_free (BfySealing *self)
{
  if (self == NULL)
    return;

  g_free (self->client_id);
  g_free (self->label);
  g_clear_pointer (&self->key, bfy_secret_unref);
  g_strfreev (self->lost);
  g_free (self);
}

static gboolean
choose_present (BfySealing *self,
                BfyRegistry *registry,
                const BfyBinding *binding,
                BfySecret *key,
                GError **error)
{
  BfyClient *client = bfy_registry_authenticate (registry, key);

  if (client == NULL)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_DENIED,
                           "The key that was presented is no key of this agent; bindify client "
                           "list shows who has one");
      return FALSE;
    }
  if (!bfy_client_may_use (client, binding->name))
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_DENIED,
                   "“%s” is limited to other bindings than “%s”; present another client’s key, or "
                   "none, and a new one is made",
                   client->label, binding->name);
      return FALSE;
    }
  self->client_id = g_strdup (client->id);
  self->label = g_strdup (client->label);
  self->key = bfy_secret_ref (key);

  return TRUE;
}

BfySealing *
bfy_sealing_new (BfyRegistry *registry,
                 const BfyBinding *binding,
                 const char *label,
                 BfySecret *key,
                 GError **error)
{
  g_autoptr (BfySealing) self = g_new0 (BfySealing, 1);

  if (key != NULL)
    return choose_present (self, registry, binding, key, error) ? g_steal_pointer (&self) : NULL;

  self->client_id = g_uuid_string_random ();
  self->label = g_strdup (label != NULL ? label : binding->name);
  self->key = bfy_client_key_new (error);
  self->is_new = TRUE;

  return self->key != NULL ? g_steal_pointer (&self) : NULL;
}

/* The data key that is in force, or NULL when this client cannot tell it. */
static BfySecret *
find_data_key (const BfySealing *self,
               const BfySealedCredential *envelope,
               const BfyBinding *binding,
               const BfySecret *proof)
{
  g_autoptr (GError) error = NULL;
  BfySecret *data_key =
      bfy_sealed_credential_unwrap (envelope, binding->id, self->client_id, proof, &error);

  if (data_key == NULL && !g_error_matches (error, BFY_ERROR, BFY_ERROR_LOCKED))
    g_warning ("The old key of “%s” is given up: %s", binding->name, error->message);

  return data_key;
}

gboolean
bfy_sealing_edit (BfySealedCredential *envelope,
                  const BfyBinding *binding,
                  gpointer sealing,
                  GError **error)
{
  BfySealing *self = sealing;
  g_autoptr (BfySecret) proof = bfy_client_key_proof (self->key);
  g_autoptr (BfySecret) data_key = find_data_key (self, envelope, binding, proof);

  if (data_key == NULL)
    {
      data_key = bfy_blob_make_key (error);
      if (data_key == NULL)
        return FALSE;
      bfy_sealed_credential_remove_client (envelope, self->client_id);
      g_strfreev (self->lost);
      self->lost = bfy_sealed_credential_dup_clients (envelope);
      bfy_sealed_credential_remove_all_clients (envelope);
      if (!bfy_sealed_credential_add_client (envelope, binding->id, self->client_id, proof,
                                             data_key, error))
        return FALSE;
    }

  return bfy_sealed_credential_store (envelope, binding->id, data_key, self->credential, error);
}

gboolean
bfy_sealing_add_client (const BfySealing *self,
                        BfyAgent *agent,
                        const BfyBinding *binding,
                        BfyRequest *request,
                        GError **error)
{
  const char *const names[] = { binding->name, NULL };
  g_autoptr (BfyClient) client = NULL;
  BfyEvent *event;

  if (!self->is_new)
    return TRUE;
  client = bfy_registry_add_client_with_key (agent->registry, self->client_id, self->label, names,
                                             self->key, error);
  if (client == NULL)
    return FALSE;

  event = bfy_agent_new_event ("key_issued", binding, request);
  event->detail = g_strdup (client->label);
  bfy_store_append_event (agent->store, event, TRUE);

  return TRUE;
}
