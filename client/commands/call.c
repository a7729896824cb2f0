/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

#include "client/arguments.h"
#include "client/commands/commands.h"
#include "client/commands/tools.h"
#include "client/fields.h"
#include "client/minify.h"
#include "protocol/json.h"
#include "protocol/name.h"

/* The inputSchema of a tool as the server lists it, or NULL: then the server decides alone. */
static JsonObject *
find_schema (GPtrArray *tools, const char *name)
{
  for (guint i = 0; i < tools->len; i++)
    {
      const char *raw = g_ptr_array_index (tools, i);
      g_autoptr (JsonObject) tool = bfy_json_parse_object (raw, strlen (raw), NULL);
      JsonObject *schema = NULL;

      if (tool == NULL || strcmp (bfy_field_text (tool, "name"), name) != 0)
        continue;
      schema = bfy_field_object (tool, "inputSchema");
      return schema != NULL ? json_object_ref (schema) : NULL;
    }

  return NULL;
}

static char *
build_params (
    BfyCli *cli, BfyMcpSession *session, const char *tool, const char *const *words, GError **error)
{
  g_autoptr (JsonObject) schema = NULL;
  g_autofree char *arguments = NULL;
  GString *params;

  if (bfy_arguments_are_pairs (words))
    {
      g_autoptr (GPtrArray) tools = bfy_tools_list (cli, session, error);

      if (tools == NULL)
        return NULL;
      schema = find_schema (tools, tool);
    }

  arguments = bfy_arguments_build (words, schema, error);
  if (arguments == NULL)
    {
      bfy_cli_set_hint (cli, "bindify call --help");
      return NULL;
    }

  params = g_string_new ("{\"name\":");
  bfy_json_append_string (params, tool, -1);
  g_string_append_printf (params, ",\"arguments\":%s}", arguments);
  return g_string_free (params, FALSE);
}

/* A tool's text is foreign: on a terminal it may only be text. Elsewhere it is passed as it is. */
static void
print_text (const char *text)
{
  g_auto (GStrv) lines = NULL;

  if (!isatty (STDOUT_FILENO))
    {
      bfy_cli_print ("%s%s", text, g_str_has_suffix (text, "\n") ? "" : "\n");
      return;
    }

  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL && (lines[i + 1] != NULL || *lines[i] != '\0'); i++)
    {
      g_auto (GStrv) parts = g_strsplit (lines[i], "\t", -1);
      g_autofree char *spaced = g_strjoinv ("        ", parts);
      g_autofree char *shown = bfy_text_to_line (spaced, G_MAXINT);

      bfy_cli_print ("%s\n", shown);
    }
}

/* What is no text is named, not dumped; --json has all of it. */
static void
print_other (JsonObject *content)
{
  JsonObject *resource = bfy_field_object (content, "resource");
  const char *uri = bfy_field_text (resource != NULL ? resource : content, "uri");
  const char *type = bfy_field_text (resource != NULL ? resource : content, "mimeType");
  g_autofree char *line = NULL;
  g_autofree char *shown = NULL;

  if (resource != NULL && *bfy_field_text (resource, "text") != '\0')
    {
      print_text (bfy_field_text (resource, "text"));
      return;
    }

  line = g_strjoin (" ", bfy_field_text (content, "type"), type, uri, NULL);
  g_strstrip (line);
  shown = bfy_text_to_line (line, 200);
  bfy_cli_print ("[%s]\n", shown);
}

static void
print_result (const char *raw, JsonObject *result)
{
  guint n_contents = bfy_field_count (result, "content");
  JsonNode *structured = json_object_get_member (result, "structuredContent");

  for (guint i = 0; i < n_contents; i++)
    {
      JsonObject *content = bfy_field_nth (result, "content", i);

      if (strcmp (bfy_field_text (content, "type"), "text") == 0)
        print_text (bfy_field_text (content, "text"));
      else
        print_other (content);
    }

  if (n_contents == 0 && structured != NULL)
    bfy_cli_print_json (structured);
}

static void
print_raw (const char *raw)
{
  g_autoptr (GString) line = g_string_new (NULL);

  bfy_minify_append (line, raw, strlen (raw));
  bfy_cli_print ("%s\n", line->str);
}

/* What the tool has answered, as raw JSON; NULL with an error. */
static char *
send_call (BfyCli *cli, const char *const *words, const BfyKeyOptions *key, GError **error)
{
  g_autoptr (BfyMcpSession) session = bfy_tools_open (cli, words[0], key, error);
  g_autofree char *params = NULL;
  char *raw = NULL;

  if (session == NULL)
    return NULL;
  params = build_params (cli, session, words[1], words + 2, error);
  if (params != NULL)
    raw = bfy_tools_request (cli, session, "tools/call", params, error);
  bfy_tools_close (cli, session);

  return raw;
}

/* The result, and as it came. @others: the words that are no options. */
static JsonObject *
call_tool (BfyCli *cli, GStrv words, GStrv *others, char **raw, GError **error)
{
  g_auto (BfyKeyOptions) key = { 0 };
  const GOptionEntry entries[] = {
    BFY_KEY_FILE_ENTRY (&key),
    BFY_KEY_STDIN_ENTRY (&key),
    G_OPTION_ENTRY_NULL,
  };

  *others = bfy_cli_parse (cli, entries, words, error);
  if (*others == NULL)
    return NULL;
  *raw = send_call (cli, (const char *const *) *others, &key, error);

  return *raw != NULL ? bfy_json_parse_object (*raw, strlen (*raw), error) : NULL;
}

gboolean
bfy_command_call (BfyCli *cli, GStrv words, GError **error)
{
  g_auto (GStrv) others = NULL;
  g_autofree char *raw = NULL;
  g_autoptr (JsonObject) result = call_tool (cli, words, &others, &raw, error);

  if (result == NULL)
    return FALSE;
  if (cli->is_json)
    print_raw (raw);
  else
    print_result (raw, result);

  /* The tool ran and says that it failed. */
  cli->exit_status = bfy_field_boolean (result, "isError") ? 1 : 0;
  return TRUE;
}

/* A method that failed says why by a wire name, which the exit status goes by. */
static gboolean
check_done (BfyCli *cli, const char *name, JsonObject *result, GError **error)
{
  JsonObject *problem = bfy_field_object (result, "structuredContent");
  const char *text = problem != NULL ? bfy_field_text (problem, "message") : "";
  BfyErrorCode code = BFY_ERROR_FAILED;

  if (!bfy_field_boolean (result, "isError"))
    return TRUE;
  if (problem != NULL)
    (void) bfy_error_from_wire (bfy_field_text (problem, "error"), &code);
  if (code == BFY_ERROR_INVALID_ARGUMENT)
    bfy_cli_set_hint (cli, "bindify methods %s", name);
  g_set_error_literal (error, BFY_ERROR, (int) code,
                       *text != '\0' ? text : _ ("The method failed and did not say why"));

  return FALSE;
}

/* Its text is exactly the JSON of the result. */
static gboolean
print_done (JsonObject *result, GError **error)
{
  JsonObject *content = bfy_field_nth (result, "content", 0);
  const char *text = content != NULL ? bfy_field_text (content, "text") : "";
  g_autoptr (JsonNode) node = bfy_json_parse (text, strlen (text), error);

  if (node == NULL)
    return FALSE;
  bfy_cli_print_json (node);

  return TRUE;
}

gboolean
bfy_command_do (BfyCli *cli, GStrv words, GError **error)
{
  g_auto (GStrv) others = NULL;
  g_autofree char *raw = NULL;
  g_autoptr (JsonObject) result = call_tool (cli, words, &others, &raw, error);

  return result != NULL && check_done (cli, others[0], result, error) && print_done (result, error);
}
