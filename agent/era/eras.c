/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/era/eras.h"

#include <openssl/rand.h>

#include "agent/era/client-session.h"
#include "agent/era/eras-private.h"
#include "agent/era/modern-call.h"
#include "agent/era/server-session.h"

typedef enum
{
  FACT_UNKNOWN,
  FACT_NO,
  FACT_YES,
} Fact;

typedef struct
{
  char *address;  /* (owned) */
  Fact speaks[2]; /* by BFY_ERA_LEGACY and BFY_ERA_MODERN */
} Facts;

static void
facts_free (gpointer data)
{
  Facts *facts = data;

  g_free (facts->address);
  g_free (facts);
}

/* NULL stands for any. */
typedef struct
{
  const char *binding_id; /* (nullable) */
  const char *client_id;  /* (nullable) */
} Whose;

static gboolean
is_server_session_of (gpointer key, gpointer session, gpointer user_data)
{
  const Whose *whose = user_data;

  return bfy_server_session_is_of (session, whose->binding_id, whose->client_id);
}

static gboolean
is_client_session_of (gpointer key, gpointer session, gpointer user_data)
{
  const Whose *whose = user_data;

  return bfy_client_session_is_of (session, whose->binding_id, whose->client_id);
}

static void
drop_all_of (BfyEras *self, const Whose *whose)
{
  g_autoptr (GList) calls = g_hash_table_get_values (self->asking);

  for (GList *link = calls; link != NULL; link = link->next)
    if (bfy_modern_call_is_of (link->data, whose->binding_id, whose->client_id))
      bfy_modern_call_free (link->data);
  g_hash_table_foreach_remove (self->server_sessions, is_server_session_of, (gpointer) whose);
  g_hash_table_foreach_remove (self->client_sessions, is_client_session_of, (gpointer) whose);
}

static void
on_binding_changed (BfyRegistry *registry, BfyBinding *old, BfyBinding *now, gpointer user_data)
{
  BfyEras *self = user_data;
  const Whose whose = { old != NULL ? old->id : NULL, NULL };

  if (old == NULL)
    return;
  bfy_eras_unlearn (self, old->id);
  drop_all_of (self, &whose);
}

static void
on_client_removed (BfyRegistry *registry, BfyClient *client, gpointer user_data)
{
  const Whose whose = { NULL, client->id };

  drop_all_of (user_data, &whose);
}

void
bfy_eras_drop_all (BfyEras *self)
{
  const Whose anybody = { NULL, NULL };

  drop_all_of (self, &anybody);
}

BfyEras *
bfy_eras_new (BfyAgent *agent, guint asking_ms, guint idle_ms)
{
  BfyEras *self = g_new0 (BfyEras, 1);

  self->agent = agent;
  self->asking_ms = asking_ms;
  self->idle_ms = idle_ms;
  self->facts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, facts_free);
  self->server_sessions =
      g_hash_table_new_full (g_str_hash, g_str_equal, NULL, bfy_server_session_drop);
  self->client_sessions =
      g_hash_table_new_full (g_str_hash, g_str_equal, NULL, bfy_client_session_drop);
  self->asking = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->errands = g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_inquiry_free);
  self->changed_id =
      g_signal_connect (agent->registry, "binding-changed", G_CALLBACK (on_binding_changed), self);
  self->removed_id =
      g_signal_connect (agent->registry, "client-removed", G_CALLBACK (on_client_removed), self);

  return self;
}

/* Calls that wait for input are in nobody's hands but their table's. */
static void
end_waiting (BfyEras *self)
{
  g_autoptr (GList) calls = g_hash_table_get_values (self->asking);

  for (GList *link = calls; link != NULL; link = link->next)
    bfy_modern_call_free (link->data);
}

void
bfy_eras_free (BfyEras *self)
{
  if (self == NULL)
    return;

  g_clear_signal_handler (&self->changed_id, self->agent->registry);
  g_clear_signal_handler (&self->removed_id, self->agent->registry);
  end_waiting (self);
  g_hash_table_unref (self->client_sessions);
  g_hash_table_unref (self->server_sessions);
  g_hash_table_unref (self->asking);
  g_ptr_array_unref (self->errands);
  g_hash_table_unref (self->facts);
  g_free (self);
}

const char *
bfy_eras_owner (BfyRequest *request)
{
  BfyClient *client = bfy_request_get_client (request);

  return client != NULL ? client->id : NULL;
}

char *
bfy_eras_make_id (void)
{
  guint8 bytes[BFY_ERAS_ID_BYTES];
  GString *text = g_string_new (NULL);

  if (RAND_bytes (bytes, sizeof bytes) != 1)
    g_critical ("No random bytes");
  for (guint i = 0; i < sizeof bytes; i++)
    g_string_append_printf (text, "%02x", bytes[i]);

  return g_string_free (text, FALSE);
}

/* What was learned of another address counts for nothing. */
static Fact
find_fact (BfyEras *self, const BfyEraTarget *target, BfyEra era)
{
  Facts *facts = g_hash_table_lookup (self->facts, target->id);

  if (target->is_modern)
    return era == BFY_ERA_MODERN ? FACT_YES : FACT_NO;

  return facts != NULL && g_str_equal (facts->address, target->address) ? facts->speaks[era]
                                                                        : FACT_UNKNOWN;
}

void
bfy_eras_learn (BfyEras *self, const BfyEraTarget *target, BfyEra era, gboolean speaks)
{
  Facts *facts = g_hash_table_lookup (self->facts, target->id);

  if (facts == NULL || !g_str_equal (facts->address, target->address))
    {
      facts = g_new0 (Facts, 1);
      facts->address = g_strdup (target->address);
      g_hash_table_replace (self->facts, g_strdup (target->id), facts);
    }
  facts->speaks[era] = speaks ? FACT_YES : FACT_NO;
}

void
bfy_eras_unlearn (BfyEras *self, const char *binding_id)
{
  g_hash_table_remove (self->facts, binding_id);
}

static void
on_errand_done (BfyInquiry *inquiry, gpointer user_data)
{
  BfyEras *self = user_data;

  g_ptr_array_remove_fast (self->errands, inquiry);
}

void
bfy_eras_send (BfyEras *self,
               BfyRequest *caller,
               const BfyInquirySetup *setup,
               const char *session_id,
               const char *version)
{
  static const BfyInquiryEvents events = { .done = on_errand_done };
  BfyInquiry *inquiry = bfy_inquiry_new (self->agent, caller, setup, &events, self);

  bfy_inquiry_add_header (inquiry, "Mcp-Session-Id", session_id);
  bfy_inquiry_add_header (inquiry, "MCP-Protocol-Version", version);
  g_ptr_array_add (self->errands, inquiry);
  bfy_inquiry_begin (inquiry);
}

static BfyClientSession *
find_client_session (BfyEras *self,
                     const char *binding_id,
                     const char *client_id,
                     const char *session_id)
{
  BfyClientSession *session =
      session_id != NULL ? g_hash_table_lookup (self->client_sessions, session_id) : NULL;

  return session != NULL && bfy_client_session_belongs_to (session, binding_id, client_id) ? session
                                                                                           : NULL;
}

gboolean
bfy_eras_knows_session (BfyEras *self,
                        const char *binding_id,
                        const char *client_id,
                        const char *session_id)
{
  return find_client_session (self, binding_id, client_id, session_id) != NULL;
}

static gboolean
serve_modern (BfyEras *self,
              BfyRequest *request,
              const BfyEraTarget *target,
              const BfyRpcMessage *message)
{
  Fact fact = find_fact (self, target, BFY_ERA_MODERN);

  if (fact == FACT_YES)
    return FALSE;
  if (message->kind != BFY_RPC_REQUEST)
    {
      /* Over HTTP no notification of this era means anything to a server. */
      if (fact == FACT_NO)
        bfy_request_reply_empty (request, 202);
      return fact == FACT_NO;
    }
  if (fact == FACT_NO)
    bfy_modern_serve (self, request, target, message, NULL);
  else
    bfy_trial_begin (self, request, target, message, BFY_ERA_MODERN);

  return TRUE;
}

static gboolean
serve_initialize (BfyEras *self,
                  BfyRequest *request,
                  const BfyEraTarget *target,
                  const BfyRpcMessage *message)
{
  Fact fact = find_fact (self, target, BFY_ERA_LEGACY);

  if (fact == FACT_YES)
    return FALSE;
  if (fact == FACT_NO)
    bfy_client_session_begin (self, request, target, message, NULL);
  else
    bfy_trial_begin (self, request, target, message, BFY_ERA_LEGACY);

  return TRUE;
}

gboolean
bfy_eras_serve (
    BfyEras *self, BfyRequest *request, const BfyEraTarget *target, const BfyRpc *rpc, BfyEra era)
{
  const BfyRpcMessage *message = rpc != NULL ? bfy_rpc_message (rpc, 0) : NULL;
  BfyClientSession *session = NULL;

  if (bfy_request_is_direct (request))
    return FALSE;
  if (era == BFY_ERA_LEGACY)
    session = find_client_session (self, target->id, bfy_eras_owner (request),
                                   bfy_request_get_header (request, "Mcp-Session-Id"));
  if (session != NULL)
    {
      bfy_client_session_serve (session, request, rpc);
      return TRUE;
    }
  if (rpc == NULL || bfy_rpc_is_batch (rpc))
    return FALSE;
  if (era == BFY_ERA_MODERN)
    return serve_modern (self, request, target, message);

  return message->kind == BFY_RPC_REQUEST && g_str_equal (message->method, "initialize") &&
         serve_initialize (self, request, target, message);
}

gboolean
bfy_eras_serve_binding (
    BfyEras *self, BfyRequest *request, const BfyBinding *binding, const BfyRpc *rpc, BfyEra era)
{
  g_autofree char *command =
      binding->program != NULL ? bfy_program_format_command (binding->program) : NULL;
  const BfyEraTarget target = {
    .id = binding->id,
    .name = binding->name,
    .address = command != NULL ? command : binding->url,
  };

  return bfy_eras_serve (self, request, &target, rpc, era);
}
