/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* One found secret becomes a binding, as if bindify-add had been given it: the agent tries it,
 * stores it, reads it back and compares before it says that it is there. */

#include <glib/gi18n-lib.h>
#include <string.h>

#include "client/commands/add.h"
#include "client/commands/import.h"
#include "client/fields.h"
#include "protocol/binding.h"
#include "protocol/injection.h"
#include "protocol/name.h"
#include "protocol/upstream.h"

#define NUMBER_MAX 1000
#define NUMBER_CHARACTERS 5

GPtrArray *
bfy_import_list_names (BfyCli *cli, GError **error)
{
  g_autoptr (JsonObject) reply = bfy_cli_call (cli, "GET", "/v1/bindings", NULL, error);
  GPtrArray *names;

  if (reply == NULL)
    return NULL;
  names = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < bfy_field_count (reply, "bindings"); i++)
    g_ptr_array_add (names,
                     g_strdup (bfy_field_text (bfy_field_nth (reply, "bindings", i), "name")));

  return names;
}

static gboolean
is_taken (const GPtrArray *taken, const char *name)
{
  for (guint i = 0; i < taken->len; i++)
    if (g_str_equal (g_ptr_array_index (taken, i), name))
      return TRUE;

  return FALSE;
}

/* The service, or what the client calls the server, as far as a binding may be called so. */
static char *
guess_name (const BfyFind *find)
{
  g_autofree char *name =
      g_ascii_strdown (find->service != NULL ? find->service : find->server, -1);
  char *start;

  g_strcanon (name, "abcdefghijklmnopqrstuvwxyz0123456789_-", '-');
  start = name + strspn (name, "_-");
  if (strlen (start) > BFY_NAME_LENGTH_MAX - NUMBER_CHARACTERS)
    start[BFY_NAME_LENGTH_MAX - NUMBER_CHARACTERS] = '\0';

  return g_strdup (*start != '\0' ? start : "binding");
}

char *
bfy_import_choose_name (const BfyFind *find, const GPtrArray *taken)
{
  g_autofree char *base = guess_name (find);

  if (!is_taken (taken, base))
    return g_steal_pointer (&base);
  for (guint i = 2; i < NUMBER_MAX; i++)
    {
      g_autofree char *name = g_strdup_printf ("%s-%u", base, i);

      if (!is_taken (taken, name))
        return g_steal_pointer (&name);
    }

  return g_steal_pointer (&base);
}

/* What the program is told to read is what it may see, and no more. */
static GStrv
find_folders (const GStrv argv)
{
  g_autoptr (GStrvBuilder) folders = g_strv_builder_new ();

  for (guint i = 0; argv[i] != NULL; i++)
    {
      g_autofree char *folder = g_path_get_dirname (argv[i]);

      if (!g_path_is_absolute (argv[i]) || g_str_has_prefix (argv[i], "/usr/"))
        continue;
      if (g_file_test (argv[i], G_FILE_TEST_IS_REGULAR))
        g_strv_builder_add (folders, folder);
    }

  return g_strv_builder_end (folders);
}

static BfyProgram *
build_program (const BfyImportOptions *options, const BfyFind *find)
{
  BfyProgram *program = bfy_program_new ();

  g_strfreev (program->argv);
  program->argv = g_strdupv (find->argv);
  program->delivery = BFY_DELIVER_ENV;
  program->variable = g_strdup (find->variable);
  program->has_sandbox = !options->no_sandbox;
  if (program->has_sandbox)
    {
      g_strfreev (program->share);
      program->share = find_folders (find->argv);
    }

  return program;
}

static void
fill (BfyAdd *add, const BfyImportOptions *options, const BfyFind *find)
{
  add->allow_local = options->allow_local;
  add->skips_check = options->skips_check;
  add->needs_credential = TRUE;
  add->credential = bfy_secret_ref (find->secret);
  if (find->url != NULL)
    {
      add->is_url = TRUE;
      add->target = g_strdup (find->url);
      add->header = g_strdup (find->header);
      add->prefix = g_strdup (find->prefix);
      add->query = g_strdup (find->query);
      return;
    }
  add->program = build_program (options, find);
  add->is_free_form = TRUE;
}

/* What a POST to @path answers, by which the agent has the secret. */
static gboolean
send_secret (
    BfyCli *cli, const BfyAdd *add, const char *path, JsonObject *open_part, GError **error)
{
  g_autoptr (GBytes) request = bfy_add_join_credential (add, open_part);
  g_autoptr (JsonObject) reply = bfy_cli_call (cli, "POST", path, request, error);

  return reply != NULL;
}

gboolean
bfy_import_store (BfyCli *cli,
                  const BfyImportOptions *options,
                  const BfyFind *find,
                  const char *name,
                  GError **error)
{
  BfyAdd add = { 0 };
  gboolean is_ok;

  fill (&add, options, find);
  add.name = g_strdup (name);
  is_ok = (add.program == NULL || bfy_program_check (add.program, error)) &&
          send_secret (cli, &add, "/v1/bindings", bfy_add_build_open_part (&add), error);
  bfy_add_clear (&add);

  return is_ok;
}

gboolean
bfy_import_store_again (BfyCli *cli,
                        const BfyImportOptions *options,
                        const BfyFind *find,
                        const char *name,
                        GError **error)
{
  g_autofree char *path = bfy_cli_path ("bindings", name);
  g_autofree char *login_path = g_strconcat (path, "/login", NULL);
  JsonObject *open_part = json_object_new ();
  BfyAdd add = { 0 };
  gboolean is_ok;

  fill (&add, options, find);
  json_object_set_boolean_member (open_part, "check", !options->skips_check);
  is_ok = send_secret (cli, &add, login_path, open_part, error);
  bfy_add_clear (&add);

  return is_ok;
}

static gboolean
is_same_injection (const BfyInjection *injection, const BfyFind *find)
{
  g_autofree char *prefix = find->prefix != NULL ? bfy_add_complete_prefix (find->prefix) : NULL;

  if (injection == NULL)
    return FALSE;
  if (find->query != NULL)
    return injection->kind == BFY_INJECT_QUERY && g_strcmp0 (injection->name, find->query) == 0;

  return injection->kind == BFY_INJECT_HEADER && g_strcmp0 (injection->name, find->header) == 0 &&
         g_strcmp0 (injection->prefix, prefix) == 0;
}

static gboolean
is_same_url (const BfyBinding *binding, const BfyFind *find)
{
  g_autoptr (BfyUpstream) upstream = bfy_upstream_parse (find->url, NULL);

  return upstream != NULL && g_strcmp0 (binding->url, upstream->uri) == 0 &&
         is_same_injection (binding->injection, find);
}

gboolean
bfy_import_leads_there (BfyCli *cli,
                        const BfyImportOptions *options,
                        const BfyFind *find,
                        const char *name)
{
  g_autofree char *path = bfy_cli_path ("bindings", name);
  g_autoptr (JsonObject) reply = bfy_cli_call (cli, "GET", path, NULL, NULL);
  JsonObject *object = reply != NULL ? bfy_field_object (reply, "binding") : NULL;
  g_autoptr (BfyBinding) binding = object != NULL ? bfy_binding_from_json (object, NULL) : NULL;
  g_autoptr (BfyProgram) program = NULL;

  g_clear_pointer (&cli->hint, g_free);
  if (binding == NULL || binding->is_sealed)
    return FALSE;
  if (find->url != NULL)
    return binding->program == NULL && is_same_url (binding, find);
  program = build_program (options, find);

  return binding->program != NULL && bfy_program_equal (binding->program, program);
}
