/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/child/mux.h"

#include <string.h>

#include "agent/child/edits.h"
#include "protocol/json.h"

#define SUBSCRIPTION_ID "io.modelcontextprotocol/subscriptionId"

typedef struct
{
  char *id;             /* (owned) raw token of the client */
  char *progress_token; /* (owned) (nullable) raw token of the client */
  gpointer owner;       /* borrowed; NULL once nobody waits */
} Entry;

struct _BfyMux
{
  gboolean is_modern;
  GHashTable *entries; /* (owned) number → Entry */
  guint64 last;
  guint n_waiting;
};

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_free (entry->id);
  g_free (entry->progress_token);
  g_free (entry);
}

BfyMux *
bfy_mux_new (gboolean is_modern)
{
  BfyMux *self = g_new0 (BfyMux, 1);

  self->is_modern = is_modern;
  self->entries = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, entry_free);

  return self;
}

void
bfy_mux_free (BfyMux *self)
{
  if (self == NULL)
    return;

  g_hash_table_unref (self->entries);
  g_free (self);
}

void
bfy_mux_message_clear (BfyMuxMessage *message)
{
  g_free (message->text);
  g_free (message->method);
  g_free (message->id);
}

guint
bfy_mux_n_waiting (const BfyMux *self)
{
  return self->n_waiting;
}

/* The member at the end of a path of at most three names. */
static gboolean
find (const BfyJsonSlice *root, const char *const *path, BfyJsonSlice *found)
{
  BfyJsonSlice here = *root;

  for (; *path != NULL; path++)
    {
      BfyJsonSlice next;

      if (!bfy_json_slice_member (&here, *path, &next))
        return FALSE;
      here = next;
    }
  *found = here;

  return TRUE;
}

static const char *const id_path[] = { "id", NULL };
static const char *const up_token_path[] = { "params", "_meta", "progressToken", NULL };
static const char *const down_token_path[] = { "params", "progressToken", NULL };
static const char *const cancelled_path[] = { "params", "requestId", NULL };
static const char *const params_subscription_path[] = { "params", "_meta", SUBSCRIPTION_ID, NULL };
static const char *const result_subscription_path[] = { "result", "_meta", SUBSCRIPTION_ID, NULL };
static const char *const error_code_path[] = { "error", "code", NULL };

static char *
token_of (const BfyJsonSlice *slice)
{
  return g_strndup (slice->start, slice->length);
}

char *
bfy_mux_request (BfyMux *self, const char *text, gsize length, gpointer owner, guint64 *number)
{
  Entry *entry = g_new0 (Entry, 1);
  g_autofree char *token = NULL;
  BfyJsonSlice root, found;
  BfyEdits edits = { .n = 0 };

  *number = ++self->last;
  self->n_waiting++;
  token = g_strdup_printf ("%" G_GUINT64_FORMAT, *number);
  entry->owner = owner;
  bfy_json_slice_root (text, length, &root);
  if (find (&root, id_path, &found))
    {
      entry->id = token_of (&found);
      bfy_edits_add (&edits, &found, token);
    }
  if (find (&root, up_token_path, &found) &&
      (found.type == BFY_JSON_STRING || found.type == BFY_JSON_NUMBER))
    {
      entry->progress_token = token_of (&found);
      bfy_edits_add (&edits, &found, token);
    }
  g_hash_table_insert (self->entries, g_memdup2 (number, sizeof *number), entry);

  return bfy_edits_apply (text, length, &edits, NULL);
}

/* Whether two raw ids mean the same: strings may be spelled differently. */
static gboolean
is_same_id (const char *a, const BfyJsonSlice *b)
{
  BfyJsonSlice first;
  g_autofree char *a_text = NULL;
  g_autofree char *b_text = NULL;

  if (strlen (a) == b->length && strncmp (a, b->start, b->length) == 0)
    return TRUE;
  bfy_json_slice_root (a, strlen (a), &first);
  if (first.type != BFY_JSON_STRING || b->type != BFY_JSON_STRING)
    return FALSE;
  a_text = bfy_json_slice_dup_string (&first);
  b_text = bfy_json_slice_dup_string (b);

  return g_strcmp0 (a_text, b_text) == 0;
}

static gboolean
find_by_id (BfyMux *self, const BfyJsonSlice *id, guint64 *number)
{
  GHashTableIter iter;
  gpointer key, value;

  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      Entry *entry = value;

      if (entry->id == NULL || !is_same_id (entry->id, id))
        continue;
      *number = *(guint64 *) key;
      return TRUE;
    }

  return FALSE;
}

char *
bfy_mux_pass (BfyMux *self, const char *text, gsize length)
{
  BfyJsonSlice root, method, found;
  BfyEdits edits = { .n = 0 };
  char token[24];
  guint64 number;

  bfy_json_slice_root (text, length, &root);
  if (bfy_json_slice_member (&root, "method", &method) &&
      bfy_json_slice_equals (&method, "notifications/cancelled") &&
      find (&root, cancelled_path, &found))
    {
      if (!find_by_id (self, &found, &number))
        return NULL;
      g_snprintf (token, sizeof token, "%" G_GUINT64_FORMAT, number);
      bfy_edits_add (&edits, &found, token);
    }

  return bfy_edits_apply (text, length, &edits, NULL);
}

void
bfy_mux_disown (BfyMux *self, guint64 number)
{
  Entry *entry = g_hash_table_lookup (self->entries, &number);

  if (entry == NULL || entry->owner == NULL)
    return;
  entry->owner = NULL;
  self->n_waiting--;
}

void
bfy_mux_adopt (BfyMux *self, guint64 number, gpointer owner)
{
  Entry *entry = g_hash_table_lookup (self->entries, &number);

  if (entry != NULL && entry->owner != NULL)
    entry->owner = owner;
}

char *
bfy_mux_cancel (BfyMux *self, guint64 number)
{
  if (!g_hash_table_contains (self->entries, &number))
    return NULL;

  bfy_mux_disown (self, number);

  return g_strdup_printf ("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":"
                          "{\"requestId\":%" G_GUINT64_FORMAT ",\"reason\":\"client gone\"}}",
                          number);
}

/* The entry that a number of ours names, however the server spelled it. */
static Entry *
entry_of (BfyMux *self, const BfyJsonSlice *slice, guint64 *number)
{
  g_autofree char *text =
      slice->type == BFY_JSON_STRING ? bfy_json_slice_dup_string (slice) : token_of (slice);

  if (!g_ascii_string_to_unsigned (text, 10, 1, G_MAXUINT64, number, NULL))
    return NULL;

  return g_hash_table_lookup (self->entries, number);
}

static void
take_response (BfyMux *self, const BfyJsonSlice *root, BfyMuxMessage *message)
{
  BfyJsonSlice id, found;
  BfyEdits edits = { .n = 0 };
  guint64 number;
  Entry *entry = find (root, id_path, &id) ? entry_of (self, &id, &number) : NULL;

  if (entry == NULL)
    return;
  if (entry->owner != NULL)
    {
      message->kind = BFY_MUX_RESPONSE;
      message->owner = entry->owner;
      if (entry->id != NULL)
        bfy_edits_add (&edits, &id, entry->id);
      if (entry->id != NULL && find (root, result_subscription_path, &found))
        bfy_edits_add (&edits, &found, entry->id);
      if (find (root, error_code_path, &found) && found.type == BFY_JSON_NUMBER)
        {
          g_autofree char *code = token_of (&found);

          message->is_error = TRUE;
          message->error_code = g_ascii_strtoll (code, NULL, 10);
        }
      message->text = bfy_edits_apply (root->start, root->length, &edits, &message->length);
      self->n_waiting--;
    }
  g_hash_table_remove (self->entries, &number);
}

/* Progress by its token, everything of a subscription by its id. */
static void
take_notification (BfyMux *self, const BfyJsonSlice *root, BfyMuxMessage *message)
{
  gboolean is_progress = g_strcmp0 (message->method, "notifications/progress") == 0;
  gboolean is_cancelled = g_strcmp0 (message->method, "notifications/cancelled") == 0;
  BfyEdits edits = { .n = 0 };
  BfyJsonSlice found;
  Entry *entry = NULL;
  guint64 number;

  message->kind = BFY_MUX_NOTIFICATION;
  if (find (root, params_subscription_path, &found))
    {
      entry = entry_of (self, &found, &number);
      if (entry != NULL)
        bfy_edits_add (&edits, &found, entry->id);
      message->kind = entry != NULL && entry->owner != NULL ? BFY_MUX_RELATED : BFY_MUX_NONE;
    }
  if (is_progress && find (root, down_token_path, &found))
    {
      entry = entry_of (self, &found, &number);
      if (entry != NULL && entry->progress_token != NULL)
        bfy_edits_add (&edits, &found, entry->progress_token);
      message->kind = entry != NULL && entry->owner != NULL ? BFY_MUX_RELATED : BFY_MUX_NONE;
    }
  /* A modern server ends a subscription so; elsewhere it means a request of its own. */
  if (self->is_modern && is_cancelled && find (root, cancelled_path, &found))
    {
      Entry *cancelled = entry_of (self, &found, &number);

      if (cancelled != NULL)
        bfy_edits_add (&edits, &found, cancelled->id);
      if (cancelled != NULL && cancelled->owner != NULL)
        message->kind = BFY_MUX_RELATED;
      entry = cancelled != NULL ? cancelled : entry;
    }
  if (message->kind == BFY_MUX_RELATED)
    message->owner = entry->owner;
  if (message->kind != BFY_MUX_NONE)
    message->text = bfy_edits_apply (root->start, root->length, &edits, &message->length);
}

void
bfy_mux_receive (BfyMux *self, const char *line, gsize length, BfyMuxMessage *message)
{
  g_autoptr (BfyRpc) rpc = bfy_rpc_parse (line, length, NULL);
  const BfyRpcMessage *parsed;
  BfyJsonSlice root;
  BfyEdits none = { .n = 0 };

  memset (message, 0, sizeof *message);
  if (rpc == NULL || bfy_rpc_is_batch (rpc))
    return;

  parsed = bfy_rpc_message (rpc, 0);
  bfy_json_slice_root (line, length, &root);
  message->method = g_strdup (parsed->method);
  switch (parsed->kind)
    {
    case BFY_RPC_RESPONSE:
      take_response (self, &root, message);
      break;
    case BFY_RPC_NOTIFICATION:
      take_notification (self, &root, message);
      break;
    case BFY_RPC_REQUEST:
      message->kind = BFY_MUX_REQUEST;
      message->id = g_strdup (parsed->id);
      message->text = bfy_edits_apply (root.start, root.length, &none, &message->length);
      break;
    }
}
