/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <glib/gi18n-lib.h>
#include <string.h>

#include "client/commands/commands.h"
#include "client/completion.h"
#include "client/connect/clients.h"
#include "client/fields.h"
#include "client/rehearsal.h"
#include "protocol/event.h"
#include "protocol/grant.h"
#include "protocol/name.h"
#include "protocol/policy.h"
#include "protocol/translation.h"

/* `bindify complete -- WORD…` is what the shells' completions ask: one candidate a line, behind a
 * tab what it is, and ":files" or ":folders" where the shell knows better. Somebody waits for each
 * key: an agent that does not answer soon, or at all, has no names, and that is no error. */

#define DEADLINE_MS 200
#define TEXT_MAX 200

typedef struct
{
  BfyCli *cli;
  const BfyCompletion *completion;
  const char *word; /* to be completed */
  const GOptionEntry *options;
} Completer;

static void
offer (const Completer *self, const char *value, const char *description)
{
  g_autofree char *fixed = g_strndup (self->word, self->completion->n_fixed);
  g_autofree char *line = bfy_text_to_line (value, G_MAXINT);
  g_autofree char *shown = bfy_text_to_line (description, TEXT_MAX);

  /* What would not be typed as it is shown is no help. */
  if (*value == '\0' || strcmp (line, value) != 0 ||
      !g_str_has_prefix (value, self->word + self->completion->n_fixed))
    return;

  bfy_cli_print (*shown != '\0' ? "%s%s\t%s\n" : "%s%s\n", fixed, value, shown);
}

static void
offer_all (const Completer *self, const char *const *values)
{
  for (; *values != NULL; values++)
    offer (self, *values, "");
}

static void
offer_commands (const Completer *self)
{
  for (const BfyCommand *c = self->completion->commands; c->name != NULL; c++)
    {
      if ((c->flags & BFY_COMMAND_HIDDEN) == 0)
        offer (self, c->name, _ (c->summary));
    }
}

static void
offer_options (const Completer *self)
{
  for (const GOptionEntry *option = self->options; option->long_name != NULL; option++)
    {
      g_autofree char *name = g_strconcat ("--", option->long_name, NULL);

      if ((option->flags & G_OPTION_FLAG_HIDDEN) == 0)
        offer (self, name, _ (option->description));
    }
  offer (self, "--help", _ ("Explain a command"));
}

static void
offer_programs (const Completer *self)
{
  for (const BfyConnectClient *client = bfy_connect_clients (); client->id != NULL; client++)
    offer (self, client->id, client->name);
}

/* What the agent has under names. */
static const struct
{
  BfyCompletionKinds kind;
  const char *path;
  const char *list;
  const char *name;
  const char *description;
} collections[] = {
  { BFY_COMPLETE_BINDINGS, "/v1/bindings", "bindings", "name", "service" },
  { BFY_COMPLETE_SERVICES, "/v1/services?brief=true", "services", "id", "name" },
  { BFY_COMPLETE_CLIENTS, "/v1/clients", "clients", "label", "" },
  { BFY_COMPLETE_GRANTS, "/v1/grants", "grants", "id", "client" },
  { BFY_COMPLETE_PROMPTS, "/v1/prompts", "prompts", "id", "title" },
  { BFY_COMPLETE_SETTINGS, "/v1/settings", "settings", "name", "meaning" },
};

static void
offer_collection (const Completer *self, guint n)
{
  g_autoptr (JsonObject) reply = bfy_cli_call (self->cli, "GET", collections[n].path, NULL, NULL);

  for (guint i = 0; reply != NULL && i < bfy_field_count (reply, collections[n].list); i++)
    {
      JsonObject *item = bfy_field_nth (reply, collections[n].list, i);

      offer (self, bfy_field_text (item, collections[n].name),
             bfy_translation_find (bfy_field_text (item, collections[n].description)));
    }
}

/* Its policy knows the capabilities of the service, and their tools; its server is not asked. */
static void
offer_of_policy (const Completer *self, gboolean wants_tools)
{
  g_autofree char *collection = bfy_cli_path ("bindings", self->completion->of);
  g_autofree char *path = g_strconcat (collection, "/policy", NULL);
  g_autoptr (JsonObject) reply = bfy_cli_call (self->cli, "GET", path, NULL, NULL);

  for (guint i = 0; reply != NULL && i < bfy_field_count (reply, "capabilities"); i++)
    {
      JsonObject *capability = bfy_field_nth (reply, "capabilities", i);
      const char *meaning = bfy_translation_find (bfy_field_text (capability, "name"));
      g_autofree char *joined = bfy_field_join (capability, "tools", "\n");
      g_auto (GStrv) tools = g_strsplit (joined, "\n", -1);

      if (!wants_tools)
        offer (self, bfy_field_text (capability, "id"), meaning);
      for (guint j = 0; wants_tools && tools[j] != NULL; j++)
        offer (self, tools[j], meaning);
    }
}

static void
offer_methods (const Completer *self)
{
  g_autofree char *collection = bfy_cli_path ("bindings", self->completion->of);
  g_autofree char *path = g_strconcat (collection, "/methods", NULL);
  g_autoptr (JsonObject) reply = bfy_cli_call (self->cli, "GET", path, NULL, NULL);

  for (guint i = 0; reply != NULL && i < bfy_field_count (reply, "methods"); i++)
    {
      JsonObject *method = bfy_field_nth (reply, "methods", i);

      offer (self, bfy_field_text (method, "name"),
             bfy_translation_find (bfy_field_text (method, "title")));
    }
}

static void
offer_rule_kinds (const Completer *self)
{
  for (BfyPolicyKind kind = 0; kind < BFY_N_POLICY_KINDS; kind++)
    {
      g_autofree char *text = g_strconcat (bfy_policy_kind_to_wire (kind), "=", NULL);

      offer (self, text, "");
    }
}

static void
offer_outcomes (const Completer *self)
{
  for (BfyOutcome outcome = 0; outcome <= BFY_OUTCOME_PENDING; outcome++)
    offer (self, bfy_outcome_to_wire (outcome), "");
}

/* As they are typed, and with hyphens. */
static void
offer_scopes (const Completer *self)
{
  for (BfyGrantScope scope = 0; scope < BFY_N_GRANT_SCOPES; scope++)
    {
      g_autofree char *text = g_strdelimit (g_strdup (bfy_grant_scope_to_wire (scope)), "_", '-');

      offer (self, text, _ (bfy_grant_scope_name (scope)));
    }
}

static const struct
{
  BfyCompletionKinds kind;
  const char *setting; /* (nullable) that takes them as well */
  const char *const words[6];
} fixed[] = {
  { BFY_COMPLETE_ACCESS, NULL, { "read", "write", "danger" } },
  { BFY_COMPLETE_METHODS,
    NULL,
    { "tools/call", "tools/list", "prompts/get", "resources/read", "GET" } },
  { BFY_COMPLETE_KEYRINGS, "agent.keyring", { "auto", "secret-service", "vault", "memory" } },
  { BFY_COMPLETE_SETTING_VALUES, "agent.tcp", { "true", "false" } },
  { BFY_COMPLETE_SETTING_VALUES,
    "lock.on",
    { "screen", "suspend", "session", "screen,suspend,session", "none" } },
};

static void
offer_fixed (const Completer *self)
{
  BfyCompletionKinds kinds = self->completion->kinds;
  gboolean is_value = (kinds & BFY_COMPLETE_SETTING_VALUES) != 0;

  for (guint i = 0; i < G_N_ELEMENTS (fixed); i++)
    {
      gboolean is_of_setting = is_value && g_strcmp0 (self->completion->of, fixed[i].setting) == 0;

      if (is_of_setting || (!is_value && (kinds & fixed[i].kind) != 0))
        offer_all (self, fixed[i].words);
    }
  if ((kinds & BFY_COMPLETE_PROFILES) != 0 ||
      (is_value && g_strcmp0 (self->completion->of, "policy.profile") == 0))
    offer_all (self, bfy_policy_profile_names ());
}

static void
offer_what_is_known (const Completer *self)
{
  BfyCompletionKinds kinds = self->completion->kinds;

  if ((kinds & BFY_COMPLETE_COMMANDS) != 0)
    offer_commands (self);
  if ((kinds & BFY_COMPLETE_OPTIONS) != 0)
    offer_options (self);
  if ((kinds & BFY_COMPLETE_RULE_KINDS) != 0)
    offer_rule_kinds (self);
  if ((kinds & BFY_COMPLETE_OUTCOMES) != 0)
    offer_outcomes (self);
  if ((kinds & BFY_COMPLETE_SCOPES) != 0)
    offer_scopes (self);
  if ((kinds & BFY_COMPLETE_PAGES) != 0)
    offer_all (self, bfy_open_pages);
  if ((kinds & BFY_COMPLETE_PROGRAMS) != 0)
    offer_programs (self);
  offer_fixed (self);
  if ((kinds & BFY_COMPLETE_FILES) != 0)
    bfy_cli_print (":files\n");
  if ((kinds & BFY_COMPLETE_FOLDERS) != 0)
    bfy_cli_print (":folders\n");
}

static gboolean
on_deadline (gpointer user_data)
{
  g_cancellable_cancel (user_data);
  return G_SOURCE_CONTINUE;
}

static void
offer_what_the_agent_has (const Completer *self)
{
  BfyCompletionKinds kinds = self->completion->kinds;
  guint timer_id = g_timeout_add (DEADLINE_MS, on_deadline, self->cli->cancellable);

  for (guint i = 0; i < G_N_ELEMENTS (collections); i++)
    {
      if ((kinds & collections[i].kind) != 0)
        offer_collection (self, i);
    }
  if ((kinds & (BFY_COMPLETE_TOOLS | BFY_COMPLETE_CAPABILITIES)) != 0 &&
      self->completion->of != NULL)
    offer_of_policy (self, (kinds & BFY_COMPLETE_TOOLS) != 0);

  if ((kinds & BFY_COMPLETE_NAMED_METHODS) != 0 && self->completion->of != NULL)
    offer_methods (self);

  g_source_remove (timer_id);
}

/* The agent that these words speak of: `bindify --socket PATH list`. */
static void
take_socket (BfyCli *cli, const char *const *words)
{
  for (; words[0] != NULL && words[1] != NULL; words++)
    {
      const char *path = g_str_has_prefix (words[0], "--socket=") ? strchr (words[0], '=') + 1
                         : g_str_equal (words[0], "--socket")     ? words[1]
                                                                  : NULL;

      if (path == NULL)
        continue;
      g_free (cli->socket_option);
      cli->socket_option = g_strdup (path);
    }
}

/* --check: whether it is a line that we understand, with --help or without. Nothing is done. */
static gboolean
check_line (BfyCli *cli, const char *const *words, GError **error)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autoptr (BfyRehearsal) rehearsal = NULL;
  g_auto (GStrv) line = NULL;
  BfyCompletionPlace place;
  gboolean wants_help = FALSE;

  for (; *words != NULL; words++)
    {
      if (g_str_equal (*words, "--help"))
        wants_help = TRUE;
      else
        g_strv_builder_add (builder, *words);
    }
  g_strv_builder_add (builder, ""); /* the place behind them */
  line = g_strv_builder_end (builder);
  bfy_completion_place ((const char *const *) line, &place);
  if (wants_help && (place.command != NULL || place.commands != NULL))
    return TRUE;

  if (place.command != NULL)
    {
      g_auto (GStrv) own = g_strdupv (line + place.at - 1);

      g_clear_pointer (&own[g_strv_length (own) - 1], g_free);
      rehearsal = bfy_rehearsal_new (cli, place.command, (const char *const *) own);
    }
  if (rehearsal != NULL && rehearsal->is_understood)
    return TRUE;

  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                       _ ("That is no command line of bindify"));
  return FALSE;
}

gboolean
bfy_command_complete (BfyCli *cli, GStrv words, GError **error)
{
  gboolean only_checks = FALSE;
  const GOptionEntry entries[] = {
    { "check", 0, 0, G_OPTION_ARG_NONE, &only_checks,
      N_ ("Say by the exit status whether the words are a command line"), NULL },
    G_OPTION_ENTRY_NULL,
  };
  static const GOptionEntry common[] = {
    { "socket", 0, 0, G_OPTION_ARG_FILENAME, NULL, N_ ("The agent’s socket"), "PATH" },
    { "version", 0, 0, G_OPTION_ARG_NONE, NULL, N_ ("Show the version"), NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_auto (GStrv) others = bfy_cli_parse (cli, entries, words, error);
  g_autoptr (BfyRehearsal) rehearsal = NULL;
  BfyCompletion completion;
  BfyCompletionPlace place;
  Completer self = { cli, &completion, NULL, common };

  if (others == NULL)
    return FALSE;
  if (only_checks)
    return check_line (cli, (const char *const *) others, error);

  bfy_completion_place ((const char *const *) others, &place);
  if (place.command != NULL)
    {
      const char *const alone[] = { place.command->name, NULL };

      rehearsal = bfy_rehearsal_new (cli, place.command, alone);
      self.options = (const GOptionEntry *) (gpointer) rehearsal->options->data;
    }
  self.word = others[g_strv_length (others) - 1];
  bfy_completion_decide (&place, self.options, (const char *const *) others, &completion);
  take_socket (cli, (const char *const *) others);
  offer_what_is_known (&self);
  offer_what_the_agent_has (&self);

  return TRUE;
}
