/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/prompt/link.h"

#include <openssl/rand.h>

#include "agent/prompt/answerer.h"
#include "agent/prompt/prompts-private.h"
#include "protocol/json.h"

#define TOKEN_BYTES 32

struct _BfyLink
{
  BfyPrompts *prompts; /* borrowed */
  BfyRequest *request; /* (owned) */
  BfyCaller *caller;   /* (owned) */
  BfyPrompterKind kind;
  BfyPrompter *prompter; /* borrowed from the prompts */
  BfySecret *token;      /* (owned) in hexadecimal digits */
  gboolean has_key;
  GHashTable *kin;  /* (owned) (element-type utf8) ids of questions */
  GString *waiting; /* (owned) */
  guint n_waiting;
  guint broken_id;
  gboolean is_writing;
  gulong gone_id;
};

void
bfy_link_free (gpointer data)
{
  BfyLink *self = data;

  if (self->prompter != NULL)
    bfy_prompts_remove_prompter (self->prompts, self->prompter);
  g_clear_handle_id (&self->broken_id, g_source_remove);
  g_clear_signal_handler (&self->gone_id, bfy_request_get_gone (self->request));
  bfy_request_forget_drained (self->request);
  bfy_request_end (self->request);
  bfy_request_unref (self->request);
  bfy_caller_unref (self->caller);
  bfy_secret_unref (self->token);
  g_hash_table_unref (self->kin);
  bfy_wipe (self->waiting->str, self->waiting->allocated_len);
  g_string_free (self->waiting, TRUE);
  g_free (self);
}

static void write_waiting (BfyLink *self);

static void
on_drained (BfyRequest *request, gpointer user_data)
{
  BfyLink *self = user_data;

  self->is_writing = FALSE;
  write_waiting (self);
}

static void
write_waiting (BfyLink *self)
{
  g_autoptr (GBytes) bytes = NULL;

  if (self->is_writing || self->waiting->len == 0)
    return;
  bytes = g_bytes_new (self->waiting->str, self->waiting->len);
  g_string_truncate (self->waiting, 0);
  self->n_waiting = 0;
  self->is_writing = TRUE;
  bfy_request_write (self->request, bytes, on_drained, self);
}

static gboolean
on_too_slow (gpointer user_data)
{
  BfyLink *self = user_data;

  self->broken_id = 0;
  bfy_request_break (self->request);

  return G_SOURCE_REMOVE;
}

/* (transfer full) object */
static void
send_event (BfyLink *self, const char *type, JsonObject *object)
{
  g_autofree char *text = bfy_json_object_to_text (object, NULL);

  json_object_unref (object);
  if (self->broken_id != 0)
    return;
  if (++self->n_waiting > BFY_LINK_QUEUE_MAX)
    {
      self->broken_id = g_idle_add (on_too_slow, self);
      return;
    }
  g_string_append_printf (self->waiting, "event: %s\ndata: %s\n\n", type, text);
  write_waiting (self);
}

static void
on_prompt (BfyPrompt *prompt, BfyPromptChange change, const char *how, gpointer user_data)
{
  static const char *const types[] = { "opened", "changed", "closed" };
  BfyLink *self = user_data;
  JsonObject *object;

  if (change != BFY_PROMPT_CLOSED)
    {
      send_event (self, types[change], bfy_prompt_to_json (prompt));
      return;
    }
  object = json_object_new ();
  json_object_set_string_member (object, "id", prompt->id);
  if (how != NULL)
    json_object_set_string_member (object, "how", how);
  send_event (self, types[change], object);
}

static void
on_gone (GCancellable *gone, gpointer user_data)
{
  BfyLink *self = user_data;

  g_ptr_array_remove (self->prompts->links, self);
}

static BfySecret *
make_token (void)
{
  static const char digits[] = "0123456789abcdef";
  guint8 bytes[TOKEN_BYTES];
  guint8 *text;
  g_autoptr (BfySecret) token = bfy_secret_new_blank (2 * TOKEN_BYTES, &text);

  if (RAND_bytes (bytes, sizeof bytes) != 1)
    return NULL;
  for (guint i = 0; i < TOKEN_BYTES; i++)
    {
      text[2 * i] = (guint8) digits[bytes[i] >> 4];
      text[2 * i + 1] = (guint8) digits[bytes[i] & 15];
    }
  bfy_wipe (bytes, sizeof bytes);

  return g_steal_pointer (&token);
}

typedef struct
{
  BfyLink *link;
  const char *id;
} Meeting;

static void
meet (int pid, gpointer user_data)
{
  const Meeting *meeting = user_data;

  bfy_link_note_asker (meeting->link, meeting->id, pid);
}

/* Whoever descends from an asker may lose its parents later; what they are now counts. */
static void
meet_askers (BfyLink *self)
{
  g_autoptr (GPtrArray) open = bfy_prompts_list (self->prompts);

  for (guint i = 0; i < open->len; i++)
    {
      const BfyPrompt *prompt = g_ptr_array_index (open, i);
      Meeting meeting = { self, prompt->id };

      bfy_prompts_foreach_asker (self->prompts, prompt->id, meet, &meeting);
    }
}

static void
greet (BfyLink *self)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "token", bfy_secret_peek_text (self->token));
  send_event (self, "registered", object);
}

void
bfy_link_open (BfyPrompts *prompts, BfyRequest *request, const BfyLinkFacts *facts)
{
  g_autoptr (BfySecret) token = make_token ();
  SoupMessageHeaders *headers = token != NULL ? bfy_request_begin (request, 200, -1, TRUE) : NULL;
  BfyLink *self;

  if (token == NULL)
    bfy_request_reply_error_status (request, 500, BFY_ERROR_FAILED, "There are no random numbers");
  if (headers == NULL)
    return;
  soup_message_headers_replace (headers, "Content-Type", "text/event-stream");
  bfy_request_flush (request);
  self = g_new0 (BfyLink, 1);
  self->prompts = prompts;
  self->request = bfy_request_ref (request);
  self->caller = bfy_caller_ref ((BfyCaller *) facts->caller);
  self->kind = facts->kind;
  self->has_key = facts->has_key;
  self->token = g_steal_pointer (&token);
  self->kin = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->waiting = g_string_new (NULL);
  g_ptr_array_add (prompts->links, self);
  self->gone_id =
      g_signal_connect (bfy_request_get_gone (request), "cancelled", G_CALLBACK (on_gone), self);
  greet (self);
  meet_askers (self);
  self->prompter = bfy_prompts_add_prompter (prompts, facts->kind, on_prompt, self);
}

guint
bfy_link_count (const BfyPrompts *prompts)
{
  return prompts->links->len;
}

BfyLink *
bfy_link_find (const BfyPrompts *prompts, const BfySecret *token)
{
  BfyLink *found = NULL;

  for (guint i = 0; i < prompts->links->len; i++)
    {
      BfyLink *link = g_ptr_array_index (prompts->links, i);

      if (bfy_secret_equal (link->token, token))
        found = link;
    }

  return found;
}

const BfyCaller *
bfy_link_get_caller (const BfyLink *self)
{
  return self->caller;
}

BfyPrompterKind
bfy_link_get_kind (const BfyLink *self)
{
  return self->kind;
}

gboolean
bfy_link_has_key (const BfyLink *self)
{
  return self->has_key;
}

void
bfy_link_forget_keys (BfyPrompts *prompts)
{
  for (guint i = 0; i < prompts->links->len; i++)
    ((BfyLink *) g_ptr_array_index (prompts->links, i))->has_key = FALSE;
}

gboolean
bfy_link_is_kin_of (const BfyLink *self, const char *prompt_id)
{
  return g_hash_table_contains (self->kin, prompt_id);
}

void
bfy_link_note_asker (BfyLink *self, const char *prompt_id, int pid)
{
  if (bfy_answerer_kin (self->caller->pid, pid, self->kind == BFY_PROMPTER_TERMINAL) !=
      BFY_KIN_NONE)
    g_hash_table_add (self->kin, g_strdup (prompt_id));
}
