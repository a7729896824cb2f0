/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/completion.h"

#include <string.h>

/* What is meant by a word of usage ("NAME TOOL [JSON|key=value…]"), or by an option with a value.
 * Rows of a command win over those of any; an option's own row over that of its value’s name. */
static const struct
{
  const char *command; /* (nullable) any */
  const char *word;
  BfyCompletionKinds kinds;
} meanings[] = {
  { NULL, "NAME", BFY_COMPLETE_BINDINGS },
  { NULL, "OLD", BFY_COMPLETE_BINDINGS },
  { "add", "--name", BFY_COMPLETE_NOTHING },
  { "add", "--header", BFY_COMPLETE_NOTHING },
  { "add", "--query", BFY_COMPLETE_NOTHING },
  { "add", "TEMPLATE", BFY_COMPLETE_NOTHING },
  { "add", "FIELD", BFY_COMPLETE_NOTHING },
  { "add", "KEY-ID", BFY_COMPLETE_NOTHING },
  { "add", "REGION/SERVICE", BFY_COMPLETE_NOTHING },
  { "add", "LABEL", BFY_COMPLETE_NOTHING },
  { "add", "GLOB", BFY_COMPLETE_NOTHING },
  { "login", "LABEL", BFY_COMPLETE_NOTHING },
  { "run", "COMMAND", BFY_COMPLETE_FILES },
  { "settings", "NAME", BFY_COMPLETE_SETTINGS },
  { "settings", "VALUE", BFY_COMPLETE_SETTING_VALUES },
  { NULL, "SERVICE", BFY_COMPLETE_SERVICES },
  { NULL, "LABEL", BFY_COMPLETE_CLIENTS },
  { "allow", "ID", BFY_COMPLETE_PROMPTS },
  { "deny", "ID", BFY_COMPLETE_PROMPTS },
  { "dismiss", "ID", BFY_COMPLETE_PROMPTS },
  { "revoke", "ID", BFY_COMPLETE_GRANTS },
  { NULL, "TOOL", BFY_COMPLETE_TOOLS },
  { NULL, "GLOB", BFY_COMPLETE_TOOLS },
  { NULL, "METHOD", BFY_COMPLETE_METHODS },
  { "do", "METHOD", BFY_COMPLETE_NAMED_METHODS },
  { NULL, "KIND=PATTERN", BFY_COMPLETE_RULE_KINDS },
  { NULL, "COMMAND", BFY_COMPLETE_COMMANDS },
  { NULL, "BACKEND", BFY_COMPLETE_KEYRINGS },
  { NULL, "PROFILE", BFY_COMPLETE_PROFILES },
  { NULL, "SCOPE", BFY_COMPLETE_SCOPES },
  { NULL, "OUTCOME", BFY_COMPLETE_OUTCOMES },
  { NULL, "PAGE", BFY_COMPLETE_PAGES },
  { NULL, "FILE", BFY_COMPLETE_FILES },
  { NULL, "PATH", BFY_COMPLETE_FILES },
  { NULL, "CLIENT", BFY_COMPLETE_PROGRAMS },
  { NULL, "DIR", BFY_COMPLETE_FOLDERS },
  { NULL, "DIR[:rw]", BFY_COMPLETE_FOLDERS },
};

static gboolean
find_meaning (const char *command, const char *word, BfyCompletionKinds *kinds)
{
  gboolean is_found = FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (meanings); i++)
    {
      gboolean is_ours = meanings[i].command != NULL && g_str_equal (meanings[i].command, command);

      if (!g_str_equal (meanings[i].word, word) || (meanings[i].command != NULL && !is_ours))
        continue;
      *kinds = meanings[i].kinds;
      is_found = TRUE;
      if (is_ours)
        break;
    }

  return is_found;
}

static gboolean
is_option (const char *word)
{
  return word[0] == '-' && word[1] != '\0';
}

static gboolean
is_last (const char *const *words, guint i)
{
  return words[i] == NULL || words[i + 1] == NULL;
}

/* `bindify [--socket PATH] COMMAND [COMMAND]` */
static void
place_behind_options (const char *const *words, guint i, BfyCompletionPlace *place)
{
  const BfyCommandGroup *group;
  const BfyCommand *command;

  place->at = i;
  place->commands = bfy_commands;
  if (is_last (words, i))
    return;

  place->commands = NULL;
  place->command = command = bfy_command_find (bfy_commands, words[i]);
  place->at = i + 1;
  group = command != NULL ? bfy_command_group_find (command->name) : NULL;
  if (group == NULL)
    return;

  if (!group->runs_alone)
    place->command = NULL;
  if (is_last (words, i + 1))
    place->commands = group->commands;
  else if ((command = bfy_command_find (group->commands, words[i + 1])) != NULL)
    {
      place->command = command;
      place->at = i + 2;
    }
}

void
bfy_completion_place (const char *const *words, BfyCompletionPlace *place)
{
  static const char link_prefix[] = "bindify-";
  const char *slash = strrchr (words[0], '/');
  const char *program = slash != NULL ? slash + 1 : words[0];
  guint i = 1;

  *place = (BfyCompletionPlace){ 0 };
  if (words[1] == NULL)
    return;
  if (g_str_has_prefix (program, link_prefix))
    {
      place->command = bfy_command_find (bfy_commands, program + strlen (link_prefix));
      place->at = 1;
      return;
    }

  while (!is_last (words, i) && is_option (words[i]))
    i += g_str_equal (words[i], "--socket") ? 2 : 1;
  if (words[i - 1] != NULL && is_last (words, i - 1) && i > 1)
    place->at = 1; /* the value of --socket */
  else
    place_behind_options (words, i, place);
}

static const GOptionEntry *
find_option (const GOptionEntry *options, const char *word)
{
  gsize length = strcspn (word, "=");

  for (; options->long_name != NULL; options++)
    {
      if (word[1] != '-' && options->short_name == word[1] && word[2] == '\0')
        return options;
      if (word[1] == '-' && strlen (options->long_name) == length - 2 &&
          strncmp (options->long_name, word + 2, length - 2) == 0)
        return options;
    }

  return NULL;
}

/* NULL for one without a value. */
static const char *
find_value_name (const GOptionEntry *options, const char *word)
{
  const GOptionEntry *option = is_option (word) ? find_option (options, word) : NULL;

  return option != NULL && option->arg != G_OPTION_ARG_NONE &&
                 (option->flags & G_OPTION_FLAG_NO_ARG) == 0
             ? option->arg_description
             : NULL;
}

static BfyCompletionKinds
kinds_of_value (const char *command, const GOptionEntry *options, const char *word)
{
  const GOptionEntry *option = find_option (options, word);
  g_autofree char *name = g_strconcat ("--", option->long_name, NULL);
  BfyCompletionKinds kinds = BFY_COMPLETE_NOTHING;

  if (!find_meaning (command, name, &kinds))
    (void) find_meaning (command, option->arg_description, &kinds);

  return kinds;
}

/* @arguments: of usage. @n: which word, from 0. */
static BfyCompletionKinds
kinds_of_word (const BfyCommand *command, guint n)
{
  g_auto (GStrv) places = g_strsplit (command->arguments, " ", -1);
  const char *place = NULL;
  BfyCompletionKinds kinds = BFY_COMPLETE_NOTHING;
  g_auto (GStrv) choices = NULL;

  for (guint i = 0; places[i] != NULL; i++)
    {
      if (!is_option (places[i]) && (n == 0 || strstr (places[i], "…") != NULL))
        {
          place = places[i];
          break;
        }
      if (!is_option (places[i]))
        n--;
    }
  if (place == NULL)
    return kinds;

  choices = g_strsplit_set (place, "[]|", -1);
  for (guint i = 0; choices[i] != NULL; i++)
    {
      BfyCompletionKinds one = BFY_COMPLETE_NOTHING;

      if (g_str_has_suffix (choices[i], "…"))
        choices[i][strlen (choices[i]) - strlen ("…")] = '\0';
      (void) find_meaning (command->name, choices[i], &one);
      kinds |= one;
    }

  return kinds;
}

/* The words before the last one. @value_of: an option whose value comes next. */
typedef struct
{
  guint n_words; /* that are no options */
  const char *first;
  const char *value_of; /* (nullable) */
  gboolean has_dashes;  /* "--": no options behind it */
} Scan;

static void
scan_word (Scan *self, const GOptionEntry *options, const char *word)
{
  if (self->value_of != NULL)
    {
      self->value_of = NULL;
      return;
    }
  if (self->has_dashes || !is_option (word))
    {
      self->first = self->n_words++ == 0 ? word : self->first;
      return;
    }
  if (g_str_equal (word, "--"))
    self->has_dashes = TRUE;
  else if (strchr (word, '=') == NULL && find_value_name (options, word) != NULL)
    self->value_of = word;
}

/* "access=wri": the kind has been chosen. */
static void
narrow_rule (BfyCompletion *self, const char *word)
{
  static const struct
  {
    const char *kind;
    BfyCompletionKinds kinds;
  } rows[] = { { "access=", BFY_COMPLETE_ACCESS },
               { "capability=", BFY_COMPLETE_CAPABILITIES },
               { "tool=", BFY_COMPLETE_TOOLS } };

  if (self->kinds != BFY_COMPLETE_RULE_KINDS || strchr (word + self->n_fixed, '=') == NULL)
    return;
  self->kinds = BFY_COMPLETE_NOTHING;
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      if (!g_str_has_prefix (word + self->n_fixed, rows[i].kind))
        continue;
      self->kinds = rows[i].kinds;
      self->n_fixed += strlen (rows[i].kind);
      return;
    }
}

void
bfy_completion_decide (const BfyCompletionPlace *place,
                       const GOptionEntry *options,
                       const char *const *words,
                       BfyCompletion *completion)
{
  const char *command = place->command != NULL ? place->command->name : "";
  Scan scan = { 0 };
  const char *last;
  guint i = place->at;

  *completion = (BfyCompletion){
    .commands = place->commands != NULL ? place->commands : bfy_commands,
  };
  if (place->at == 0 || words[place->at] == NULL)
    return;
  for (; words[i + 1] != NULL; i++)
    scan_word (&scan, options, words[i]);
  last = words[i];
  completion->of = scan.first;

  if (scan.value_of != NULL)
    completion->kinds = kinds_of_value (command, options, scan.value_of);
  else if (!scan.has_dashes && is_option (last) && strchr (last, '=') != NULL &&
           find_value_name (options, last) != NULL)
    {
      completion->n_fixed = (gsize) (strchr (last, '=') + 1 - last);
      completion->kinds = kinds_of_value (command, options, last);
    }
  else if (!scan.has_dashes && *last == '-')
    completion->kinds = BFY_COMPLETE_OPTIONS;
  else
    {
      if (place->commands != NULL)
        completion->kinds = BFY_COMPLETE_COMMANDS;
      if (place->command != NULL)
        completion->kinds |= kinds_of_word (place->command, scan.n_words);
    }
  narrow_rule (completion, last);
}
