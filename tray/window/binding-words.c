/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/window/binding-words.h"

#include <glib/gi18n.h>
#include <string.h>

#include "client/binding-text.h"
#include "client/fields.h"
#include "protocol/binding.h"
#include "protocol/name.h"
#include "protocol/redact.h"
#include "tray/window/moment.h"

#define AGE_DAYS_MAX 30 /* then the date says more */

#define TEXT_CHARACTERS_MAX 1000
#define EXPIRES_SOON_S (3 * 24 * 3600)

/* Seconds until its token ends, where nobody renews it; G_MAXINT64 when it does not. */
static gint64
time_left (JsonObject *binding, gint64 now_s)
{
  gint64 expires_at_s = bfy_time_from_text (bfy_field_text (binding, "expires_at"));

  if (expires_at_s == 0 || bfy_field_boolean (binding, "can_refresh"))
    return G_MAXINT64;

  return expires_at_s - now_s;
}

static BfyBindingState
state_of (JsonObject *binding)
{
  BfyBindingState state = BFY_STATE_ERROR;

  if (!bfy_binding_state_from_wire (bfy_field_text (binding, "state"), &state))
    return BFY_STATE_ERROR;

  return state;
}

BfyTone
bfy_binding_words_tone (JsonObject *binding, gint64 now_s)
{
  gint64 left_s = time_left (binding, now_s);

  switch (state_of (binding))
    {
    case BFY_STATE_OK:
    case BFY_STATE_EXPIRING:
      if (left_s <= 0)
        return BFY_TONE_ERROR;
      return left_s < EXPIRES_SOON_S ? BFY_TONE_WARNING : BFY_TONE_GOOD;
    case BFY_STATE_PAUSED:
      return BFY_TONE_QUIET;
    case BFY_STATE_LOCKED:
    case BFY_STATE_UNSAVED:
      return BFY_TONE_WARNING;
    case BFY_STATE_NEEDS_LOGIN:
    case BFY_STATE_ERROR:
      break;
    }

  return BFY_TONE_ERROR;
}

const char *
bfy_binding_words_icon (BfyTone tone)
{
  static const char *const icons[] = {
    [BFY_TONE_GOOD] = "emblem-ok-symbolic",
    [BFY_TONE_QUIET] = "media-playback-pause-symbolic",
    [BFY_TONE_WARNING] = "dialog-warning-symbolic",
    [BFY_TONE_ERROR] = "dialog-error-symbolic",
  };

  return icons[tone];
}

static char *
describe_usable (gint64 left_s)
{
  g_autofree char *span = NULL;

  if (left_s == G_MAXINT64)
    return g_strdup (_ ("Ready"));
  if (left_s <= 0)
    return g_strdup (_ ("Its token has ended: sign in again"));

  span = bfy_moment_format_span (left_s);
  /* TRANSLATORS: %s is a span of time, like “3 days”. */
  return g_strdup_printf (_ ("Its token ends in %s"), span);
}

static char *
describe_paused (JsonObject *binding, gint64 now_s)
{
  gint64 resumes_at_s = bfy_time_from_text (bfy_field_text (binding, "resumes_at"));
  g_autofree char *span = bfy_moment_format_span (resumes_at_s - now_s);

  if (resumes_at_s <= now_s)
    return g_strdup (_ ("Paused"));

  /* TRANSLATORS: %s is a span of time, like “30 minutes”. */
  return g_strdup_printf (_ ("Paused for another %s"), span);
}

char *
bfy_binding_words_state (JsonObject *binding, gint64 now_s)
{
  switch (state_of (binding))
    {
    case BFY_STATE_OK:
    case BFY_STATE_EXPIRING:
      return describe_usable (time_left (binding, now_s));
    case BFY_STATE_NEEDS_LOGIN:
      return g_strdup (_ ("The service refuses its credential: sign in again"));
    case BFY_STATE_LOCKED:
      return g_strdup (_ ("Its keyring is locked"));
    case BFY_STATE_PAUSED:
      return describe_paused (binding, now_s);
    case BFY_STATE_UNSAVED:
      return g_strdup (_ ("Its renewed credential could not be saved"));
    case BFY_STATE_ERROR:
      break;
    }

  return g_strdup (_ ("Something is wrong with it: the page “Activity” tells what"));
}

/* Where it leads when the catalogue does not know it. */
static char *
dup_place (JsonObject *binding)
{
  g_autoptr (BfyProgram) program = bfy_binding_text_read_program (binding);
  g_autofree char *url = NULL;

  if (program != NULL)
    return bfy_program_format_command (program);
  url = bfy_redact (bfy_field_text (binding, "url"));

  return g_steal_pointer (&url);
}

char *
bfy_binding_words_what (JsonObject *binding, const char *service)
{
  g_autofree char *place = service != NULL ? g_strdup (service) : dup_place (binding);
  g_autofree char *what = bfy_text_to_line (place, TEXT_CHARACTERS_MAX);
  g_autofree char *account =
      bfy_text_to_line (bfy_field_text (binding, "account"), TEXT_CHARACTERS_MAX);

  if (*account == '\0')
    return g_steal_pointer (&what);

  /* TRANSLATORS: a service, and the account there. */
  return g_strdup_printf (_ ("%s · %s"), what, account);
}

char *
bfy_binding_words_used (JsonObject *binding, gint64 now_s)
{
  gint64 used_at_s = bfy_time_from_text (bfy_field_text (binding, "last_used_at"));
  g_autofree char *ago = bfy_moment_format_age (used_at_s, now_s, AGE_DAYS_MAX);

  if (used_at_s == 0)
    return g_strdup (_ ("Not used yet"));

  /* TRANSLATORS: %s is like “3 minutes ago”. */
  return g_strdup_printf (_ ("Last used %s"), ago);
}

typedef struct
{
  const char *wire, *words;
} Word;

static const char *
find_word (const Word *words, guint n_words, const char *wire)
{
  for (guint i = 0; i < n_words; i++)
    {
      if (strcmp (words[i].wire, wire) == 0)
        return gettext (words[i].words);
    }

  return NULL;
}

const char *
bfy_binding_words_credential (JsonObject *binding)
{
  static const Word words[] = {
    { "none", N_ ("No credential") },
    { "api_key", N_ ("A token") },
    { "basic", N_ ("A user name and a password") },
    { "oauth", N_ ("A sign-in with the browser") },
    { "custom", N_ ("A secret that its program gets") },
  };
  const char *found =
      find_word (words, G_N_ELEMENTS (words), bfy_field_text (binding, "auth_type"));

  return found != NULL ? found : _ ("A credential of a kind that this version does not know");
}

const char *
bfy_binding_words_policy (JsonObject *binding)
{
  static const Word words[] = {
    { "open", N_ ("Everything is allowed.") },
    { "reads-flow", N_ ("Reading is allowed. You are asked before anything is changed.") },
    { "read-only", N_ ("Reading is allowed. Everything else is refused.") },
  };
  const char *found = find_word (words, G_N_ELEMENTS (words), bfy_binding_text_policy (binding));

  return found != NULL ? found : _ ("It has rules of its own.");
}

gboolean
bfy_binding_words_can_login (JsonObject *binding)
{
  return strcmp (bfy_field_text (binding, "auth_type"), "none") != 0;
}

gboolean
bfy_binding_words_wants_login (JsonObject *binding, gint64 now_s)
{
  BfyBindingState state = state_of (binding);
  gboolean is_usable = state == BFY_STATE_OK || state == BFY_STATE_EXPIRING;

  return bfy_binding_words_can_login (binding) &&
         (state == BFY_STATE_NEEDS_LOGIN ||
          (is_usable && time_left (binding, now_s) < EXPIRES_SOON_S));
}

static void G_GNUC_PRINTF (2, 3) add (GStrvBuilder *builder, const char *format, ...)
{
  g_autofree char *text = NULL;
  g_autofree char *line = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  line = bfy_text_to_line (text, TEXT_CHARACTERS_MAX);
  g_strv_builder_add (builder, line);
}

static void
add_end (GStrvBuilder *builder, JsonObject *binding, gint64 now_s)
{
  gint64 ends_at_s = bfy_time_from_text (bfy_field_text (binding, "ends_at"));
  g_autofree char *span = bfy_moment_format_span (ends_at_s - now_s);

  if (ends_at_s > now_s)
    /* TRANSLATORS: %s is a span of time, like “3 days”. */
    add (builder, _ ("It is removed by itself in %s."), span);
  else if (ends_at_s > 0)
    add (builder, "%s", _ ("Its time is over: it goes as soon as its keyring can be opened."));
}

/* A client that has been removed is nobody. */
static void
add_clients (GStrvBuilder *builder, JsonObject *binding, JsonObject *constraints)
{
  JsonArray *ids = bfy_field_array (constraints, "clients");
  g_autoptr (GString) names = g_string_new (NULL);

  if (ids == NULL)
    return;
  for (guint i = 0; i < bfy_field_count (binding, "constraint_clients"); i++)
    g_string_append_printf (
        names, "%s%s", names->len > 0 ? _ (", ") : "",
        bfy_field_text (bfy_field_nth (binding, "constraint_clients", i), "label"));
  for (guint i = 0; i < json_array_get_length (ids); i++)
    {
      JsonNode *node = json_array_get_element (ids, i);

      if (json_node_get_value_type (node) == G_TYPE_STRING &&
          g_str_equal (json_node_get_string (node), BFY_CONSTRAINTS_LOCAL))
        g_string_append_printf (names, "%s%s", names->len > 0 ? _ (", ") : "",
                                _ ("programs without a key"));
    }

  if (names->len > 0)
    add (builder, _ ("Only for: %s."), names->str);
  else
    add (builder, "%s", _ ("Only for clients that have been removed, thus for nobody."));
}

static void
add_uses (GStrvBuilder *builder, JsonObject *binding, JsonObject *constraints)
{
  gint64 uses_max = bfy_field_int (constraints, "uses");
  gint64 left = CLAMP (uses_max - bfy_field_int (binding, "n_uses"), 0, G_MAXINT);

  if (uses_max > 0)
    add (builder,
         ngettext ("It can be used %d more time.", "It can be used %d more times.", (gulong) left),
         (int) left);
}

GStrv
bfy_binding_words_conditions (JsonObject *binding, gint64 now_s)
{
  JsonObject *constraints = bfy_field_object (binding, "constraints");
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autofree char *tools = NULL;

  if (bfy_field_boolean (binding, "confirms"))
    add (builder, "%s", _ ("You are asked before each use."));
  add_end (builder, binding, now_s);
  if (constraints == NULL)
    return g_strv_builder_end (builder);

  tools = bfy_field_join (constraints, "tools", _ (", "));
  if (*bfy_field_text (constraints, "host") != '\0')
    add (builder, _ ("Its credential goes to %s only."), bfy_field_text (constraints, "host"));
  if (*bfy_field_text (constraints, "path") != '\0')
    add (builder, _ ("Only below the path %s."), bfy_field_text (constraints, "path"));
  if (*tools != '\0')
    add (builder, _ ("Only these tools: %s."), tools);
  add_clients (builder, binding, constraints);
  add_uses (builder, binding, constraints);

  return g_strv_builder_end (builder);
}

char *
bfy_binding_words_usage (JsonObject *usage)
{
  JsonObject *day = bfy_field_object (usage, "day");
  gint64 n_calls = day != NULL ? CLAMP (bfy_field_int (day, "calls"), 0, G_MAXINT) : 0;
  gint64 n_refused = day != NULL ? CLAMP (bfy_field_int (day, "refused"), 0, G_MAXINT) : 0;
  g_autofree char *calls = NULL;
  g_autofree char *refused = NULL;

  if (day == NULL)
    return g_strdup ("");
  calls = g_strdup_printf (ngettext ("%d call today", "%d calls today", (gulong) n_calls),
                           (int) n_calls);
  if (n_refused == 0)
    return g_steal_pointer (&calls);
  refused = g_strdup_printf (ngettext ("%d was refused", "%d were refused", (gulong) n_refused),
                             (int) n_refused);

  /* TRANSLATORS: “12 calls today” and “3 were refused”. */
  return g_strdup_printf (_ ("%s; %s"), calls, refused);
}
