/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/prompter.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "client/fields.h"
#include "client/transfer.h"
#include "protocol/json.h"
#include "protocol/secret-writer.h"

struct _BfyPrompterLink
{
  BfyTransfer *transfer; /* (owned) */
  BfySecret *token;      /* (owned) (nullable) until registered */
  GError *error;         /* (owned) (nullable) what the agent said instead */
  char *hint;            /* (owned) (nullable) */
  const BfyPrompterEvents *events;
  gpointer user_data;
};

static void
take_registered (BfyPrompterLink *self, JsonObject *object)
{
  const char *token = bfy_field_text (object, "token");

  if (*token == '\0' || self->token != NULL)
    return;
  self->token = bfy_secret_new ((const guint8 *) token, strlen (token));
  self->events->on_registered (self, self->user_data);
}

static void
take_question (BfyPrompterLink *self, JsonObject *object)
{
  g_autoptr (BfyQuestion) question = bfy_question_from_json (object);

  if (question != NULL)
    self->events->on_question (self, question, self->user_data);
}

static void
take_closed (BfyPrompterLink *self, JsonObject *object)
{
  const char *how = bfy_field_text (object, "how");

  self->events->on_closed (self, bfy_field_text (object, "id"), *how != '\0' ? how : NULL,
                           self->user_data);
}

/* An event of a kind that is not known is of a newer agent. */
static void
on_text (BfyTransfer *transfer, const char *text, gsize length, gpointer user_data)
{
  static const struct
  {
    const char *type;
    void (*take) (BfyPrompterLink *self, JsonObject *object);
  } kinds[] = {
    { "registered", take_registered },
    { "opened", take_question },
    { "changed", take_question },
    { "closed", take_closed },
  };
  BfyPrompterLink *self = user_data;
  const char *type = bfy_transfer_get_event_type (transfer);
  g_autoptr (JsonObject) object = NULL;

  if (!SOUP_STATUS_IS_SUCCESSFUL (bfy_transfer_get_status (transfer)))
    {
      g_clear_error (&self->error);
      self->error = bfy_remote_error_from_body (bfy_transfer_get_status (transfer), text, length,
                                                &self->hint);
      return;
    }

  object = bfy_json_parse_object (text, length, NULL);
  for (guint i = 0; object != NULL && i < G_N_ELEMENTS (kinds); i++)
    {
      if (g_strcmp0 (kinds[i].type, type) == 0)
        kinds[i].take (self, object);
    }
}

static void
on_end (BfyTransfer *transfer, const GError *error, gpointer user_data)
{
  BfyPrompterLink *self = user_data;
  g_autoptr (GError) ended = NULL;

  if (self->error != NULL)
    ended = g_error_copy (self->error);
  else if (error != NULL)
    ended = g_error_copy (error);
  else
    ended = g_error_new_literal (BFY_ERROR, BFY_ERROR_NO_AGENT, _ ("The agent has gone away"));
  g_clear_pointer (&self->token, bfy_secret_unref);
  self->events->on_end (self, ended, self->user_data);
}

BfyPrompterLink *
bfy_prompter_new (BfyRemote *remote,
                  GBytes *body,
                  const BfyPrompterEvents *events,
                  gpointer user_data)
{
  static const BfyTransferEvents transfer_events = { NULL, on_text, on_end };
  BfyPrompterLink *self = g_new0 (BfyPrompterLink, 1);
  g_autoptr (SoupMessage) message = bfy_remote_new_message (remote, "POST", "/v1/prompters");

  self->events = events;
  self->user_data = user_data;
  soup_message_headers_replace (soup_message_get_request_headers (message), "Accept",
                                "text/event-stream");
  soup_message_set_request_body_from_bytes (message, "application/json", body);
  self->transfer = bfy_transfer_start (remote, message, &transfer_events, self);

  return self;
}

void
bfy_prompter_free (BfyPrompterLink *self)
{
  bfy_transfer_cancel (self->transfer);
  bfy_transfer_unref (self->transfer);
  g_clear_pointer (&self->token, bfy_secret_unref);
  g_clear_error (&self->error);
  g_free (self->hint);
  g_free (self);
}

gboolean
bfy_prompter_is_registered (const BfyPrompterLink *self)
{
  return self->token != NULL;
}

const char *
bfy_prompter_get_hint (const BfyPrompterLink *self)
{
  return self->hint;
}

static GBytes *
wrap (BfySecret *secret)
{
  return g_bytes_new_with_free_func (bfy_secret_peek (secret, NULL), bfy_secret_length (secret),
                                     (GDestroyNotify) bfy_secret_unref, secret);
}

typedef struct
{
  BfyPrompterPlace place;
  const BfySecret *key; /* (nullable) */
} Registration;

static void
fill_registration (BfySecretWriter *writer, gconstpointer data)
{
  static const char *const heads[] = {
    [BFY_PROMPTER_IN_TERMINAL] = "{\"kind\":\"terminal\"",
    [BFY_PROMPTER_IN_TRAY] = "{\"kind\":\"tray\"",
  };
  const Registration *registration = data;

  bfy_secret_writer_append_text (writer, heads[registration->place]);
  if (registration->key != NULL)
    {
      gsize length;
      const guint8 *bytes = bfy_secret_peek (registration->key, &length);

      bfy_secret_writer_append_text (writer, ",\"key\":\"");
      bfy_secret_writer_append_base64 (writer, bytes, length);
      bfy_secret_writer_append_byte (writer, '"');
    }
  bfy_secret_writer_append_byte (writer, '}');
}

GBytes *
bfy_prompter_body (BfyPrompterPlace place, const BfySecret *key)
{
  const Registration registration = { place, key };

  return wrap (bfy_secret_build (fill_registration, &registration));
}

char *
bfy_prompter_answer_path (const BfyQuestion *question)
{
  return g_strdup_printf ("/v1/prompts/%s/answer", question->id);
}

typedef struct
{
  const char *rest; /* the other members, with the bracket at the end */
  const BfySecret *token;
} Answer;

static void
fill_answer (BfySecretWriter *writer, gconstpointer data)
{
  const Answer *answer = data;
  gsize length;
  const guint8 *bytes = bfy_secret_peek (answer->token, &length);

  bfy_secret_writer_append_text (writer, "{\"token\":\"");
  bfy_secret_writer_append_json (writer, bytes, length);
  bfy_secret_writer_append_text (writer, "\",");
  bfy_secret_writer_append_text (writer, answer->rest + strlen ("{"));
}

GBytes *
bfy_prompter_answer_body (BfyPrompterLink *self,
                          const BfyQuestion *question,
                          BfyReply reply,
                          BfyGrantScope scope)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autofree char *rest = NULL;
  Answer answer = { .token = self->token };

  g_return_val_if_fail (self->token != NULL, NULL);

  json_object_set_string_member (object, "answer", bfy_reply_to_wire (reply));
  if (reply == BFY_REPLY_ALLOW)
    json_object_set_string_member (object, "scope", bfy_grant_scope_to_wire (scope));
  json_object_set_string_member (object, "digest", question->digest);
  rest = bfy_json_object_to_text (object, NULL);
  answer.rest = rest;

  return wrap (bfy_secret_build (fill_answer, &answer));
}
