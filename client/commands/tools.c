/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/commands/tools.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "client/commands/commands.h"
#include "client/fields.h"
#include "client/minify.h"
#include "client/table.h"
#include "protocol/json.h"
#include "protocol/name.h"

#define PAGES_MAX 1000
#define CLOSE_MS 1000

static gboolean
on_close_timeout (gpointer user_data)
{
  g_cancellable_cancel (user_data);
  return G_SOURCE_CONTINUE;
}

void
bfy_tools_close (BfyCli *cli, BfyMcpSession *session)
{
  g_autoptr (GCancellable) deadline = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  guint timer_id = g_timeout_add (CLOSE_MS, on_close_timeout, deadline);

  bfy_mcp_session_close_async (session, deadline, bfy_cli_on_ready, cli);
  result = bfy_cli_wait (cli);
  bfy_mcp_session_close_finish (session, result);
  g_source_remove (timer_id);
}

static void
set_refusal_hint (BfyCli *cli, const char *binding, const GError *error)
{
  g_autofree char *hint = NULL;

  if (bfy_error_code (error) == BFY_ERROR_CANCELLED)
    return;

  /* In an answer to a call it is a person or the policy that says no. */
  hint = bfy_error_code (error) == BFY_ERROR_DENIED
             ? g_strdup_printf (_ ("bindify grants, or bindify policy show %s"), binding)
             : bfy_error_format_hint (bfy_error_code (error), binding);
  if (hint != NULL)
    bfy_cli_set_hint (cli, "%s", hint);
}

/* A locked keyring and a key that is missing are the same kind of refusal, with other ways out. */
static void
set_locked_hint (BfyCli *cli, const char *binding, const BfyKeyOptions *key)
{
  g_autofree char *path = bfy_cli_path ("bindings", binding);
  g_autofree char *kept = g_strdup (cli->hint);
  g_autoptr (JsonObject) reply = bfy_cli_call (cli, "GET", path, NULL, NULL);
  JsonObject *shown = reply != NULL ? bfy_field_object (reply, "binding") : NULL;
  gboolean is_sealed = shown != NULL && strcmp (bfy_field_text (shown, "mode"), "sealed") == 0;

  if (is_sealed && bfy_key_options_is_set (key))
    bfy_cli_set_hint (cli, "bindify show %s", binding);
  else if (is_sealed)
    bfy_cli_set_hint (cli, "%s %s … --key-file FILE", cli->title, binding);
  else if (kept != NULL)
    bfy_cli_set_hint (cli, "%s", kept);
}

/* For whoever looks at a command that does nothing; the answer itself comes later. */
static void
on_waiting (BfyMcpSession *session, gpointer user_data)
{
  bfy_cli_warn (_ ("Waiting for a person to allow this; bindify prompts shows the question"));
}

BfyMcpSession *
bfy_tools_open (BfyCli *cli, const char *binding, const BfyKeyOptions *key, GError **error)
{
  g_autoptr (BfyMcpSession) session = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) local_error = NULL;

  if ((strcmp (binding, BFY_NAME_OF_ALL) != 0 && !bfy_name_check (binding, error)) ||
      bfy_cli_connect (cli, error) == NULL || !bfy_key_present (cli, key, error))
    return NULL;

  session = bfy_mcp_session_new (cli->remote, binding);
  bfy_mcp_session_set_on_waiting (session, on_waiting, cli);
  bfy_mcp_session_open_async (session, cli->cancellable, bfy_cli_on_ready, cli);
  result = bfy_cli_wait (cli);
  if (!bfy_mcp_session_open_finish (session, result, &local_error))
    {
      set_refusal_hint (cli, binding, local_error);
      if (bfy_error_code (local_error) == BFY_ERROR_LOCKED)
        set_locked_hint (cli, binding, key);
      g_propagate_error (error, g_steal_pointer (&local_error));
      bfy_tools_close (cli, session);
      return NULL;
    }

  return g_steal_pointer (&session);
}

char *
bfy_tools_request (
    BfyCli *cli, BfyMcpSession *session, const char *method, const char *params, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) local_error = NULL;
  char *reply;

  bfy_mcp_session_request_async (session, method, params, cli->cancellable, bfy_cli_on_ready, cli);
  result = bfy_cli_wait (cli);
  reply = bfy_mcp_session_request_finish (session, result, &local_error);
  if (reply == NULL)
    {
      set_refusal_hint (cli, bfy_mcp_session_get_binding (session), local_error);
      /* The session works, so it is the tool or its arguments that the server does not take. */
      if (bfy_error_code (local_error) == BFY_ERROR_UPSTREAM_FAILED &&
          strcmp (method, "tools/call") == 0)
        bfy_cli_set_hint (cli, "bindify tools %s", bfy_mcp_session_get_binding (session));
      g_propagate_error (error, g_steal_pointer (&local_error));
    }

  return reply;
}

/* The cursor as JSON text, or NULL on the last page. */
static char *
take_page (GPtrArray *tools, const char *page)
{
  BfyJsonSlice root;
  BfyJsonSlice list;
  BfyJsonSlice key;
  BfyJsonSlice tool;
  BfyJsonSlice cursor;
  BfyJsonIter iter;

  bfy_json_slice_root (page, strlen (page), &root);
  if (bfy_json_slice_member (&root, "tools", &list) && list.type == BFY_JSON_ARRAY)
    {
      bfy_json_iter_init (&iter, &list);
      while (bfy_json_iter_next (&iter, &key, &tool))
        g_ptr_array_add (tools, g_strndup (tool.start, tool.length));
    }

  if (!bfy_json_slice_member (&root, "nextCursor", &cursor) || cursor.type != BFY_JSON_STRING)
    return NULL;

  return g_strndup (cursor.start, cursor.length);
}

GPtrArray *
bfy_tools_list (BfyCli *cli, BfyMcpSession *session, GError **error)
{
  g_autoptr (GPtrArray) tools = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *cursor = NULL;

  for (guint i = 0; i < PAGES_MAX; i++)
    {
      g_autofree char *params = cursor != NULL ? g_strdup_printf ("{\"cursor\":%s}", cursor) : NULL;
      g_autofree char *page = bfy_tools_request (cli, session, "tools/list", params, error);

      if (page == NULL)
        return NULL;
      g_free (cursor);
      cursor = take_page (tools, page);
      if (cursor == NULL)
        return g_steal_pointer (&tools);
    }

  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED,
                       _ ("The server’s list of tools does not end"));
  return NULL;
}

static void
print_tools_json (GPtrArray *tools)
{
  g_autoptr (GString) out = g_string_new ("[");

  for (guint i = 0; i < tools->len; i++)
    {
      const char *tool = g_ptr_array_index (tools, i);

      g_string_append (out, i == 0 ? "\n" : ",\n");
      bfy_minify_append (out, tool, strlen (tool));
    }
  g_string_append (out, tools->len > 0 ? "\n]" : "]");
  bfy_cli_print ("%s\n", out->str);
}

static void
print_tools (GPtrArray *tools)
{
  static const char *const headings[] = { NC_ ("column", "TOOL"), NC_ ("column", "WHAT IT DOES"),
                                          NULL };
  g_autoptr (BfyTable) table = bfy_table_new (headings);
  g_autofree char *text = NULL;

  for (guint i = 0; i < tools->len; i++)
    {
      const char *raw = g_ptr_array_index (tools, i);
      g_autoptr (JsonObject) tool = bfy_json_parse_object (raw, strlen (raw), NULL);
      g_auto (GStrv) lines = NULL;
      const char *cells[2];

      if (tool == NULL)
        continue;
      lines = g_strsplit (bfy_field_text (tool, "description"), "\n", 2);
      cells[0] = bfy_field_text (tool, "name");
      cells[1] = lines[0];
      bfy_table_add_row (table, cells);
    }

  text = bfy_table_format (table);
  bfy_cli_print ("%s", text);
}

const char *
bfy_tools_choose (const char *name, gboolean wants_all, GError **error)
{
  if (wants_all == (name != NULL))
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                           _ ("Say which binding is meant, or --all for all of them"));
      return NULL;
    }
  if (wants_all)
    return BFY_NAME_OF_ALL;

  return bfy_name_check (name, error) ? name : NULL;
}

static void
print_no_tools (const char *name, gboolean is_for_all)
{
  if (is_for_all)
    bfy_cli_print (
        _ ("None of the bindings offers a tool. bindify list says what state they are in; "
           "bindify-add adds one.\n"));
  else
    bfy_cli_print (_ ("%s offers no tools. bindify policy show %s says whether some are hidden.\n"),
                   name, name);
}

gboolean
bfy_command_tools (BfyCli *cli, GStrv words, GError **error)
{
  g_auto (BfyKeyOptions) key = { 0 };
  gboolean wants_all = FALSE;
  const GOptionEntry entries[] = {
    { "all", 0, 0, G_OPTION_ARG_NONE, &wants_all,
      N_ ("Of all bindings, as bindify-mcp --all has them"), NULL },
    BFY_KEY_FILE_ENTRY (&key),
    BFY_KEY_STDIN_ENTRY (&key),
    G_OPTION_ENTRY_NULL,
  };
  g_auto (GStrv) others = bfy_cli_parse (cli, entries, words, error);
  g_autoptr (BfyMcpSession) session = NULL;
  g_autoptr (GPtrArray) tools = NULL;
  const char *name;

  if (others == NULL)
    return FALSE;
  name = bfy_tools_choose (others[0], wants_all, error);
  if (name == NULL)
    return FALSE;
  session = bfy_tools_open (cli, name, &key, error);
  if (session == NULL)
    return FALSE;

  tools = bfy_tools_list (cli, session, error);
  bfy_tools_close (cli, session);
  if (tools == NULL)
    return FALSE;
  if (cli->is_json)
    print_tools_json (tools);
  else if (tools->len == 0)
    print_no_tools (name, wants_all);
  else
    print_tools (tools);

  return TRUE;
}
