/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <gio/gunixinputstream.h>
#include <gio/gunixoutputstream.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

#include "client/answer.h"
#include "client/arguments.h"
#include "client/commands/commands.h"
#include "client/presented-key.h"
#include "protocol/json.h"
#include "protocol/name.h"

/* `bindify http NAME METHOD PATH`: one request to a REST service, as curl would make it, and its
 * answer. Bodies are streamed both ways. */

#define ERROR_STATUS_MIN 400

typedef struct
{
  char *data;    /* (owned) (nullable) --data */
  GStrv headers; /* (owned) (nullable) --header */
  gboolean is_head_shown;
  BfyKeyOptions key;
} Options;

static void
options_clear (Options *self)
{
  g_free (self->data);
  g_strfreev (self->headers);
  bfy_key_options_clear (&self->key);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static gboolean
has_body (const char *method)
{
  static const char *const without[] = { "GET", "HEAD", "DELETE", "OPTIONS", NULL };

  return !g_strv_contains (without, method);
}

static gboolean
refuse (GError **error, const char *problem)
{
  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, problem);

  return FALSE;
}

static char *
read_method (const char *word, GError **error)
{
  for (const char *c = word; *c != '\0'; c++)
    if (!g_ascii_isalpha (*c) && *c != '-')
      {
        refuse (error, _ ("A method is a word such as get, post, put, patch or delete"));
        return NULL;
      }

  return g_ascii_strup (word, -1);
}

/* "/user" and "user" mean the same. @pairs: more of the query. */
static char *
build_path (const char *name, const char *rest, const char *const *pairs)
{
  g_autofree char *escaped = g_uri_escape_string (name, NULL, FALSE);
  GString *path = g_string_new (NULL);

  g_string_printf (path, "/http/%s%s%s", escaped, *rest == '/' ? "" : "/", rest);
  for (; *pairs != NULL; pairs++)
    {
      g_auto (GStrv) parts = g_strsplit (*pairs, "=", 2);
      g_autofree char *key = g_uri_escape_string (parts[0], NULL, FALSE);
      g_autofree char *value = g_uri_escape_string (parts[1], NULL, FALSE);

      g_string_append_printf (path, "%c%s=%s", strchr (path->str, '?') != NULL ? '&' : '?', key,
                              value);
    }

  return g_string_free (path, FALSE);
}

/* What stands in a path and cannot be sent as it is. */
static gboolean
check_path (const char *rest, GError **error)
{
  for (const char *c = rest; *c != '\0'; c++)
    if (!g_ascii_isgraph (*c) || *c == '#')
      return refuse (error, _ ("A path has no blanks, “#” and letters beyond ASCII: write them as "
                               "escapes such as %20"));

  return TRUE;
}

static gboolean
add_headers (SoupMessage *message, const GStrv lines, GError **error)
{
  SoupMessageHeaders *headers = soup_message_get_request_headers (message);

  for (guint i = 0; lines != NULL && lines[i] != NULL; i++)
    {
      g_auto (GStrv) parts = g_strsplit (lines[i], ":", 2);

      if (parts[0] == NULL || parts[1] == NULL || *g_strstrip (parts[0]) == '\0' ||
          strpbrk (lines[i], "\r\n") != NULL)
        return refuse (error, _ ("A header is written “Name: value”, on one line"));
      soup_message_headers_append (headers, parts[0], g_strstrip (parts[1]));
    }

  return TRUE;
}

/* "-" is stdin, "@FILE" a file, anything else itself. */
static GInputStream *
open_data (const char *data, GError **error)
{
  g_autoptr (GFile) file = NULL;

  if (strcmp (data, "-") == 0)
    return g_unix_input_stream_new (STDIN_FILENO, FALSE);
  if (*data != '@')
    return g_memory_input_stream_new_from_data (g_strdup (data), (gssize) strlen (data), g_free);
  file = g_file_new_for_commandline_arg (data + 1);

  return G_INPUT_STREAM (g_file_read (file, NULL, error));
}

/* Whether a body without a type is JSON is seen only where it stands on the command line. */
static const char *
guess_type (const char *data)
{
  if (*data != '@' && strcmp (data, "-") != 0 && bfy_json_check (data, strlen (data), NULL))
    return "application/json";

  return *data == '@' || strcmp (data, "-") == 0 ? "application/octet-stream"
                                                 : "application/x-www-form-urlencoded";
}

static gboolean
add_data (SoupMessage *message, const char *data, GError **error)
{
  const char *given =
      soup_message_headers_get_one (soup_message_get_request_headers (message), "Content-Type");
  g_autofree char *type = g_strdup (given != NULL ? given : guess_type (data));
  g_autoptr (GInputStream) stream = open_data (data, error);

  if (stream == NULL)
    return FALSE;
  soup_message_set_request_body (
      message, type, stream, *data == '@' || strcmp (data, "-") == 0 ? -1 : (gssize) strlen (data));

  return TRUE;
}

static gboolean
add_body (SoupMessage *message, const Options *options, const char *const *pairs, GError **error)
{
  g_autofree char *json = NULL;

  if (options->data != NULL)
    return add_data (message, options->data, error);
  if (*pairs == NULL)
    return TRUE;
  json = bfy_arguments_build (pairs, NULL, error);

  return json != NULL && add_data (message, json, error);
}

static SoupMessage *
build_message (BfyCli *cli, const Options *options, const GStrv words, GError **error)
{
  const char *const *pairs = (const char *const *) words + 3;
  const char *const none[] = { NULL };
  g_autofree char *method = read_method (words[1], error);
  gboolean is_in_body = method != NULL && has_body (method);
  g_autoptr (SoupMessage) message = NULL;
  g_autofree char *path = NULL;

  if (method == NULL || !check_path (words[2], error))
    return NULL;
  if (*pairs != NULL && !bfy_arguments_are_pairs (pairs))
    {
      refuse (error, _ ("Write what is to be sent as key=value, or as --data"));
      return NULL;
    }
  if (*pairs != NULL && options->data != NULL && is_in_body)
    {
      refuse (error, _ ("Give either key=value or --data"));
      return NULL;
    }
  path = build_path (words[0], words[2], is_in_body ? none : pairs);
  message = bfy_remote_new_message (cli->remote, method, path);
  if (!add_headers (message, options->headers, error) ||
      !add_body (message, options, is_in_body ? pairs : none, error))
    return NULL;

  return g_steal_pointer (&message);
}

static gboolean
is_agents_own (SoupMessage *message)
{
  return soup_message_headers_get_one (soup_message_get_response_headers (message),
                                       "X-Bindify-Origin") != NULL;
}

static void
print_head (SoupMessage *message)
{
  g_autofree char *reason =
      bfy_text_to_line (soup_status_get_phrase (soup_message_get_status (message)), 100);
  SoupMessageHeadersIter iter;
  const char *name, *value;

  bfy_cli_print ("HTTP %u %s\n", soup_message_get_status (message), reason);
  soup_message_headers_iter_init (&iter, soup_message_get_response_headers (message));
  while (soup_message_headers_iter_next (&iter, &name, &value))
    {
      g_autofree char *line = g_strdup_printf ("%s: %s", name, value);
      g_autofree char *shown = bfy_text_to_line (line, G_MAXINT);

      bfy_cli_print ("%s\n", shown);
    }
  bfy_cli_print ("\n");
}

/* On a terminal foreign bytes may only be text; elsewhere they are passed on as they are. */
static gboolean
write_out (GBytes *bytes, GError **error)
{
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);
  g_autoptr (GOutputStream) out = NULL;

  if (isatty (STDOUT_FILENO))
    {
      for (gsize i = 0; i < length; i++)
        {
          guchar c = (guchar) data[i];

          if (c == '\n' || c == '\t' || (c >= ' ' && c != 0x7f))
            bfy_cli_print ("%c", data[i]);
        }
      return TRUE;
    }
  out = g_unix_output_stream_new (STDOUT_FILENO, FALSE);

  return g_output_stream_write_all (out, data, length, NULL, NULL, error);
}

static gboolean
print_body (BfyCli *cli, GInputStream *stream, GError **error)
{
  while (TRUE)
    {
      g_autoptr (GBytes) bytes = bfy_answer_read (cli, stream, 64 * 1024, error);

      if (bytes == NULL)
        return FALSE;
      if (g_bytes_get_size (bytes) == 0)
        return TRUE;
      if (!write_out (bytes, error))
        return FALSE;
    }
}

static gboolean
send_message (
    BfyCli *cli, const Options *options, const char *name, SoupMessage *message, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GInputStream) stream = NULL;

  bfy_remote_add_key (cli->remote, message);
  bfy_remote_send_async (cli->remote, message, cli->cancellable, bfy_cli_on_ready, cli);
  result = bfy_cli_wait (cli);
  stream = bfy_remote_send_finish (cli->remote, result, error);
  if (stream == NULL)
    return FALSE;
  if (is_agents_own (message))
    return bfy_answer_refuse (cli, name, message, stream, error);
  if (options->is_head_shown || g_str_equal (soup_message_get_method (message), "HEAD"))
    print_head (message);
  if (!print_body (cli, stream, error))
    return FALSE;
  if (soup_message_get_status (message) < ERROR_STATUS_MIN)
    return TRUE;

  /* The request went through, and the service says that it failed. */
  bfy_cli_warn (_ ("The service answered HTTP %u"), soup_message_get_status (message));
  cli->exit_status = 1;

  return TRUE;
}

gboolean
bfy_command_http (BfyCli *cli, GStrv words, GError **error)
{
  g_auto (Options) options = { 0 };
  const GOptionEntry entries[] = {
    { "data", 'd', 0, G_OPTION_ARG_FILENAME, &options.data,
      N_ ("Send this: TEXT, @FILE, or - for stdin"), "DATA" },
    { "header", 'H', 0, G_OPTION_ARG_FILENAME_ARRAY, &options.headers, N_ ("Send this header, too"),
      "HEADER" },
    { "include", 'i', 0, G_OPTION_ARG_NONE, &options.is_head_shown,
      N_ ("Show the status and the headers of the answer"), NULL },
    BFY_KEY_FILE_ENTRY (&options.key),
    BFY_KEY_STDIN_ENTRY (&options.key),
    G_OPTION_ENTRY_NULL,
  };
  g_auto (GStrv) others = bfy_cli_parse (cli, entries, words, error);
  g_autoptr (SoupMessage) message = NULL;

  if (others == NULL || !bfy_name_check (others[0], error) ||
      bfy_cli_connect (cli, error) == NULL || !bfy_key_present (cli, &options.key, error))
    return FALSE;
  message = build_message (cli, &options, others, error);

  return message != NULL && send_message (cli, &options, others[0], message, error);
}
