/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/oauth/liveness.h"

#include "agent/boot-timer.h"
#include "agent/oauth/fetch.h"

#define IDS_MAX 1024 /* remembered; then all are forgotten, and asked about once more */
#define MS_PER_S 1000
#define STATUS_UNAUTHORIZED 401
#define STATUS_NOT_FOUND 404

struct _BfyLiveness
{
  BfyAgent *agent;           /* borrowed */
  GHashTable *asked_ms;      /* (owned) issuer and client id → gint64 */
  GCancellable *cancellable; /* (owned) */
};

typedef struct
{
  BfyAgent *agent;     /* borrowed */
  BfyBinding *binding; /* (owned) */
} Look;

static void
look_free (Look *look)
{
  bfy_binding_unref (look->binding);
  g_free (look);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Look, look_free)

BfyLiveness *
bfy_liveness_new (BfyAgent *agent)
{
  BfyLiveness *self = g_new0 (BfyLiveness, 1);

  self->agent = agent;
  self->asked_ms = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->cancellable = g_cancellable_new ();

  return self;
}

void
bfy_liveness_free (BfyLiveness *self)
{
  if (self == NULL)
    return;

  g_cancellable_cancel (self->cancellable);
  g_object_unref (self->cancellable);
  g_hash_table_unref (self->asked_ms);
  g_free (self);
}

gboolean
bfy_liveness_is_dead (guint status)
{
  return status == STATUS_UNAUTHORIZED || status == STATUS_NOT_FOUND;
}

static void
report (Look *look, guint status)
{
  BfyEvent *event = bfy_agent_new_event ("keepalive", look->binding, NULL);

  event->client = g_strdup (BFY_AGENT_CLIENT);
  event->category = g_strdup ("dcr_dead");
  event->detail = g_strdup ("the server does not know our registration any more");
  event->status = status;
  event->outcome = BFY_OUTCOME_FAILURE;
  bfy_store_append_event (look->agent->store, event, FALSE);
}

/* No answer is no news: a server that cannot be reached has not forgotten us. */
static void
on_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Look) look = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (BfyFetchAnswer) answer = bfy_fetch_finish (result, &error);

  if (answer != NULL && bfy_liveness_is_dead (answer->status))
    report (look, answer->status);
}

/* TRUE once a day. The binding does not matter: several may share a client id. */
static gboolean
take_turn (BfyLiveness *self, const BfyOAuthClient *client)
{
  g_autofree char *key = g_strconcat (client->issuer, " ", client->id, NULL);
  const gint64 *asked_ms = g_hash_table_lookup (self->asked_ms, key);
  gint64 now_ms = bfy_boot_timer_now_ms ();

  if (asked_ms != NULL && now_ms - *asked_ms < BFY_LIVENESS_INTERVAL_S * MS_PER_S)
    return FALSE;
  if (g_hash_table_size (self->asked_ms) >= IDS_MAX)
    g_hash_table_remove_all (self->asked_ms);
  g_hash_table_replace (self->asked_ms, g_steal_pointer (&key), g_memdup2 (&now_ms, sizeof now_ms));

  return TRUE;
}

static BfySecret *
make_bearer (const BfySecret *token)
{
  static const char prefix[] = "Bearer ";
  gsize n_prefix = strlen (prefix), length;
  gconstpointer bytes = bfy_secret_peek (token, &length);
  guint8 *out;
  BfySecret *value = bfy_secret_new_blank (n_prefix + length, &out);

  memcpy (out, prefix, n_prefix);
  memcpy (out + n_prefix, bytes, length);

  return value;
}

static void
ask (BfyLiveness *self, const BfyBinding *binding, const BfyOAuthSource *source)
{
  g_autoptr (BfySecret) bearer = make_bearer (source->client->registration_token);
  const BfyFetch fetch = {
    .method = "GET",
    .url = source->client->registration_uri,
    .accept = "application/json",
    .authorization = bearer,
    .binding = binding,
    .allow_local = source->allow_local,
  };
  Look *look = g_new0 (Look, 1);

  look->agent = self->agent;
  look->binding = bfy_binding_copy (binding);
  bfy_fetch_async (self->agent, &fetch, self->cancellable, on_answer, look);
}

void
bfy_liveness_look (BfyLiveness *self, const BfyBinding *binding)
{
  BfyCredential *credential =
      binding->is_sealed ? NULL : bfy_credentials_peek (self->agent->credentials, binding);
  const BfyOAuthSource *source = credential != NULL ? credential->source : NULL;
  const BfyOAuthClient *client = source != NULL ? source->client : NULL;

  if (client != NULL && client->origin == BFY_CLIENT_REGISTERED &&
      client->registration_uri != NULL && client->registration_token != NULL &&
      take_turn (self, client))
    ask (self, binding, source);
}
