/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/menu.h"

#include <glib/gi18n.h>

#include "client/age.h"
#include "client/fields.h"
#include "client/question.h"
#include "protocol/binding.h"
#include "protocol/name.h"
#include "protocol/timestamp.h"

#define LABEL_CHARACTERS_MAX 72

void
bfy_menu_row_free (BfyMenuRow *self)
{
  g_free (self->key);
  g_free (self->label);
  g_free (self->action);
  g_free (self->target);
  g_clear_pointer (&self->children, g_ptr_array_unref);
  g_free (self);
}

static GPtrArray *
new_rows (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_menu_row_free);
}

/* @label comes from anywhere. */
static BfyMenuRow *
add (GPtrArray *rows, const char *key, const char *label, const char *action, const char *target)
{
  BfyMenuRow *row = g_new0 (BfyMenuRow, 1);

  row->key = g_strdup (key);
  row->label = bfy_text_to_line (label, LABEL_CHARACTERS_MAX);
  row->action = g_strdup (action);
  row->target = g_strdup (target);
  g_ptr_array_add (rows, row);

  return row;
}

/* Never two of them, and none at the top. */
static void
add_line (GPtrArray *rows)
{
  const BfyMenuRow *last = rows->len > 0 ? g_ptr_array_index (rows, rows->len - 1) : NULL;

  if (last != NULL && last->key != NULL)
    g_ptr_array_add (rows, g_new0 (BfyMenuRow, 1));
}

/* What it is about */

static void
add_state (GPtrArray *rows, const BfyMenuMatter *matter)
{
  g_auto (BfyTrayFace) face = { 0 };

  bfy_tray_face_init (&face, matter->facts, matter->now_s);
  add (rows, "state", face.title, NULL, NULL);
  if (matter->facts->alarm != NULL && matter->facts->is_present)
    add (rows, "alarm", _ ("Show What Happened"), "alarm", NULL);
  if (!matter->facts->is_present)
    add (rows, "start", _ ("Start the Agent"), "start-agent", NULL);
  if (matter->facts->silence != NULL && matter->facts->is_present)
    add (rows, "silence", _ ("Show Questions Here…"), "prompts", NULL);
}

static void
add_questions (GPtrArray *rows, GPtrArray *questions)
{
  guint n = MIN (questions->len, BFY_MENU_QUESTIONS_MAX);

  add_line (rows);
  for (guint i = 0; i < n; i++)
    {
      const BfyQuestion *question = g_ptr_array_index (questions, i);
      g_autofree char *key = g_strconcat ("question:", question->id, NULL);

      add (rows, key, question->title, "prompts", NULL);
    }
  if (questions->len > n)
    {
      g_autofree char *label =
          g_strdup_printf (ngettext ("%u More Question…", "%u More Questions…", questions->len - n),
                           questions->len - n);

      add (rows, "questions", label, "prompts", NULL);
    }
}

/* Bindings */

static gboolean
is_used (const BfyTrayFacts *facts, const char *name)
{
  return facts->in_use != NULL && g_strv_contains (facts->in_use, name);
}

static char *
describe_pause (JsonObject *binding, gint64 now_s)
{
  gint64 resumes_at_s = bfy_time_from_text (bfy_field_text (binding, "resumes_at"));
  g_autofree char *span = bfy_span_format (resumes_at_s - now_s);

  return resumes_at_s > now_s ? g_strdup_printf (_ ("Paused, goes on in %s"), span)
                              : g_strdup (_ ("Paused"));
}

static char *
describe_state (JsonObject *binding, BfyBindingState state, const BfyMenuMatter *matter)
{
  switch (state)
    {
    case BFY_STATE_NEEDS_LOGIN:
      return g_strdup (_ ("Needs you to sign in"));
    case BFY_STATE_LOCKED:
      return g_strdup (_ ("Its keyring is locked"));
    case BFY_STATE_PAUSED:
      return describe_pause (binding, matter->now_s);
    case BFY_STATE_UNSAVED:
      return g_strdup (_ ("Its new token could not be saved"));
    case BFY_STATE_ERROR:
      return g_strdup (_ ("Does not work"));
    case BFY_STATE_OK:
    case BFY_STATE_EXPIRING:
      break;
    }

  return g_strdup (is_used (matter->facts, bfy_field_text (binding, "name")) ? _ ("In use")
                                                                             : _ ("Ready"));
}

static const struct
{
  const char *key;
  const char *label;
  const char *action;
  gboolean is_of_paused;
  gboolean needs_login;
} binding_rows[] = {
  { "login", N_ ("Sign In Again…"), "binding-login", FALSE, TRUE },
  { "resume", N_ ("Resume"), "binding-resume", TRUE, FALSE },
  { "hour", N_ ("Pause for an Hour"), "binding-pause-hour", FALSE, FALSE },
  { "pause", N_ ("Pause Until Resumed"), "binding-pause", FALSE, FALSE },
  { "test", N_ ("Test"), "binding-test", FALSE, FALSE },
};

static GPtrArray *
build_binding (JsonObject *binding, BfyBindingState state, const char *described)
{
  const char *name = bfy_field_text (binding, "name");
  const char *id = bfy_field_text (binding, "id");
  GPtrArray *rows = new_rows ();
  g_autofree char *state_key = g_strdup_printf ("binding:%s:state", id);

  add (rows, state_key, described, NULL, NULL);
  add_line (rows);
  for (guint i = 0; i < G_N_ELEMENTS (binding_rows); i++)
    {
      g_autofree char *key = g_strdup_printf ("binding:%s:%s", id, binding_rows[i].key);

      if (binding_rows[i].is_of_paused == (state == BFY_STATE_PAUSED) &&
          (!binding_rows[i].needs_login || state == BFY_STATE_NEEDS_LOGIN))
        add (rows, key, _ (binding_rows[i].label), binding_rows[i].action, name);
    }

  return rows;
}

static void
add_binding (GPtrArray *rows, JsonObject *binding, const BfyMenuMatter *matter)
{
  const char *name = bfy_field_text (binding, "name");
  g_autofree char *key = g_strconcat ("binding:", bfy_field_text (binding, "id"), NULL);
  g_autofree char *described = NULL;
  g_autofree char *label = NULL;
  BfyBindingState state;

  if (!bfy_binding_state_from_wire (bfy_field_text (binding, "state"), &state))
    return;
  described = describe_state (binding, state, matter);
  label = g_strdup_printf ("%s – %s", name, described);
  add (rows, key, label, NULL, NULL)->children = build_binding (binding, state, described);
}

static void
add_bindings (GPtrArray *rows, const BfyMenuMatter *matter)
{
  guint n = matter->bindings != NULL ? bfy_field_count (matter->bindings, "bindings") : 0;

  add_line (rows);
  for (guint i = 0; i < MIN (n, BFY_MENU_BINDINGS_MAX); i++)
    add_binding (rows, bfy_field_nth (matter->bindings, "bindings", i), matter);
  if (n > BFY_MENU_BINDINGS_MAX)
    add (rows, "bindings", _ ("All Services…"), "open", "bindings");
  else if (n == 0 && matter->bindings != NULL && !bfy_field_boolean (matter->bindings, "hidden"))
    add (rows, "bindings", _ ("Add a Service…"), "open", "bindings");
}

/* The brakes */

static void
add_brakes (GPtrArray *rows, const BfyTrayFacts *facts)
{
  gboolean is_open = facts->lock == NULL || g_str_equal (facts->lock, "open");

  add_line (rows);
  if (facts->n_bindings > facts->n_paused)
    add (rows, "pause-all", _ ("Pause All for an Hour"), "pause-all", NULL);
  if (facts->resumes_at_s > 0)
    add (rows, "resume-all", _ ("End the Pause Now"), "resume-all", NULL);
  if (is_open)
    add (rows, "lock", _ ("Lock"), "lock", NULL);
  else
    add (rows, "unlock", _ ("Unlock…"), "unlock", NULL);
  if (facts->is_frozen)
    add (rows, "thaw", _ ("Thaw"), "thaw", NULL);
  else
    add (rows, "freeze", _ ("Freeze Everything"), "freeze", NULL);
}

GPtrArray *
bfy_menu_build (const BfyMenuMatter *matter)
{
  GPtrArray *rows = new_rows ();

  add_state (rows, matter);
  if (matter->facts->is_present)
    {
      add_questions (rows, matter->questions);
      add_bindings (rows, matter);
      add_brakes (rows, matter->facts);
    }
  add_line (rows);
  add (rows, "open", _ ("Open bindify"), "open", "");
  add (rows, "quit", _ ("Quit This Icon"), "quit", NULL);

  return rows;
}
