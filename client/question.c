/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/question.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "client/fields.h"
#include "client/question-words.h"
#include "protocol/name.h"
#include "protocol/prompt.h"
#include "protocol/timestamp.h"

#define SHOWN_MAX 60

static char *
read_line (const char *text)
{
  return bfy_text_to_line (text, BFY_PROMPT_LINE_CHARACTERS_MAX);
}

static void
read_lines (BfyQuestion *self, JsonArray *array)
{
  g_autoptr (GStrvBuilder) lines = g_strv_builder_new ();
  guint n = array != NULL ? json_array_get_length (array) : 0;

  for (guint i = 0; i < MIN (n, BFY_PROMPT_LINES_MAX); i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      g_autofree char *line =
          JSON_NODE_HOLDS_VALUE (node) ? read_line (json_node_get_string (node)) : NULL;

      if (line != NULL)
        g_strv_builder_add (lines, line);
    }
  self->lines = g_strv_builder_end (lines);
}

static const char *
nth_text (JsonArray *array, guint n)
{
  JsonNode *node =
      array != NULL && n < json_array_get_length (array) ? json_array_get_element (array, n) : NULL;

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : NULL;
}

/* A scope that this program does not know is not offered. */
static void
read_scopes (BfyQuestion *self, JsonArray *scopes, JsonArray *meanings)
{
  guint n = scopes != NULL ? json_array_get_length (scopes) : 0;

  for (guint i = 0; i < n; i++)
    {
      const char *name = nth_text (scopes, i);
      const char *meaning = nth_text (meanings, i);
      BfyGrantScope scope;

      if (name == NULL || !bfy_grant_scope_from_wire (name, &scope))
        continue;
      self->scopes |= 1u << scope;
      g_free (self->meanings[scope]);
      self->meanings[scope] = meaning != NULL ? read_line (meaning) : NULL;
    }
}

/* What is not known is the worst. */
static BfyAccess
read_access (const char *wire)
{
  BfyAccess access;

  return bfy_access_from_wire (wire, &access) ? access : BFY_ACCESS_DANGER;
}

BfyQuestion *
bfy_question_from_json (JsonObject *object)
{
  const char *id = bfy_field_text (object, "id");
  const char *title = bfy_field_text (object, "title");
  const char *digest = bfy_field_text (object, "digest");
  BfyQuestion *self;
  JsonObject *client;

  if (*id == '\0' || *title == '\0' || *digest == '\0' || !g_uuid_string_is_valid (id))
    return NULL;

  self = g_new0 (BfyQuestion, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->id = g_strdup (id);
  self->title = read_line (title);
  self->digest = g_strdup (digest);
  read_lines (self, bfy_field_array (object, "lines"));
  read_scopes (self, bfy_field_array (object, "scopes"), bfy_field_array (object, "meanings"));
  self->created_at_s = bfy_time_from_text (bfy_field_text (object, "created_at"));
  self->expires_at_s = bfy_time_from_text (bfy_field_text (object, "expires_at"));
  self->n_waiting = bfy_field_int (object, "waiting");
  self->access = read_access (bfy_field_text (object, "access"));
  client = bfy_field_object (object, "client");
  self->is_verified = client != NULL && bfy_field_boolean (client, "verified");
  bfy_question_words_translate (self, object);

  return self;
}

BfyQuestion *
bfy_question_ref (BfyQuestion *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
bfy_question_unref (BfyQuestion *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_free (self->id);
  g_free (self->title);
  g_strfreev (self->lines);
  g_free (self->digest);
  for (guint i = 0; i < BFY_N_GRANT_SCOPES; i++)
    g_free (self->meanings[i]);
  g_free (self);
}

gboolean
bfy_question_is_same (const BfyQuestion *self, const BfyQuestion *other)
{
  for (guint i = 0; i < BFY_N_GRANT_SCOPES; i++)
    {
      if (g_strcmp0 (self->meanings[i], other->meanings[i]) != 0)
        return FALSE;
    }

  return g_str_equal (self->id, other->id) && g_str_equal (self->title, other->title) &&
         g_str_equal (self->digest, other->digest) && self->scopes == other->scopes &&
         self->access == other->access && self->is_verified == other->is_verified &&
         g_strv_equal ((const char *const *) self->lines, (const char *const *) other->lines);
}

char *
bfy_question_format_left (const BfyQuestion *self, gint64 now_s)
{
  gint64 left_s = self->expires_at_s - now_s;

  if (left_s <= 0)
    /* Translators: of the time in which it can be answered. */
    return g_strdup (C_ ("time left", "over"));

  return g_strdup_printf ("%" G_GINT64_FORMAT ":%02" G_GINT64_FORMAT, left_s / 60, left_s % 60);
}

char *
bfy_question_format_time (const BfyQuestion *self, gint64 now_s)
{
  g_autofree char *left = bfy_question_format_left (self, now_s);
  gulong n = (gulong) MAX (self->n_waiting, 0);

  if (n > 1)
    /* Translators: %s is minutes and seconds: "1:42". */
    return g_strdup_printf (
        ngettext ("Time left: %s, %lu request waits", "Time left: %s, %lu requests wait", n), left,
        n);

  /* Translators: %s is minutes and seconds: "1:42". */
  return g_strdup_printf (_ ("Time left: %s"), left);
}

BfyQuestion *
bfy_question_find (GPtrArray *questions, const char *typed, GError **error)
{
  g_autofree char *shown = bfy_text_to_line (typed, SHOWN_MAX);
  BfyQuestion *found = NULL;

  for (guint i = 0; i < questions->len && *typed != '\0'; i++)
    {
      BfyQuestion *question = g_ptr_array_index (questions, i);

      if (g_ascii_strncasecmp (question->id, typed, strlen (typed)) != 0)
        continue;
      if (found != NULL)
        {
          g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                       _ ("“%s” is the beginning of several questions; type more of it"), shown);
          return NULL;
        }
      found = question;
    }
  if (found == NULL)
    g_set_error (error, BFY_ERROR, BFY_ERROR_NOT_FOUND, _ ("There is no open question “%s”"),
                 shown);

  return found;
}

const char *
bfy_reply_to_wire (BfyReply reply)
{
  static const char *const words[] = {
    [BFY_REPLY_ALLOW] = "allow",
    [BFY_REPLY_DENY] = "deny",
    [BFY_REPLY_DISMISS] = "dismiss",
  };

  return words[reply];
}

gboolean
bfy_scope_parse (const char *typed, BfyGrantScope *scope, GError **error)
{
  g_autofree char *word = g_strdelimit (g_strdup (typed), "-", '_');

  if (bfy_grant_scope_from_wire (word, scope))
    return TRUE;
  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                       _ ("--for takes once, 10min, session, until-lock or always"));

  return FALSE;
}
