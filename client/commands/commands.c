/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/commands/commands.h"

#include <glib/gi18n-lib.h>

#define WORDS_ANY G_MAXUINT

/* `bindify help` lists them in this order. */
const BfyCommand bfy_commands[] = {
  { "add", "[SERVICE|URL]", 0, WORDS_ANY, BFY_COMMAND_PLAIN,
    N_ ("Store a credential and give it a name"), bfy_command_add },
  { "list", "", 0, 0, BFY_COMMAND_JSON, N_ ("List the bindings"), bfy_command_list },
  { "show", "NAME", 1, 1, BFY_COMMAND_JSON, N_ ("Show one binding"), bfy_command_show },
  { "rename", "OLD NEW", 2, 2, BFY_COMMAND_PLAIN, N_ ("Give a binding another name"),
    bfy_command_rename },
  { "set", "NAME", 1, 1, BFY_COMMAND_PLAIN,
    N_ ("Say how long, where and by whom a binding may be used"), bfy_command_set },
  { "pause", "NAME", 1, 1, BFY_COMMAND_PLAIN,
    N_ ("Let nobody use a binding until it is resumed, or for a time"), bfy_command_pause },
  { "resume", "NAME", 1, 1, BFY_COMMAND_PLAIN, N_ ("Let a paused binding be used again"),
    bfy_command_resume },
  { "login", "NAME", 1, 1, BFY_COMMAND_PLAIN,
    N_ ("Sign in to a binding again, or give it a new token"), bfy_command_login },
  { "logout", "NAME", 1, 1, BFY_COMMAND_PLAIN, N_ ("Revoke a binding’s credential, and forget it"),
    bfy_command_logout },
  { "test", "NAME", 1, 1, BFY_COMMAND_JSON, N_ ("See whether a binding works"), bfy_command_test },
  { "remove", "NAME", 1, 1, BFY_COMMAND_PLAIN, N_ ("Remove a binding and its credential"),
    bfy_command_remove },
  { "tools", "NAME|--all", 0, 1, BFY_COMMAND_JSON, N_ ("List the tools of a binding"),
    bfy_command_tools },
  { "call", "NAME TOOL [JSON|key=value…]", 2, WORDS_ANY, BFY_COMMAND_JSON, N_ ("Call one tool"),
    bfy_command_call },
  { "methods", "NAME", 1, 1, BFY_COMMAND_JSON, N_ ("List the methods of a binding"),
    bfy_command_methods },
  { "do", "NAME METHOD [JSON|key=value…]", 2, WORDS_ANY, BFY_COMMAND_JSON,
    N_ ("Call one method and print its result as JSON"), bfy_command_do },
  { "query", "NAME SQL", 2, 2, BFY_COMMAND_JSON, N_ ("Read from a database, and print the rows"),
    bfy_command_query },
  { "http", "NAME METHOD PATH [key=value…]", 3, WORDS_ANY, BFY_COMMAND_PLAIN,
    N_ ("Send one request to a REST service"), bfy_command_http },
  { "env", "NAME", 1, 1, BFY_COMMAND_PLAIN,
    N_ ("Print variables that lead a REST service’s programs to the agent"), bfy_command_env },
  { "credential", "git|docker|aws …", 0, WORDS_ANY, BFY_COMMAND_PLAIN,
    N_ ("Give a credential itself to programs that insist on it, if a person says yes"),
    bfy_command_credential },
  { "policy", "show|set|clear|test …", 0, WORDS_ANY, BFY_COMMAND_PLAIN,
    N_ ("Say which tools, prompts and resources programs may use"), bfy_command_policy },
  { "prompts", "[allow|deny|dismiss ID]|resume|passphrase", 0, WORDS_ANY, BFY_COMMAND_JSON,
    N_ ("Show what programs ask for, and answer them"), bfy_command_prompts },
  { "connect", "CLIENT [NAME…]", 0, WORDS_ANY, BFY_COMMAND_JSON,
    N_ ("Put bindings into the configuration of a program that speaks MCP"), bfy_command_connect },
  { "disconnect", "CLIENT [NAME…]", 1, WORDS_ANY, BFY_COMMAND_PLAIN, N_ ("Take them out again"),
    bfy_command_disconnect },
  { "import", "[report] [FILE…]", 0, WORDS_ANY, BFY_COMMAND_JSON,
    N_ ("Move tokens that lie about in files into the keyring"), bfy_command_import },
  { "undo", "[ID]", 0, 1, BFY_COMMAND_JSON,
    N_ ("Take back what bindify changed in files of other programs"), bfy_command_undo },
  { "run", "COMMAND…", 0, WORDS_ANY, BFY_COMMAND_JSON | BFY_COMMAND_STRICT,
    N_ ("Run a command that may use some bindings, and nothing else of this machine"),
    bfy_command_run },
  { "client", "add|list|remove …", 0, WORDS_ANY, BFY_COMMAND_PLAIN,
    N_ ("Manage the keys of programs that speak HTTP"), bfy_command_client },
  { "grants", "[list]|revoke …", 0, WORDS_ANY, BFY_COMMAND_JSON,
    N_ ("Show what programs may do without asking again, and take it back"), bfy_command_grants },
  { "vault", "init|status|…", 0, WORDS_ANY, BFY_COMMAND_PLAIN,
    N_ ("Manage the encrypted file of machines without a desktop keyring"), bfy_command_vault },
  { "log", "[NAME]|verify|stats", 0, 1, BFY_COMMAND_JSON,
    N_ ("Show what happened, without contents"), bfy_command_log },
  { "keyring", "list|move …", 0, WORDS_ANY, BFY_COMMAND_PLAIN,
    N_ ("Show where credentials rest, and move them"), bfy_command_keyring },
  { "lock", "", 0, 0, BFY_COMMAND_PLAIN,
    N_ ("Forget all credentials in memory and refuse their use"), bfy_command_lock },
  { "unlock", "", 0, 0, BFY_COMMAND_PLAIN,
    N_ ("Let programs use the bindings again, and open the vault"), bfy_command_unlock },
  { "freeze", "", 0, 0, BFY_COMMAND_PLAIN, N_ ("Stop everything at once"), bfy_command_freeze },
  { "thaw", "", 0, 0, BFY_COMMAND_PLAIN, N_ ("Let programs go on after a freeze"),
    bfy_command_thaw },
  { "panic", "NAME…|--all", 0, WORDS_ANY, BFY_COMMAND_PLAIN,
    N_ ("Freeze, pause bindings, and revoke their tokens"), bfy_command_panic },
  { "doctor", "", 0, 0, BFY_COMMAND_JSON, N_ ("Look for what is wrong, and repair it with --fix"),
    bfy_command_doctor },
  { "open", "[PAGE]", 0, 1, BFY_COMMAND_PLAIN,
    N_ ("Open the window: bindings, clients, grants, activity, keyring, settings"),
    bfy_command_open },
  { "settings", "[NAME [VALUE]]", 0, 2, BFY_COMMAND_JSON,
    N_ ("Show how the agent is set up, and change it"), bfy_command_settings },
  { "services", "[show NAME|check FILE…]", 0, WORDS_ANY, BFY_COMMAND_JSON,
    N_ ("List the services bindify knows"), bfy_command_services },
  { "status", "", 0, 0, BFY_COMMAND_JSON, N_ ("Show how the agent is doing"), bfy_command_status },
  { "complete", "-- WORD…", 1, WORDS_ANY, BFY_COMMAND_HIDDEN,
    N_ ("Say what can stand in the place of the last word, for a shell"), bfy_command_complete },
  { "mcp", "NAME|--all", 0, 1, BFY_COMMAND_HIDDEN,
    N_ ("Speak MCP on stdin and stdout for a client that starts its servers as commands"),
    bfy_command_mcp },
  { "help", "[COMMAND]", 0, 2, BFY_COMMAND_PLAIN, N_ ("Explain a command"), bfy_command_help },
  BFY_COMMAND_END,
};

const BfyCommandGroup bfy_command_groups[] = {
  { "client", bfy_client_commands, FALSE },  { "credential", bfy_credential_commands, FALSE },
  { "grants", bfy_grants_commands, TRUE },   { "keyring", bfy_keyring_commands, FALSE },
  { "log", bfy_log_commands, TRUE },         { "policy", bfy_policy_commands, FALSE },
  { "prompts", bfy_prompts_commands, TRUE }, { "services", bfy_services_commands, TRUE },
  { "vault", bfy_vault_commands, FALSE },    { NULL, NULL, FALSE },
};

const BfyCommandGroup *
bfy_command_group_find (const char *name)
{
  for (const BfyCommandGroup *group = bfy_command_groups; group->name != NULL; group++)
    {
      if (g_str_equal (group->name, name))
        return group;
    }

  return NULL;
}

const BfyCommand *
bfy_command_find (const BfyCommand *commands, const char *name)
{
  for (; commands->name != NULL; commands++)
    {
      if (g_str_equal (commands->name, name))
        return commands;
    }

  return NULL;
}
