/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/all/ear.h"

#include "agent/all/ask.h"
#include "agent/all/listen.h"
#include "agent/all/name.h"
#include "agent/all/splice.h"
#include "agent/all/translate.h"

struct _BfyEar
{
  const BfyEarSetup *setup;
  BfyBinding *binding; /* (owned) */
  char *prefix;        /* (owned) */
  BfyAsk *ask;         /* (owned) (nullable) */
  GSource *reopening;  /* (owned) (nullable) */
  guint wait_s;        /* before the next time */
  gboolean was_heard;  /* the server has acknowledged, now or before */
  gboolean is_useless; /* it has nothing to tell */
};

static void open_ask (BfyEar *self);

static gboolean
is_acknowledgement (const BfyJsonSlice *method)
{
  return bfy_json_slice_equals (method, "notifications/subscriptions/acknowledged");
}

/* FALSE when the server will tell nothing of what was asked. One that does not say what it will
 * tell may tell anything. */
static gboolean
take_acknowledgement (BfyEar *self, const BfyJsonSlice *root)
{
  static const char *const path[] = { "params", "notifications", NULL };
  BfyAllFilter honoured;
  BfyJsonSlice found;

  if (bfy_splice_find (root, path, &found))
    {
      bfy_all_filter_init (&honoured);
      bfy_all_filter_read (&honoured, &found);
      self->is_useless = bfy_all_filter_is_empty (&honoured);
      bfy_all_filter_clear (&honoured);
    }
  /* What happened while nobody listened is not known. */
  for (guint i = 0; self->was_heard && i < BFY_ALL_N_CHANGES; i++)
    self->setup->events->changed (i, self->setup->user_data);
  self->was_heard = TRUE;
  self->wait_s = BFY_ALL_REOPEN_S;

  return !self->is_useless;
}

static void
pass_on (BfyEar *self, const char *text, gsize length)
{
  gsize n_written = length;
  g_autofree char *translated =
      bfy_all_translate_down (NULL, self->prefix, text, length, &n_written);
  g_autofree char *line =
      translated != NULL ? g_steal_pointer (&translated) : g_strndup (text, length);

  g_strdelimit (line, "\r\n", ' ');
  self->setup->events->said (line, n_written, self->setup->user_data);
}

static gboolean
on_message (BfyAsk *ask, const char *text, gsize length, gpointer user_data)
{
  BfyEar *self = user_data;
  BfyJsonSlice root, method;
  BfyAllChange change;

  bfy_json_slice_root (text, length, &root);
  if (!bfy_json_slice_member (&root, "method", &method))
    return FALSE;
  if (is_acknowledgement (&method))
    return take_acknowledgement (self, &root);
  change = bfy_all_change_find (&method);
  if (change != BFY_ALL_N_CHANGES)
    self->setup->events->changed (change, self->setup->user_data);
  else
    pass_on (self, text, length);

  return TRUE;
}

static gboolean
on_reopen (gpointer user_data)
{
  BfyEar *self = user_data;

  g_clear_pointer (&self->reopening, g_source_unref);
  open_ask (self);

  return G_SOURCE_REMOVE;
}

/* A server that never acknowledged knows no such method, or is not there: then the registry's
 * changes have to do. */
static void
on_end (BfyAsk *ask, gboolean is_complete, gpointer user_data)
{
  BfyEar *self = user_data;

  g_clear_pointer (&self->ask, bfy_ask_free);
  if (!self->was_heard || self->is_useless)
    return;
  self->reopening = g_timeout_source_new_seconds (self->wait_s);
  self->wait_s = MIN (self->wait_s * 2, BFY_ALL_REOPEN_MAX_S);
  g_source_set_callback (self->reopening, on_reopen, self, NULL);
  g_source_attach (self->reopening, g_main_context_get_thread_default ());
}

static const BfyAskEvents events = { NULL, on_message, NULL, on_end };

static void
open_ask (BfyEar *self)
{
  const BfyEarSetup *setup = self->setup;
  g_autofree char *filter = bfy_all_filter_format (setup->filter, self->prefix);
  char *text =
      g_strdup_printf ("{\"jsonrpc\":\"2.0\",\"id\":%s,\"method\":\"subscriptions/listen\","
                       "\"params\":{\"_meta\":%s,\"notifications\":%s}}",
                       setup->id, setup->meta, filter);
  g_autoptr (GBytes) body = g_bytes_new_take (text, strlen (text));
  BfyAskSetup ask = { .binding = self->binding, .body = body, .is_quiet = TRUE };

  self->ask = bfy_ask_new (setup->agent, setup->request, &ask, &events, self);
  bfy_ask_start (self->ask);
}

BfyEar *
bfy_ear_new (const BfyEarSetup *setup, BfyBinding *binding)
{
  BfyEar *self = g_new0 (BfyEar, 1);
  g_autofree char *filter = NULL;

  self->setup = setup;
  self->binding = bfy_binding_ref (binding);
  self->prefix = bfy_all_prefix (binding->name);
  self->wait_s = BFY_ALL_REOPEN_S;
  filter = bfy_all_filter_format (setup->filter, self->prefix);
  if (!g_str_equal (filter, "{}") && binding->state != BFY_STATE_PAUSED)
    open_ask (self);

  return self;
}

void
bfy_ear_free (BfyEar *self)
{
  if (self->reopening != NULL)
    g_source_destroy (self->reopening);
  g_clear_pointer (&self->reopening, g_source_unref);
  g_clear_pointer (&self->ask, bfy_ask_free);
  bfy_binding_unref (self->binding);
  g_free (self->prefix);
  g_free (self);
}
