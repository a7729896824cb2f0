/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/commands/commands.h"

#define WORDS_ANY G_MAXUINT

/* `bindify help` lists them in this order. */
const BfyCommand bfy_commands[] = {
  { "add", "[SERVICE|URL]", 0, WORDS_ANY, BFY_COMMAND_PLAIN,
    "Store a credential and give it a name", bfy_command_add },
  { "list", "", 0, 0, BFY_COMMAND_JSON, "List the bindings", bfy_command_list },
  { "show", "NAME", 1, 1, BFY_COMMAND_JSON, "Show one binding", bfy_command_show },
  { "rename", "OLD NEW", 2, 2, BFY_COMMAND_PLAIN, "Give a binding another name",
    bfy_command_rename },
  { "pause", "NAME", 1, 1, BFY_COMMAND_PLAIN, "Let nobody use a binding until it is resumed",
    bfy_command_pause },
  { "resume", "NAME", 1, 1, BFY_COMMAND_PLAIN, "Let a paused binding be used again",
    bfy_command_resume },
  { "login", "NAME", 1, 1, BFY_COMMAND_PLAIN, "Give a binding a new credential",
    bfy_command_login },
  { "remove", "NAME", 1, 1, BFY_COMMAND_PLAIN, "Remove a binding and its credential",
    bfy_command_remove },
  { "tools", "NAME|--all", 0, 1, BFY_COMMAND_JSON, "List the tools of a binding",
    bfy_command_tools },
  { "call", "NAME TOOL [JSON|key=value…]", 2, WORDS_ANY, BFY_COMMAND_JSON, "Call one tool",
    bfy_command_call },
  { "policy", "show|set|clear|test …", 0, WORDS_ANY, BFY_COMMAND_PLAIN,
    "Say which tools, prompts and resources programs may use", bfy_command_policy },
  { "client", "add|list|remove …", 0, WORDS_ANY, BFY_COMMAND_PLAIN,
    "Manage the keys of programs that speak HTTP", bfy_command_client },
  { "vault", "init|status|…", 0, WORDS_ANY, BFY_COMMAND_PLAIN,
    "Manage the encrypted file of machines without a desktop keyring", bfy_command_vault },
  { "log", "[NAME]", 0, 1, BFY_COMMAND_JSON, "Show what happened, without contents",
    bfy_command_log },
  { "keyring", "list|move …", 0, WORDS_ANY, BFY_COMMAND_PLAIN,
    "Show where credentials rest, and move them", bfy_command_keyring },
  { "lock", "", 0, 0, BFY_COMMAND_PLAIN, "Forget all credentials in memory and refuse their use",
    bfy_command_lock },
  { "unlock", "", 0, 0, BFY_COMMAND_PLAIN,
    "Let programs use the bindings again, and open the vault", bfy_command_unlock },
  { "doctor", "", 0, 0, BFY_COMMAND_JSON, "Look for what is wrong, and repair it with --fix",
    bfy_command_doctor },
  { "services", "", 0, 0, BFY_COMMAND_JSON, "List the services bindify knows",
    bfy_command_services },
  { "status", "", 0, 0, BFY_COMMAND_JSON, "Show how the agent is doing", bfy_command_status },
  { "mcp", "NAME|--all", 0, 1, BFY_COMMAND_HIDDEN,
    "Speak MCP on stdin and stdout for a client that starts its servers as commands",
    bfy_command_mcp },
  { "help", "[COMMAND]", 0, 2, BFY_COMMAND_PLAIN, "Explain a command", bfy_command_help },
  BFY_COMMAND_END,
};
