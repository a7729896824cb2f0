/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/window/activity-text.h"

#include <glib/gi18n.h>
#include <string.h>

#include "client/fields.h"
#include "protocol/event-type.h"
#include "protocol/name.h"

#define LINE_CHARACTERS_MAX 400
#define AGENT "bindify-agent"

/* The first row that fits. {who}, {binding}, {what} and {detail} stand for what the event says. */
typedef struct
{
  const char *type;
  const char *category; /* (nullable) any */
  const char *outcome;  /* (nullable) any */
  const char *sentence;
} Sentence;

/* clang-format off */
static const Sentence sentences[] = {
  { "proxy_request", NULL, "success", N_("{who} used {binding}: {what}.") },
  { "proxy_request", NULL, "blocked", N_("{who} was refused {binding}: {what}.") },
  { "proxy_request", NULL, "pending", N_("{who} waits for {binding}: {what}.") },
  { "proxy_request", NULL, NULL, N_("{who} used {binding}, and it failed: {what}.") },
  { "binding_accessed", NULL, NULL, N_("{who} reached {binding}: {what}.") },
  { "network_request_allowed", NULL, NULL, N_("{who} reached {what} by {binding}.") },
  { "network_request_denied", NULL, NULL, N_("{who} was kept from an address by {binding}: {detail}") },
  { "auth", NULL, "success", N_("The credential of {binding} works again.") },
  { "auth", NULL, NULL, N_("The credential of {binding} could not be read.") },
  { "token_refresh", NULL, "success", N_("The token of {binding} was renewed.") },
  { "token_refresh", "invalid_grant", NULL, N_("The sign-in of {binding} has ended: sign in again.") },
  { "token_refresh", "store_write_failed", NULL, N_("The renewed token of {binding} could not be kept in the keyring yet.") },
  { "token_refresh", NULL, NULL, N_("The token of {binding} could not be renewed.") },
  { "keepalive", NULL, "success", N_("The session of {binding} was kept alive.") },
  { "keepalive", NULL, NULL, N_("The session of {binding} could not be kept alive.") },
  { "api_key_validation", NULL, NULL, N_("The service refused the credential of {binding}.") },
  { "binding_created", NULL, NULL, N_("{binding} was added.") },
  { "binding_changed", NULL, NULL, N_("{binding} was changed.") },
  { "paused", NULL, NULL, N_("{binding} was paused.") },
  { "resumed", NULL, NULL, N_("{binding} was resumed.") },
  { "removed", NULL, NULL, N_("{binding} was removed.") },
  { "moved", NULL, NULL, N_("The credential of {binding} was moved: {detail}") },
  { "reauth", NULL, NULL, N_("Somebody signed in to {binding} again.") },
  { "logout", NULL, NULL, N_("{binding} was signed out.") },
  { "sign_in", NULL, NULL, N_("The sign-in to {binding} failed.") },
  { "policy_changed", NULL, NULL, N_("The policy of {binding} was changed.") },
  { "key_issued", NULL, NULL, N_("A key was made: {detail}") },
  { "key_revoked", NULL, NULL, N_("A key was revoked: {detail}") },
  { "revealed", NULL, "success", N_("{who} was given the credential of {binding}.") },
  { "revealed", NULL, NULL, N_("{who} was refused the credential of {binding}.") },
  { "decoy_issued", NULL, NULL, N_("A decoy was made: {detail}") },
  { "decoy_revoked", NULL, NULL, N_("A decoy was taken back: {detail}") },
  { "locked", NULL, NULL, N_("The agent was locked.") },
  { "unlocked", NULL, NULL, N_("The agent was unlocked.") },
  { "unlock_refused", NULL, NULL, N_("{who} tried to unlock the agent with something wrong.") },
  { "forgotten", NULL, NULL, N_("All credentials have left the memory.") },
  { "frozen", NULL, NULL, N_("Everything was frozen.") },
  { "thawed", NULL, NULL, N_("Requests may go on.") },
  { "settings_changed", NULL, NULL, N_("A setting was changed: {detail}") },
  { "expired", NULL, NULL, N_("{binding} has ended.") },
  { "network_permission_granted", NULL, NULL, N_("{binding} may reach another address: {detail}") },
  { "network_permission_denied", NULL, NULL, N_("{binding} may not reach an address: {detail}") },
  { "network_permission_revoked", NULL, NULL, N_("{binding} may not reach an address any more: {detail}") },
  { "approval_requested", NULL, NULL, N_("{who} asks for {what} of {binding}.") },
  { "approval_closed", "timeout", NULL, N_("Nobody answered {who}, who asked for {what} of {binding}.") },
  { "approval_closed", "withdrawn", NULL, N_("{who} does not ask any more for {what} of {binding}.") },
  { "approval_closed", NULL, NULL, N_("{who} got no answer about {what} of {binding}.") },
  { "approval_quiet", "begun", NULL, N_("{who} has asked too often and is left alone for a while.") },
  { "approval_quiet", NULL, NULL, N_("{who} may ask again.") },
  { "prompter_registered", NULL, NULL, N_("Questions are shown by {who}.") },
  { "prompter_refused", NULL, NULL, N_("{who} tried to answer or change what it is asked about itself.") },
  { "approval_granted", NULL, NULL, N_("You allowed {who} {what} of {binding}.") },
  { "approval_denied", NULL, NULL, N_("You refused {who} {what} of {binding}.") },
  { "answer_passphrase", "removed", NULL, N_("{who} took the passphrase for answers away.") },
  { "answer_passphrase", NULL, NULL, N_("{who} set a passphrase for answers.") },
  { "run_refused", "binding", NULL, N_("{who} tried to use {binding}, which is not for it.") },
  { "run_refused", NULL, NULL, N_("{who} tried what a command in a sandbox may not do.") },
  { "run_ended", "exited", NULL, N_("{who} has ended: {detail}") },
  { "run_ended", NULL, NULL, N_("{who} has ended without saying how: {detail}") },
  { "approval_revoked", NULL, NULL, N_("What {who} was allowed of {binding} was taken back: {what}.") },
  { "vault_created", NULL, NULL, N_("The vault was made.") },
  { "vault_unlocked", NULL, NULL, N_("The vault was unlocked.") },
  { "vault_slot_added", NULL, NULL, N_("The vault can be opened in one more way.") },
  { "vault_slot_changed", NULL, NULL, N_("A way to open the vault was changed.") },
  { "vault_slot_removed", NULL, NULL, N_("The vault can be opened in one way less.") },
  { "vault_rotated", NULL, NULL, N_("The vault has a new key.") },
  { "vault_key_removed", NULL, NULL, N_("An old key of the vault was removed.") },
  { "vault_exported", NULL, NULL, N_("The vault was exported.") },
  { "vault_restored", NULL, NULL, N_("The vault was restored.") },
  { "security_violation", "decoy", NULL, N_("Somebody tried a decoy: {detail}") },
  { "security_violation", "leak", NULL, N_("{binding} gave a secret away, which was kept back: {what}.") },
  { "security_violation", NULL, NULL, N_("Somebody tried what nobody does by mistake: {detail}") },
};
/* clang-format on */

static gboolean
fits (const char *wanted, const char *value)
{
  return wanted == NULL || strcmp (wanted, value) == 0;
}

static const char *
find_sentence (JsonObject *event)
{
  for (guint i = 0; i < G_N_ELEMENTS (sentences); i++)
    {
      if (fits (sentences[i].type, bfy_field_text (event, "type")) &&
          fits (sentences[i].category, bfy_field_text (event, "category")) &&
          fits (sentences[i].outcome, bfy_field_text (event, "outcome")))
        return gettext (sentences[i].sentence);
    }

  /* Of an agent that is newer than this program. */
  return "{type}";
}

/* Of a client without a name the process tells more: “uid 1000 pid 4711 exe python3.11” */
char *
bfy_activity_who (JsonObject *event)
{
  static const char mark[] = " exe ", nameless[] = "uid ";
  const char *client = bfy_field_text (event, "client");
  const char *peer = strstr (bfy_field_text (event, "peer"), mark);

  if (strcmp (client, AGENT) == 0)
    return g_strdup (_ ("the agent"));
  if (g_str_has_prefix (client, nameless) && peer != NULL)
    return g_strdup (peer + strlen (mark));

  return g_strdup (*client != '\0' ? client : _ ("somebody"));
}

static const char *
describe_what (JsonObject *event)
{
  static const char *const members[] = { "tool", "method", "host", "detail" };

  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    {
      if (*bfy_field_text (event, members[i]) != '\0')
        return bfy_field_text (event, members[i]);
    }

  return _ ("something");
}

static void
append_value (GString *out, JsonObject *event, const char *name, gsize length)
{
  const char *binding = bfy_field_text (event, "binding");
  g_autofree char *who = NULL;

  if (strncmp (name, "who", length) == 0)
    {
      who = bfy_activity_who (event);
      g_string_append (out, who);
    }
  else if (strncmp (name, "binding", length) == 0)
    g_string_append (out, *binding != '\0' ? binding : _ ("all bindings"));
  else if (strncmp (name, "what", length) == 0)
    g_string_append (out, describe_what (event));
  else if (strncmp (name, "detail", length) == 0)
    g_string_append (out, bfy_field_text (event, "detail"));
  else if (strncmp (name, "type", length) == 0)
    g_string_append (out, bfy_field_text (event, "type"));
}

/* A name at the beginning of a sentence stays as it is written; words of ours do not. */
static void
begin_sentence (GString *sentence)
{
  gunichar first = g_utf8_get_char_validated (sentence->str, -1);
  g_autofree char *rest = NULL;

  if (first == (gunichar) -1 || first == (gunichar) -2 ||
      (!g_str_has_prefix (sentence->str, _ ("the agent")) &&
       !g_str_has_prefix (sentence->str, _ ("somebody")) &&
       !g_str_has_prefix (sentence->str, _ ("all bindings"))))
    return;
  rest = g_strdup (g_utf8_next_char (sentence->str));
  g_string_truncate (sentence, 0);
  g_string_append_unichar (sentence, g_unichar_toupper (first));
  g_string_append (sentence, rest);
}

char *
bfy_activity_text (JsonObject *event)
{
  const char *from = find_sentence (event);
  g_autoptr (GString) out = g_string_new (NULL);

  while (*from != '\0')
    {
      const char *end = *from == '{' ? strchr (from, '}') : NULL;

      if (end == NULL)
        {
          g_string_append_c (out, *from++);
          continue;
        }
      append_value (out, event, from + 1, (gsize) (end - from - 1));
      from = end + 1;
    }
  begin_sentence (out);

  return bfy_text_to_line (out->str, LINE_CHARACTERS_MAX);
}

const char *
bfy_activity_outcome (JsonObject *event)
{
  const char *outcome = bfy_field_text (event, "outcome");

  if (strcmp (outcome, "blocked") == 0)
    return _ ("Refused");
  if (strcmp (outcome, "failure") == 0)
    return _ ("Failed");

  return strcmp (outcome, "pending") == 0 ? _ ("Waits") : NULL;
}

gboolean
bfy_activity_is_alarm (JsonObject *event)
{
  return bfy_event_type_get_weight (bfy_field_text (event, "type")) == BFY_EVENT_LOUD;
}

/* Details */

static void
fact_free (gpointer data)
{
  BfyActivityFact *fact = data;

  g_free (fact->name);
  g_free (fact->value);
  g_free (fact);
}

static void
add_fact (GPtrArray *facts, const char *name, const char *value)
{
  BfyActivityFact *fact;

  if (*value == '\0')
    return;
  fact = g_new0 (BfyActivityFact, 1);
  fact->name = g_strdup (name);
  fact->value = bfy_text_to_line (value, LINE_CHARACTERS_MAX);
  g_ptr_array_add (facts, fact);
}

static void
add_number (GPtrArray *facts, const char *name, gint64 number)
{
  g_autofree char *value = g_strdup_printf ("%" G_GINT64_FORMAT, number);

  if (number > 0)
    add_fact (facts, name, value);
}

static void
add_size (GPtrArray *facts, const char *name, gint64 bytes)
{
  g_autofree char *value = bytes > 0 ? g_format_size ((guint64) bytes) : NULL;

  if (value != NULL)
    add_fact (facts, name, value);
}

GPtrArray *
bfy_activity_facts (JsonObject *event)
{
  static const struct
  {
    const char *member, *name;
  } texts[] = {
    { "binding", N_ ("Binding") },   { "client", N_ ("Client") },
    { "peer", N_ ("Process") },      { "method", N_ ("Method") },
    { "tool", N_ ("Tool") },         { "host", N_ ("Host") },
    { "path", N_ ("Path") },         { "detail", N_ ("Details") },
    { "category", N_ ("Category") }, { "type", N_ ("Type of the event") },
  };
  GPtrArray *facts = g_ptr_array_new_with_free_func (fact_free);

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    add_fact (facts, gettext (texts[i].name), bfy_field_text (event, texts[i].member));
  if (bfy_activity_outcome (event) != NULL)
    add_fact (facts, _ ("Result"), bfy_activity_outcome (event));
  add_number (facts, _ ("HTTP status of the service"), bfy_field_int (event, "status"));
  add_number (facts, _ ("Duration in milliseconds"), bfy_field_int (event, "duration_ms"));
  add_size (facts, _ ("Sent"), bfy_field_int (event, "bytes_up"));
  add_size (facts, _ ("Received"), bfy_field_int (event, "bytes_down"));
  add_number (facts, _ ("Number of the record"), bfy_field_int (event, "sequence"));

  return facts;
}

/* Filters */

static gboolean
is_of_kind (JsonObject *event, BfyActivityKind kind)
{
  const BfyEventType *type = bfy_event_type_find (bfy_field_text (event, "type"));
  const char *outcome = bfy_field_text (event, "outcome");

  switch (kind)
    {
    case BFY_ACTIVITY_ALL:
      return TRUE;
    case BFY_ACTIVITY_USES:
      return type != NULL && type->kind == BFY_EVENT_USE;
    case BFY_ACTIVITY_REFUSED:
      return strcmp (outcome, "blocked") == 0;
    case BFY_ACTIVITY_FAILED:
      return strcmp (outcome, "failure") == 0;
    case BFY_ACTIVITY_CHANGES:
      return type != NULL && type->kind == BFY_EVENT_CHANGE;
    case BFY_ACTIVITY_ALARMS:
      return bfy_activity_is_alarm (event);
    }
  g_return_val_if_reached (TRUE);
}

static gboolean
has_text (JsonObject *event, const char *wanted)
{
  g_autofree char *sentence = bfy_activity_text (event);
  g_autofree char *folded = g_utf8_casefold (sentence, -1);
  g_autoptr (GPtrArray) facts = NULL;

  if (strstr (folded, wanted) != NULL)
    return TRUE;
  facts = bfy_activity_facts (event);
  for (guint i = 0; i < facts->len; i++)
    {
      const BfyActivityFact *fact = g_ptr_array_index (facts, i);
      g_autofree char *value = g_utf8_casefold (fact->value, -1);

      if (strstr (value, wanted) != NULL)
        return TRUE;
    }

  return FALSE;
}

gboolean
bfy_activity_filter_accepts (const BfyActivityFilter *self, JsonObject *event)
{
  g_autofree char *who = self->who != NULL ? bfy_activity_who (event) : NULL;

  return is_of_kind (event, self->kind) &&
         (self->binding == NULL ||
          strcmp (self->binding, bfy_field_text (event, "binding")) == 0) &&
         (who == NULL || strcmp (self->who, who) == 0) &&
         (self->text == NULL || has_text (event, self->text));
}

void
bfy_activity_filter_clear (BfyActivityFilter *self)
{
  g_clear_pointer (&self->binding, g_free);
  g_clear_pointer (&self->who, g_free);
  g_clear_pointer (&self->text, g_free);
}
