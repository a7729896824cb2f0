/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"

/* The control API on the UNIX door, one table of routes (protocol/openapi.yaml is the contract). */
void bfy_api_serve (BfyAgent *agent, BfyRequest *request);

/* How large the body of a request for @path (behind /v1) may be. */
guint64 bfy_api_body_bytes_max (const char *path);

/* For the handlers. @argument: the path segment that the route's "*" stands for, or NULL; of two of
 * them both, with a slash between.
 */
typedef void (*BfyApiHandler) (BfyAgent *agent, BfyRequest *request, const char *argument);

/* The body as an object; an empty one is an error. (transfer full) */
JsonObject *bfy_api_read_body (BfyRequest *request, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The client key in a member of the body, or NULL when there is none. It is overwritten there, so
 * that the rest may be read as an object. */
gboolean bfy_api_take_key (BfyRequest *request, const char *member, BfySecret **key, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Answers with @object (taken) and the key of a client, 64 bytes, as a further member. */
void bfy_api_reply_with_key (BfyRequest *request,
                             guint status,
                             JsonObject *object,
                             const char *member,
                             const BfySecret *key);
/* That text by itself; whoever has used it wipes it. (transfer full) */
GString *bfy_api_format_with_key (JsonObject *object, const char *member, const BfySecret *key);
/* A query parameter, unescaped, or NULL. Free with g_free(). */
char *bfy_api_get_parameter (BfyRequest *request, const char *name);
/* TRUE after having refused what the process that asks for something, or one that belongs to it,
 * must not do for itself: a program that may not answer its own question may not get around it
 * either. @what: for the log. */
gboolean bfy_api_refuse_asker (BfyAgent *agent, BfyRequest *request, const char *what);
/* Answers with an error of ours and takes it over. @name: the binding it is about, or NULL. */
void bfy_api_fail (BfyRequest *request, GError *error, const char *name);
/* The binding of that name, borrowed, or NULL after having answered. */
BfyBinding *bfy_api_find_binding (BfyAgent *agent, BfyRequest *request, const char *name);
/* A binding's public form with the state that it is in just now; the second one as the member
 * "binding" of an object. (transfer full) */
JsonObject *bfy_api_describe_binding (BfyAgent *agent, const BfyBinding *binding);
JsonObject *bfy_api_wrap_binding (BfyAgent *agent, const BfyBinding *binding);
/* Of clients by their ids; those that are not there any more are left out. (transfer full) */
JsonArray *bfy_api_describe_clients (BfyAgent *agent, const char *const *ids);
/* What has been used of it, against its limits. (transfer full) */
JsonObject *bfy_api_describe_usage (BfyAgent *agent, const BfyBinding *binding);
/* The MCP URL of a binding on the TCP door, or NULL when there is no such door. Free with g_free().
 */
char *bfy_api_endpoint (BfyAgent *agent, const char *name);
/* What the end of bfy_keyring_check_async() says of @keyring: name, state, and why it cannot be
 * used as it is. @is_there (nullable): whether it answers, locked or not. (transfer full) */
JsonObject *
bfy_api_describe_keyring (BfyKeyring *keyring, GAsyncResult *checked, gboolean *is_there);

void bfy_api_status (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_list_bindings (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_add_binding (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_show_binding (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_change_binding (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_remove_binding (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_login (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_logout (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_test_binding (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_reveal (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_list_methods (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_call_method (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_show_stderr (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_show_policy (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_test_policy (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_set_policy (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_clear_policy (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_probe (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_list_services (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_show_service (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_list_clients (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_add_client (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_remove_client (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_report_run (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_set_decoy (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_remove_decoy (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_list_grants (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_revoke_grant (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_revoke_grants (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_events (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_verify_events (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_list_prompts (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_show_prompt (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_end_quiet (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_answer_prompt (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_add_prompter (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_show_usage (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_show_settings (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_change_settings (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_show_vault (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_make_vault (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_add_vault_slot (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_change_vault_slot (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_remove_vault_slot (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_remove_vault_key (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_unlock_vault (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_rotate_vault (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_backup_vault (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_export_vault (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_inspect_vault (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_restore_vault (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_check_vault (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_list_keyrings (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_move_binding (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_doctor (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_doctor_fix (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_show_lock (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_lock (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_unlock (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_set_approval_passphrase (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_freeze (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_thaw (BfyAgent *agent, BfyRequest *request, const char *argument);
void bfy_api_panic (BfyAgent *agent, BfyRequest *request, const char *argument);
