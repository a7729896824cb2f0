/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>
#include <unistd.h>

#include "agent/api/api.h"
#include "agent/caller/caller.h"
#include "agent/client-seals.h"
#include "agent/ties.h"
#include "protocol/client-key.h"
#include "protocol/json.h"

void
bfy_api_list_clients (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  g_autoptr (GPtrArray) clients = bfy_registry_clients (agent->registry);
  JsonObject *object = json_object_new ();
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < clients->len; i++)
    json_array_add_object_element (array, bfy_client_to_json (g_ptr_array_index (clients, i)));
  json_object_set_array_member (object, "clients", array);
  bfy_request_reply_json (request, 200, object);
}

/* A client that comes or goes. */
typedef struct
{
  BfyAgent *agent;       /* borrowed */
  BfyRequest *request;   /* (owned) */
  BfyKeyHolder newcomer; /* (owned) whom it is about, key only when it is new */
  BfyKeyHolder opener;   /* (owned) (nullable) who lets it open sealed bindings */
  GPtrArray *unsealed;   /* (owned) (nullable) (element-type BfyBinding) which it then opens */
} Work;

static void
work_free (Work *work)
{
  bfy_request_unref (work->request);
  g_clear_pointer (&work->newcomer.client, bfy_client_unref);
  g_clear_pointer (&work->newcomer.key, bfy_secret_unref);
  g_clear_pointer (&work->opener.client, bfy_client_unref);
  g_clear_pointer (&work->opener.key, bfy_secret_unref);
  g_clear_pointer (&work->unsealed, g_ptr_array_unref);
  g_free (work);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Work, work_free)

static Work *
work_new (BfyAgent *agent, BfyRequest *request)
{
  Work *work = g_new0 (Work, 1);

  work->agent = agent;
  work->request = bfy_request_ref (request);

  return work;
}

static gboolean
has_binding (GPtrArray *bindings, const BfyBinding *wanted)
{
  for (guint i = 0; bindings != NULL && i < bindings->len; i++)
    {
      if (strcmp (((const BfyBinding *) g_ptr_array_index (bindings, i))->id, wanted->id) == 0)
        return TRUE;
    }

  return FALSE;
}

/* Names of sealed bindings that the client may use and whose credential its key does not open. */
static JsonArray *
list_closed (Work *work)
{
  g_autoptr (GPtrArray) sealed =
      bfy_client_seals_bindings (work->agent->registry, work->newcomer.client);
  JsonArray *names = json_array_new ();

  for (guint i = 0; i < sealed->len; i++)
    {
      BfyBinding *binding = g_ptr_array_index (sealed, i);

      if (!has_binding (work->unsealed, binding))
        json_array_add_string_element (names, binding->name);
    }

  return names;
}

static void
record (Work *work, const char *type)
{
  BfyEvent *event = bfy_agent_new_event (type, NULL, work->request);

  event->detail = g_strdup (work->newcomer.client->label);
  bfy_store_append_event (work->agent->store, event, TRUE);
}

static void
reply_added (Work *work)
{
  const BfyClient *client = work->newcomer.client;
  const char *example = client->bindings != NULL ? client->bindings[0] : NULL;
  g_autofree char *url = bfy_api_endpoint (work->agent, example != NULL ? example : "NAME");
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "id", client->id);
  json_object_set_string_member (object, "label", client->label);
  if (url != NULL)
    json_object_set_string_member (object, "url_example", url);
  else
    json_object_set_null_member (object, "url_example");
  json_object_set_array_member (object, "cannot_open", list_closed (work));
  record (work, "key_issued");
  bfy_api_reply_with_key (work->request, 201, object, "key", work->newcomer.key);
}

static gboolean
check_bindings (BfyAgent *agent, const char *const *names, GError **error)
{
  for (; names != NULL && *names != NULL; names++)
    {
      if (bfy_registry_find (agent->registry, *names) != NULL)
        continue;
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_NOT_FOUND,
                           "The client cannot be limited to a binding that does not exist");
      return FALSE;
    }

  return TRUE;
}

/* Which bindings are to be opened, and whether whoever lets the newcomer in may use them. */
static gboolean
check_opener (Work *work, const char *const *names, GError **error)
{
  BfyRegistry *registry = work->agent->registry;
  BfyClient *client = bfy_registry_authenticate (registry, work->opener.key);

  if (client == NULL)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_DENIED,
                           "The key that was presented is no key of this agent");
      return FALSE;
    }

  work->opener.client = bfy_client_ref (client);
  work->unsealed = g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_binding_unref);
  for (; names != NULL && *names != NULL; names++)
    {
      BfyBinding *binding = bfy_registry_find (registry, *names);

      if (binding->is_sealed && !has_binding (work->unsealed, binding))
        g_ptr_array_add (work->unsealed, bfy_binding_ref (binding));
    }
  if (work->unsealed->len > 0)
    return TRUE;

  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                       "None of the bindings that the client is limited to is sealed: there is "
                       "nothing to open with another client’s key");

  return FALSE;
}

/* A client whose key ends with the process that asks for it. It is noted before it is there. */
static BfyClient *
add_tied (Work *work, const char *label, const char *const *bindings, GError **error)
{
  BfyAgent *agent = work->agent;
  g_autofree char *id = g_uuid_string_random ();
  g_autoptr (BfySecret) key = bfy_client_key_new (error);
  int process = key != NULL ? bfy_caller_open_process (work->request) : -1;
  BfyClient *client;

  if (key == NULL)
    return NULL;
  if (work->opener.key != NULL || process < 0)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_UNSUPPORTED,
                           work->opener.key != NULL
                               ? "A key that ends with its program opens no sealed bindings"
                               : "The kernel does not say when the program ends that asks for a "
                                 "key that is to end with it");
      if (process >= 0)
        close (process);
      return NULL;
    }
  if (!bfy_ties_add (agent->ties, id, bfy_request_get_connection (work->request)->peer.pid, process,
                     error))
    return NULL;

  client = bfy_registry_add_client_with_key (agent->registry, id, label, bindings, key, error);
  if (client != NULL)
    work->newcomer.key = g_steal_pointer (&key);

  return client;
}

static gboolean
add_client (Work *work, GError **error)
{
  static const char *const known[] = { "label", "bindings", "unseal_with", "while_runs", NULL };
  BfyAgent *agent = work->agent;
  g_autoptr (JsonObject) body = NULL;
  g_auto (GStrv) bindings = NULL;
  const char *label = NULL;
  gboolean is_tied = FALSE;

  if (!bfy_api_take_key (work->request, "unseal_with", &work->opener.key, error))
    return FALSE;
  body = bfy_api_read_body (work->request, error);
  if (body == NULL || !bfy_json_refuse_unknown (body, known, error) ||
      !bfy_json_get_string (body, "label", &label, error) ||
      !bfy_json_get_strings (body, "bindings", &bindings, error) ||
      !bfy_json_get_boolean (body, "while_runs", &is_tied, error) ||
      !check_bindings (agent, (const char *const *) bindings, error) ||
      (work->opener.key != NULL && !check_opener (work, (const char *const *) bindings, error)))
    return FALSE;
  if (label == NULL)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_BAD_REQUEST,
                           "“label” says what the client is called");
      return FALSE;
    }

  if (is_tied)
    work->newcomer.client = add_tied (work, label, (const char *const *) bindings, error);
  else
    work->newcomer.client = bfy_registry_add_client (
        agent->registry, label, (const char *const *) bindings, &work->newcomer.key, error);

  return work->newcomer.client != NULL;
}

static void
on_admitted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Work) work = user_data;
  GError *error = NULL;

  if (bfy_client_seals_finish (result, &error))
    {
      reply_added (work);
      return;
    }

  if (!bfy_registry_remove_client (work->agent->registry, work->newcomer.client->id, NULL))
    g_warning ("The unused key of “%s” stays", work->newcomer.client->label);
  bfy_api_fail (work->request, error, work->newcomer.client->bindings[0]);
}

void
bfy_api_add_client (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  g_autoptr (Work) work = work_new (agent, request);
  GError *error = NULL;

  if (!add_client (work, &error))
    {
      bfy_api_fail (request, error, NULL);
      return;
    }
  if (work->unsealed == NULL)
    {
      reply_added (work);
      return;
    }

  bfy_client_seals_admit_async (agent, work->unsealed, &work->opener, &work->newcomer, on_admitted,
                                work);
  g_steal_pointer (&work);
}

static void
on_revoked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Work) work = user_data;
  GError *error = NULL;

  if (!bfy_client_seals_finish (result, &error) ||
      !bfy_registry_remove_client (work->agent->registry, work->newcomer.client->id, &error))
    {
      bfy_api_fail (work->request, error, NULL);
      return;
    }

  record (work, "key_revoked");
  bfy_request_reply_empty (work->request, 204);
}

/* Its copies of the keys of sealed bindings go first, so that a failure leaves it where it can be
 * removed again. */
void
bfy_api_remove_client (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  g_autoptr (Work) work = work_new (agent, request);
  g_autofree char *force = bfy_api_get_parameter (request, "force");
  GError *error = NULL;
  BfyClient *client = bfy_registry_find_client (agent->registry, argument, &error);

  if (client == NULL)
    {
      bfy_api_fail (request, error, NULL);
      return;
    }

  work->newcomer.client = bfy_client_ref (client);
  bfy_client_seals_revoke_async (agent, client, g_strcmp0 (force, "true") == 0, on_revoked,
                                 g_steal_pointer (&work));
}
