/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/era/legacy-input.h"

typedef struct
{
  char *key;      /* (owned) raw, in inputRequests */
  char *id;       /* (owned) raw, of the request to the client */
  char *text;     /* (owned) that request */
  char *response; /* (owned) (nullable) raw */
  gboolean is_elicitation;
} Question;

struct _BfyLegacyInput
{
  GPtrArray *questions; /* (owned) (element-type Question) */
};

static void
question_free (gpointer data)
{
  Question *question = data;

  g_free (question->key);
  g_free (question->id);
  g_free (question->text);
  g_free (question->response);
  g_free (question);
}

void
bfy_legacy_input_free (BfyLegacyInput *self)
{
  g_ptr_array_unref (self->questions);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyLegacyInput, bfy_legacy_input_free)

static char *
method_of (const BfyJsonSlice *request)
{
  BfyJsonSlice method;

  return bfy_json_slice_member (request, "method", &method) ? bfy_json_slice_dup_string (&method)
                                                            : NULL;
}

/* FALSE when the client cannot be asked this. */
static gboolean
add (BfyLegacyInput *self,
     BfyClientSession *session,
     const BfyJsonSlice *key,
     const BfyJsonSlice *request,
     char **lacking)
{
  g_autofree char *method = method_of (request);
  const char *capability = bfy_era_input_capability (method);
  Question *question;

  if (capability == NULL || !bfy_client_session_has_capability (session, capability) ||
      self->questions->len >= BFY_LEGACY_INPUT_MAX)
    {
      *lacking = method != NULL ? g_steal_pointer (&method) : g_strdup ("something");
      return FALSE;
    }
  question = g_new0 (Question, 1);
  question->key = bfy_json_slice_dup_raw (key);
  question->id = g_strdup_printf ("\"bindify-%" G_GUINT64_FORMAT "\"",
                                  bfy_client_session_next_number (session));
  question->text = bfy_era_server_request (request, question->id);
  question->is_elicitation = g_str_equal (capability, "elicitation");
  g_ptr_array_add (self->questions, question);

  return TRUE;
}

BfyLegacyInput *
bfy_legacy_input_new (BfyClientSession *session, const BfyJsonSlice *requests, char **lacking)
{
  g_autoptr (BfyLegacyInput) self = g_new0 (BfyLegacyInput, 1);
  BfyJsonSlice key, value;
  BfyJsonIter iter;

  self->questions = g_ptr_array_new_with_free_func (question_free);
  bfy_json_iter_init (&iter, requests);
  while (bfy_json_iter_next (&iter, &key, &value))
    if (!add (self, session, &key, &value, lacking))
      return NULL;

  return g_steal_pointer (&self);
}

const char *
bfy_legacy_input_get_question (BfyLegacyInput *self, guint i)
{
  return i < self->questions->len ? ((Question *) g_ptr_array_index (self->questions, i))->text
                                  : NULL;
}

BfyLegacyInputVerdict
bfy_legacy_input_take (BfyLegacyInput *self, const BfyInquiryMessage *response)
{
  BfyJsonSlice result;

  for (guint i = 0; i < self->questions->len; i++)
    {
      Question *question = g_ptr_array_index (self->questions, i);

      if (g_strcmp0 (question->id, response->rpc->id) != 0 || question->response != NULL)
        continue;
      if (bfy_json_slice_member (&response->root, "result", &result) &&
          result.type == BFY_JSON_OBJECT)
        question->response = bfy_json_slice_dup_raw (&result);
      /* Nobody has answered; a person who cancels is the word for that. */
      else if (question->is_elicitation)
        question->response = g_strdup ("{\"action\":\"cancel\"}");
      else
        return BFY_LEGACY_INPUT_REFUSED;
      return BFY_LEGACY_INPUT_TAKEN;
    }

  return BFY_LEGACY_INPUT_FOREIGN;
}

gboolean
bfy_legacy_input_is_complete (BfyLegacyInput *self)
{
  for (guint i = 0; i < self->questions->len; i++)
    if (((Question *) g_ptr_array_index (self->questions, i))->response == NULL)
      return FALSE;

  return TRUE;
}

char *
bfy_legacy_input_format (BfyLegacyInput *self)
{
  GString *out;

  if (self->questions->len == 0)
    return NULL;
  out = g_string_new ("{");
  for (guint i = 0; i < self->questions->len; i++)
    {
      const Question *question = g_ptr_array_index (self->questions, i);

      g_string_append_printf (out, "%s%s:%s", i > 0 ? "," : "", question->key, question->response);
    }
  g_string_append_c (out, '}');

  return g_string_free (out, FALSE);
}
