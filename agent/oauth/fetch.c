/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Judge the URL, connect in a session that goes nowhere else (agent/network/target.h), send once,
 * read into secret memory up to the cap. Whatever happens first ends it: the answer, the deadline,
 * the caller. */

#include "agent/oauth/fetch.h"

#include "agent/errand.h"
#include "agent/network/network.h"
#include "agent/oauth/fetch-answer.h"
#include "agent/proxy/call.h"
#include "protocol/error.h"
#include "protocol/oauth-url.h"

/* libsoup 3.2 does not survive being asked for a byte or two where the end of a chunk is due. */
#define READ_BYTES_MIN 64

typedef struct
{
  BfyAgent *agent;          /* borrowed */
  BfyBinding *binding;      /* (owned) (nullable) */
  char *method;             /* (owned) */
  BfyUpstream *url;         /* (owned) */
  char *accept;             /* (owned) (nullable) */
  char *content_type;       /* (owned) (nullable) */
  BfySecret *body;          /* (owned) (nullable) */
  BfySecret *authorization; /* (owned) (nullable) */
  char *mcp_version;        /* (owned) (nullable) */
  gboolean allow_local;

  BfyErrand errand;

  BfyCall *call;          /* (owned) (nullable) */
  GInputStream *input;    /* (owned) (nullable) */
  BfyFetchAnswer *answer; /* (owned) (nullable) so far */
  BfySecret *room;        /* (owned) (nullable) for the longest body that is taken, and more */
  guint8 *bytes;          /* of @room */
  gsize n_bytes;
} Fetch;

static void
end_request (Fetch *fetch)
{
  bfy_errand_end (&fetch->errand);
  g_clear_object (&fetch->input);
  /* The session may hold on to the message, but not to the secret in it. */
  if (fetch->call != NULL)
    soup_message_set_request_body (bfy_call_get_message (fetch->call), NULL, NULL, 0);
  g_clear_pointer (&fetch->call, bfy_call_free);
  g_clear_pointer (&fetch->body, bfy_secret_unref);
  g_clear_pointer (&fetch->authorization, bfy_secret_unref);
  g_clear_pointer (&fetch->room, bfy_secret_unref);
}

static void
fetch_free (gpointer user_data)
{
  Fetch *fetch = user_data;

  end_request (fetch);
  bfy_upstream_free (fetch->url);
  bfy_fetch_answer_free (fetch->answer);
  bfy_errand_clear (&fetch->errand);
  g_clear_pointer (&fetch->binding, bfy_binding_unref);
  g_free (fetch->method);
  g_free (fetch->accept);
  g_free (fetch->content_type);
  g_free (fetch->mcp_version);
  g_free (fetch);
}

/* --- How it ends --- */

static void
record_denial (Fetch *fetch, const char *slug)
{
  BfyEvent *event;

  if (fetch->binding == NULL || fetch->agent->store == NULL)
    return;
  event = bfy_agent_new_event ("network_request_denied", fetch->binding, NULL);
  event->client = g_strdup (BFY_AGENT_CLIENT);
  event->category = g_strdup (bfy_error_to_wire (BFY_ERROR_DENIED));
  event->detail = g_strdup_printf ("%s: a part of the sign-in", slug);
  event->outcome = BFY_OUTCOME_BLOCKED;
  bfy_store_append_event (fetch->agent->store, event, TRUE);
}

static GError *
explain_network (Fetch *fetch, const GError *error)
{
  const char *slug = bfy_network_get_slug (error);

  if (slug != NULL)
    record_denial (fetch, slug);
  if (error->code == BFY_NETWORK_LOOPBACK || error->code == BFY_NETWORK_PRIVATE)
    return g_error_new (BFY_ERROR, BFY_ERROR_LOCAL_ADDRESS,
                        "The sign-in leads %s, where a service on the internet has nothing to "
                        "look for",
                        bfy_network_verdict_describe ((BfyNetworkVerdict) error->code));

  return bfy_network_explain (error, fetch->binding);
}

/* @error is what GIO and libsoup say; ours pass as they are. */
static GError *
explain (Fetch *fetch, const GError *error)
{
  const char *cut = fetch->call != NULL ? bfy_call_get_cut_reason (fetch->call) : NULL;

  if (fetch->errand.has_timed_out)
    return g_error_new_literal (BFY_ERROR, BFY_ERROR_UPSTREAM_TIMEOUT,
                                "The sign-in server did not answer in time");
  if (cut != NULL)
    return g_error_new (BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED, "The sign-in server %s", cut);
  if (error->domain == BFY_ERROR)
    return g_error_copy (error);
  if (error->domain == BFY_NETWORK_ERROR)
    return explain_network (fetch, error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return g_error_new_literal (BFY_ERROR, BFY_ERROR_CANCELLED, "The sign-in was cancelled");

  return g_error_new (BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED, "The sign-in server failed: %s",
                      bfy_call_describe (error));
}

static void
fail (GTask *task, const GError *error)
{
  Fetch *fetch = g_task_get_task_data (task);
  GError *explained = explain (fetch, error);

  end_request (fetch);
  g_task_return_error (task, explained);
}

static void
fail_with (GTask *task, BfyErrorCode code, const char *message)
{
  g_autoptr (GError) error = g_error_new_literal (BFY_ERROR, code, message);

  fail (task, error);
}

static void
succeed (GTask *task)
{
  Fetch *fetch = g_task_get_task_data (task);

  fetch->answer->body = bfy_secret_new (fetch->bytes, fetch->n_bytes);
  end_request (fetch);
  g_task_return_pointer (task, g_steal_pointer (&fetch->answer),
                         (GDestroyNotify) bfy_fetch_answer_free);
}

/* --- The answer --- */

static void read_more (GTask *task);

/* At what looks like the end of a body whose length was not announced. */
static gboolean
has_broken_off (Fetch *fetch)
{
  SoupMessageHeaders *headers = bfy_call_get_response_headers (fetch->call);

  return soup_message_headers_get_encoding (headers) != SOUP_ENCODING_CONTENT_LENGTH &&
         bfy_call_has_lost_connection (fetch->call);
}

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  Fetch *fetch = g_task_get_task_data (task);
  gssize n_read = g_input_stream_read_finish (G_INPUT_STREAM (source), result, &error);

  if (n_read < 0)
    {
      fail (task, error);
      return;
    }
  if (n_read == 0)
    {
      if (has_broken_off (fetch))
        fail_with (task, BFY_ERROR_UPSTREAM_FAILED,
                   "The sign-in server broke off in the middle of its answer");
      else
        succeed (task);
      return;
    }

  fetch->n_bytes += (gsize) n_read;
  if (fetch->n_bytes > BFY_FETCH_BYTES_MAX)
    fail_with (task, BFY_ERROR_RESPONSE_TOO_LARGE, BFY_FETCH_TOO_LARGE_TEXT);
  else
    read_more (g_steal_pointer (&task));
}

/* Takes over @task. */
static void
read_more (GTask *task)
{
  Fetch *fetch = g_task_get_task_data (task);

  g_input_stream_read_async (fetch->input, fetch->bytes + fetch->n_bytes,
                             BFY_FETCH_BYTES_MAX + READ_BYTES_MIN - fetch->n_bytes,
                             G_PRIORITY_DEFAULT, fetch->errand.cancellable, on_read, task);
}

static void
on_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  Fetch *fetch = g_task_get_task_data (task);

  fetch->input = bfy_call_send_finish (fetch->call, result, &error);
  if (fetch->input != NULL)
    fetch->answer =
        bfy_fetch_answer_new (bfy_call_get_message (fetch->call), bfy_agent_now_s (), &error);
  if (fetch->answer == NULL)
    {
      fail (task, error);
      return;
    }

  fetch->room = bfy_secret_new_blank (BFY_FETCH_BYTES_MAX + READ_BYTES_MIN, &fetch->bytes);
  read_more (g_steal_pointer (&task));
}

/* --- The request --- */

static void
set_header (BfyCall *call, const char *name, const char *value)
{
  if (value != NULL)
    soup_message_headers_replace (bfy_call_get_request_headers (call), name, value);
}

static gboolean
authorize (Fetch *fetch, GError **error)
{
  g_autoptr (BfyInjection) injection = bfy_injection_new (BFY_INJECT_HEADER, "Authorization", NULL);
  g_autoptr (BfyCredential) credential = NULL;

  if (fetch->authorization == NULL)
    return TRUE;
  credential = bfy_credential_new (BFY_CREDENTIAL_API_KEY, NULL, fetch->authorization);

  return bfy_call_inject (fetch->call, injection, credential, error);
}

/* The bytes stay where they are: in the secret's own memory. */
static GBytes *
borrow_body (Fetch *fetch)
{
  gsize length;
  const guint8 *bytes;

  if (fetch->body == NULL)
    return NULL;
  bytes = bfy_secret_peek (fetch->body, &length);

  return g_bytes_new_with_free_func (bytes, length, (GDestroyNotify) bfy_secret_unref,
                                     bfy_secret_ref (fetch->body));
}

static gboolean
make_call (Fetch *fetch, GError **error)
{
  const BfyErrandTerms terms = { fetch->binding, BFY_NETWORK_FOR_SIGN_IN, fetch->allow_local };
  g_autoptr (BfyUpstreams) upstreams =
      bfy_network_open (fetch->agent->network, fetch->url, &terms, error);
  g_autoptr (GBytes) body = borrow_body (fetch);

  if (upstreams == NULL)
    return FALSE;
  fetch->call = bfy_call_new (upstreams, fetch->method, fetch->url->uri, body,
                              fetch->errand.cancellable, error);
  if (fetch->call == NULL)
    return FALSE;
  set_header (fetch->call, "Accept", fetch->accept);
  set_header (fetch->call, "Accept-Encoding", "identity");
  set_header (fetch->call, "MCP-Protocol-Version", fetch->mcp_version);
  if (body != NULL)
    set_header (fetch->call, "Content-Type", fetch->content_type);

  return authorize (fetch, error);
}

static Fetch *
fetch_new (BfyAgent *agent, const BfyFetch *what, GCancellable *cancellable)
{
  Fetch *fetch = g_new0 (Fetch, 1);

  fetch->agent = agent;
  fetch->binding = what->binding != NULL ? bfy_binding_ref ((BfyBinding *) what->binding) : NULL;
  fetch->method = g_strdup (what->method);
  fetch->accept = g_strdup (what->accept);
  fetch->content_type = g_strdup (what->content_type);
  fetch->mcp_version = g_strdup (what->mcp_version);
  fetch->allow_local = what->allow_local;
  if (what->body != NULL)
    fetch->body = bfy_secret_ref (what->body);
  if (what->authorization != NULL)
    fetch->authorization = bfy_secret_ref (what->authorization);
  bfy_errand_init (&fetch->errand, cancellable,
                   what->timeout_ms > 0 ? what->timeout_ms : BFY_FETCH_TIMEOUT_MS);

  return fetch;
}

void
bfy_fetch_async (BfyAgent *agent,
                 const BfyFetch *what,
                 GCancellable *cancellable,
                 GAsyncReadyCallback callback,
                 gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user_data);
  Fetch *fetch = fetch_new (agent, what, cancellable);
  g_autoptr (GError) error = NULL;

  g_task_set_source_tag (task, bfy_fetch_async);
  g_task_set_task_data (task, fetch, fetch_free);
  fetch->url = bfy_oauth_url_judge (what->url, what->allow_local, "a part of the sign-in", &error);
  if (fetch->url == NULL || !make_call (fetch, &error))
    {
      fail (task, error);
      return;
    }

  bfy_call_send_async (fetch->call, NULL, NULL, on_answer, g_steal_pointer (&task));
}

BfyFetchAnswer *
bfy_fetch_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
