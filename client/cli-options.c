/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>

#include "bfy-config.h"
#include "client/cli.h"
#include "client/rehearsal.h"
#include "protocol/json.h"

/* Option parsing and output of every command. */

static gboolean
on_version (const char *option, const char *value, gpointer data, GError **error)
{
  bfy_cli_print ("bindify %s\n", BFY_VERSION);
  fflush (stdout);
  exit (0);
}

static void
add_entries (BfyCli *cli, GOptionContext *context, const GOptionEntry *entries)
{
  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  if (cli->rehearsal != NULL)
    bfy_rehearsal_add_options (cli->rehearsal, entries);
}

static GOptionContext *
new_context (BfyCli *cli, const GOptionEntry *entries, GStrv *words)
{
  gboolean has_json = (cli->command->flags & BFY_COMMAND_JSON) != 0;
  const GOptionEntry common[] = {
    { "socket", 0, 0, G_OPTION_ARG_FILENAME, &cli->socket_option, N_ ("The agent’s socket"),
      "PATH" },
    { "version", 0, G_OPTION_FLAG_NO_ARG, G_OPTION_ARG_CALLBACK, on_version,
      N_ ("Show the version"), NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, words, NULL, NULL },
    G_OPTION_ENTRY_NULL,
  };
  const GOptionEntry json[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &cli->is_json, N_ ("Print JSON for programs"), NULL },
    G_OPTION_ENTRY_NULL,
  };
  GOptionContext *context = g_option_context_new (cli->command->arguments);

  g_option_context_set_translation_domain (context, GETTEXT_PACKAGE);
  g_option_context_set_summary (context, cli->command->summary);
  g_option_context_set_strict_posix (context, (cli->command->flags & BFY_COMMAND_STRICT) != 0);
  if (entries != NULL)
    add_entries (cli, context, entries);
  if (has_json)
    add_entries (cli, context, json);
  add_entries (cli, context, common);
  return context;
}

static void
refuse_words (BfyCli *cli, guint n_words, GError **error)
{
  if (cli->command->n_max == 0)
    g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, _ ("“%s” takes options only"),
                 cli->title);
  else
    g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                 /* Translators: a command, and what goes behind it. */
                 n_words < cli->command->n_min ? _ ("Too few words: it is “%s %s”")
                                               : _ ("Too many words: it is “%s %s”"),
                 cli->title, cli->command->arguments);
}

static gsize
count_entries (const GOptionEntry *entries)
{
  gsize n = 0;

  while (entries[n].long_name != NULL)
    n++;

  return n;
}

GOptionEntry *
bfy_cli_join_entries (const GOptionEntry *entries, const GOptionEntry *more)
{
  gsize n_entries = count_entries (entries);
  gsize n_more = count_entries (more) + 1;
  GOptionEntry *all = g_new0 (GOptionEntry, n_entries + n_more);

  memcpy (all, entries, n_entries * sizeof *all);
  memcpy (all + n_entries, more, n_more * sizeof *all);
  return all;
}

GStrv
bfy_cli_parse (BfyCli *cli, const GOptionEntry *entries, GStrv words, GError **error)
{
  g_auto (GStrv) others = NULL;
  g_auto (GStrv) copy = g_strdupv (words);
  g_autoptr (GOptionContext) context = new_context (cli, entries, &others);
  g_autoptr (GError) local_error = NULL;
  guint n_others;

  if (cli->rehearsal != NULL)
    g_option_context_set_help_enabled (context, FALSE);
  else
    g_set_prgname (cli->title);
  bfy_cli_set_hint (cli, "%s --help", cli->title);
  if (!g_option_context_parse_strv (context, &copy, &local_error))
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, local_error->message);
      return NULL;
    }

  n_others = others != NULL ? g_strv_length (others) : 0;
  if (n_others < cli->command->n_min || n_others > cli->command->n_max)
    {
      refuse_words (cli, n_others, error);
      return NULL;
    }

  g_clear_pointer (&cli->hint, g_free);
  if (cli->rehearsal != NULL)
    {
      cli->rehearsal->is_understood = TRUE;
      return NULL;
    }

  return others != NULL ? g_steal_pointer (&others) : g_new0 (char *, 1);
}

void
bfy_cli_print (const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  vprintf (format, arguments);
  va_end (arguments);
}

void
bfy_cli_warn (const char *format, ...)
{
  va_list arguments;

  fflush (stdout);
  fputs ("bindify: ", stderr);
  va_start (arguments, format);
  vfprintf (stderr, format, arguments);
  va_end (arguments);
  fputc ('\n', stderr);
}

void
bfy_cli_print_json (JsonNode *node)
{
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autofree char *text = NULL;

  json_generator_set_root (generator, node);
  json_generator_set_pretty (generator, TRUE);
  text = json_generator_to_data (generator, NULL);
  bfy_cli_print ("%s\n", text);
}

void
bfy_cli_print_member (JsonObject *reply, const char *name)
{
  JsonNode *node = json_object_get_member (reply, name);
  g_autoptr (JsonNode) nothing = json_node_new (JSON_NODE_NULL);

  bfy_cli_print_json (node != NULL ? node : nothing);
}
