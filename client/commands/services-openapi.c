/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <glib/gi18n-lib.h>
#include <string.h>

#include "client/commands/services.h"
#include "client/openapi.h"
#include "client/saved-file.h"
#include "protocol/json.h"
#include "protocol/name.h"
#include "protocol/service.h"

#define DOCUMENT_BYTES_MAX (16 * 1024 * 1024)
#define LEFT_OUT_SHOWN_MAX 20

/* `bindify services from-openapi FILE`: a record with methods, made of a document that the maker of
 * a REST service gives away. The agent is not asked. */

typedef struct
{
  char *id;  /* (owned) (nullable) */
  char *url; /* (owned) (nullable) */
  gboolean writes;
} Options;

static void
options_clear (Options *self)
{
  g_free (self->id);
  g_free (self->url);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static JsonObject *
read_document (const char *path, GError **error)
{
  g_autoptr (GBytes) bytes = bfy_saved_file_read (path, DOCUMENT_BYTES_MAX, error);
  JsonObject *document;

  if (bytes == NULL)
    return NULL;
  document =
      bfy_json_parse_object (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), error);
  if (document == NULL)
    g_prefix_error (error, _ ("Only OpenAPI documents in JSON are read: "));

  return document;
}

/* What is left out is told, so that nobody looks for it. */
static void
warn_left_out (GPtrArray *left_out)
{
  for (guint i = 0; i < MIN (left_out->len, LEFT_OUT_SHOWN_MAX); i++)
    {
      g_autofree char *line = bfy_text_to_line (g_ptr_array_index (left_out, i), 300);

      bfy_cli_warn (_ ("left out %s"), line);
    }
  if (left_out->len > LEFT_OUT_SHOWN_MAX)
    bfy_cli_warn (
        ngettext ("left out %u more", "left out %u more", left_out->len - LEFT_OUT_SHOWN_MAX),
        left_out->len - LEFT_OUT_SHOWN_MAX);
}

static char *
format (JsonObject *record, gsize *length)
{
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), record);
  g_autofree char *text = json_to_string (node, TRUE);
  char *line = g_strconcat (text, "\n", NULL);

  *length = strlen (line);

  return line;
}

static gboolean
write_record (BfyCli *cli, const char *id, const char *text, gsize length, GError **error)
{
  g_autofree char *file = g_strconcat (id, ".json", NULL);
  g_autofree char *config = bfy_paths_config_dir (cli->environment, error);
  g_autofree char *folder = NULL;
  g_autofree char *path = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new (text, length);

  if (config == NULL)
    return FALSE;
  folder = g_build_filename (config, "services.d", NULL);
  path = g_build_filename (folder, file, NULL);
  if (g_mkdir_with_parents (folder, 0700) != 0)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_STORAGE, _ ("%s cannot be made"), folder);
      return FALSE;
    }
  if (!bfy_saved_file_write (path, bytes, error))
    return FALSE;
  bfy_cli_print (_ ("Wrote %s\nWhen the agent has been started again: bindify add %s --type sdk\n"),
                 path, id);

  return TRUE;
}

gboolean
bfy_command_services_from_openapi (BfyCli *cli, GStrv words, GError **error)
{
  g_auto (Options) options = { 0 };
  const GOptionEntry entries[] = {
    { "id", 0, 0, G_OPTION_ARG_STRING, &options.id,
      N_ ("What the service is called here (default: made from its title)"), "ID" },
    { "url", 0, 0, G_OPTION_ARG_STRING, &options.url,
      N_ ("Where the service is (default: the first server of the document)"), "URL" },
    { "write", 0, 0, G_OPTION_ARG_NONE, &options.writes,
      N_ ("Put the record where the agent finds it, instead of printing it"), NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_auto (GStrv) others = bfy_cli_parse (cli, entries, words, error);
  g_autoptr (JsonObject) document = NULL;
  g_autoptr (JsonObject) record = NULL;
  g_autoptr (GPtrArray) left_out = NULL;
  g_autoptr (BfyService) service = NULL;
  g_autofree char *text = NULL;
  BfyOpenapiSetup setup;
  gsize length;

  if (others == NULL)
    return FALSE;
  document = read_document (others[0], error);
  if (document == NULL)
    return FALSE;
  setup = (BfyOpenapiSetup){ options.id, options.url };
  record = bfy_openapi_to_record (document, &setup, &left_out, error);
  if (record == NULL)
    return FALSE;
  warn_left_out (left_out);
  text = format (record, &length);
  service = bfy_service_parse (text, length, error);
  if (service == NULL)
    return FALSE;
  if (options.writes)
    return write_record (cli, service->id, text, length, error);
  bfy_cli_print ("%s", text);

  return TRUE;
}
