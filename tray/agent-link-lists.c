/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/agent-link-private.h"

#define REFRESH_DELAY_MS 100

/* What is fetched as a whole when it may have changed. */
static const struct
{
  BfyNews news;
  const char *path;
} lists[] = {
  { BFY_NEWS_STATUS, "/v1/status" },
  { BFY_NEWS_BINDINGS, "/v1/bindings" },
  { BFY_NEWS_CLIENTS, "/v1/clients" },
  { BFY_NEWS_GRANTS, "/v1/grants" },
};

#define N_LISTS G_N_ELEMENTS (lists)
G_STATIC_ASSERT (N_LISTS == BFY_N_LINK_LISTS);

/* A list on its way. */
typedef struct
{
  BfyAgentLink *link; /* (owned) */
  guint index;
} Errand;

static void fetch (BfyAgentLink *self, guint index);

/* One request for each list at a time, so that an old answer never follows a new one. */
static void
note_fetched (BfyAgentLink *self, guint index)
{
  guint bit = lists[index].news;

  self->fetching &= ~bit;
  if ((self->fetch_again & bit) == 0 || !self->is_present)
    return;
  self->fetch_again &= ~bit;
  fetch (self, index);
}

static void
on_list (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Errand *errand = user_data;
  g_autoptr (BfyAgentLink) self = errand->link;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) reply = bfy_remote_call_finish (BFY_REMOTE (source), result, NULL, &error);

  /* Of an agent that has gone: whatever is asked now is asked of another one. */
  if (g_error_matches (error, BFY_ERROR, BFY_ERROR_CANCELLED))
    return;
  note_fetched (self, errand->index);
  if (reply == NULL)
    g_info ("%s: %s", lists[errand->index].path, error->message);
  if (!self->is_present)
    return;

  /* Locked with a passphrase, it does not show everything any more. */
  g_clear_pointer (&self->parts[errand->index], json_object_unref);
  self->parts[errand->index] = g_steal_pointer (&reply);
  bfy_agent_link_tell (self, lists[errand->index].news);
}

static void
fetch (BfyAgentLink *self, guint index)
{
  const BfyCall call = { "GET", lists[index].path, NULL };
  Errand *errand;

  if (self->fetching & lists[index].news)
    {
      self->fetch_again |= lists[index].news;
      return;
    }
  self->fetching |= lists[index].news;
  errand = g_new0 (Errand, 1);
  errand->link = g_object_ref (self);
  errand->index = index;
  bfy_remote_call_async (self->remote, &call, self->cancellable, on_list, errand);
}

static void
fetch_stale (BfyAgentLink *self)
{
  guint stale = self->stale;

  self->stale = 0;
  for (guint i = 0; self->is_present && i < N_LISTS; i++)
    {
      if (stale & lists[i].news)
        fetch (self, i);
    }
}

static gboolean
on_refresh (gpointer user_data)
{
  BfyAgentLink *self = user_data;

  self->refresh_id = 0;
  fetch_stale (self);

  return G_SOURCE_REMOVE;
}

/* A moment later, so that a burst of events is one question. */
void
bfy_agent_link_refresh (BfyAgentLink *self, guint news)
{
  self->stale |= news;
  if (self->refresh_id == 0 && self->is_present)
    self->refresh_id = g_timeout_add (REFRESH_DELAY_MS, on_refresh, self);
}

void
bfy_agent_link_fetch_all (BfyAgentLink *self)
{
  self->stale = BFY_NEWS_ALL;
  fetch_stale (self);
}

void
bfy_agent_link_forget_lists (BfyAgentLink *self)
{
  g_clear_handle_id (&self->refresh_id, g_source_remove);
  self->fetching = self->fetch_again = self->stale = 0;
  for (guint i = 0; i < N_LISTS; i++)
    g_clear_pointer (&self->parts[i], json_object_unref);
}

static JsonObject *
get_part (BfyAgentLink *self, BfyNews news)
{
  for (guint i = 0; i < N_LISTS; i++)
    {
      if (lists[i].news == news)
        return self->parts[i];
    }

  return NULL;
}

JsonObject *
bfy_agent_link_get_status (BfyAgentLink *self)
{
  return get_part (self, BFY_NEWS_STATUS);
}

JsonObject *
bfy_agent_link_get_bindings (BfyAgentLink *self)
{
  return get_part (self, BFY_NEWS_BINDINGS);
}

JsonObject *
bfy_agent_link_get_clients (BfyAgentLink *self)
{
  return get_part (self, BFY_NEWS_CLIENTS);
}

JsonObject *
bfy_agent_link_get_grants (BfyAgentLink *self)
{
  return get_part (self, BFY_NEWS_GRANTS);
}
