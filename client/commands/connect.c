/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/commands/connect.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

#include "client/commands/commands.h"
#include "client/fields.h"
#include "protocol/name.h"

#define BRIDGE "bindify-mcp"
#define SHOWN_CHARACTERS_MAX 400

static void
run_clear (BfyConnectRun *self)
{
  g_free (self->project);
  g_free (self->key_file);
  g_free (self->program);
  g_clear_pointer (&self->names, g_ptr_array_unref);
  g_clear_pointer (&self->keys, json_object_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BfyConnectRun, run_clear)

/* With its whole path: a desktop may start the client with another PATH. In a project the file is
 * everybody's, and so is the name. */
static char *
find_bridge (gboolean is_project)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = self != NULL ? g_path_get_dirname (self) : NULL;
  g_autofree char *beside = folder != NULL ? g_build_filename (folder, BRIDGE, NULL) : NULL;
  g_autofree char *found = NULL;

  if (is_project)
    return g_strdup (BRIDGE);
  if (beside != NULL && access (beside, X_OK) == 0)
    return g_steal_pointer (&beside);
  found = g_find_program_in_path (BRIDGE);

  return found != NULL ? g_steal_pointer (&found) : g_strdup (BRIDGE);
}

/* Which bindings */

static JsonObject *
find_binding (JsonObject *reply, const char *name)
{
  for (guint i = 0; i < bfy_field_count (reply, "bindings"); i++)
    {
      JsonObject *binding = bfy_field_nth (reply, "bindings", i);

      if (g_str_equal (bfy_field_text (binding, "name"), name))
        return binding;
    }

  return NULL;
}

static gboolean
speaks_mcp (JsonObject *binding)
{
  const char *type = bfy_field_text (binding, "type");

  return !g_str_equal (type, "http") && !g_str_equal (type, "sdk");
}

static gboolean
is_sealed (JsonObject *binding)
{
  return g_str_equal (bfy_field_text (binding, "mode"), "sealed");
}

static gboolean
check_one (BfyConnectRun *self, BfyCli *cli, JsonObject *reply, const char *name, GError **error)
{
  JsonObject *binding = find_binding (reply, name);

  if (binding == NULL)
    {
      bfy_cli_set_hint (cli, "bindify list");
      g_set_error (error, BFY_ERROR, BFY_ERROR_NOT_FOUND, _ ("No binding is called “%s”"), name);
    }
  else if (!speaks_mcp (binding))
    g_set_error (error, BFY_ERROR, BFY_ERROR_UNSUPPORTED,
                 _ ("“%s” is for HTTP requests; MCP clients have no use for it"), name);
  else if (is_sealed (binding) && self->key_file == NULL)
    {
      bfy_cli_set_hint (cli, "bindify client add %s --binding %s --unseal-with-file FILE",
                        self->client->id, name);
      g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                   _ ("“%s” is sealed: make a key for the client, put it into a file of mode 0600, "
                      "and say with --key-file where that is"),
                   name);
    }
  else
    return TRUE;

  return FALSE;
}

/* All that need no more than their name. */
static void
choose_all (BfyConnectRun *self, JsonObject *reply)
{
  for (guint i = 0; i < bfy_field_count (reply, "bindings"); i++)
    {
      JsonObject *binding = bfy_field_nth (reply, "bindings", i);
      const char *name = bfy_field_text (binding, "name");

      if (!speaks_mcp (binding) || !bfy_name_check (name, NULL))
        continue;
      if (is_sealed (binding))
        bfy_cli_warn (_ ("“%s” is sealed and is left out; connect it by its name with --key-file"),
                      name);
      else
        g_ptr_array_add (self->names, g_strdup (name));
    }
}

static gboolean
choose (BfyConnectRun *self, BfyCli *cli, char **typed, GError **error)
{
  g_autoptr (JsonObject) reply = NULL;

  for (guint i = 0; typed[i] != NULL; i++)
    {
      if (!bfy_name_check (typed[i], error))
        return FALSE;
      g_ptr_array_add (self->names, g_strdup (typed[i]));
    }
  if (self->prints && self->names->len > 0)
    return TRUE;
  reply = bfy_cli_call (cli, "GET", "/v1/bindings", NULL, error);
  if (reply == NULL)
    return FALSE;
  for (guint i = 0; i < self->names->len; i++)
    {
      if (!check_one (self, cli, reply, g_ptr_array_index (self->names, i), error))
        return FALSE;
    }
  if (self->names->len == 0)
    choose_all (self, reply);
  if (self->names->len > 0)
    return TRUE;
  bfy_cli_set_hint (cli, "bindify add");
  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_NOT_FOUND,
                       _ ("There is no binding that could be connected"));

  return FALSE;
}

static gboolean
prepare (BfyConnectRun *self, BfyCli *cli, GStrv words, GError **error)
{
  self->client = bfy_connect_client_find (words[0], error);
  if (self->client == NULL)
    {
      bfy_cli_set_hint (cli, "bindify connect --list");
      return FALSE;
    }
  if (self->key_file != NULL)
    {
      char *whole = g_canonicalize_filename (self->key_file, NULL);

      g_free (self->key_file);
      self->key_file = whole;
    }
  self->names = g_ptr_array_new_with_free_func (g_free);
  self->keys = json_object_new ();
  self->program = find_bridge (self->project != NULL);

  self->asks = words[1] == NULL && !self->is_sure && !self->is_dry;

  return choose (self, cli, words + 1, error);
}

gboolean
bfy_command_connect (BfyCli *cli, GStrv words, GError **error)
{
  g_auto (BfyConnectRun) run = { 0 };
  const GOptionEntry entries[] = {
    { "list", 0, 0, G_OPTION_ARG_NONE, &run.lists,
      N_ ("Show the clients that are known, and what they use"), NULL },
    { "project", 0, 0, G_OPTION_ARG_FILENAME, &run.project,
      N_ ("Only in this folder: the file that the client reads there"), "DIR" },
    { "print", 0, 0, G_OPTION_ARG_NONE, &run.prints, N_ ("Show what to put in, write nothing"),
      NULL },
    { "dry-run", 0, 0, G_OPTION_ARG_NONE, &run.is_dry, N_ ("Try it, and say what would be written"),
      NULL },
    { "replace", 0, 0, G_OPTION_ARG_NONE, &run.replaces,
      N_ ("Also in the place of a server of that name that is not bindify’s"), NULL },
    { "key-file", 0, 0, G_OPTION_ARG_FILENAME, &run.key_file,
      N_ ("For a sealed binding: the client presents the key in this file (mode 0600)"), "FILE" },
    { "yes", 0, 0, G_OPTION_ARG_NONE, &run.is_sure, N_ ("All bindings, without being asked"),
      NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_auto (GStrv) others = bfy_cli_parse (cli, entries, words, error);

  if (others == NULL)
    return FALSE;
  if (run.lists)
    return bfy_connect_list (cli, error);
  if (others[0] == NULL)
    {
      bfy_cli_set_hint (cli, "bindify connect --list");
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                           _ ("Say which client is to be connected"));
      return FALSE;
    }
  if (!prepare (&run, cli, others, error))
    return FALSE;

  return run.prints ? bfy_connect_print (&run, cli, error) : bfy_connect_write (&run, cli, error);
}
