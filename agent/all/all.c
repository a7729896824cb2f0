/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/all/all.h"

#include "agent/all/name.h"
#include "agent/all/splice.h"
#include "agent/lifetime.h"
#include "agent/toolbox/toolbox.h"
#include "protocol/json.h"
#include "protocol/name.h"

/* Shortened names that are remembered; forgetting one costs a look at the binding's list. */
#define NAMES_MAX 4096

struct _BfyAll
{
  BfyAgent *agent;    /* borrowed */
  GHashTable *slow;   /* (owned) (element-type utf8) ids of bindings */
  GHashTable *locked; /* (owned) (element-type utf8) keyrings that kept bindings from a list */
  guint n_unlocked;
  gulong event_id;
  GHashTable *names; /* (owned) (element-type utf8 utf8) id of the binding/shown → name */
};

/* A request has got its credential. */
static void
on_event (BfyStore *store, BfyEvent *event, gpointer user_data)
{
  BfyAll *self = user_data;
  BfyBinding *binding;

  if (g_hash_table_size (self->locked) == 0 || event->outcome != BFY_OUTCOME_SUCCESS ||
      event->binding_id == NULL || !g_str_equal (event->type, "proxy_request"))
    return;
  binding = bfy_registry_find_by_id (self->agent->registry, event->binding_id);
  if (binding != NULL && g_hash_table_remove (self->locked, binding->keyring))
    self->n_unlocked++;
}

BfyAll *
bfy_all_new (BfyAgent *agent)
{
  BfyAll *self = g_new0 (BfyAll, 1);

  self->agent = agent;
  self->slow = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->locked = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->event_id = g_signal_connect (agent->store, "event", G_CALLBACK (on_event), self);

  return self;
}

void
bfy_all_free (BfyAll *self)
{
  g_clear_signal_handler (&self->event_id, self->agent->store);
  g_hash_table_unref (self->slow);
  g_hash_table_unref (self->locked);
  g_hash_table_unref (self->names);
  g_free (self);
}

gboolean
bfy_all_is_meant (BfyRequest *request)
{
  const BfyRoute *route = bfy_request_get_route (request);

  return (route->kind == BFY_ROUTE_MCP || route->kind == BFY_ROUTE_MCP_SSE) &&
         g_strcmp0 (route->name, BFY_NAME_OF_ALL) == 0;
}

/* The caller as the registry knows it now; FALSE when it is a client that has been removed. */
static gboolean
find_caller (BfyAgent *agent, BfyRequest *request, BfyClient **client)
{
  BfyClient *then = bfy_request_get_client (request);

  *client = then != NULL ? bfy_registry_find_client (agent->registry, then->id, NULL) : NULL;

  return then == NULL || *client != NULL;
}

static gboolean
speaks_mcp (const BfyBinding *binding)
{
  return binding->type == BFY_BINDING_MCP || binding->type == BFY_BINDING_CUSTOM ||
         bfy_toolbox_find (binding) != NULL;
}

/* A sealed binding is there for those only who can open it, one that is limited to clients for them
 * only. */
static gboolean
may_use (BfyClient *client, const BfyBinding *binding)
{
  if (!bfy_constraints_allow_client (binding->constraints, client != NULL ? client->id : NULL) ||
      bfy_lifetime_is_over (binding))
    return FALSE;

  return client != NULL ? bfy_client_may_use (client, binding->name) : !binding->is_sealed;
}

GPtrArray *
bfy_all_bindings (BfyAgent *agent, BfyRequest *request)
{
  g_autoptr (GPtrArray) bindings = bfy_registry_bindings (agent->registry);
  GPtrArray *found = g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_binding_unref);
  BfyClient *client;

  if (!find_caller (agent, request, &client))
    return found;
  for (guint i = 0; i < bindings->len; i++)
    {
      BfyBinding *binding = bindings->pdata[i];

      if (speaks_mcp (binding) && may_use (client, binding))
        g_ptr_array_add (found, bfy_binding_ref (binding));
    }

  return found;
}

BfyBinding *
bfy_all_find (BfyAgent *agent, BfyRequest *request, const char *prefix)
{
  g_autoptr (GPtrArray) bindings = bfy_all_bindings (agent, request);

  for (guint i = 0; i < bindings->len; i++)
    {
      BfyBinding *binding = bindings->pdata[i];
      g_autofree char *own = bfy_all_prefix (binding->name);

      if (g_str_equal (own, prefix))
        return bfy_binding_ref (binding);
    }

  return NULL;
}

gboolean
bfy_all_needs_proof (BfyAgent *agent, BfyRequest *request)
{
  g_autoptr (GPtrArray) bindings = bfy_all_bindings (agent, request);

  for (guint i = 0; i < bindings->len; i++)
    if (((BfyBinding *) bindings->pdata[i])->is_sealed)
      return TRUE;

  return FALSE;
}

void
bfy_all_set_slow (BfyAll *self, const BfyBinding *binding, gboolean is_slow)
{
  if (is_slow)
    g_hash_table_add (self->slow, g_strdup (binding->id));
  else
    g_hash_table_remove (self->slow, binding->id);
}

gboolean
bfy_all_is_slow (BfyAll *self, const BfyBinding *binding)
{
  return g_hash_table_contains (self->slow, binding->id);
}

void
bfy_all_note_locked (BfyAll *self, const BfyBinding *binding)
{
  g_hash_table_add (self->locked, g_strdup (binding->keyring));
}

guint
bfy_all_n_unlocked (BfyAll *self)
{
  return self->n_unlocked;
}

const char *
bfy_all_recall (BfyAll *self, const BfyBinding *binding, const char *shown)
{
  g_autofree char *key = g_strdup_printf ("%s/%s", binding->id, shown);

  return g_hash_table_lookup (self->names, key);
}

void
bfy_all_remember (BfyAll *self, const BfyBinding *binding, const char *shown, const char *name)
{
  if (g_hash_table_size (self->names) >= NAMES_MAX)
    g_hash_table_remove_all (self->names);
  g_hash_table_replace (self->names, g_strdup_printf ("%s/%s", binding->id, shown),
                        g_strdup (name));
}

GBytes *
bfy_all_format_request (const char *method, const char *meta, const char *cursor)
{
  GString *out = g_string_new ("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":");
  gsize length;

  bfy_json_append_string (out, method, -1);
  g_string_append_printf (out, ",\"params\":{\"_meta\":%s", meta);
  if (cursor != NULL)
    g_string_append_printf (out, ",\"cursor\":%s", cursor);
  g_string_append (out, "}}");
  length = out->len;

  return g_bytes_new_take (g_string_free (out, FALSE), length);
}

char *
bfy_all_dup_meta (BfyRequest *request)
{
  static const char *const path[] = { "params", "_meta", NULL };
  gsize length;
  const char *text = g_bytes_get_data (bfy_request_get_body (request), &length);
  BfyJsonSlice root, meta;

  bfy_json_slice_root (text, length, &root);

  return bfy_splice_find (&root, path, &meta) ? g_strndup (meta.start, meta.length)
                                              : g_strdup ("{}");
}

void
bfy_all_refuse (BfyRequest *request, guint status, const char *id, int code, const char *message)
{
  g_autoptr (GString) body = g_string_new ("{\"jsonrpc\":\"2.0\",\"id\":");

  g_string_append_printf (body, "%s,\"error\":{\"code\":%d,\"message\":", id != NULL ? id : "null",
                          code);
  bfy_json_append_string (body, message, -1);
  g_string_append (body, "}}");
  bfy_request_reply (request, status, "application/json", body->str, (gssize) body->len);
}
