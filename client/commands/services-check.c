/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <glib/gi18n-lib.h>
#include <string.h>

#include "bfy-config.h"
#include "client/commands/services.h"
#include "client/saved-file.h"
#include "protocol/json-merge.h"
#include "protocol/json.h"
#include "protocol/name.h"
#include "protocol/service.h"

#define RECORD_BYTES_MAX (1024 * 1024) /* as the agent has it */
#define SHOWN_MAX 400
#define SUFFIX ".json"

/* `bindify services check FILE…`: what the agent would say of records that a person writes. It is
 * not asked, so that this works before anything is installed, too. */

/* The record as it is installed, which one of services.d may only add to; NULL when there is none.
 */
static JsonObject *
read_installed (const char *id)
{
  g_autofree char *file = g_strconcat (id, SUFFIX, NULL);
  g_autofree char *path = g_build_filename (BFY_SERVICES_DIR, file, NULL);
  g_autoptr (GBytes) bytes = NULL;

  if (!bfy_name_check (id, NULL))
    return NULL;
  bytes = bfy_saved_file_read (path, RECORD_BYTES_MAX, NULL);

  return bytes != NULL ? bfy_json_parse_object (g_bytes_get_data (bytes, NULL),
                                                g_bytes_get_size (bytes), NULL)
                       : NULL;
}

static BfyService *
parse_merged (GBytes *bytes, JsonObject *installed, GError **error)
{
  g_autoptr (JsonObject) patch =
      bfy_json_parse_object (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), error);
  g_autoptr (JsonObject) merged = NULL;
  g_autofree char *text = NULL;
  gsize length;

  if (patch == NULL)
    return NULL;
  merged = bfy_json_merge (installed, patch);
  text = bfy_json_object_to_text (merged, &length);

  return bfy_service_parse (text, length, error);
}

/* A whole record counts as one, wherever it lies. */
static BfyService *
parse (GBytes *bytes, const char *id, GError **error)
{
  g_autoptr (JsonObject) installed = NULL;
  g_autoptr (GError) local_error = NULL;
  BfyService *service =
      bfy_service_parse (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), &local_error);

  if (service != NULL)
    return service;
  installed = read_installed (id);
  if (installed != NULL)
    return parse_merged (bytes, installed, error);
  g_propagate_error (error, g_steal_pointer (&local_error));

  return NULL;
}

static BfyService *
check (const char *path, GError **error)
{
  g_autofree char *file = g_path_get_basename (path);
  g_autofree char *id = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (BfyService) service = NULL;

  if (!g_str_has_suffix (file, SUFFIX))
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                           _ ("The name of a record ends in .json"));
      return NULL;
    }
  bytes = bfy_saved_file_read (path, RECORD_BYTES_MAX, error);
  if (bytes == NULL)
    return NULL;
  id = g_strndup (file, strlen (file) - strlen (SUFFIX));
  service = parse (bytes, id, error);
  if (service == NULL)
    return NULL;
  if (!g_str_equal (service->id, id))
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                   _ ("The record of “%s” belongs into a file called %s.json"), service->id,
                   service->id);
      return NULL;
    }

  return g_steal_pointer (&service);
}

static JsonObject *
describe (const char *path, const BfyService *service, const GError *problem)
{
  JsonObject *object = json_object_new ();

  bfy_json_set_line (object, "file", path, SHOWN_MAX);
  json_object_set_boolean_member (object, "valid", service != NULL);
  if (service != NULL)
    json_object_set_string_member (object, "id", service->id);
  else
    bfy_json_set_line (object, "problem", problem->message, SHOWN_MAX);

  return object;
}

static void
print_verdict (const char *path, const BfyService *service, const GError *problem)
{
  g_autofree char *shown = bfy_text_to_line (path, SHOWN_MAX);
  g_autofree char *name =
      bfy_text_to_line (service != NULL ? service->name : problem->message, SHOWN_MAX);

  if (service != NULL)
    /* Translators: a file, and the name of a service. */
    bfy_cli_print (_ ("%s: a record of %s\n"), shown, name);
  else
    bfy_cli_print ("%s: %s\n", shown, name);
}

gboolean
bfy_command_services_check (BfyCli *cli, GStrv words, GError **error)
{
  g_auto (GStrv) others = bfy_cli_parse (cli, NULL, words, error);
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_ARRAY);
  JsonArray *verdicts = json_array_new ();

  json_node_take_array (node, verdicts);
  if (others == NULL)
    return FALSE;
  for (guint i = 0; others[i] != NULL; i++)
    {
      g_autoptr (GError) problem = NULL;
      g_autoptr (BfyService) service = check (others[i], &problem);

      if (service == NULL)
        cli->exit_status = 1;
      if (cli->is_json)
        json_array_add_object_element (verdicts, describe (others[i], service, problem));
      else
        print_verdict (others[i], service, problem);
    }
  if (cli->is_json)
    bfy_cli_print_json (node);

  return TRUE;
}
