/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/api/api.h"

#include "protocol/json.h"

typedef struct
{
  const char *method;
  const char *path; /* behind /v1; a segment "*" is the argument */
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
  { "GET", "/bindings/*/stderr", bfy_api_show_stderr },
  { "POST", "/probe", bfy_api_probe },
  { "GET", "/services", bfy_api_list_services },
  { "GET", "/clients", bfy_api_list_clients },
  { "POST", "/clients", bfy_api_add_client },
  { "DELETE", "/clients/*", bfy_api_remove_client },
  { "GET", "/events", bfy_api_events },
};

/* TRUE when @path is of the form; @argument: what its "*" stands for, or NULL. */
static gboolean
matches (const char *form, const char *path, char **argument)
{
  const char *star = strchr (form, '*');
  const char *end;

  if (star == NULL)
    return g_str_equal (form, path);
  if (strncmp (form, path, star - form) != 0)
    return FALSE;
  path += star - form;
  end = strchrnul (path, '/');
  if (end == path || !g_str_equal (end, star + 1))
    return FALSE;
  *argument = g_strndup (path, end - path);

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
      routes[i].handler (agent, request, argument);
      return;
    }

  reply_nothing_here (request, is_known);
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

  return port != 0 ? g_strdup_printf ("http://127.0.0.1:%u/mcp/%s", port, name) : NULL;
}
