/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/api/api.h"

#include "agent/api/vault-request.h"
#include "agent/lock/lock.h"
#include "protocol/json.h"

#define BODY_BYTES_MAX (256 * 1024)

typedef struct
{
  const char *method;
  const char *path; /* behind /v1; a segment "*" is the argument, two of them with a slash */
  BfyApiHandler handler;
} Route;

static const Route routes[] = {
  { "GET", "/status", bfy_api_status },
  { "GET", "/bindings", bfy_api_list_bindings },
  { "POST", "/bindings", bfy_api_add_binding },
  { "GET", "/bindings/*", bfy_api_show_binding },
  { "PATCH", "/bindings/*", bfy_api_change_binding },
  { "DELETE", "/bindings/*", bfy_api_remove_binding },
  { "POST", "/bindings/*/login", bfy_api_login },
  { "POST", "/bindings/*/logout", bfy_api_logout },
  { "POST", "/bindings/*/test", bfy_api_test_binding },
  { "GET", "/bindings/*/stderr", bfy_api_show_stderr },
  { "POST", "/bindings/*/reveal", bfy_api_reveal },
  { "POST", "/bindings/*/move", bfy_api_move_binding },
  { "GET", "/bindings/*/methods", bfy_api_list_methods },
  { "POST", "/bindings/*/methods/*", bfy_api_call_method },
  { "GET", "/bindings/*/policy", bfy_api_show_policy },
  { "PUT", "/bindings/*/policy", bfy_api_set_policy },
  { "DELETE", "/bindings/*/policy", bfy_api_clear_policy },
  { "POST", "/bindings/*/policy/test", bfy_api_test_policy },
  { "GET", "/keyrings", bfy_api_list_keyrings },
  { "GET", "/doctor", bfy_api_doctor },
  { "POST", "/doctor/fix", bfy_api_doctor_fix },
  { "POST", "/probe", bfy_api_probe },
  { "GET", "/services", bfy_api_list_services },
  { "GET", "/services/*", bfy_api_show_service },
  { "GET", "/clients", bfy_api_list_clients },
  { "POST", "/clients", bfy_api_add_client },
  { "DELETE", "/clients/*", bfy_api_remove_client },
  { "POST", "/clients/*/report", bfy_api_report_run },
  { "PUT", "/clients/*/decoy", bfy_api_set_decoy },
  { "DELETE", "/clients/*/decoy", bfy_api_remove_decoy },
  { "GET", "/grants", bfy_api_list_grants },
  { "DELETE", "/grants", bfy_api_revoke_grants },
  { "DELETE", "/grants/*", bfy_api_revoke_grant },
  { "GET", "/events", bfy_api_events },
  { "POST", "/events/verify", bfy_api_verify_events },
  { "GET", "/prompts", bfy_api_list_prompts },
  { "DELETE", "/prompts/quiet", bfy_api_end_quiet },
  { "GET", "/prompts/*", bfy_api_show_prompt },
  { "POST", "/prompts/*/answer", bfy_api_answer_prompt },
  { "POST", "/prompters", bfy_api_add_prompter },
  { "GET", "/usage", bfy_api_show_usage },
  { "GET", "/settings", bfy_api_show_settings },
  { "PATCH", "/settings", bfy_api_change_settings },
  { "GET", "/vault", bfy_api_show_vault },
  { "POST", "/vault", bfy_api_make_vault },
  { "POST", "/vault/slots", bfy_api_add_vault_slot },
  { "PUT", "/vault/slots/*", bfy_api_change_vault_slot },
  { "DELETE", "/vault/slots/*", bfy_api_remove_vault_slot },
  { "DELETE", "/vault/keys/*", bfy_api_remove_vault_key },
  { "POST", "/vault/unlock", bfy_api_unlock_vault },
  { "POST", "/vault/rotate", bfy_api_rotate_vault },
  { "GET", "/vault/backup", bfy_api_backup_vault },
  { "POST", "/vault/export", bfy_api_export_vault },
  { "POST", "/vault/inspect", bfy_api_inspect_vault },
  { "POST", "/vault/restore", bfy_api_restore_vault },
  { "POST", "/vault/check", bfy_api_check_vault },
  { "GET", "/lock", bfy_api_show_lock },
  { "POST", "/lock", bfy_api_lock },
  { "POST", "/unlock", bfy_api_unlock },
  { "PUT", "/lock/approval", bfy_api_set_approval_passphrase },
  { "POST", "/freeze", bfy_api_freeze },
  { "POST", "/thaw", bfy_api_thaw },
  { "POST", "/panic", bfy_api_panic },
};

/* Whatever holds it: what closes and opens the agent, and waiting for questions. The vault comes
 * after that: its key would lie in the memory of an agent that is to hold none. */
static const char *const always_served[] = { "/lock",  "/unlock",    "/freeze", "/thaw",
                                             "/panic", "/prompters", NULL };
/* While it is locked with a passphrase, even reading is for who knows it; the list of bindings is
 * empty, and of events only those that happen from now on to the agent itself are told. */
static const char *const shown_locked[] = { "/status", "/lock",   "/bindings",
                                            "/vault",  "/events", NULL };
/* Otherwise reading goes on, which never shows or needs a secret (that of a POST, too, whose body
 * says what to compare with), and taking back what was permitted. */
static const char *const served_locked[] = { "/events/verify", "/grants", "/grants/*",
                                             "/clients/*/report", NULL };

/* Who has frozen everything then looks for what has to go before it goes on. */
static gboolean
is_served_frozen (const Route *route)
{
  return (g_str_equal (route->method, "DELETE") && g_str_equal (route->path, "/clients/*")) ||
         (g_str_equal (route->method, "PATCH") && g_str_equal (route->path, "/bindings/*"));
}

static gboolean
check_open (BfyAgent *agent, const Route *route, GError **error)
{
  gboolean is_read = g_str_equal (route->method, "GET");
  BfyLockState state = bfy_lock_get_state (agent->lock);

  if (g_strv_contains (always_served, route->path))
    return TRUE;
  if (state == BFY_LOCK_PASSPHRASE)
    return (is_read && g_strv_contains (shown_locked, route->path)) ||
           bfy_credentials_check_unlocked (agent->credentials, error);
  if (is_read || g_strv_contains (served_locked, route->path) ||
      (state == BFY_LOCK_OPEN && is_served_frozen (route)))
    return TRUE;

  return bfy_lock_check_thawed (agent->lock, error) &&
         bfy_credentials_check_unlocked (agent->credentials, error);
}

static gboolean
refuse_closed (BfyAgent *agent, BfyRequest *request, const Route *route)
{
  GError *error = NULL;

  if (check_open (agent, route, &error))
    return FALSE;

  bfy_api_fail (request, error, NULL);

  return TRUE;
}

/* What may make a question needless, or a no undone. Changes of a binding are looked at when it is
 * known what is changed (agent/api/bindings.c). */
static const Route loosening[] = {
  { "PUT", "/bindings/*/policy", bfy_api_set_policy },
  { "DELETE", "/bindings/*/policy", bfy_api_clear_policy },
  { "DELETE", "/grants", bfy_api_revoke_grants },
  { "DELETE", "/grants/*", bfy_api_revoke_grant },
  { "DELETE", "/prompts/quiet", bfy_api_end_quiet },
  { "PATCH", "/settings", bfy_api_change_settings },
};

static gboolean
refuse_loosening (BfyAgent *agent, BfyRequest *request, const Route *route)
{
  for (guint i = 0; i < G_N_ELEMENTS (loosening); i++)
    if (route->handler == loosening[i].handler)
      return bfy_api_refuse_asker (agent, request, loosening[i].path);

  return FALSE;
}

/* TRUE when @path is of the form; @argument: what its stars stand for, with slashes between, or
 * NULL. */
static gboolean
matches (const char *form, const char *path, char **argument)
{
  g_autoptr (GString) found = g_string_new (NULL);
  const char *star;

  for (star = strchr (form, '*'); star != NULL; star = strchr (form, '*'))
    {
      const char *end;

      if (strncmp (form, path, star - form) != 0)
        return FALSE;
      path += star - form;
      end = strchrnul (path, '/');
      if (end == path)
        return FALSE;
      g_string_append_printf (found, "%s%.*s", found->len > 0 ? "/" : "", (int) (end - path), path);
      path = end;
      form = star + 1;
    }
  if (!g_str_equal (form, path))
    return FALSE;
  if (found->len > 0)
    *argument = g_string_free (g_steal_pointer (&found), FALSE);

  return TRUE;
}

static void
reply_nothing_here (BfyRequest *request, gboolean is_known)
{
  if (is_known)
    bfy_request_reply_error_status (request, 405, BFY_ERROR_METHOD_NOT_ALLOWED,
                                    "This path does not take that method");
  else
    bfy_request_reply_error_status (request, 404, BFY_ERROR_NOT_FOUND,
                                    "There is nothing at this path");
}

void
bfy_api_serve (BfyAgent *agent, BfyRequest *request)
{
  const char *path = bfy_request_get_route (request)->rest;
  gboolean is_known = FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (routes); i++)
    {
      g_autofree char *argument = NULL;

      if (!matches (routes[i].path, path, &argument))
        continue;
      is_known = TRUE;
      if (!g_str_equal (routes[i].method, bfy_request_get_method (request)))
        continue;
      if (!refuse_closed (agent, request, &routes[i]) &&
          !refuse_loosening (agent, request, &routes[i]))
        routes[i].handler (agent, request, argument);
      return;
    }

  reply_nothing_here (request, is_known);
}

guint64
bfy_api_body_bytes_max (const char *path)
{
  static const char *const with_files[] = { "/vault/inspect", "/vault/restore", NULL };

  return path != NULL && g_strv_contains (with_files, path) ? BFY_VAULT_REQUEST_BYTES_MAX
                                                            : BODY_BYTES_MAX;
}

JsonObject *
bfy_api_read_body (BfyRequest *request, GError **error)
{
  gsize length;
  const char *text = g_bytes_get_data (bfy_request_get_body (request), &length);

  return bfy_json_parse_object (text, length, error);
}

char *
bfy_api_get_parameter (BfyRequest *request, const char *name)
{
  const char *query = bfy_request_get_query (request);
  g_autoptr (GHashTable) parameters = NULL;

  if (query == NULL)
    return NULL;
  parameters = g_uri_parse_params (query, -1, "&", G_URI_PARAMS_NONE, NULL);

  return parameters != NULL ? g_strdup (g_hash_table_lookup (parameters, name)) : NULL;
}

void
bfy_api_fail (BfyRequest *request, GError *error, const char *name)
{
  bfy_request_reply_error (request, error, name);
  g_error_free (error);
}

char *
bfy_api_endpoint (BfyAgent *agent, const char *name)
{
  guint16 port = bfy_server_get_port (agent->server);
  const BfyBinding *binding = bfy_registry_find (agent->registry, name);
  const char *door = binding != NULL && bfy_binding_is_rest (binding) ? "http" : "mcp";

  return port != 0 ? g_strdup_printf ("http://127.0.0.1:%u/%s/%s", port, door, name) : NULL;
}
