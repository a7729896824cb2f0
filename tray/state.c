/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/state.h"

#include <glib/gi18n.h>

#include "protocol/name.h"
#include "protocol/prompt-text.h"

/* Characters of a text from outside that a tooltip has room for. */
#define NAME_CHARACTERS_MAX 64
#define SENTENCE_MAX 240
#define NAMES_MAX 3

#define ICON "io.bindify.Tray"

static const struct
{
  const char *icon;
  const char *icon_off;
  gboolean is_urgent;
} faces[BFY_N_TRAY_STATES] = {
  [BFY_TRAY_GONE] = { ICON "-gone-symbolic", NULL, FALSE },
  [BFY_TRAY_ALARM] = { ICON "-alarm-symbolic", NULL, TRUE },
  [BFY_TRAY_ASKING] = { ICON "-asking-symbolic", NULL, TRUE },
  [BFY_TRAY_FROZEN] = { ICON "-frozen-symbolic", NULL, FALSE },
  [BFY_TRAY_LOCKED] = { ICON "-locked-symbolic", NULL, FALSE },
  [BFY_TRAY_ACTIVE] = { ICON "-active-symbolic", ICON "-symbolic", FALSE },
  [BFY_TRAY_NEEDS_LOGIN] = { ICON "-login-symbolic", NULL, FALSE },
  [BFY_TRAY_IDLE] = { ICON "-symbolic", NULL, FALSE },
};

const char *
bfy_tray_icon_nth (guint n)
{
  return n < BFY_N_TRAY_STATES ? faces[n].icon : NULL;
}

static gboolean
is_in_use (const BfyTrayFacts *facts)
{
  return facts->in_use != NULL && facts->in_use[0] != NULL;
}

static gboolean
is_locked (const BfyTrayFacts *facts)
{
  return facts->lock != NULL && *facts->lock != '\0' && !g_str_equal (facts->lock, "open");
}

BfyTrayState
bfy_tray_state_judge (const BfyTrayFacts *facts)
{
  if (!facts->is_present)
    return BFY_TRAY_GONE;
  if (facts->alarm != NULL)
    return BFY_TRAY_ALARM;
  if (facts->n_questions > 0)
    return BFY_TRAY_ASKING;
  if (facts->is_frozen)
    return BFY_TRAY_FROZEN;
  if (is_locked (facts))
    return BFY_TRAY_LOCKED;
  if (is_in_use (facts))
    return BFY_TRAY_ACTIVE;
  if (facts->n_needs_login > 0)
    return BFY_TRAY_NEEDS_LOGIN;

  return BFY_TRAY_IDLE;
}

/* Words. What comes from outside is one line in which nothing is hidden. */

static char *
inert (const char *text, gsize n_max)
{
  return bfy_prompt_inert (text != NULL ? text : "", n_max);
}

static void G_GNUC_PRINTF (2, 3) add (GString *text, const char *format, ...)
{
  va_list arguments;

  if (text->len > 0)
    g_string_append_c (text, ' ');
  va_start (arguments, format);
  g_string_append_vprintf (text, format, arguments);
  va_end (arguments);
}

/* A sentence of ours, in which names have been made harmless: their quotation marks stay. */
static void
add_sentence (GString *text, const char *sentence)
{
  g_autofree char *line = bfy_text_to_line (sentence != NULL ? sentence : "", SENTENCE_MAX);

  if (*line != '\0')
    add (text, "%s", line);
}

static void
say_gone (GString *text, const BfyTrayFacts *facts)
{
  g_autofree char *trouble =
      bfy_text_to_line (facts->trouble != NULL ? facts->trouble : "", SENTENCE_MAX);

  if (*trouble != '\0')
    /* Translators: what is wrong, as a sentence. */
    add (text, _ ("%s."), trouble);
  add (text, "%s",
       _ ("Programs cannot use any credential until it runs. Choose Start the Agent, or type "
          "“bindify "
          "doctor” in a terminal to see what is wrong."));
}

static void
say_locked (GString *text, const BfyTrayFacts *facts)
{
  if (g_str_equal (facts->lock, "screen"))
    add (text, "%s", _ ("Programs can use credentials again when the screen is unlocked."));
  else if (g_str_equal (facts->lock, "passphrase"))
    add (text, "%s", _ ("Programs can use credentials again when its passphrase has been typed."));
  else
    add (text, "%s", _ ("Programs can use credentials again when you choose Unlock."));
}

static void
say_in_use (GString *text, const BfyTrayFacts *facts)
{
  guint n = g_strv_length ((char **) facts->in_use);
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; i < MIN (n, NAMES_MAX); i++)
    {
      g_autofree char *name = inert (facts->in_use[i], NAME_CHARACTERS_MAX);

      g_string_append_printf (names, "%s%s", i > 0 ? _ (", ") : "", name);
    }
  if (n > NAMES_MAX)
    add (text,
         ngettext ("A program is using %s and %u more.", "Programs are using %s and %u more.",
                   n - NAMES_MAX),
         names->str, n - NAMES_MAX);
  else
    add (text, _ ("A program is using: %s."), names->str);
}

static void
say_needs_login (GString *text, const BfyTrayFacts *facts)
{
  g_autofree char *name = inert (facts->needs_login, NAME_CHARACTERS_MAX);

  if (facts->n_needs_login == 1)
    add (text, _ ("“%s” needs you to sign in again."), name);
  else
    add (text,
         ngettext ("“%s” and %u more need you to sign in again.",
                   "“%s” and %u more need you to sign in again.", facts->n_needs_login - 1),
         name, facts->n_needs_login - 1);
}

static void
say_paused (GString *text, const BfyTrayFacts *facts, gint64 now_s)
{
  gint64 minutes = (facts->resumes_at_s - now_s + 59) / 60;

  add (text, ngettext ("%u is paused.", "%u are paused.", facts->n_paused), facts->n_paused);
  if (facts->resumes_at_s > now_s)
    add (text,
         ngettext ("The next one goes on by itself in %d minute.",
                   "The next one goes on by itself in %d minutes.", (gulong) minutes),
         (int) MIN (minutes, G_MAXINT));
}

static void
say_bindings (GString *text, const BfyTrayFacts *facts, gint64 now_s)
{
  if (facts->n_bindings == 0)
    {
      add (text, "%s", _ ("Nothing is connected yet. Open bindify to add a service."));
      return;
    }
  add (text, ngettext ("%u service is connected.", "%u services are connected.", facts->n_bindings),
       facts->n_bindings);
  if (facts->n_paused > 0)
    say_paused (text, facts, now_s);
  if (facts->n_keyring_locked > 0)
    add (text, "%s",
         _ ("The keyring is locked; its password is asked for when a program needs a credential."));
}

static const char *
title_of (BfyTrayState state)
{
  switch (state)
    {
    case BFY_TRAY_GONE:
      return _ ("The bindify agent is not running");
    case BFY_TRAY_ALARM:
      return _ ("bindify stopped something dangerous");
    case BFY_TRAY_ASKING:
      return _ ("bindify is waiting for your answer");
    case BFY_TRAY_FROZEN:
      return _ ("bindify is frozen");
    case BFY_TRAY_LOCKED:
      return _ ("bindify is locked");
    case BFY_TRAY_ACTIVE:
      return _ ("A credential is in use");
    case BFY_TRAY_NEEDS_LOGIN:
      return _ ("bindify needs you to sign in");
    case BFY_TRAY_IDLE:
    case BFY_N_TRAY_STATES:
      break;
    }

  return _ ("bindify is ready");
}

static void
say_state (GString *text, BfyTrayState state, const BfyTrayFacts *facts, gint64 now_s)
{
  switch (state)
    {
    case BFY_TRAY_GONE:
      say_gone (text, facts);
      break;
    case BFY_TRAY_ALARM:
      add_sentence (text, facts->alarm);
      break;
    case BFY_TRAY_ASKING:
      add_sentence (text, facts->question);
      break;
    case BFY_TRAY_FROZEN:
      add (text, "%s", _ ("Every request is refused until you choose Thaw."));
      break;
    case BFY_TRAY_LOCKED:
      say_locked (text, facts);
      break;
    case BFY_TRAY_ACTIVE:
      say_in_use (text, facts);
      break;
    case BFY_TRAY_NEEDS_LOGIN:
      say_needs_login (text, facts);
      break;
    case BFY_TRAY_IDLE:
    case BFY_N_TRAY_STATES:
      say_bindings (text, facts, now_s);
      break;
    }
}

void
bfy_tray_face_init (BfyTrayFace *self, const BfyTrayFacts *facts, gint64 now_s)
{
  g_autoptr (GString) text = g_string_new (NULL);

  self->state = bfy_tray_state_judge (facts);
  self->icon = faces[self->state].icon;
  self->icon_off = faces[self->state].icon_off;
  self->is_urgent = faces[self->state].is_urgent;
  self->title = g_strdup (title_of (self->state));
  say_state (text, self->state, facts, now_s);
  if (facts->silence != NULL && facts->is_present)
    add_sentence (text, facts->silence);
  self->text = g_strdup (text->str);
}

void
bfy_tray_face_clear (BfyTrayFace *self)
{
  g_clear_pointer (&self->title, g_free);
  g_clear_pointer (&self->text, g_free);
}
