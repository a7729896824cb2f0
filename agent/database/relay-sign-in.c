/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/database/relay-sign-in.h"

#include "protocol/error.h"
#include "protocol/name.h"
#include "protocol/pg-wire.h"
#include "protocol/scram.h"

#define READ_BYTES 4096
#define SAID_BYTES_MAX (256 * 1024) /* parameters and notices of one beginning */
#define SHOWN_CHARACTERS 300

/* Of an Authentication message. */
enum
{
  AUTHENTICATION_OK = 0,
  AUTHENTICATION_SASL = 10,
  AUTHENTICATION_SASL_CONTINUE = 11,
  AUTHENTICATION_SASL_FINAL = 12,
};

typedef struct
{
  GIOStream *stream; /* (owned) */
  GByteArray *out;   /* (owned) (nullable) what is being sent */
  GByteArray *in;    /* (owned) what has come and is not understood yet */
  guint8 buffer[READ_BYTES];
  BfySecret *password;    /* (owned) (nullable) */
  BfyScram *scram;        /* (owned) (nullable) */
  BfyRelayReady *session; /* (owned) */
  gboolean has_proved;    /* the server, that it knows the password */
  gboolean is_signed_in;
} SignIn;

/* What one message leads to. */
typedef enum
{
  STEP_ON,    /* to the next one */
  STEP_SEND,  /* what is in out */
  STEP_READY, /* the session is */
  STEP_FAILED,
} Step;

void
bfy_relay_ready_free (BfyRelayReady *self)
{
  if (self == NULL)
    return;
  g_byte_array_unref (self->said);
  g_free (self);
}

static void
sign_in_free (gpointer data)
{
  SignIn *self = data;

  g_object_unref (self->stream);
  g_clear_pointer (&self->out, g_byte_array_unref);
  g_byte_array_unref (self->in);
  g_clear_pointer (&self->password, bfy_secret_unref);
  g_clear_pointer (&self->scram, bfy_scram_free);
  g_clear_pointer (&self->session, bfy_relay_ready_free);
  g_free (self);
}

static Step
fail (GError **error, BfyErrorCode code, const char *text)
{
  g_set_error_literal (error, BFY_ERROR, (int) code, text);

  return STEP_FAILED;
}

static Step
send_later (SignIn *self, GByteArray *out)
{
  g_clear_pointer (&self->out, g_byte_array_unref);
  self->out = out;

  return STEP_SEND;
}

static Step
begin_scram (SignIn *self, const BfyPgMessage *message, GError **error)
{
  g_autofree char *nonce = NULL;
  g_autofree char *first = NULL;

  if (!bfy_pg_message_offers (message, BFY_SCRAM_MECHANISM))
    return fail (error, BFY_ERROR_UNSUPPORTED, "The database does not offer SCRAM-SHA-256");
  if (self->scram != NULL)
    return fail (error, BFY_ERROR_UPSTREAM_FAILED, "The database wants a second sign-in");
  if (self->password == NULL)
    return fail (error, BFY_ERROR_CREDENTIAL_REFUSED, "The database wants a password");
  nonce = bfy_scram_make_nonce (error);
  if (nonce == NULL)
    return STEP_FAILED;
  self->scram = bfy_scram_new ("", nonce, self->password);
  first = bfy_scram_format_first (self->scram);

  return send_later (self, bfy_pg_format_sasl_begin (BFY_SCRAM_MECHANISM, first));
}

static Step
answer_scram (SignIn *self, const char *text, gsize length, GError **error)
{
  g_autofree char *answer = NULL;

  if (self->scram == NULL)
    return fail (error, BFY_ERROR_UPSTREAM_FAILED, "The database is ahead of the sign-in");
  answer = bfy_scram_answer (self->scram, text, length, error);
  if (answer == NULL)
    return STEP_FAILED;

  return send_later (self, bfy_pg_format_message ('p', answer, strlen (answer)));
}

static Step
check_scram (SignIn *self, const char *text, gsize length, GError **error)
{
  if (self->scram == NULL)
    return fail (error, BFY_ERROR_UPSTREAM_FAILED, "The database is ahead of the sign-in");
  self->has_proved = bfy_scram_check (self->scram, text, length, error);

  return self->has_proved ? STEP_ON : STEP_FAILED;
}

/* One that asked for the password and lets us in without having shown that it knows it is not the
 * one it claims to be. */
static Step
take_authentication (SignIn *self, const BfyPgMessage *message, GError **error)
{
  guint32 code = G_MAXUINT32;
  const char *text = (const char *) message->body + 4;

  if (!bfy_pg_message_get_number (message, 0, &code))
    return fail (error, BFY_ERROR_UPSTREAM_FAILED, "The database’s answer is not understood");
  switch (code)
    {
    case AUTHENTICATION_OK:
      if (self->scram != NULL && !self->has_proved)
        return fail (error, BFY_ERROR_UPSTREAM_FAILED,
                     "The database does not show that it knows the password");
      self->is_signed_in = TRUE;
      return STEP_ON;
    case AUTHENTICATION_SASL:
      return begin_scram (self, message, error);
    case AUTHENTICATION_SASL_CONTINUE:
      return answer_scram (self, text, message->length - 4, error);
    case AUTHENTICATION_SASL_FINAL:
      return check_scram (self, text, message->length - 4, error);
    default:
      return fail (error, BFY_ERROR_UNSUPPORTED,
                   "The database wants the password itself, or in an old form; the relay signs in "
                   "with SCRAM-SHA-256 only");
    }
}

static Step
take_refusal (const BfyPgMessage *message, GError **error)
{
  g_autofree char *state = bfy_pg_message_get_field (message, 'C');
  g_autofree char *said = bfy_pg_message_get_field (message, 'M');
  g_autofree char *shown = bfy_text_to_line (said != NULL ? said : "", SHOWN_CHARACTERS);

  if (state != NULL && g_str_has_prefix (state, "28"))
    return fail (error, BFY_ERROR_CREDENTIAL_REFUSED,
                 "The database does not take the user or the password");
  g_set_error (error, BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED, "The database refuses the session: %s",
               shown);

  return STEP_FAILED;
}

/* From here on the client hears it. */
static Step
keep (SignIn *self, const BfyPgMessage *message, const guint8 *whole, GError **error)
{
  if (message->n_bytes > SAID_BYTES_MAX - self->session->said->len)
    return fail (error, BFY_ERROR_RESPONSE_TOO_LARGE, "The database says too much at once");
  g_byte_array_append (self->session->said, whole, (guint) message->n_bytes);

  return message->type == 'Z' ? STEP_READY : STEP_ON;
}

static Step
take (SignIn *self, const BfyPgMessage *message, const guint8 *whole, GError **error)
{
  switch (message->type)
    {
    case 'E':
      return take_refusal (message, error);
    case 'R':
      if (take_authentication (self, message, error) == STEP_FAILED)
        return STEP_FAILED;
      if (self->out != NULL)
        return STEP_SEND;
      return self->is_signed_in ? keep (self, message, whole, error) : STEP_ON;
    case 'N':
      return self->is_signed_in ? keep (self, message, whole, error) : STEP_ON;
    case 'K':
      if (!self->is_signed_in || !bfy_pg_message_get_number (message, 0, &self->session->pid) ||
          !bfy_pg_message_get_number (message, 4, &self->session->key))
        return fail (error, BFY_ERROR_UPSTREAM_FAILED, "The database’s answer is not understood");
      return keep (self, message, whole, error);
    case 'S':
    case 'Z':
      if (self->is_signed_in)
        return keep (self, message, whole, error);
      return fail (error, BFY_ERROR_UPSTREAM_FAILED, "The database is ahead of the sign-in");
    default:
      return fail (error, BFY_ERROR_UPSTREAM_FAILED, "The database’s answer is not understood");
    }
}

/* STEP_ON: more has to come. */
static Step
take_all (SignIn *self, GError **error)
{
  for (;;)
    {
      BfyPgMessage message;
      Step step;

      if (!bfy_pg_message_read (self->in->data, self->in->len, &message))
        return fail (error, BFY_ERROR_UPSTREAM_FAILED, "The database’s answer is not understood");
      if (message.n_bytes == 0)
        return STEP_ON;
      step = take (self, &message, self->in->data, error);
      g_byte_array_remove_range (self->in, 0, (guint) message.n_bytes);
      if (step != STEP_ON)
        return step;
    }
}

static void read_more (GTask *task);
static void send_out (GTask *task);

static void
go_on (GTask *task)
{
  SignIn *self = g_task_get_task_data (task);
  GError *error = NULL;

  switch (take_all (self, &error))
    {
    case STEP_ON:
      read_more (task);
      break;
    case STEP_SEND:
      send_out (task);
      break;
    case STEP_READY:
      g_byte_array_append (self->session->said, self->in->data, self->in->len);
      g_task_return_pointer (task, g_steal_pointer (&self->session),
                             (GDestroyNotify) bfy_relay_ready_free);
      break;
    case STEP_FAILED:
      g_task_return_error (task, error);
      break;
    }
}

static void
return_lost (GTask *task, const GError *cause)
{
  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_task_return_new_error (task, BFY_ERROR, BFY_ERROR_CANCELLED, "Nobody waits any more");
  else
    g_task_return_new_error (task, BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED,
                             "The connection to the database is lost");
}

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  SignIn *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  gssize n = g_input_stream_read_finish (G_INPUT_STREAM (source), result, &error);

  if (n <= 0)
    {
      return_lost (task, error);
      return;
    }
  g_byte_array_append (self->in, self->buffer, (guint) n);
  go_on (task);
}

static void
read_more (GTask *task)
{
  SignIn *self = g_task_get_task_data (task);

  g_input_stream_read_async (g_io_stream_get_input_stream (self->stream), self->buffer,
                             sizeof self->buffer, G_PRIORITY_DEFAULT, g_task_get_cancellable (task),
                             on_read, g_object_ref (task));
}

static void
on_sent (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  SignIn *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&self->out, g_byte_array_unref);
  if (g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, &error))
    go_on (task);
  else
    return_lost (task, error);
}

static void
send_out (GTask *task)
{
  SignIn *self = g_task_get_task_data (task);

  g_output_stream_write_all_async (g_io_stream_get_output_stream (self->stream), self->out->data,
                                   self->out->len, G_PRIORITY_DEFAULT,
                                   g_task_get_cancellable (task), on_sent, g_object_ref (task));
}

void
bfy_relay_sign_in_async (GIOStream *stream,
                         GByteArray *start,
                         BfySecret *password,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  SignIn *self = g_new0 (SignIn, 1);

  g_task_set_source_tag (task, bfy_relay_sign_in_async);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, self, sign_in_free);
  self->stream = g_object_ref (stream);
  self->out = start;
  self->in = g_byte_array_new ();
  self->password = password != NULL ? bfy_secret_ref (password) : NULL;
  self->session = g_new0 (BfyRelayReady, 1);
  self->session->said = g_byte_array_new ();
  send_out (task);
}

BfyRelayReady *
bfy_relay_sign_in_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
