/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/connect/clients.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "protocol/error.h"
#include "protocol/name.h"

#define JSON_SEED "{}\n"
/* A Flatpak has a configuration of its own. The Snaps of VS Code and VSCodium are classic ones:
 * they have that of any other package. */
#define CODE "~config/Code/User/"
#define CODE_FLATPAK ".var/app/com.visualstudio.code/config/Code/User/"
#define CODIUM "~config/VSCodium/User/"
#define CODIUM_FLATPAK ".var/app/com.vscodium.codium/config/VSCodium/User/"
#define CLINE_FILE "globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json"

static const BfyConnectStyle json_blocks = { BFY_FORM_JSON, "mcpServers", BFY_SHAPE_PLAIN,
                                             JSON_SEED };

static const BfyConnectClient clients[] = {
  { "claude-desktop",
    "Claude Desktop",
    "claude-desktop",
    { BFY_FORM_JSON, "mcpServers", BFY_SHAPE_PLAIN, JSON_SEED },
    { { "~config/Claude/claude_desktop_config.json", FALSE } },
    NULL,
    NULL },
  { "claude-code",
    "Claude Code",
    "claude",
    { BFY_FORM_JSON, "mcpServers", BFY_SHAPE_TYPED, JSON_SEED },
    { { "~claude/.claude.json", FALSE } },
    ".mcp.json",
    NULL },
  { "cursor",
    "Cursor",
    "cursor",
    { BFY_FORM_JSON, "mcpServers", BFY_SHAPE_TYPED, JSON_SEED },
    { { ".cursor/mcp.json", FALSE } },
    ".cursor/mcp.json",
    NULL },
  { "vscode",
    "VS Code",
    "code",
    { BFY_FORM_JSON, "servers", BFY_SHAPE_TYPED, JSON_SEED },
    { { CODE "mcp.json", FALSE },
      { CODIUM "mcp.json", FALSE },
      { CODE_FLATPAK "mcp.json", TRUE },
      { CODIUM_FLATPAK "mcp.json", TRUE } },
    ".vscode/mcp.json",
    NULL },
  { "windsurf",
    "Windsurf",
    "windsurf",
    { BFY_FORM_JSON, "mcpServers", BFY_SHAPE_PLAIN, JSON_SEED },
    { { ".codeium/windsurf/mcp_config.json", FALSE } },
    NULL,
    NULL },
  { "zed",
    "Zed",
    "zed",
    { BFY_FORM_JSON, "context_servers", BFY_SHAPE_PLAIN, JSON_SEED },
    /* The Flatpak starts programs on the host. */
    { { "~config/zed/settings.json", FALSE },
      { ".var/app/dev.zed.Zed/config/zed/settings.json", FALSE } },
    ".zed/settings.json",
    NULL },
  { "codex",
    "Codex",
    "codex",
    { BFY_FORM_TOML, "mcp_servers", BFY_SHAPE_PLAIN, "" },
    { { "~codex/config.toml", FALSE } },
    ".codex/config.toml",
    NULL },
  { "gemini",
    "Gemini CLI",
    "gemini",
    { BFY_FORM_JSON, "mcpServers", BFY_SHAPE_PLAIN, JSON_SEED },
    { { ".gemini/settings.json", FALSE } },
    ".gemini/settings.json",
    NULL },
  { "goose",
    "Goose",
    "goose",
    { BFY_FORM_YAML, "extensions", BFY_SHAPE_GOOSE, "" },
    { { "~config/goose/config.yaml", FALSE } },
    NULL,
    NULL },
  { "continue",
    "Continue",
    "cn",
    { BFY_FORM_YAML, "mcpServers", BFY_SHAPE_ITEM,
      "name: Local Config\nversion: 1.0.0\nschema: v1\n" },
    { { ".continue/config.yaml", FALSE } },
    ".continue/mcpServers/bindify.json",
    &json_blocks },
  { "cline",
    "Cline",
    "cline",
    { BFY_FORM_JSON, "mcpServers", BFY_SHAPE_CLINE, JSON_SEED },
    { { ".cline/data/settings/cline_mcp_settings.json", FALSE },
      { CODE CLINE_FILE, FALSE },
      { CODIUM CLINE_FILE, FALSE },
      { CODE_FLATPAK CLINE_FILE, TRUE },
      { CODIUM_FLATPAK CLINE_FILE, TRUE } },
    NULL,
    NULL },
  { "opencode",
    "opencode",
    "opencode",
    { BFY_FORM_JSON, "mcp", BFY_SHAPE_OPENCODE, JSON_SEED },
    { { "~config/opencode/opencode.json|opencode.jsonc", FALSE } },
    "opencode.json|opencode.jsonc",
    NULL },
  { NULL,
    NULL,
    NULL,
    { BFY_FORM_JSON, NULL, BFY_SHAPE_PLAIN, NULL },
    { { NULL, FALSE } },
    NULL,
    NULL },
};

const BfyConnectClient *
bfy_connect_clients (void)
{
  return clients;
}

const BfyConnectClient *
bfy_connect_client_find (const char *id, GError **error)
{
  g_autofree char *shown = NULL;

  for (const BfyConnectClient *client = clients; client->id != NULL; client++)
    {
      if (strcmp (client->id, id) == 0)
        return client;
    }
  shown = bfy_text_to_line (id, BFY_NAME_LENGTH_MAX);
  g_set_error (error, BFY_ERROR, BFY_ERROR_NOT_FOUND,
               _ ("bindify knows no client called “%s”; “bindify connect --list” shows those it "
                  "knows"),
               shown);

  return NULL;
}

void
bfy_connect_target_free (BfyConnectTarget *self)
{
  if (self == NULL)
    return;

  g_free (self->path);
  g_free (self->root);
  g_free (self);
}

/* Relative values of such variables are ignored, as those of XDG are. */
static char *
dup_folder (const char *value, const char *home, const char *otherwise)
{
  return value != NULL && *value == '/' ? g_strdup (value)
                                        : g_build_filename (home, otherwise, NULL);
}

/* The folder that stands for the "~…/" in front of a place; @rest is what follows. */
static char *
find_base (const char *path, const BfyEnvironment *environment, const char **rest)
{
  const struct
  {
    const char *prefix, *value, *otherwise;
  } bases[] = {
    { "~config/", environment->config_home, ".config" },
    { "~codex/", environment->codex_home, ".codex" },
    { "~claude/", environment->claude_config_dir, "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (bases); i++)
    {
      if (g_str_has_prefix (path, bases[i].prefix))
        {
          *rest = path + strlen (bases[i].prefix);
          return dup_folder (bases[i].value, environment->home, bases[i].otherwise);
        }
    }
  *rest = path;

  return g_strdup (environment->home);
}

/* @path may end with "|" and another name, which counts when only that one is there. */
static char *
join_path (const char *base, const char *path)
{
  g_auto (GStrv) names = g_strsplit (path, "|", 2);
  g_autofree char *first = g_build_filename (base, names[0], NULL);
  g_autofree char *folder = g_path_get_dirname (first);
  g_autofree char *other = names[1] != NULL ? g_build_filename (folder, names[1], NULL) : NULL;
  gboolean is_other = other != NULL && !g_file_test (first, G_FILE_TEST_EXISTS) &&
                      g_file_test (other, G_FILE_TEST_EXISTS);

  return is_other ? g_steal_pointer (&other) : g_steal_pointer (&first);
}

static BfyConnectTarget *
target_new (const BfyConnectClient *client, const char *base, const char *path, const char *home)
{
  BfyConnectTarget *target = g_new0 (BfyConnectTarget, 1);
  gsize length = home != NULL ? strlen (home) : 0;
  gboolean is_home =
      length > 0 && strncmp (base, home, length) == 0 && strchr ("/", base[length]) != NULL;

  target->client = client;
  target->style = client->style;
  target->path = join_path (base, path);
  target->root = g_strdup (is_home ? home : base);

  return target;
}

static BfyConnectTarget *
find_place (const BfyConnectClient *client, guint index, const BfyEnvironment *environment)
{
  const char *rest;
  g_autofree char *base = find_base (client->places[index].path, environment, &rest);
  BfyConnectTarget *target = target_new (client, base, rest, environment->home);

  target->is_sandboxed = client->places[index].is_sandboxed;

  return target;
}

static gboolean
add_project (GPtrArray *targets,
             const BfyConnectClient *client,
             const char *project,
             GError **error)
{
  g_autofree char *folder = NULL;
  BfyConnectTarget *target;

  if (client->project == NULL)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_UNSUPPORTED,
                   _ ("%s keeps no servers in the folder of a project"), client->name);
      return FALSE;
    }
  folder = g_canonicalize_filename (project, NULL);
  if (!g_file_test (folder, G_FILE_TEST_IS_DIR))
    {
      g_autofree char *shown = bfy_text_to_line (folder, 400);

      g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, _ ("“%s” is no folder"), shown);
      return FALSE;
    }
  target = target_new (client, folder, client->project, NULL);
  target->is_project = TRUE;
  if (client->project_style != NULL)
    target->style = *client->project_style;
  g_ptr_array_add (targets, target);

  return TRUE;
}

static gboolean
has_folder (const BfyConnectTarget *target)
{
  g_autofree char *folder = g_path_get_dirname (target->path);

  return g_file_test (folder, G_FILE_TEST_IS_DIR);
}

GPtrArray *
bfy_connect_targets (const BfyConnectClient *client,
                     const BfyEnvironment *environment,
                     const char *project,
                     GError **error)
{
  g_autoptr (GPtrArray) targets =
      g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_connect_target_free);

  if (project != NULL)
    return add_project (targets, client, project, error) ? g_steal_pointer (&targets) : NULL;
  if (environment->home == NULL || *environment->home != '/')
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                           _ ("HOME is not set, so the client’s files cannot be found"));
      return NULL;
    }
  for (guint i = 0; i < BFY_CONNECT_PLACES_MAX && client->places[i].path != NULL; i++)
    {
      BfyConnectTarget *target = find_place (client, i, environment);

      if (has_folder (target))
        g_ptr_array_add (targets, target);
      else
        bfy_connect_target_free (target);
    }
  if (targets->len == 0)
    g_ptr_array_add (targets, find_place (client, 0, environment));

  return g_steal_pointer (&targets);
}
