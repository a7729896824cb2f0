/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <glib/gi18n-lib.h>
#include <string.h>

#include "client/binding-text.h"
#include "client/commands/services.h"
#include "client/fields.h"
#include "client/join.h"
#include "client/labels.h"
#include "client/nearest.h"
#include "client/table.h"
#include "protocol/name.h"
#include "protocol/redact.h"
#include "protocol/translation.h"

#define LABEL_COLUMNS 12
#define SHOWN_MAX 400

/* `bindify services show NAME`: a record of the catalogue, for a person. */

/* Left out when there is nothing to say. */
static void
add_line (BfyLabels *labels, const char *label, const char *value)
{
  g_autofree char *shown = bfy_text_to_line (value, SHOWN_MAX);

  if (*shown != '\0')
    bfy_labels_add (labels, label, shown);
}

static void
add_list (BfyLabels *labels, const char *label, JsonObject *object, const char *member)
{
  g_autofree char *joined = object != NULL ? bfy_field_join (object, member, ", ") : NULL;

  if (joined != NULL)
    add_line (labels, label, joined);
}

/* A host, and where on it; "/" says nothing. */
static void
add_hosts (BfyLabels *labels, JsonObject *service)
{
  g_autofree char *hosts = NULL;

  for (guint i = 0; i < bfy_field_count (service, "hosts"); i++)
    {
      JsonObject *host = bfy_field_nth (service, "hosts", i);
      const char *path = bfy_field_text (host, "path");
      g_autofree char *place =
          g_strconcat (bfy_field_text (host, "host"), strcmp (path, "/") == 0 ? "" : path, NULL);

      bfy_join_comma (&hosts, place);
    }
  if (hosts != NULL)
    add_line (labels, _ ("Hosts"), hosts);
}

static void
add_git (BfyLabels *labels, JsonObject *git)
{
  g_autofree char *line = NULL;

  if (git == NULL)
    return;
  /* Translators: a host of git, and the name of a user there. */
  line = g_strdup_printf (_ ("https://%s, as %s"), bfy_field_text (git, "host"),
                          bfy_field_text (git, "username"));
  add_line (labels, _ ("Git"), line);
}

static void
print_facts (JsonObject *service)
{
  g_autoptr (BfyLabels) labels = bfy_labels_new (0, LABEL_COLUMNS);
  g_autofree char *injection = bfy_binding_text_injection (bfy_field_object (service, "injection"));
  JsonObject *env = bfy_field_object (service, "env");
  g_autofree char *text = NULL;

  add_line (labels, _ ("Service"), bfy_field_text (service, "id"));
  add_line (labels, _ ("Name"), bfy_field_text (service, "name"));
  add_list (labels, _ ("About"), service, "keywords");
  add_line (labels, _ ("MCP URL"), bfy_field_text (service, "mcp_url"));
  add_line (labels, _ ("Sign-in"), bfy_service_sign_in_text (service));
  add_line (labels, _ ("App"), bfy_field_text (service, "app_url"));
  add_line (labels, _ ("Token from"), bfy_field_text (service, "token_url"));
  add_line (labels, _ ("Injected as"), injection);
  add_hosts (labels, service);
  add_git (labels, bfy_field_object (service, "git"));
  add_list (labels, _ ("Variables"), env, "token");
  add_list (labels, _ ("Base URL in"), env, "base_url");
  add_line (labels, _ ("Described at"), bfy_field_text (service, "docs_url"));
  text = bfy_labels_format (labels);
  bfy_cli_print ("%s", text);
}

static void
print_instructions (JsonObject *service)
{
  JsonArray *steps = bfy_field_array (service, "instructions");
  guint n = steps != NULL ? json_array_get_length (steps) : 0;

  if (n > 0)
    bfy_cli_print ("\n%s\n", _ ("How to get in:"));
  for (guint i = 0; i < n; i++)
    {
      JsonNode *node = json_array_get_element (steps, i);
      g_autofree char *step = NULL;

      if (json_node_get_value_type (node) != G_TYPE_STRING)
        continue;
      step = bfy_text_to_line (bfy_translation_find (json_node_get_string (node)), SHOWN_MAX);
      bfy_cli_print ("  %u. %s\n", i + 1, step);
    }
}

/* A class that this program does not know is shown as it is. */
static const char *
name_access (const char *wire)
{
  static const struct
  {
    const char *wire, *words;
  } rows[] = {
    { "read", NC_ ("access", "read") },
    { "write", NC_ ("access", "write") },
    { "danger", NC_ ("access", "danger") },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      if (strcmp (rows[i].wire, wire) == 0)
        return g_dpgettext2 (GETTEXT_PACKAGE, "access", rows[i].words);
    }

  return wire;
}

static void
print_capabilities (JsonObject *service)
{
  static const char *const headings[] = { NC_ ("column", "CAPABILITY"), NC_ ("column", "ACCESS"),
                                          NC_ ("column", "WHAT IT DOES"), NULL };
  guint n = bfy_field_count (service, "capabilities");
  g_autoptr (BfyTable) table = bfy_table_new (headings);
  g_autofree char *text = NULL;

  if (n == 0)
    return;
  for (guint i = 0; i < n; i++)
    {
      JsonObject *capability = bfy_field_nth (service, "capabilities", i);
      const char *cells[] = { bfy_field_text (capability, "id"),
                              name_access (bfy_field_text (capability, "access")),
                              bfy_translation_find (bfy_field_text (capability, "name")) };

      bfy_table_add_row (table, cells);
    }
  text = bfy_table_format (table);
  bfy_cli_print ("\n%s", text);
}

static void
print_sources (JsonObject *service)
{
  static const char *const headings[] = { NC_ ("column", "READ ON"), NC_ ("column", "WHERE"),
                                          NC_ ("column", "WHAT"), NULL };
  guint n = bfy_field_count (service, "sources");
  g_autoptr (BfyTable) table = bfy_table_new (headings);
  g_autofree char *text = NULL;

  if (n == 0)
    return;
  for (guint i = 0; i < n; i++)
    {
      JsonObject *source = bfy_field_nth (service, "sources", i);
      g_autofree char *facts = bfy_field_join (source, "facts", ", ");
      const char *cells[] = { bfy_field_text (source, "checked"), bfy_field_text (source, "url"),
                              facts };

      bfy_table_add_row (table, cells);
    }
  text = bfy_table_format (table);
  bfy_cli_print ("\n%s", text);
}

static void
print_service (JsonObject *service)
{
  g_autofree char *id = bfy_text_to_line (bfy_field_text (service, "id"), BFY_NAME_LENGTH_MAX);

  print_facts (service);
  print_instructions (service);
  print_capabilities (service);
  print_sources (service);
  if (*bfy_field_text (service, "mcp_url") != '\0')
    bfy_cli_print ("\nbindify-add %s\n", id);
}

/* The word may be a token that was typed in the wrong place: never repeat one. */
static void
refuse (BfyCli *cli, const char *word, GError **error)
{
  g_autoptr (JsonObject) reply = bfy_cli_call (cli, "GET", "/v1/services?brief=true", NULL, NULL);
  g_autoptr (GPtrArray) ids = g_ptr_array_new ();
  g_autofree char *redacted = bfy_redact (word);
  g_autofree char *shown = bfy_text_to_line (redacted, 60);
  const char *near;

  for (guint i = 0; reply != NULL && i < bfy_field_count (reply, "services"); i++)
    g_ptr_array_add (ids, (gpointer) bfy_field_text (bfy_field_nth (reply, "services", i), "id"));
  g_ptr_array_add (ids, NULL);
  near = bfy_nearest (word, (const char *const *) ids->pdata);
  if (near != NULL)
    bfy_cli_set_hint (cli, "bindify services show %s", near);
  else
    bfy_cli_set_hint (cli, "bindify services");
  g_set_error (error, BFY_ERROR, BFY_ERROR_NO_SERVICE, _ ("There is no service called “%s”"),
               shown);
}

static JsonObject *
fetch (BfyCli *cli, const char *name, GError **error)
{
  g_autofree char *path = bfy_cli_path ("services", name);
  g_autoptr (GError) local_error = NULL;
  JsonObject *reply = bfy_cli_call (cli, "GET", path, NULL, &local_error);

  if (g_error_matches (local_error, BFY_ERROR, BFY_ERROR_NO_SERVICE))
    refuse (cli, name, error);
  else if (local_error != NULL)
    g_propagate_error (error, g_steal_pointer (&local_error));

  return reply;
}

gboolean
bfy_command_services_show (BfyCli *cli, GStrv words, GError **error)
{
  g_auto (GStrv) others = bfy_cli_parse (cli, NULL, words, error);
  g_autoptr (JsonObject) reply = others != NULL ? fetch (cli, others[0], error) : NULL;
  JsonObject *service = reply != NULL ? bfy_field_object (reply, "service") : NULL;

  if (reply == NULL)
    return FALSE;
  if (cli->is_json)
    bfy_cli_print_member (reply, "service");
  else if (service != NULL)
    print_service (service);

  return TRUE;
}
