/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Some arguments of some tools have to be repeated in headers; which ones, the list of tools says.
 * It is listened to when it comes by, and asked for when the server misses a header. */

#include "agent/era/legacy-call-private.h"
#include "protocol/tool-headers.h"

#define CODE_HEADER_MISMATCH (-32020)
#define LIST_PAGES_MAX 64 /* that are read to learn about headers */

/* The tools that may be offered, and what their calls have to repeat in headers. */
char *
bfy_legacy_call_learn_tools (BfyLegacyCall *self)
{
  g_autofree char *complaint = NULL;
  GString *kept;

  if (!g_str_equal (self->method, "tools/list"))
    return NULL;
  kept = bfy_tool_headers_learn (bfy_client_session_get_tools (self->session), self->outcome,
                                 strlen (self->outcome), &complaint);
  if (complaint != NULL)
    g_message ("“%s”: %s", bfy_client_session_get_name (self->session), complaint);

  return kept != NULL ? g_string_free (kept, FALSE) : NULL;
}

static void
on_page (BfyInquiry *inquiry, const BfyInquiryMessage *message, gpointer user_data)
{
  BfyLegacyCall *self = user_data;

  if (message->rpc->kind == BFY_RPC_RESPONSE && self->outcome == NULL)
    self->outcome = bfy_json_slice_dup_raw (&message->root);
}

static void
on_page_done (BfyInquiry *inquiry, gpointer user_data)
{
  static const char *const path[] = { "result", "nextCursor", NULL };
  BfyLegacyCall *self = user_data;
  g_autofree char *page = g_steal_pointer (&self->outcome);
  g_autofree char *complaint = NULL;
  GString *kept = NULL;
  BfyJsonSlice root, cursor;

  g_clear_pointer (&self->inquiry, bfy_inquiry_free);
  if (page != NULL)
    kept = bfy_tool_headers_learn (bfy_client_session_get_tools (self->session), page,
                                   strlen (page), &complaint);
  if (kept != NULL)
    g_string_free (kept, TRUE);
  bfy_json_slice_root (page != NULL ? page : "{}", page != NULL ? strlen (page) : 2, &root);
  if (bfy_json_slice_find (&root, path, &cursor) && cursor.type == BFY_JSON_STRING &&
      self->n_pages < LIST_PAGES_MAX)
    {
      g_autofree char *raw = bfy_json_slice_dup_raw (&cursor);

      bfy_legacy_call_read_page (self, raw);
      return;
    }
  bfy_legacy_call_send_round (self);
}

char *
bfy_legacy_call_next_number (BfyLegacyCall *self)
{
  return g_strdup_printf ("%" G_GUINT64_FORMAT, bfy_client_session_next_number (self->session));
}

/* @cursor: (nullable) raw. */
void
bfy_legacy_call_read_page (BfyLegacyCall *self, const char *cursor)
{
  static const BfyInquiryEvents events = { on_page, on_page_done };
  const BfyEraEnvelope envelope = bfy_client_session_get_envelope (self->session);
  g_autofree char *number = bfy_legacy_call_next_number (self);
  g_autofree char *params =
      cursor != NULL ? g_strdup_printf ("{\"cursor\":%s}", cursor) : g_strdup ("{}");
  const BfyModernSetup setup = {
    "tools/list",
    NULL,
    bfy_era_format_modern (number, "tools/list", params, &envelope),
  };

  self->n_pages++;
  self->inquiry = bfy_client_session_inquire (self->session, self->request, &setup, &events, self);
  bfy_inquiry_begin (self->inquiry);
}

/* A header is missing because the client never listed the tools, or they are others now. */
gboolean
bfy_legacy_call_lacks_header (BfyLegacyCall *self, const BfyJsonSlice *error)
{
  BfyJsonSlice code;
  gint64 number;

  return self->n_pages == 0 && g_str_equal (self->method, "tools/call") &&
         bfy_json_slice_member (error, "code", &code) && bfy_json_slice_get_int (&code, &number) &&
         number == CODE_HEADER_MISMATCH;
}

static void
add_param_header (const char *name, const char *value, gpointer user_data)
{
  bfy_inquiry_add_header (user_data, name, value);
}

void
bfy_legacy_call_add_param_headers (BfyLegacyCall *self, const BfyJsonSlice *root)
{
  static const char *const path[] = { "params", "arguments", NULL };
  const BfyParamHeaders *headers =
      self->target_name != NULL && g_str_equal (self->method, "tools/call")
          ? bfy_tool_headers_lookup (bfy_client_session_get_tools (self->session),
                                     self->target_name)
          : NULL;
  BfyJsonSlice arguments;

  if (headers != NULL && bfy_json_slice_find (root, path, &arguments))
    bfy_param_headers_foreach (headers, &arguments, add_param_header, self->inquiry);
}
