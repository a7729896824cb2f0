/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/era/modern-input.h"

typedef struct
{
  char *key;  /* (owned) in inputRequests */
  char *id;   /* (owned) raw id of the server */
  char *text; /* (owned) raw, a member of inputRequests */
} Question;

struct _BfyModernInput
{
  GPtrArray *questions; /* (owned) (element-type Question) */
  guint n_asked;
};

static void
question_free (gpointer data)
{
  Question *question = data;

  g_free (question->key);
  g_free (question->id);
  g_free (question->text);
  g_free (question);
}

BfyModernInput *
bfy_modern_input_new (void)
{
  BfyModernInput *self = g_new0 (BfyModernInput, 1);

  self->questions = g_ptr_array_new_with_free_func (question_free);

  return self;
}

void
bfy_modern_input_free (BfyModernInput *self)
{
  g_ptr_array_unref (self->questions);
  g_free (self);
}

gboolean
bfy_modern_input_add (BfyModernInput *self, const BfyInquiryMessage *request)
{
  Question *question;
  BfyJsonSlice params = { BFY_JSON_NULL, NULL, 0 };

  if (self->questions->len >= BFY_MODERN_INPUT_MAX)
    return FALSE;
  if (!bfy_json_slice_member (&request->root, "params", &params))
    params.start = NULL;
  question = g_new0 (Question, 1);
  question->key = g_strdup_printf ("input-%u", ++self->n_asked);
  question->id = g_strdup (request->rpc->id);
  question->text = bfy_era_input_request (request->rpc->method, &params);
  g_ptr_array_add (self->questions, question);

  return TRUE;
}

gboolean
bfy_modern_input_is_empty (BfyModernInput *self)
{
  return self->questions->len == 0;
}

char *
bfy_modern_input_format (BfyModernInput *self, const char *state, const char *server_info)
{
  GString *out = g_string_new ("{\"resultType\":\"input_required\",\"inputRequests\":{");

  for (guint i = 0; i < self->questions->len; i++)
    {
      const Question *question = g_ptr_array_index (self->questions, i);

      g_string_append_printf (out, "%s\"%s\":%s", i > 0 ? "," : "", question->key, question->text);
    }
  g_string_append_printf (out, "},\"requestState\":\"%s\"", state);
  if (server_info != NULL)
    g_string_append_printf (out, ",\"_meta\":{\"" BFY_META_PREFIX "serverInfo\":%s}", server_info);
  g_string_append_c (out, '}');

  return g_string_free (out, FALSE);
}

void
bfy_modern_input_answer (BfyModernInput *self,
                         const BfyJsonSlice *responses,
                         BfyServerSession *session,
                         BfyRequest *caller)
{
  g_autoptr (GPtrArray) asked = g_steal_pointer (&self->questions);

  self->questions = g_ptr_array_new_with_free_func (question_free);
  g_ptr_array_set_free_func (asked, NULL);
  for (guint i = 0; i < asked->len; i++)
    {
      Question *question = g_ptr_array_index (asked, i);
      g_autofree char *value = NULL;
      BfyJsonSlice response;

      if (!bfy_json_slice_member (responses, question->key, &response) ||
          response.type != BFY_JSON_OBJECT)
        {
          g_ptr_array_add (self->questions, question);
          continue;
        }
      value = bfy_json_slice_dup_raw (&response);
      bfy_server_session_send (session, caller,
                               bfy_era_format_response (question->id, "result", value));
      question_free (question);
    }
}

void
bfy_modern_input_refuse (BfyModernInput *self, BfyServerSession *session, BfyRequest *caller)
{
  static const char error[] =
      "{\"code\":-32603,\"message\":\"Too many calls of this client wait for input\"}";

  for (guint i = 0; i < self->questions->len; i++)
    {
      const Question *question = g_ptr_array_index (self->questions, i);

      bfy_server_session_send (session, caller,
                               bfy_era_format_response (question->id, "error", error));
    }
  g_ptr_array_set_size (self->questions, 0);
}
