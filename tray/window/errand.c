/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/window/errand.h"

#include <stdarg.h>

#include "protocol/json.h"
#include "tray/window/toast.h"
#include "tray/window/trouble.h"

static guint n_under_way;

typedef struct
{
  BfyErrand errand;   /* without body, method and path */
  GWeakRef asker;     /* GtkWidget */
  BfyAgentLink *link; /* (owned) */
  char *praise;       /* (owned) (nullable) */
} Running;

static void
running_free (Running *running)
{
  if (running->errand.destroy != NULL)
    running->errand.destroy (running->errand.user_data);
  g_weak_ref_clear (&running->asker);
  g_clear_object (&running->link);
  g_free (running->praise);
  g_free (running);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Running, running_free)

static void
on_reply (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Running) running = user_data;
  g_autoptr (GtkWidget) asker = g_weak_ref_get (&running->asker);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) reply = bfy_remote_call_finish (BFY_REMOTE (source), result, NULL, &error);

  n_under_way--;
  bfy_agent_link_refresh (running->link, running->errand.news);
  if (asker == NULL)
    {
      if (error != NULL)
        g_message ("%s", error->message);
      return;
    }
  if (running->errand.on_reply != NULL)
    running->errand.on_reply (reply, error, running->errand.user_data);
  else if (error != NULL)
    {
      g_autofree char *text = bfy_trouble_describe (error);

      bfy_window_toast (asker, text);
    }
  if (error == NULL && running->praise != NULL)
    bfy_window_toast (asker, running->praise);
}

void
bfy_errand_run (GtkWidget *asker, BfyAgentLink *link, const BfyErrand *errand)
{
  Running *running = g_new0 (Running, 1);
  g_autoptr (GBytes) body = NULL;
  BfyCall call = { errand->method, errand->path, NULL };

  running->errand = *errand;
  running->link = g_object_ref (link);
  running->praise = g_strdup (errand->praise);
  g_weak_ref_init (&running->asker, asker);
  if (errand->body != NULL)
    {
      g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), errand->body);
      gsize length;
      char *text;

      json_object_unref (errand->body);
      text = bfy_json_node_to_text (node, &length);
      body = g_bytes_new_take (text, length);
      call.body = body;
    }
  n_under_way++;
  bfy_remote_call_async (bfy_agent_link_get_remote (link), &call, NULL, on_reply, running);
}

guint
bfy_errand_count (void)
{
  return n_under_way;
}

char *
bfy_errand_path (const char *first, ...)
{
  GString *path = g_string_new ("/v1");
  va_list rest;

  va_start (rest, first);
  for (const char *part = first; part != NULL; part = va_arg (rest, const char *))
    {
      g_string_append_c (path, '/');
      g_string_append_uri_escaped (path, part, NULL, FALSE);
    }
  va_end (rest);

  return g_string_free (path, FALSE);
}
