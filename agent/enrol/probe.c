/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/enrol/probe.h"

#include "agent/enrol/account-read.h"
#include "agent/enrol/first-event.h"
#include "agent/enrol/probe-network.h"
#include "agent/errand.h"
#include "agent/network/network.h"
#include "agent/proxy/call.h"
#include "agent/proxy/redirect.h"
#include "protocol/error.h"

#define REDIRECTS_MAX 3

typedef struct
{
  BfyAgent *agent;           /* borrowed */
  BfyBinding *binding;       /* (owned) */
  BfyUpstreams *upstreams;   /* (owned) (nullable) for all requests of this probe */
  char *method;              /* (owned) */
  char *url;                 /* (owned) */
  GBytes *body;              /* (owned) (nullable) */
  GHashTable *headers;       /* (owned) (nullable) */
  GStrv accounts;            /* (owned) (nullable) */
  BfyInjection *injection;   /* (owned) */
  BfyCredential *credential; /* (owned) (nullable) */
  BfyCall *call;             /* (owned) (nullable) */
  BfyErrand errand;
  guint n_redirects;
  BfyProbeResult answer;
  BfyChallenge *challenge; /* (owned) (nullable) of the answer */
  char *account;           /* (owned) (nullable) that it named */
  gboolean is_mcp;         /* asks for the newer transports, and then for that of 2024-11-05 */
} Probe;

static void
probe_free (gpointer user_data)
{
  Probe *probe = user_data;

  bfy_errand_end (&probe->errand);
  g_clear_pointer (&probe->call, bfy_call_free);
  g_clear_object (&probe->upstreams);
  bfy_binding_unref (probe->binding);
  bfy_errand_clear (&probe->errand);
  g_clear_pointer (&probe->body, g_bytes_unref);
  g_clear_pointer (&probe->headers, g_hash_table_unref);
  g_clear_pointer (&probe->credential, bfy_credential_free);
  bfy_injection_free (probe->injection);
  bfy_challenge_free (probe->challenge);
  g_strfreev (probe->accounts);
  g_free (probe->account);
  g_free (probe->method);
  g_free (probe->url);
  g_free (probe);
}

static BfyCall *
new_call (Probe *probe, const char *method, GBytes *body, GError **error)
{
  g_autoptr (BfyCall) call =
      bfy_call_new (probe->upstreams, method, probe->url, body, probe->errand.cancellable, error);
  SoupMessageHeaders *headers;
  GHashTableIter iter;
  gpointer name, value;

  if (call == NULL)
    return NULL;
  headers = bfy_call_get_request_headers (call);
  soup_message_headers_replace (headers, "Accept", "application/json, text/event-stream");
  soup_message_headers_replace (headers, "Accept-Encoding", "identity");
  if (probe->headers != NULL)
    {
      g_hash_table_iter_init (&iter, probe->headers);
      while (g_hash_table_iter_next (&iter, &name, &value))
        soup_message_headers_replace (headers, name, value);
    }

  return bfy_call_inject (call, probe->injection, probe->credential, error)
             ? g_steal_pointer (&call)
             : NULL;
}

static void
on_session_closed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BfyCall) call = user_data;
  GInputStream *input = bfy_call_send_finish (call, result, NULL);

  g_clear_object (&input);
}

/* Politeness: the server need not keep the session that we opened only to see whether it works. */
static void
close_mcp_session (Probe *probe)
{
  const char *id =
      soup_message_headers_get_one (bfy_call_get_response_headers (probe->call), "Mcp-Session-Id");
  BfyCall *call = id != NULL ? new_call (probe, "DELETE", NULL, NULL) : NULL;

  if (call == NULL)
    return;
  soup_message_headers_replace (bfy_call_get_request_headers (call), "Mcp-Session-Id", id);
  bfy_call_send_async (call, NULL, NULL, on_session_closed, call);
}

static void send_probe (GTask *task);

static void
return_answer (GTask *task)
{
  Probe *probe = g_task_get_task_data (task);

  g_task_return_pointer (task, g_memdup2 (&probe->answer, sizeof probe->answer), g_free);
}

static void
read_answer (Probe *probe)
{
  SoupMessageHeaders *headers = bfy_call_get_response_headers (probe->call);

  probe->answer.status = soup_message_get_status (bfy_call_get_message (probe->call));
  bfy_challenge_free (probe->challenge);
  probe->challenge =
      bfy_challenge_parse_one (soup_message_headers_get_list (headers, "WWW-Authenticate"));
  probe->answer.auth = BFY_AUTH_UNKNOWN;
  if (SOUP_STATUS_IS_SUCCESSFUL (probe->answer.status))
    probe->answer.auth = BFY_AUTH_NONE;
  else if (probe->answer.status == SOUP_STATUS_UNAUTHORIZED)
    probe->answer.auth = bfy_auth_from_challenge (probe->challenge);
}

/* --- The transport of 2024-11-05 --- */

/* By these a client notices that it has to try the older one (mcp.md A.2). */
static gboolean
may_be_old (const Probe *probe)
{
  guint status = probe->answer.status;

  return probe->is_mcp && (status == SOUP_STATUS_BAD_REQUEST || status == SOUP_STATUS_NOT_FOUND ||
                           status == SOUP_STATUS_METHOD_NOT_ALLOWED);
}

/* Anything but a bad endpoint means that the first answer was right. */
static void
on_first_event (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  Probe *probe = g_task_get_task_data (task);

  if (bfy_first_event_read_finish (result, &error))
    read_answer (probe);
  if (g_error_matches (error, BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED))
    g_task_return_new_error (task, BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED, "The service %s",
                             error->message);
  else
    return_answer (task);
}

static void
on_stream (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Probe *probe = g_task_get_task_data (task);
  g_autoptr (GInputStream) input = bfy_call_send_finish (probe->call, result, NULL);
  SoupMessage *message = bfy_call_get_message (probe->call);
  const char *type =
      soup_message_headers_get_content_type (bfy_call_get_response_headers (probe->call), NULL);
  guint status = soup_message_get_status (message);

  if (input != NULL && status == SOUP_STATUS_OK && g_strcmp0 (type, "text/event-stream") == 0)
    {
      bfy_first_event_read_async (input, probe->url, probe->errand.cancellable, on_first_event,
                                  g_steal_pointer (&task));
      return;
    }
  if (input != NULL && (status == SOUP_STATUS_UNAUTHORIZED || status == SOUP_STATUS_FORBIDDEN))
    read_answer (probe);
  return_answer (task);
}

static void
try_old (GTask *task)
{
  Probe *probe = g_task_get_task_data (task);

  g_clear_pointer (&probe->call, bfy_call_free);
  probe->call = new_call (probe, "GET", NULL, NULL);
  if (probe->call == NULL)
    {
      return_answer (task);
      return;
    }

  soup_message_headers_replace (bfy_call_get_request_headers (probe->call), "Accept",
                                "text/event-stream");
  bfy_call_send_async (probe->call, NULL, NULL, on_stream, g_object_ref (task));
}

/* TRUE when the probe goes on at another place of the same origin. */
static gboolean
follow (GTask *task)
{
  Probe *probe = g_task_get_task_data (task);
  g_autofree char *target = bfy_redirect_target (
      probe->url, soup_message_get_status (bfy_call_get_message (probe->call)),
      soup_message_headers_get_one (bfy_call_get_response_headers (probe->call), "Location"));

  if (target == NULL || probe->n_redirects >= REDIRECTS_MAX)
    return FALSE;

  probe->n_redirects++;
  g_free (probe->url);
  probe->url = g_steal_pointer (&target);
  g_clear_pointer (&probe->call, bfy_call_free);
  send_probe (g_object_ref (task));

  return TRUE;
}

static void
return_failure (GTask *task, const GError *error)
{
  Probe *probe = g_task_get_task_data (task);

  if (probe->errand.has_timed_out)
    g_task_return_new_error (task, BFY_ERROR, BFY_ERROR_UPSTREAM_TIMEOUT,
                             "The service did not answer in time");
  else if (bfy_call_get_cut_reason (probe->call) != NULL)
    g_task_return_new_error (task, BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED, "The service %s",
                             bfy_call_get_cut_reason (probe->call));
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_task_return_error (task, g_error_copy (error));
  else if (error->domain == BFY_NETWORK_ERROR)
    g_task_return_error (task, bfy_probe_explain_network (error, probe->binding));
  else
    g_task_return_error (task, bfy_call_explain (error, NULL));
}

/* Whether there is one or not: the credential works. */
static void
on_account (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Probe *probe = g_task_get_task_data (task);

  probe->account = bfy_account_read_finish (result);
  return_answer (task);
}

/* Takes over @task. */
static void
read_account (GTask *task, GInputStream *input)
{
  Probe *probe = g_task_get_task_data (task);

  bfy_account_read_async (input, (const char *const *) probe->accounts,
                          probe->credential != NULL ? probe->credential->secret : NULL,
                          probe->errand.cancellable, on_account, task);
}

static void
on_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GInputStream) input = soup_session_send_finish (SOUP_SESSION (source), result, &error);
  Probe *probe = g_task_get_task_data (task);

  if (input == NULL)
    {
      return_failure (task, error);
      return;
    }
  if (follow (task))
    return;

  read_answer (probe);
  if (may_be_old (probe))
    {
      try_old (task);
      return;
    }
  if (SOUP_STATUS_IS_SUCCESSFUL (probe->answer.status))
    close_mcp_session (probe);
  if (SOUP_STATUS_IS_SUCCESSFUL (probe->answer.status) && probe->accounts != NULL)
    read_account (g_steal_pointer (&task), input);
  else
    return_answer (task);
}

/* Takes over @task. */
static void
send_probe (GTask *task)
{
  Probe *probe = g_task_get_task_data (task);
  GError *error = NULL;

  probe->call = new_call (probe, probe->method, probe->body, &error);
  if (probe->call == NULL)
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }

  bfy_call_send_async (probe->call, NULL, NULL, on_answer, task);
}

static BfyCredential *
copy_credential (const BfyCredential *credential)
{
  return credential != NULL
             ? bfy_credential_new (credential->type, credential->username, credential->secret)
             : NULL;
}

void
bfy_probe_async (BfyAgent *agent,
                 const BfyProbe *what,
                 GCancellable *cancellable,
                 GAsyncReadyCallback callback,
                 gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Probe *probe = g_new0 (Probe, 1);
  g_autoptr (GError) error = NULL;

  g_task_set_source_tag (task, bfy_probe_async);
  g_task_set_task_data (task, probe, probe_free);
  probe->agent = agent;
  probe->binding = bfy_binding_ref ((BfyBinding *) what->binding);
  probe->method = g_strdup (what->method);
  probe->url = g_strdup (what->url);
  probe->is_mcp = bfy_probe_is_mcp (what);
  probe->body = what->body != NULL ? g_bytes_new (what->body, strlen (what->body)) : NULL;
  probe->headers = what->headers != NULL ? g_hash_table_ref (what->headers) : NULL;
  probe->accounts = g_strdupv ((GStrv) what->accounts);
  probe->injection = bfy_injection_copy (what->injection);
  probe->credential = copy_credential (what->credential);
  bfy_errand_init (&probe->errand, cancellable, BFY_PROBE_TIMEOUT_MS);
  if (!bfy_probe_check_limits (what, &error))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      g_object_unref (task);
      return;
    }
  probe->upstreams = bfy_probe_open_network (agent, probe->binding, probe->url, &error);
  if (probe->upstreams == NULL)
    {
      g_task_return_error (task, bfy_probe_explain_network (error, probe->binding));
      g_object_unref (task);
      return;
    }
  send_probe (task);
}

gboolean
bfy_probe_finish (GAsyncResult *result, BfyProbeResult *answer, GError **error)
{
  g_autofree BfyProbeResult *returned = g_task_propagate_pointer (G_TASK (result), error);

  if (returned == NULL)
    return FALSE;
  *answer = *returned;

  return TRUE;
}

BfyChallenge *
bfy_probe_steal_challenge (GAsyncResult *result)
{
  Probe *probe = g_task_get_task_data (G_TASK (result));
  BfyChallenge *challenge = g_steal_pointer (&probe->challenge);

  return challenge != NULL ? challenge : bfy_challenge_parse (NULL);
}

char *
bfy_probe_steal_account (GAsyncResult *result)
{
  Probe *probe = g_task_get_task_data (G_TASK (result));

  return g_steal_pointer (&probe->account);
}
