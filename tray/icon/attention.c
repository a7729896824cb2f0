/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/icon/attention.h"

#include <glib/gi18n.h>

#include "client/fields.h"
#include "protocol/prompt-text.h"

/* A window that comes to the front has done so by then. */
#define QUESTION_DELAY_MS 1200
#define NAME_CHARACTERS_MAX 48
#define QUESTIONS_ID "questions"
#define ALARM_ID "alarm"

struct _BfyAttention
{
  GtkApplication *application; /* borrowed */
  BfyAgentLink *link;          /* borrowed */
  BfyNotices *notices;         /* borrowed */
  GHashTable *needy;           /* (owned) (nullable) (element-type utf8 utf8) bindings: id, name */
  guint question_id;
  gulong question_signal;
  gulong closed_signal;
  gulong news_signal;
};

/* Questions */

static gboolean
is_in_front (BfyAttention *self)
{
  for (GList *l = gtk_application_get_windows (self->application); l != NULL; l = l->next)
    {
      if (gtk_window_is_active (l->data))
        return TRUE;
    }

  return FALSE;
}

static void
show_questions (BfyAttention *self)
{
  GPtrArray *questions = bfy_agent_link_get_questions (self->link);
  guint n = questions->len;
  g_autofree char *title =
      g_strdup_printf (ngettext ("A program is waiting for your answer",
                                 "%u programs are waiting for your answers", n),
                       n);
  const BfyNotice notice = {
    .id = QUESTIONS_ID,
    .title = title,
    .body = ((const BfyQuestion *) g_ptr_array_index (questions, 0))->title,
    .icon = "io.bindify.Tray",
    .action = "prompts",
    .is_urgent = TRUE,
  };

  bfy_notices_show (self->notices, &notice);
}

static gboolean
on_question_time (gpointer user_data)
{
  BfyAttention *self = user_data;

  self->question_id = 0;
  if (bfy_agent_link_get_questions (self->link)->len > 0 && !is_in_front (self))
    show_questions (self);

  return G_SOURCE_REMOVE;
}

static void
on_question (BfyAgentLink *link, BfyQuestion *question, gboolean is_new, gpointer user_data)
{
  BfyAttention *self = user_data;

  if (is_new && self->question_id == 0)
    self->question_id = g_timeout_add (QUESTION_DELAY_MS, on_question_time, self);
}

static void
on_closed (BfyAgentLink *link, const char *id, const char *how, gpointer user_data)
{
  BfyAttention *self = user_data;

  if (bfy_agent_link_get_questions (self->link)->len > 0)
    return;
  g_clear_handle_id (&self->question_id, g_source_remove);
  bfy_notices_withdraw (self->notices, QUESTIONS_ID);
}

/* Bindings */

static char *
format_login_id (const char *binding_id)
{
  return g_strconcat ("login-", binding_id, NULL);
}

static void
show_login (BfyAttention *self, const char *binding_id, const char *name)
{
  g_autofree char *id = format_login_id (binding_id);
  g_autofree char *quoted = bfy_prompt_quote (name, NAME_CHARACTERS_MAX);
  g_autofree char *title = g_strdup_printf (_ ("%s needs you to sign in again"), quoted);
  const BfyNotice notice = {
    .id = id,
    .title = title,
    .body = _ ("Programs cannot use it until then."),
    .icon = "io.bindify.Tray",
    .action = "binding-login",
    .target = name,
  };

  bfy_notices_show (self->notices, &notice);
}

/* A lock hides whether it still needs it. */
static gboolean
is_needy (JsonObject *binding, GHashTable *before)
{
  const char *state = bfy_field_text (binding, "state");

  return g_str_equal (state, "needs_login") ||
         (g_str_equal (state, "locked") && before != NULL &&
          g_hash_table_contains (before, bfy_field_text (binding, "id")));
}

static GHashTable *
find_needy (JsonObject *bindings, GHashTable *before)
{
  GHashTable *needy = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  for (guint i = 0; i < bfy_field_count (bindings, "bindings"); i++)
    {
      JsonObject *binding = bfy_field_nth (bindings, "bindings", i);

      if (is_needy (binding, before))
        g_hash_table_insert (needy, g_strdup (bfy_field_text (binding, "id")),
                             g_strdup (bfy_field_text (binding, "name")));
    }

  return needy;
}

/* Those that need it already when the tray starts are not news: the icon shows them. */
static void
look_at_bindings (BfyAttention *self)
{
  JsonObject *bindings = bfy_agent_link_get_bindings (self->link);
  g_autoptr (GHashTable) before = self->needy;
  GHashTableIter iter;
  gpointer id, name;

  if (bindings == NULL || bfy_field_boolean (bindings, "hidden"))
    {
      g_steal_pointer (&before);
      return;
    }
  self->needy = find_needy (bindings, before);
  if (before == NULL)
    return;

  g_hash_table_iter_init (&iter, self->needy);
  while (g_hash_table_iter_next (&iter, &id, &name))
    {
      if (!g_hash_table_contains (before, id))
        show_login (self, id, name);
    }
  g_hash_table_iter_init (&iter, before);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    {
      g_autofree char *notice_id = format_login_id (id);

      if (!g_hash_table_contains (self->needy, id))
        bfy_notices_withdraw (self->notices, notice_id);
    }
}

static void
on_news (BfyAgentLink *link, guint news, gpointer user_data)
{
  if (news & BFY_NEWS_BINDINGS)
    look_at_bindings (user_data);
}

/* Alarms */

void
bfy_attention_set_alarm (BfyAttention *self, const char *sentence)
{
  const BfyNotice notice = {
    .id = ALARM_ID,
    .title = _ ("bindify stopped something dangerous"),
    .body = sentence,
    .icon = "io.bindify.Tray",
    .action = "alarm",
    .is_urgent = TRUE,
  };

  if (sentence != NULL)
    bfy_notices_show (self->notices, &notice);
  else
    bfy_notices_withdraw (self->notices, ALARM_ID);
}

BfyAttention *
bfy_attention_new (GtkApplication *application, BfyAgentLink *link, BfyNotices *notices)
{
  BfyAttention *self = g_new0 (BfyAttention, 1);

  self->application = application;
  self->link = link;
  self->notices = notices;
  self->question_signal = g_signal_connect (link, "question", G_CALLBACK (on_question), self);
  self->closed_signal = g_signal_connect (link, "question-closed", G_CALLBACK (on_closed), self);
  self->news_signal = g_signal_connect (link, "news", G_CALLBACK (on_news), self);

  return self;
}

void
bfy_attention_free (BfyAttention *self)
{
  if (self == NULL)
    return;

  g_clear_handle_id (&self->question_id, g_source_remove);
  g_clear_signal_handler (&self->question_signal, self->link);
  g_clear_signal_handler (&self->closed_signal, self->link);
  g_clear_signal_handler (&self->news_signal, self->link);
  g_clear_pointer (&self->needy, g_hash_table_unref);
  g_free (self);
}
