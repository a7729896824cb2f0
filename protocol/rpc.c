/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* A message is read in one pass over its members and one over those of params, ref and _meta each;
 * only what is kept gets copied. A server decides by what *it* reads, so whatever another parser
 * could read differently is refused: duplicate names by the JSON gate, and here names that equal
 * one of ours but for case, because some servers (Go's encoding/json) take those for the same and
 * let the last one win. */

#include "protocol/rpc.h"

#include <string.h>

#define ESCAPED_BYTES_MAX 6 /* one character of ours, spelled \uXXXX */

enum
{
  TOP_JSONRPC,
  TOP_ID,
  TOP_METHOD,
  TOP_PARAMS,
  TOP_RESULT,
  TOP_ERROR,
  N_TOP,
};
static const char *const top_names[N_TOP] = {
  "jsonrpc", "id", "method", "params", "result", "error"
};

enum
{
  PARAM_NAME,
  PARAM_URI,
  PARAM_REF,
  PARAM_TASK_ID,
  PARAM_META,
  PARAM_ARGUMENTS,
  PARAM_NOTIFICATIONS,
  N_PARAMS,
};
static const char *const param_names[N_PARAMS] = {
  "name", "uri", "ref", "taskId", "_meta", "arguments", "notifications",
};

enum
{
  REF_NAME,
  REF_URI,
  N_REF,
};
static const char *const ref_names[N_REF] = { "name", "uri" };

static const char *const filter_names[] = { "resourceSubscriptions" };

static const char *const meta_names[] = { "io.modelcontextprotocol/protocolVersion" };

struct _BfyRpc
{
  gboolean is_batch;
  GArray *messages; /* (owned) (element-type BfyRpcMessage) */
};

static void
message_clear (gpointer data)
{
  BfyRpcMessage *message = data;

  g_free (message->id);
  g_free (message->method);
  g_free (message->name);
  g_free (message->uri);
  g_free (message->task_id);
  g_strfreev (message->subscriptions);
  g_free (message->protocol_version);
  if (message->http == NULL)
    return;
  g_free ((char *) message->http->method);
  g_free ((char *) message->http->target);
  g_free ((char *) message->http->content_type);
  g_free (message->http);
}

static gboolean
refuse (const char *problem, GError **error)
{
  g_set_error (error, BFY_ERROR, BFY_ERROR_BAD_REQUEST, "Not a JSON-RPC message: %s", problem);

  return FALSE;
}

/* By the case folding of Unicode, where “ſ” folds to “s” and the Kelvin sign to “k”. Nothing
 * outside ASCII folds to a letter that one of our names starts with, so most keys are done with one
 * look.
 */
static gboolean
is_lookalike (const BfyJsonSlice *key, const char *name)
{
  char first = key->start[1]; /* the closing quote of an empty key */
  gsize n_bytes = key->length - 2;
  g_autofree char *text = NULL;
  g_autofree char *folded_text = NULL;
  g_autofree char *folded_name = NULL;

  if (g_ascii_tolower (first) != name[0] && first != '\\')
    return FALSE;
  if (n_bytes < strlen (name) || n_bytes > strlen (name) * ESCAPED_BYTES_MAX)
    return FALSE;

  text = bfy_json_slice_dup_string (key);
  folded_text = g_utf8_casefold (text, -1);
  folded_name = g_utf8_casefold (name, -1);

  return strcmp (folded_text, folded_name) == 0;
}

static gboolean
is_absent (const BfyJsonSlice *slice)
{
  return slice->start == NULL;
}

/* Fills @found, which is zeroed and has a place for each of @names. An @object of another type has
 * no members. */
static gboolean
pick (const BfyJsonSlice *object,
      const char *const *names,
      gsize n_names,
      BfyJsonSlice *found,
      GError **error)
{
  BfyJsonSlice key, value;
  BfyJsonIter iter;

  if (object->type != BFY_JSON_OBJECT)
    return TRUE;

  bfy_json_iter_init (&iter, object);
  while (bfy_json_iter_next (&iter, &key, &value))
    {
      for (gsize i = 0; i < n_names; i++)
        {
          if (bfy_json_slice_equals (&key, names[i]))
            found[i] = value;
          else if (is_lookalike (&key, names[i]))
            return refuse ("a member name differs from one of the protocol only by case", error);
        }
    }

  return TRUE;
}

/* NULL unless the slice is a string. */
static char *
dup_string (const BfyJsonSlice *slice)
{
  return is_absent (slice) ? NULL : bfy_json_slice_dup_string (slice);
}

static gboolean
take_id (const BfyJsonSlice *id, BfyRpcMessage *message, GError **error)
{
  if (is_absent (id) || (id->type == BFY_JSON_NULL && message->kind == BFY_RPC_RESPONSE))
    return TRUE;
  if (id->type != BFY_JSON_STRING && id->type != BFY_JSON_NUMBER)
    return refuse ("id must be a string or a number", error);
  message->id = g_strndup (id->start, id->length);

  return TRUE;
}

/* completion/complete means what ref names, every other method what params names; a member that the
 * method does not read must not stand in for the one it does. */
static void
take_target (const BfyJsonSlice *params, const BfyJsonSlice *ref, BfyRpcMessage *message)
{
  gboolean by_ref = g_strcmp0 (message->method, "completion/complete") == 0;
  const BfyJsonSlice *name = &params[PARAM_NAME];
  const BfyJsonSlice *uri = &params[PARAM_URI];

  message->name = dup_string (by_ref || is_absent (name) ? &ref[REF_NAME] : name);
  message->uri = dup_string (by_ref || is_absent (uri) ? &ref[REF_URI] : uri);
}

static void
take_uris (const BfyJsonSlice *list, BfyRpcMessage *message)
{
  g_autoptr (GStrvBuilder) uris = g_strv_builder_new ();
  BfyJsonSlice element;
  BfyJsonIter iter;

  if (list->type != BFY_JSON_ARRAY)
    g_strv_builder_add (uris, "");
  bfy_json_iter_init (&iter, list);
  while (list->type == BFY_JSON_ARRAY && bfy_json_iter_next (&iter, NULL, &element))
    {
      g_autofree char *uri = bfy_json_slice_dup_string (&element);

      g_strv_builder_add (uris, uri != NULL ? uri : "");
    }
  message->subscriptions = g_strv_builder_end (uris);
}

static gboolean
take_subscriptions (const BfyJsonSlice *filter, BfyRpcMessage *message, GError **error)
{
  BfyJsonSlice list = { 0 };

  if (is_absent (filter) || g_strcmp0 (message->method, "subscriptions/listen") != 0)
    return TRUE;
  if (!pick (filter, filter_names, G_N_ELEMENTS (filter_names), &list, error))
    return FALSE;
  if (!is_absent (&list))
    take_uris (&list, message);

  return TRUE;
}

static gboolean
take_params (const BfyJsonSlice *params, BfyRpcMessage *message, GError **error)
{
  BfyJsonSlice found[N_PARAMS] = { 0 };
  BfyJsonSlice ref[N_REF] = { 0 };
  BfyJsonSlice version = { 0 };

  if (is_absent (params))
    return TRUE;
  if (params->type != BFY_JSON_OBJECT && params->type != BFY_JSON_ARRAY)
    return refuse ("params must be an object or an array", error);

  if (!pick (params, param_names, N_PARAMS, found, error))
    return FALSE;
  if (!is_absent (&found[PARAM_REF]) && !pick (&found[PARAM_REF], ref_names, N_REF, ref, error))
    return FALSE;
  if (!is_absent (&found[PARAM_META]) &&
      !pick (&found[PARAM_META], meta_names, G_N_ELEMENTS (meta_names), &version, error))
    return FALSE;

  take_target (found, ref, message);
  message->params = *params;
  message->task_id = dup_string (&found[PARAM_TASK_ID]);
  message->arguments = found[PARAM_ARGUMENTS];
  message->has_claim = !is_absent (&version);
  message->protocol_version = dup_string (&version);

  return take_subscriptions (&found[PARAM_NOTIFICATIONS], message, error);
}

static gboolean
take_method (const BfyJsonSlice *top, BfyRpcMessage *message, GError **error)
{
  const BfyJsonSlice *method = &top[TOP_METHOD];

  if (is_absent (method))
    {
      message->kind = BFY_RPC_RESPONSE;
      if (is_absent (&top[TOP_RESULT]) && is_absent (&top[TOP_ERROR]))
        return refuse ("method, result and error are all missing", error);
      return TRUE;
    }

  if (method->type != BFY_JSON_STRING)
    return refuse ("method must be a string", error);
  message->kind = is_absent (&top[TOP_ID]) ? BFY_RPC_NOTIFICATION : BFY_RPC_REQUEST;
  message->method = dup_string (method);

  return TRUE;
}

/* Clears nothing on failure: the caller owns the message. */
static gboolean
parse_message (const BfyJsonSlice *slice, BfyRpcMessage *message, GError **error)
{
  BfyJsonSlice top[N_TOP] = { 0 };

  if (slice->type != BFY_JSON_OBJECT)
    return refuse ("an object is expected", error);
  if (!pick (slice, top_names, N_TOP, top, error))
    return FALSE;
  if (is_absent (&top[TOP_JSONRPC]) || !bfy_json_slice_equals (&top[TOP_JSONRPC], "2.0"))
    return refuse ("jsonrpc must be \"2.0\"", error);

  return take_method (top, message, error) && take_id (&top[TOP_ID], message, error) &&
         (message->kind == BFY_RPC_RESPONSE || take_params (&top[TOP_PARAMS], message, error));
}

static gboolean
add_message (BfyRpc *self, const BfyJsonSlice *slice, GError **error)
{
  BfyRpcMessage *message;

  g_array_set_size (self->messages, self->messages->len + 1); /* zeroed */
  message = &g_array_index (self->messages, BfyRpcMessage, self->messages->len - 1);

  return parse_message (slice, message, error);
}

static gboolean
add_batch (BfyRpc *self, const BfyJsonSlice *array, GError **error)
{
  BfyJsonSlice element;
  BfyJsonIter iter;

  self->is_batch = TRUE;
  bfy_json_iter_init (&iter, array);
  while (bfy_json_iter_next (&iter, NULL, &element))
    {
      if (self->messages->len == BFY_RPC_BATCH_MAX)
        return refuse ("too many messages in a batch", error);
      if (!add_message (self, &element, error))
        return FALSE;
    }

  return self->messages->len > 0 || refuse ("empty batch", error);
}

static BfyRpc *
rpc_new (void)
{
  BfyRpc *self = g_new0 (BfyRpc, 1);

  self->messages = g_array_new (FALSE, TRUE, sizeof (BfyRpcMessage));
  g_array_set_clear_func (self->messages, message_clear);

  return self;
}

BfyRpc *
bfy_rpc_parse (const char *text, gsize length, GError **error)
{
  g_autoptr (BfyRpc) self = NULL;
  BfyJsonSlice root;
  gboolean added;

  if (!bfy_json_check (text, length, error))
    return NULL;

  self = rpc_new ();
  bfy_json_slice_root (text, length, &root);
  added = root.type == BFY_JSON_ARRAY ? add_batch (self, &root, error)
                                      : add_message (self, &root, error);

  return added ? g_steal_pointer (&self) : NULL;
}

static void
take_json_body (BfyRpcMessage *message)
{
  const BfyHttpMessage *http = message->http;
  BfyJsonSlice root;

  if (http->body_length == 0 || !bfy_json_check (http->body, http->body_length, NULL))
    return;
  bfy_json_slice_root (http->body, http->body_length, &root);
  if (root.type == BFY_JSON_OBJECT)
    message->arguments = root;
}

BfyRpc *
bfy_rpc_new_http (const BfyHttpMessage *http)
{
  BfyRpc *self = rpc_new ();
  int n_path = (int) strcspn (http->target, "?");
  BfyRpcMessage *message;

  g_array_set_size (self->messages, 1); /* zeroed */
  message = &g_array_index (self->messages, BfyRpcMessage, 0);
  message->kind = BFY_RPC_REQUEST;
  message->method = g_strdup (BFY_RPC_HTTP);
  message->name = g_strdup_printf ("%s %.*s", http->method, n_path, http->target);
  message->http = g_memdup2 (http, sizeof *http);
  message->http->method = g_strdup (http->method);
  message->http->target = g_strdup (http->target);
  message->http->content_type = g_strdup (http->content_type);
  take_json_body (message);

  return self;
}

BfyRpc *
bfy_rpc_new_call (const char *tool, const BfyHttpMessage *http)
{
  BfyRpc *self = bfy_rpc_new_http (http);
  BfyRpcMessage *message = &g_array_index (self->messages, BfyRpcMessage, 0);

  g_free (message->method);
  g_free (message->name);
  message->method = g_strdup ("tools/call");
  message->name = g_strdup (tool);

  return self;
}

void
bfy_rpc_free (BfyRpc *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->messages);
  g_free (self);
}

gboolean
bfy_rpc_is_batch (const BfyRpc *self)
{
  return self->is_batch;
}

guint
bfy_rpc_n_messages (const BfyRpc *self)
{
  return self->messages->len;
}

const BfyRpcMessage *
bfy_rpc_message (const BfyRpc *self, guint index)
{
  g_return_val_if_fail (index < self->messages->len, NULL);

  return &g_array_index (self->messages, BfyRpcMessage, index);
}

static GString *
answer_new (const char *id)
{
  GString *answer = g_string_new ("{\"jsonrpc\":\"2.0\",\"id\":");

  return g_string_append (answer, id != NULL ? id : "null");
}

char *
bfy_rpc_format_error (const char *id, BfyErrorCode code, const char *message)
{
  g_autoptr (GString) answer = answer_new (id);

  g_string_append_printf (answer,
                          ",\"error\":{\"code\":%d,\"message\":", bfy_error_to_rpc_code (code));
  bfy_json_append_string (answer, message, -1);
  g_string_append (answer, ",\"data\":{\"origin\":\"agent\",\"reason\":");
  bfy_json_append_string (answer, bfy_error_to_wire (code), -1);
  g_string_append (answer, "}}}");

  return g_string_free (g_steal_pointer (&answer), FALSE);
}

char *
bfy_rpc_format_result (const char *id, const char *result)
{
  g_autoptr (GString) answer = answer_new (id);

  g_string_append_printf (answer, ",\"result\":%s}", result);

  return g_string_free (g_steal_pointer (&answer), FALSE);
}
