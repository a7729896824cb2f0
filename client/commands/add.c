/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/commands/add.h"

#include <glib/gi18n-lib.h>
#include <stdio.h>

#include "client/commands/commands.h"
#include "protocol/name.h"

/* `bindify add` and `bindify-add`, whose options of one letter mean what they mean to ssh-add. */

typedef struct
{
  BfyAddModes ssh;
  BfyAddCommand command;
} AddMode;

void
bfy_add_clear (BfyAdd *self)
{
  char **texts[] = { &self->target,   &self->name,   &self->account, &self->keyring,
                     &self->username, &self->header, &self->prefix,  &self->query,
                     &self->client,   &self->host,   &self->type,    &self->database };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_clear_pointer (texts[i], g_free);
  g_free (self->profile);
  g_clear_pointer (&self->allow_tools, g_strfreev);
  g_clear_pointer (&self->deny_tools, g_strfreev);
  g_clear_pointer (&self->refused_token, bfy_wipe_free);
  g_clear_pointer (&self->services, json_array_unref);
  g_clear_pointer (&self->service, json_object_unref);
  g_clear_pointer (&self->program, bfy_program_free);
  g_clear_pointer (&self->credential, bfy_secret_unref);
  g_clear_pointer (&self->client_key, bfy_secret_unref);
  bfy_sign_in_options_clear (&self->sign_in);
  bfy_key_options_clear (&self->key);
  bfy_condition_options_clear (&self->conditions);
  bfy_add_place_clear (&self->place);
}

static GStrv
parse (BfyCli *cli, BfyAdd *add, AddMode *mode, GStrv words, GError **error)
{
  const GOptionEntry entries[] = {
    { "name", 0, 0, G_OPTION_ARG_FILENAME, &add->name, N_ ("Call the binding NAME"), "NAME" },
    { "type", 0, 0, G_OPTION_ARG_FILENAME, &add->type,
      N_ ("What it is: mcp, http (a REST service), sdk (its methods), git (over HTTPS), "
          "local-network "
          "(a device)"),
      "TYPE" },
    { "database", 0, 0, G_OPTION_ARG_FILENAME, &add->database,
      N_ ("A database: postgres://USER@HOST/NAME, or sqlite:/FILE"), "URL" },
    { "relay", 0, 0, G_OPTION_ARG_NONE, &add->relays,
      N_ ("Programs such as psql may connect to it through the agent (with --database)"), NULL },
    { "no-token", 0, 0, G_OPTION_ARG_NONE, &add->has_no_token,
      N_ ("The service wants no token (with --type)"), NULL },
    { "token-stdin", 0, 0, G_OPTION_ARG_NONE, &add->is_token_on_stdin,
      N_ ("Read the token from stdin instead of the terminal"), NULL },
    { "api-key", 0, 0, G_OPTION_ARG_NONE, &add->wants_key,
      N_ ("Use an API key though there is a sign-in with the browser"), NULL },
    { "basic", 0, 0, G_OPTION_ARG_FILENAME, &add->username,
      N_ ("User name and password (HTTP Basic); the password is asked for"), "USER" },
    { "header", 0, 0, G_OPTION_ARG_FILENAME, &add->header, N_ ("Send the token in this header"),
      "NAME" },
    { "prefix", 0, 0, G_OPTION_ARG_FILENAME, &add->prefix,
      N_ ("What stands before the token in the header"), "TEXT" },
    { "query", 0, 0, G_OPTION_ARG_FILENAME, &add->query,
      N_ ("Send the token as this parameter of the URL"), "NAME" },
    { "allow-local", 0, 0, G_OPTION_ARG_NONE, &add->allow_local,
      N_ ("The URL may lead to this machine or a private network"), NULL },
    { "account", 0, 0, G_OPTION_ARG_FILENAME, &add->account, N_ ("Note whose account it is"),
      "LABEL" },
    { "keyring", 0, 0, G_OPTION_ARG_FILENAME, &add->keyring,
      N_ ("Where to store: auto, secret-service, vault, memory"), "BACKEND" },
    { "no-check", 0, 0, G_OPTION_ARG_NONE, &add->skips_check,
      N_ ("Do not try it before storing it"), NULL },
    { "profile", 0, 0, G_OPTION_ARG_FILENAME, &add->profile,
      N_ ("What programs may do: reads-flow, read-only, open"), "PROFILE" },
    { "allow-tool", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &add->allow_tools,
      N_ ("Programs may use tools of this name (“*”: any characters), and without --profile only "
          "them"),
      "GLOB" },
    { "deny-tool", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &add->deny_tools,
      N_ ("Programs may not use the tools of this name"), "GLOB" },
    { "sealed", 0, 0, G_OPTION_ARG_NONE, &add->is_sealed,
      N_ ("Store it so that only a client’s key opens it; a new key is shown once"), NULL },
    { "client", 0, 0, G_OPTION_ARG_FILENAME, &add->client,
      N_ ("With --sealed: what the client with the new key is called"), "LABEL" },
    { "key-file", 0, 0, G_OPTION_ARG_FILENAME, &add->key.file,
      N_ ("With --sealed: it opens with the client key in this file (mode 0600)"), "FILE" },
    { "key-stdin", 0, 0, G_OPTION_ARG_NONE, &add->key.on_stdin,
      N_ ("With --sealed: it opens with the client key that comes on stdin"), NULL },
    { "yes", 0, 0, G_OPTION_ARG_NONE, &mode->ssh.is_sure,
      N_ ("Do not ask (with -D, --command, --token-stdin)"), NULL },
    { "quiet", 'q', 0, G_OPTION_ARG_NONE, &add->is_quiet,
      N_ ("Say nothing if all goes well; with --sealed only the new key"), NULL },
    { "token", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_FILENAME, &add->refused_token, NULL, NULL },
    G_OPTION_ENTRY_NULL,
  };

  g_autofree GOptionEntry *with_places = bfy_add_join_injection_options (&add->place, entries);
  g_autofree GOptionEntry *with_command =
      bfy_add_join_command_options (&mode->command, with_places);
  g_autofree GOptionEntry *with_sign_in = bfy_sign_in_options_join (&add->sign_in, with_command);
  g_autofree GOptionEntry *with_conditions =
      bfy_condition_options_join (&add->conditions, with_sign_in);
  g_autofree GOptionEntry *all = bfy_add_join_modes (&mode->ssh, with_conditions);

  return bfy_cli_parse (cli, all, words, error);
}

static gboolean
has_command_option (const BfyAddCommand *command)
{
  return command->env != NULL || command->secret_file != NULL || command->secret_fd != NULL ||
         command->pass != NULL || command->share != NULL || command->no_sandbox ||
         command->no_network;
}

static void
command_clear (BfyAddCommand *self)
{
  g_free (self->text);
  g_free (self->env);
  g_free (self->secret_file);
  g_free (self->secret_fd);
  g_strfreev (self->pass);
  g_strfreev (self->share);
}

/* Words that cannot go together, and tokens where everybody could read them. */
static gboolean
check_options (
    BfyCli *cli, const BfyAdd *add, const AddMode *mode, const GStrv others, GError **error)
{
  gboolean is_command = mode->command.text != NULL;
  const char *problem = NULL;

  if (add->refused_token != NULL || (!is_command && g_strv_length (others) > 1))
    {
      bfy_cli_set_hint (cli, _ ("%s %s, and paste the token when asked"), cli->title,
                        others[0] != NULL ? "SERVICE" : "github");
      problem =
          _ ("A token is not taken from the command line, where other programs and the shell’s "
             "history see it");
    }
  else if (is_command && others[0] != NULL)
    problem = _ ("Give the command as one word, in quotes: --command 'npx -y some-server'");
  else if (!is_command && has_command_option (&mode->command))
    problem = _ ("--env, --secret-file, --secret-fd, --pass, --share-dir, --no-network and "
                 "--no-sandbox go with --command");
  else if (!is_command && others[0] == NULL && !add->is_token_on_stdin && !bfy_add_can_ask ())
    {
      bfy_cli_set_hint (cli, "bindify services");
      problem =
          _ ("Say what to add: a service such as github, the URL of an MCP server, or --command");
    }

  if (problem == NULL)
    return bfy_add_check_place (add, error) && bfy_add_check_sign_in (add, is_command, error) &&
           bfy_add_check_sealed (add, add->is_sealed, error) && bfy_add_check_policy (add, error) &&
           bfy_condition_options_check (&add->conditions, error) &&
           (add->name == NULL || bfy_name_check (add->name, error));

  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, problem);
  return FALSE;
}

/* A program may have failed for a reason that goes away, so the person decides. */
static gboolean
wants_it_unchecked (BfyCli *cli, const BfyAdd *add, gboolean is_sure, const GError *problem)
{
  g_autoptr (BfyTerminal) terminal = NULL;

  if (add->program == NULL || add->skips_check || cli->signal_number != 0 ||
      (!g_error_matches (problem, BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED) &&
       !g_error_matches (problem, BFY_ERROR, BFY_ERROR_UPSTREAM_TIMEOUT)))
    return FALSE;

  bfy_cli_set_hint (cli, _ ("the same with --no-check, which adds it without starting it"));
  terminal = is_sure ? NULL : bfy_terminal_open (); /* a script is not asked */
  if (terminal == NULL)
    return FALSE;
  bfy_cli_warn ("%s", problem->message);

  return bfy_terminal_ask_yes (terminal, _ ("Add it all the same?"));
}

static JsonObject *
send_request (BfyCli *cli, BfyAdd *add, gboolean is_sure, GError **error)
{
  g_autoptr (GBytes) request = NULL;
  g_autoptr (GError) problem = NULL;
  JsonObject *reply;

  if (add->signs_in)
    return bfy_add_sign_in (cli, add, "/v1/bindings", bfy_add_build_open_part (add), error);
  if (add->program != NULL && !add->skips_check && !add->is_quiet)
    fprintf (stderr,
             _ ("Starting it once, to see whether it works; a first start may take a while.\n"));
  request = bfy_add_build_request (add);
  reply = bfy_cli_call (cli, "POST", "/v1/bindings", request, &problem);
  if (reply != NULL)
    return reply;
  if (wants_it_unchecked (cli, add, is_sure, problem))
    {
      add->skips_check = TRUE;
    }
  else if (!bfy_add_trust_certificate (cli, add, is_sure, problem))
    {
      g_propagate_error (error, g_steal_pointer (&problem));
      return NULL;
    }

  g_bytes_unref (g_steal_pointer (&request));
  request = bfy_add_build_request (add);

  return bfy_cli_call (cli, "POST", "/v1/bindings", request, error);
}

static JsonObject *
try_once (BfyCli *cli, BfyAdd *add, gboolean is_sure, GError **error)
{
  if ((add->needs_credential && (!bfy_add_read_credential (cli, add, error) ||
                                 !bfy_add_check_owner (cli, add, is_sure, error))) ||
      !bfy_add_read_key (cli, add, error))
    return NULL;

  return send_request (cli, add, is_sure, error);
}

/* Who is led by questions may try another token until one is taken; nothing else is asked again. */
static JsonObject *
try_until_taken (BfyCli *cli, BfyAdd *add, gboolean is_sure, GError **error)
{
  for (;;)
    {
      g_autoptr (GError) problem = NULL;
      JsonObject *reply = try_once (cli, add, is_sure, &problem);

      if (reply != NULL)
        return reply;
      if (!add->is_guided || !add->needs_credential || cli->signal_number != 0 ||
          !g_error_matches (problem, BFY_ERROR, BFY_ERROR_CREDENTIAL_REFUSED))
        {
          g_propagate_error (error, g_steal_pointer (&problem));
          return NULL;
        }
      bfy_cli_warn ("%s", problem->message);
      g_clear_pointer (&cli->hint, g_free);
      bfy_add_forget_credential (add);
    }
}

static gboolean
add_one (BfyCli *cli, BfyAdd *add, const BfyAddCommand *command, gboolean is_sure, GError **error)
{
  g_autoptr (JsonObject) reply = NULL;

  if (command->text != NULL ? !bfy_add_resolve_program (cli, add, command, is_sure, error)
                            : !bfy_add_resolve (cli, add, error))
    return FALSE;

  reply = try_until_taken (cli, add, is_sure, error);
  if (reply == NULL)
    return FALSE;
  if (!add->is_quiet)
    bfy_add_report (add, reply);
  else
    bfy_add_print_key (reply);

  return TRUE;
}

/* What was not said is found out by questions, or by the token's look. */
static gboolean
find_target (BfyCli *cli, BfyAdd *add, const AddMode *mode, GError **error)
{
  if (add->target != NULL || mode->command.text != NULL)
    return TRUE;
  if (add->is_token_on_stdin)
    return bfy_add_find_owner (cli, add, mode->ssh.is_sure, error);

  return bfy_add_guide (cli, add, error);
}

static gboolean
add_target (BfyCli *cli, BfyAdd *add, const AddMode *mode, GError **error)
{
  gboolean is_done = FALSE;

  if (!find_target (cli, add, mode, error) ||
      (mode->command.text == NULL && !add->is_guided && !bfy_add_again (cli, add, &is_done, error)))
    return FALSE;

  return is_done || add_one (cli, add, &mode->command, mode->ssh.is_sure, error);
}

/* It is part of where the database is: whoever sees the binding sees that. */
static gboolean
add_relay (BfyAdd *add, GError **error)
{
  char *url;

  if (!add->relays)
    return TRUE;
  if (g_str_has_prefix (add->database, "sqlite:"))
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                           _ ("--relay is for PostgreSQL databases"));
      return FALSE;
    }
  url = g_strconcat (add->database, strchr (add->database, '?') != NULL ? "&" : "?", "relay=on",
                     NULL);
  g_free (add->database);
  add->database = url;

  return TRUE;
}

static gboolean
add_target_database (BfyCli *cli, BfyAdd *add, const AddMode *mode, GError **error)
{
  const char *const words[] = { add->database, NULL };

  if (add->header != NULL || add->query != NULL || add->prefix != NULL || add->username != NULL)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                           _ ("--database goes with none of --basic, --header, --prefix, --query"));
      return FALSE;
    }
  if (!check_options (cli, add, mode, (GStrv) words, error) || !add_relay (add, error))
    return FALSE;
  g_free (add->type);
  add->type = g_strdup ("database");
  add->target = g_steal_pointer (&add->database);

  return add_target (cli, add, mode, error);
}

static gboolean
run (BfyCli *cli, BfyAdd *add, const AddMode *mode, const GStrv others, GError **error)
{
  guint n_modes = bfy_add_n_modes (&mode->ssh);

  if (n_modes > 1 ||
      (n_modes == 1 && (others[0] != NULL || bfy_condition_options_is_set (&add->conditions))))
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                           _ ("-l, -L, -d, -D, -T, -x and -X stand alone"));
      return FALSE;
    }
  if (n_modes == 1)
    return bfy_add_run_mode (cli, &mode->ssh, add->is_quiet, error);
  if (add->database != NULL && others[0] == NULL)
    return add_target_database (cli, add, mode, error);
  if (add->relays)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                           _ ("--relay goes with --database"));
      return FALSE;
    }
  if (!check_options (cli, add, mode, others, error))
    return FALSE;

  add->target = g_strdup (others[0]);
  if (add->place.access_key_id != NULL)
    add->username = g_strdup (add->place.access_key_id);
  if (add_target (cli, add, mode, error))
    return !add->is_guided || bfy_add_offer_connection (cli, add, error);

  bfy_add_say_cancelled (cli, add);
  return FALSE;
}

gboolean
bfy_command_add (BfyCli *cli, GStrv words, GError **error)
{
  BfyAdd add = { 0 };
  AddMode mode = { 0 };
  g_auto (GStrv) others = parse (cli, &add, &mode, words, error);
  gboolean is_ok = others != NULL && run (cli, &add, &mode, others, error);

  bfy_add_clear (&add);
  g_free (mode.ssh.removed);
  g_free (mode.ssh.tested);
  command_clear (&mode.command);
  return is_ok;
}
