/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/all/listen.h"

#include "agent/all/all.h"
#include "agent/all/ear.h"
#include "agent/all/splice.h"
#include "agent/child/sender.h"

typedef struct
{
  BfyAgent *agent;     /* borrowed */
  BfyRequest *request; /* (owned) */
  BfySender *sender;   /* (owned) */
  BfyAllFilter filter;
  char *id;   /* (owned) raw token */
  char *meta; /* (owned) raw */
  BfyEarSetup setup;
  GHashTable *ears;  /* (owned) (element-type utf8 BfyEar) by id of the binding */
  GHashTable *stale; /* (owned) (element-type utf8) ids of bindings that are not what they were */
  char *seen;        /* (owned) the caller's bindings as they were when last looked at */
  gulong changed_id, event_id, removed_id, gone_id;
  GSource *looking;  /* (owned) (nullable) about to look again */
  GSource *beat;     /* (owned) */
  guint n_unlocked;  /* bfy_all_n_unlocked() when last looked at */
  gboolean is_upset; /* something else than a binding has changed what lists would show */
} Listen;

/* Events after which other bindings can be used than before. */
static const char *const upsetting[] = { "locked", "unlocked", "thawed",      "vault_unlocked",
                                         "reauth", "moved",    "key_revoked", NULL };

static void
drop (GSource **source)
{
  if (*source != NULL)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void
listen_free (Listen *self)
{
  g_clear_signal_handler (&self->gone_id, bfy_request_get_gone (self->request));
  g_clear_signal_handler (&self->changed_id, self->agent->registry);
  g_clear_signal_handler (&self->removed_id, self->agent->registry);
  g_clear_signal_handler (&self->event_id, self->agent->store);
  drop (&self->looking);
  drop (&self->beat);
  g_hash_table_unref (self->ears);
  g_hash_table_unref (self->stale);
  bfy_sender_free (self->sender);
  bfy_all_filter_clear (&self->filter);
  bfy_request_unref (self->request);
  g_free (self->id);
  g_free (self->meta);
  g_free (self->seen);
  g_free (self);
}

static void
say (Listen *self, const char *method, const char *params)
{
  GString *out = g_string_new ("{\"jsonrpc\":\"2.0\",\"method\":");

  bfy_json_append_string (out, method, -1);
  g_string_append_printf (out,
                          ",\"params\":{%s\"_meta\":{"
                          "\"io.modelcontextprotocol/subscriptionId\":%s}}",
                          params, self->id);
  g_string_append_c (out, '}');
  bfy_sender_event (self->sender, NULL, out->str, out->len);
  g_string_free (out, TRUE);
}

static void
on_changed (BfyAllChange change, gpointer user_data)
{
  Listen *self = user_data;

  if (self->filter.wants[change])
    say (self, bfy_all_change_method (change), "");
}

static void
on_said (const char *json, gsize length, gpointer user_data)
{
  Listen *self = user_data;

  bfy_sender_event (self->sender, NULL, json, length);
}

static const BfyEarEvents ear_events = { on_changed, on_said };

/* Whatever makes a difference for the lists. */
static char *
describe (GPtrArray *bindings)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < bindings->len; i++)
    {
      const BfyBinding *binding = bindings->pdata[i];

      g_string_append_printf (out, "%s %s %d\n", binding->id, binding->name, (int) binding->state);
    }

  return g_string_free (out, FALSE);
}

static gboolean
is_among (GPtrArray *bindings, const char *id)
{
  for (guint i = 0; i < bindings->len; i++)
    if (g_str_equal (((BfyBinding *) bindings->pdata[i])->id, id))
      return TRUE;

  return FALSE;
}

/* TRUE when one of the caller's bindings is not what it was. */
static gboolean
drop_stale_ears (Listen *self, GPtrArray *bindings)
{
  GHashTableIter iter;
  gpointer id;
  gboolean has_any = FALSE;

  g_hash_table_iter_init (&iter, self->stale);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    {
      g_hash_table_remove (self->ears, id);
      has_any = has_any || is_among (bindings, id);
    }
  g_hash_table_remove_all (self->stale);
  g_hash_table_iter_init (&iter, self->ears);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    if (self->is_upset || !is_among (bindings, id))
      g_hash_table_iter_remove (&iter);

  return has_any;
}

static void
add_ears (Listen *self, GPtrArray *bindings)
{
  for (guint i = 0; i < bindings->len; i++)
    {
      BfyBinding *binding = bindings->pdata[i];

      if (!g_hash_table_contains (self->ears, binding->id))
        g_hash_table_insert (self->ears, g_strdup (binding->id),
                             bfy_ear_new (&self->setup, binding));
    }
}

static gboolean
on_look (gpointer user_data)
{
  Listen *self = user_data;
  g_autoptr (GPtrArray) bindings = bfy_all_bindings (self->agent, self->request);
  g_autofree char *now = describe (bindings);
  gboolean has_stale = drop_stale_ears (self, bindings);
  gboolean is_other = has_stale || self->is_upset || !g_str_equal (now, self->seen);

  g_clear_pointer (&self->looking, g_source_unref);
  self->is_upset = FALSE;
  g_free (self->seen);
  self->seen = g_steal_pointer (&now);
  add_ears (self, bindings);
  for (guint i = 0; is_other && i < BFY_ALL_N_CHANGES; i++)
    on_changed (i, self);

  return G_SOURCE_REMOVE;
}

/* Once all that belongs to a change has happened. */
static void
look_soon (Listen *self)
{
  if (self->looking != NULL)
    return;
  self->looking = g_idle_source_new ();
  g_source_set_callback (self->looking, on_look, self, NULL);
  g_source_attach (self->looking, g_main_context_get_thread_default ());
}

static void
on_binding_changed (BfyRegistry *registry, BfyBinding *old, BfyBinding *updated, gpointer user_data)
{
  Listen *self = user_data;

  g_hash_table_add (self->stale, g_strdup (updated != NULL ? updated->id : old->id));
  look_soon (self);
}

/* Requests find out what state a binding is in; the rest is what people do. */
static void
on_event (BfyStore *store, BfyEvent *event, gpointer user_data)
{
  Listen *self = user_data;

  if (g_strv_contains (upsetting, event->type) ||
      self->n_unlocked != bfy_all_n_unlocked (self->agent->all))
    self->is_upset = TRUE;
  else if (!g_str_equal (event->type, "proxy_request") || event->outcome == BFY_OUTCOME_SUCCESS)
    return;
  self->n_unlocked = bfy_all_n_unlocked (self->agent->all);
  look_soon (self);
}

static gboolean
on_beat (gpointer user_data)
{
  Listen *self = user_data;

  bfy_sender_beat (self->sender);

  return G_SOURCE_CONTINUE;
}

static void
on_gone (GCancellable *gone, gpointer user_data)
{
  listen_free (user_data);
}

/* It may use nothing any more, so there is nothing that it could be told. */
static void
on_client_removed (BfyRegistry *registry, BfyClient *removed, gpointer user_data)
{
  Listen *self = user_data;
  BfyClient *client = bfy_request_get_client (self->request);

  if (client != NULL && g_str_equal (client->id, removed->id))
    listen_free (self);
}

static void
watch (Listen *self)
{
  self->gone_id = g_signal_connect (bfy_request_get_gone (self->request), "cancelled",
                                    G_CALLBACK (on_gone), self);
  self->changed_id = g_signal_connect (self->agent->registry, "binding-changed",
                                       G_CALLBACK (on_binding_changed), self);
  self->removed_id = g_signal_connect (self->agent->registry, "client-removed",
                                       G_CALLBACK (on_client_removed), self);
  self->event_id = g_signal_connect (self->agent->store, "event", G_CALLBACK (on_event), self);
  self->beat = g_timeout_source_new_seconds (BFY_ALL_BEAT_S);
  g_source_set_callback (self->beat, on_beat, self, NULL);
  g_source_attach (self->beat, g_main_context_get_thread_default ());
}

static Listen *
listen_new (BfyAgent *agent, BfyRequest *request, const char *id)
{
  Listen *self = g_new0 (Listen, 1);

  self->agent = agent;
  self->request = bfy_request_ref (request);
  self->id = g_strdup (id);
  self->meta = bfy_all_dup_meta (request);
  self->ears =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) bfy_ear_free);
  self->stale = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  bfy_all_filter_init (&self->filter);
  self->setup = (BfyEarSetup){
    .agent = agent,
    .request = request,
    .filter = &self->filter,
    .id = self->id,
    .meta = self->meta,
    .events = &ear_events,
    .user_data = self,
  };

  return self;
}

/* The key that opens sealed bindings is used now and does not stay for the hours that follow. */
static void
begin (Listen *self)
{
  g_autoptr (GPtrArray) bindings = bfy_all_bindings (self->agent, self->request);

  self->seen = describe (bindings);
  self->n_unlocked = bfy_all_n_unlocked (self->agent->all);
  watch (self);
  add_ears (self, bindings);
  bfy_request_drop_proof (self->request);
}

void
bfy_all_listen (BfyAgent *agent, BfyRequest *request, const char *id)
{
  static const char *const path[] = { "params", "notifications", NULL };
  Listen *self = listen_new (agent, request, id);
  gsize length;
  const char *text = g_bytes_get_data (bfy_request_get_body (request), &length);
  BfyJsonSlice root, found;
  g_autofree char *filter = NULL;
  g_autofree char *params = NULL;

  bfy_json_slice_root (text, length, &root);
  if (bfy_splice_find (&root, path, &found))
    bfy_all_filter_read (&self->filter, &found);
  filter = bfy_all_filter_format (&self->filter, NULL);
  params = g_strdup_printf ("\"notifications\":%s,", filter);
  self->sender = bfy_sender_new (request, NULL);
  say (self, "notifications/subscriptions/acknowledged", params);
  begin (self);
}
