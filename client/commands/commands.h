/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/cli.h"

/* Each table ends with a command without name. */
extern const BfyCommand bfy_commands[];
extern const BfyCommand bfy_client_commands[];
extern const BfyCommand bfy_credential_commands[];
extern const BfyCommand bfy_vault_commands[];
extern const BfyCommand bfy_keyring_commands[];
extern const BfyCommand bfy_log_commands[];
extern const BfyCommand bfy_policy_commands[];
extern const BfyCommand bfy_grants_commands[];
extern const BfyCommand bfy_prompts_commands[];
extern const BfyCommand bfy_services_commands[];

/* Commands that have commands of their own. */
typedef struct
{
  const char *name;
  const BfyCommand *commands;
  gboolean runs_alone; /* without one of them, too: `bindify log` */
} BfyCommandGroup;

/* Ends with one without name. */
extern const BfyCommandGroup bfy_command_groups[];
/* (nullable) */
const BfyCommandGroup *bfy_command_group_find (const char *name);
/* (nullable) */
const BfyCommand *bfy_command_find (const BfyCommand *commands, const char *name);

/* The table of `bindify list` and `bindify-add -l`, from the reply of GET /v1/bindings. */
void bfy_bindings_print (JsonObject *reply);
/* All that `bindify show` says of one. */
void bfy_binding_print (JsonObject *binding);
/* PATCHes @change (taken) and says what holds then. */
gboolean bfy_change_conditions (
    BfyCli *cli, const char *name, JsonObject *change, gboolean is_quiet, GError **error);

/* In its place while the agent is locked with a passphrase. */
#define BFY_BINDINGS_HIDDEN_TEXT                                                                   \
  N_ ("The agent is locked with a passphrase and shows nothing; “bindify unlock” asks for it.\n")

/* The overview, or what --help says about a command and, of a group as `client`, its own command.
 */
gboolean bfy_help (BfyCli *cli, const char *command, const char *subcommand, GError **error);

gboolean bfy_command_add (BfyCli *cli, GStrv words, GError **error);
gboolean bfy_command_list (BfyCli *cli, GStrv words, GError **error);
gboolean bfy_command_show (BfyCli *cli, GStrv words, GError **error);
gboolean bfy_command_set (BfyCli *cli, GStrv words, GError **error);
gboolean bfy_command_remove (BfyCli *cli, GStrv words, GError **error);
gboolean bfy_command_run (BfyCli *cli, GStrv words, GError **error);
gboolean bfy_command_rename (BfyCli *cli, GStrv words, GError **error);
gboolean bfy_command_pause (BfyCli *cli, GStrv words, GError **error);
gboolean bfy_command_resume (BfyCli *cli, GStrv words, GError **error);
gboolean bfy_command_status (BfyCli *cli, GStrv words, GError **error);
gboolean bfy_command_login (BfyCli *cli, GStrv words, GError **error);
gboolean bfy_command_logout (BfyCli *cli, GStrv words, GError **error);
gboolean bfy_command_test (BfyCli *cli, GStrv words, GError **error);
gboolean bfy_command_tools (BfyCli *cli, GStrv words, GError **error);
gboolean bfy_command_env (BfyCli *cli, GStrv words, GError **error);
gboolean bfy_command_http (BfyCli *cli, GStrv words, GError **error);
gboolean bfy_command_call (BfyCli *cli, GStrv words, GError **error);
/* The pages of the window, NULL at the end. */
extern const char *const bfy_open_pages[];
gboolean bfy_command_complete (BfyCli *cli, GStrv words, GError **error);
gboolean bfy_command_client (BfyCli *cli, GStrv words, GError **error);
gboolean bfy_command_credential (BfyCli *cli, GStrv words, GError **error);
gboolean bfy_command_connect (BfyCli *cli, GStrv words, GError **error);
gboolean bfy_command_disconnect (BfyCli *cli, GStrv words, GError **error);
gboolean bfy_command_undo (BfyCli *cli, GStrv words, GError **error);
gboolean bfy_command_grants (BfyCli *cli, GStrv words, GError **error);
gboolean bfy_command_log (BfyCli *cli, GStrv words, GError **error);
/* A time of an event as it is shown, local. Free with g_free(). */
char *bfy_log_format_time (const char *text);
gboolean bfy_command_log_verify (BfyCli *cli, GStrv words, GError **error);
gboolean bfy_command_log_stats (BfyCli *cli, GStrv words, GError **error);
gboolean bfy_command_do (BfyCli *cli, GStrv words, GError **error);
gboolean bfy_command_doctor (BfyCli *cli, GStrv words, GError **error);
gboolean bfy_command_import (BfyCli *cli, GStrv words, GError **error);
gboolean bfy_command_keyring (BfyCli *cli, GStrv words, GError **error);
gboolean bfy_command_policy (BfyCli *cli, GStrv words, GError **error);
gboolean bfy_command_prompts (BfyCli *cli, GStrv words, GError **error);
gboolean bfy_command_lock (BfyCli *cli, GStrv words, GError **error);
gboolean bfy_command_unlock (BfyCli *cli, GStrv words, GError **error);
gboolean bfy_command_freeze (BfyCli *cli, GStrv words, GError **error);
gboolean bfy_command_thaw (BfyCli *cli, GStrv words, GError **error);
gboolean bfy_command_panic (BfyCli *cli, GStrv words, GError **error);
gboolean bfy_command_prompts_passphrase (BfyCli *cli, GStrv words, GError **error);
/* What they do once the command line is read; also for bindify-add -x and -X. */
gboolean bfy_lock (BfyCli *cli, gboolean is_quiet, GError **error);
gboolean bfy_unlock (BfyCli *cli, gboolean is_quiet, GError **error);
gboolean bfy_command_open (BfyCli *cli, GStrv words, GError **error);
gboolean bfy_command_settings (BfyCli *cli, GStrv words, GError **error);
gboolean bfy_command_services (BfyCli *cli, GStrv words, GError **error);
gboolean bfy_command_vault (BfyCli *cli, GStrv words, GError **error);
gboolean bfy_command_mcp (BfyCli *cli, GStrv words, GError **error);
gboolean bfy_command_query (BfyCli *cli, GStrv words, GError **error);
gboolean bfy_command_methods (BfyCli *cli, GStrv words, GError **error);
gboolean bfy_command_help (BfyCli *cli, GStrv words, GError **error);
