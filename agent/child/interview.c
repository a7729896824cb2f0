/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/child/interview.h"

#include "agent/child/version.h"
#include "bfy-config.h"
#include "protocol/json.h"
#include "protocol/rpc.h"

#define CLIENT_INFO "{\"name\":\"bindify\",\"version\":\"" BFY_VERSION "\"}"
#define META                                                                                       \
  "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"" BFY_VERSION_MODERN "\","             \
  "\"io.modelcontextprotocol/clientInfo\":" CLIENT_INFO ","                                        \
  "\"io.modelcontextprotocol/clientCapabilities\":{}}"

typedef enum
{
  STAGE_INITIALIZE,
  STAGE_DISCOVER,
  STAGE_TOOLS,
} Stage;

struct _BfyInterview
{
  Stage stage;
  gboolean is_modern;
  guint64 number; /* of the request that is to be answered */
  guint n_pages;
  gint64 n_tools;
  char *name;    /* (owned) (nullable) */
  char *version; /* (owned) (nullable) */
};

BfyInterview *
bfy_interview_new (void)
{
  BfyInterview *self = g_new0 (BfyInterview, 1);

  self->n_tools = -1;

  return self;
}

void
bfy_interview_free (BfyInterview *self)
{
  if (self == NULL)
    return;

  g_free (self->name);
  g_free (self->version);
  g_free (self);
}

const char *
bfy_interview_get_name (const BfyInterview *self)
{
  return self->name;
}

const char *
bfy_interview_get_version (const BfyInterview *self)
{
  return self->version;
}

gint64
bfy_interview_n_tools (const BfyInterview *self)
{
  return self->n_tools;
}

static char *
request (BfyInterview *self, const char *method, const char *params)
{
  return g_strdup_printf ("{\"jsonrpc\":\"2.0\",\"id\":%" G_GUINT64_FORMAT
                          ",\"method\":\"%s\",\"params\":{%s}}",
                          ++self->number, method, params);
}

char *
bfy_interview_begin (BfyInterview *self)
{
  return request (self, "initialize",
                  "\"protocolVersion\":\"2025-11-25\",\"capabilities\":{},"
                  "\"clientInfo\":" CLIENT_INFO);
}

/* @cursor: (nullable) raw token. */
static char *
request_tools (BfyInterview *self, const BfyJsonSlice *cursor)
{
  g_autoptr (GString) params = g_string_new (self->is_modern ? META : "");

  if (cursor != NULL && self->is_modern)
    g_string_append_c (params, ',');
  if (cursor != NULL)
    {
      g_string_append (params, "\"cursor\":");
      g_string_append_len (params, cursor->start, (gssize) cursor->length);
    }
  self->stage = STAGE_TOOLS;

  return request (self, "tools/list", params->str);
}

static void
take_text (const BfyJsonSlice *object, const char *name, char **text)
{
  BfyJsonSlice slice;

  if (!bfy_json_slice_member (object, name, &slice))
    return;
  g_free (*text);
  *text = bfy_json_slice_dup_string (&slice);
}

static void
take_info (BfyInterview *self, const BfyJsonSlice *info)
{
  take_text (info, "name", &self->name);
  take_text (info, "version", &self->version);
}

static BfyInterviewState
take_initialize (BfyInterview *self, const BfyJsonSlice *result, GPtrArray *replies)
{
  BfyJsonSlice info;

  if (result == NULL)
    {
      self->stage = STAGE_DISCOVER;
      self->is_modern = TRUE;
      g_ptr_array_add (replies, request (self, "server/discover", META));
      return BFY_INTERVIEW_GOES_ON;
    }

  if (bfy_json_slice_member (result, "serverInfo", &info))
    take_info (self, &info);
  g_ptr_array_add (replies,
                   g_strdup ("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}"));
  g_ptr_array_add (replies, request_tools (self, NULL));

  return BFY_INTERVIEW_GOES_ON;
}

static BfyInterviewState
take_discover (BfyInterview *self, const BfyJsonSlice *result, GPtrArray *replies)
{
  BfyJsonSlice meta, info;

  if (result == NULL)
    return BFY_INTERVIEW_FAILED;
  if (bfy_json_slice_member (result, "_meta", &meta) &&
      bfy_json_slice_member (&meta, "io.modelcontextprotocol/serverInfo", &info))
    take_info (self, &info);
  g_ptr_array_add (replies, request_tools (self, NULL));

  return BFY_INTERVIEW_GOES_ON;
}

/* A server need not have tools. */
static BfyInterviewState
take_tools (BfyInterview *self, const BfyJsonSlice *result, GPtrArray *replies)
{
  BfyJsonSlice tools, key, tool, cursor;
  BfyJsonIter iter;

  if (result == NULL || !bfy_json_slice_member (result, "tools", &tools) ||
      tools.type != BFY_JSON_ARRAY)
    return BFY_INTERVIEW_DONE;

  self->n_tools = MAX (self->n_tools, 0);
  bfy_json_iter_init (&iter, &tools);
  while (bfy_json_iter_next (&iter, &key, &tool))
    self->n_tools++;
  if (!bfy_json_slice_member (result, "nextCursor", &cursor) || cursor.type != BFY_JSON_STRING ||
      ++self->n_pages >= BFY_INTERVIEW_PAGES_MAX)
    return BFY_INTERVIEW_DONE;
  g_ptr_array_add (replies, request_tools (self, &cursor));

  return BFY_INTERVIEW_GOES_ON;
}

/* We are no client that could be asked for much. */
static char *
answer_request (const BfyRpcMessage *message)
{
  if (g_str_equal (message->method, "ping"))
    return bfy_rpc_format_result (message->id, "{}");

  return g_strdup_printf ("{\"jsonrpc\":\"2.0\",\"id\":%s,\"error\":{\"code\":-32601,"
                          "\"message\":\"This is a trial run\"}}",
                          message->id);
}

static BfyInterviewState
take_response (BfyInterview *self, const BfyJsonSlice *root, GPtrArray *replies)
{
  BfyJsonSlice result;
  const BfyJsonSlice *found = bfy_json_slice_member (root, "result", &result) ? &result : NULL;

  switch (self->stage)
    {
    case STAGE_INITIALIZE:
      return take_initialize (self, found, replies);
    case STAGE_DISCOVER:
      return take_discover (self, found, replies);
    case STAGE_TOOLS:
      break;
    }

  return take_tools (self, found, replies);
}

BfyInterviewState
bfy_interview_take (BfyInterview *self, const char *line, gsize length, GPtrArray *replies)
{
  g_autoptr (BfyRpc) rpc = bfy_rpc_parse (line, length, NULL);
  g_autofree char *expected = g_strdup_printf ("%" G_GUINT64_FORMAT, self->number);
  const BfyRpcMessage *message;
  BfyJsonSlice root;

  if (rpc == NULL || bfy_rpc_is_batch (rpc))
    return BFY_INTERVIEW_GOES_ON;

  message = bfy_rpc_message (rpc, 0);
  if (message->kind == BFY_RPC_REQUEST)
    g_ptr_array_add (replies, answer_request (message));
  if (message->kind != BFY_RPC_RESPONSE || g_strcmp0 (message->id, expected) != 0)
    return BFY_INTERVIEW_GOES_ON;
  bfy_json_slice_root (line, length, &root);

  return take_response (self, &root, replies);
}
