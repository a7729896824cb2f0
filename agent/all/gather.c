/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/all/gather.h"

#include "agent/all/all.h"
#include "agent/all/ask.h"
#include "agent/all/splice.h"
#include "agent/all/summary.h"
#include "protocol/name.h"

#define REASON_LENGTH_MAX 200 /* characters of an upstream's error */

typedef struct _Gather Gather;

/* One binding's share. */
typedef struct
{
  Gather *gather;      /* borrowed */
  BfyBinding *binding; /* (owned) */
  BfyAsk *ask;         /* (owned) (nullable) while it is being asked */
  GSource *deadline;   /* (owned) (nullable) */
  BfyAllShare share;   /* what came of it */
  char *cursor;        /* (owned) (nullable) raw, of the next page */
  guint n_pages;
  gboolean is_answered; /* the response to the present question has come */
  gboolean is_done;
} Part;

struct _Gather
{
  BfyAgent *agent;        /* borrowed */
  BfyRequest *request;    /* (owned) */
  const BfyAllList *list; /* (nullable) NULL: server/discover */
  char *id;               /* (owned) raw token */
  char *meta;             /* (owned) raw */
  GPtrArray *parts;       /* (owned) (element-type Part) */
  gulong gone_id;
  guint n_open;
};

static void ask_next (Part *part);

static void
clear_deadline (Part *part)
{
  if (part->deadline != NULL)
    g_source_destroy (part->deadline);
  g_clear_pointer (&part->deadline, g_source_unref);
}

static void
part_free (gpointer data)
{
  Part *part = data;

  clear_deadline (part);
  g_clear_pointer (&part->ask, bfy_ask_free);
  bfy_binding_unref (part->binding);
  bfy_all_share_clear (&part->share);
  g_free (part->cursor);
  g_free (part);
}

static void
gather_free (Gather *self)
{
  g_clear_signal_handler (&self->gone_id, bfy_request_get_gone (self->request));
  g_ptr_array_unref (self->parts);
  bfy_request_unref (self->request);
  g_free (self->id);
  g_free (self->meta);
  g_free (self);
}

static void
answer (Gather *self)
{
  g_autoptr (GPtrArray) shares = g_ptr_array_new ();
  g_autofree char *result = NULL;
  g_autofree char *body = NULL;

  for (guint i = 0; i < self->parts->len; i++)
    g_ptr_array_add (shares, &((Part *) self->parts->pdata[i])->share);
  if (self->list != NULL)
    result = bfy_all_summary_list (self->list, shares);
  else
    result = bfy_all_summary_discover (shares);
  body = bfy_rpc_format_result (self->id, result);
  bfy_request_reply (self->request, 200, "application/json", body, -1);
}

static void
close_one (Gather *self)
{
  if (--self->n_open > 0)
    return;

  answer (self);
  gather_free (self);
}

/* @failure: (nullable) why there is nothing, or not all, of it. */
static void
part_done (Part *part, const char *failure)
{
  if (part->is_done)
    return;

  part->is_done = TRUE;
  clear_deadline (part);
  g_clear_pointer (&part->ask, bfy_ask_free);
  part->share.failure = g_strdup (failure);
  close_one (part->gather);
}

static gboolean
on_deadline (gpointer user_data)
{
  Part *part = user_data;

  bfy_all_set_slow (part->gather->agent->all, part->binding, TRUE);
  part_done (part, "has not answered in time");

  return G_SOURCE_REMOVE;
}

/* One that does not know the method has nothing of the kind. */
static void
read_error (Part *part, const BfyJsonSlice *error)
{
  static const char *const reason_path[] = { "data", "reason", NULL };
  BfyJsonSlice found;
  g_autofree char *message = NULL;

  if (bfy_json_slice_member (error, "code", &found) && found.length == strlen ("-32601") &&
      strncmp (found.start, "-32601", found.length) == 0)
    return;
  if (bfy_splice_find (error, reason_path, &found) && bfy_ask_is_own (part->ask) &&
      bfy_json_slice_equals (&found, bfy_error_to_wire (BFY_ERROR_LOCKED)))
    bfy_all_note_locked (part->gather->agent->all, part->binding);
  if (bfy_json_slice_member (error, "message", &found))
    message = bfy_json_slice_dup_string (&found);
  part->share.failure = bfy_text_to_line (message != NULL ? message : "refuses", REASON_LENGTH_MAX);
}

static void
read_result (Part *part, const BfyJsonSlice *result)
{
  const BfyAllList *list = part->gather->list;

  g_clear_pointer (&part->cursor, g_free);
  part->n_pages++;
  bfy_all_share_read_ttl (&part->share, result);
  if (list == NULL)
    bfy_all_share_read_discover (&part->share, result);
  else if (!bfy_all_list_read (list, part->share.prefix, result, part->share.items, &part->cursor))
    part->share.failure = g_strdup ("answers with something that is no list");
}

static gboolean
on_message (BfyAsk *ask, const char *text, gsize length, gpointer user_data)
{
  Part *part = user_data;
  BfyJsonSlice root, found;

  bfy_json_slice_root (text, length, &root);
  if (bfy_json_slice_member (&root, "method", &found))
    return TRUE;
  part->is_answered = TRUE;
  if (bfy_json_slice_member (&root, "result", &found))
    read_result (part, &found);
  else if (bfy_json_slice_member (&root, "error", &found))
    read_error (part, &found);

  return FALSE;
}

static void
on_end (BfyAsk *ask, gboolean is_complete, gpointer user_data)
{
  Part *part = user_data;
  g_autofree char *failure = g_steal_pointer (&part->share.failure);

  if (!part->is_answered)
    {
      part_done (part, "does not answer as an MCP server should");
      return;
    }
  bfy_all_set_slow (part->gather->agent->all, part->binding, FALSE);
  if (failure != NULL || part->cursor == NULL)
    part_done (part, failure);
  else if (part->n_pages >= BFY_ALL_PAGES_MAX || part->share.items->len > BFY_ALL_LIST_BYTES_MAX)
    part_done (part, "has too long a list, which is cut off");
  else
    ask_next (part);
}

static const BfyAskEvents events = { NULL, on_message, NULL, on_end };

static void
ask_next (Part *part)
{
  Gather *self = part->gather;
  g_autoptr (GBytes) body = bfy_all_format_request (
      self->list != NULL ? self->list->method : "server/discover", self->meta, part->cursor);
  BfyAskSetup setup = { .binding = part->binding, .body = body, .is_quiet = TRUE };

  part->is_answered = FALSE;
  g_clear_pointer (&part->ask, bfy_ask_free);
  part->ask = bfy_ask_new (self->agent, self->request, &setup, &events, part);
  bfy_ask_start (part->ask);
}

static void
start (Part *part)
{
  Gather *self = part->gather;
  guint patience_ms = self->list != NULL ? BFY_ALL_LIST_MS : BFY_ALL_DISCOVER_MS;

  if (bfy_all_is_slow (self->agent->all, part->binding))
    patience_ms = BFY_ALL_SLOW_MS;
  part->deadline = g_timeout_source_new (patience_ms);
  g_source_set_callback (part->deadline, on_deadline, part, NULL);
  g_source_attach (part->deadline, g_main_context_get_thread_default ());
  ask_next (part);
}

static void
on_gone (GCancellable *gone, gpointer user_data)
{
  gather_free (user_data);
}

static void
add_part (Gather *self, BfyBinding *binding)
{
  Part *part = g_new0 (Part, 1);

  part->gather = self;
  part->binding = bfy_binding_ref (binding);
  bfy_all_share_init (&part->share, binding->name);
  g_ptr_array_add (self->parts, part);
  self->n_open++;
}

static void
run (Gather *self)
{
  g_autoptr (GPtrArray) bindings = bfy_all_bindings (self->agent, self->request);

  self->parts = g_ptr_array_new_with_free_func (part_free);
  self->gone_id = g_signal_connect (bfy_request_get_gone (self->request), "cancelled",
                                    G_CALLBACK (on_gone), self);
  /* One more, so that nothing is over before all have been asked. */
  self->n_open = 1;
  for (guint i = 0; i < bindings->len; i++)
    add_part (self, bindings->pdata[i]);
  for (guint i = 0; i < self->parts->len; i++)
    start (self->parts->pdata[i]);
  close_one (self);
}

static Gather *
gather_new (BfyAgent *agent, BfyRequest *request, const char *id, const char *meta)
{
  Gather *self = g_new0 (Gather, 1);

  self->agent = agent;
  self->request = bfy_request_ref (request);
  self->id = g_strdup (id);
  self->meta = g_strdup (meta);

  return self;
}

void
bfy_all_gather_list (
    BfyAgent *agent, BfyRequest *request, const BfyAllList *list, const char *id, const char *meta)
{
  Gather *self = gather_new (agent, request, id, meta);

  self->list = list;
  run (self);
}

void
bfy_all_gather_discover (BfyAgent *agent, BfyRequest *request, const char *id, const char *meta)
{
  run (gather_new (agent, request, id, meta));
}
