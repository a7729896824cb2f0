/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/import/places.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "client/connect/clients.h"
#include "protocol/name.h"

#define CONFIG "~config/" /* in front of what lies in XDG_CONFIG_HOME */
#define OAUTH_FOLDER ".mcp-auth"
#define OAUTH_FILES_MAX 100
#define SHOWN_CHARACTERS_MAX 400
#define FOLDERS_MAX 64 /* above a file that are looked at */
#define MODE_OTHERS_READ 0044
#define MODE_OTHERS_ENTER 0011

static const struct
{
  const char *path, *owner;
  BfyScanFormat format;
} places[] = {
  /* Besides the lists of servers that bfy_connect_clients() knows. */
  { ".claude/settings.json", "Claude Code", BFY_SCAN_JSON },
  { ".claude/settings.local.json", "Claude Code", BFY_SCAN_JSON },
  { ".mcp.json", "Claude Code", BFY_SCAN_JSON },
  { CONFIG "Code/User/settings.json", "VS Code", BFY_SCAN_JSON },
  { ".gemini/.env", "Gemini CLI", BFY_SCAN_LINES },
  { ".netrc", "netrc", BFY_SCAN_NETRC },
  { ".npmrc", "npm", BFY_SCAN_LINES },
  { CONFIG "gh/hosts.yml", "gh", BFY_SCAN_YAML },
  { CONFIG "glab-cli/config.yml", "glab", BFY_SCAN_YAML },
  { ".docker/config.json", "docker", BFY_SCAN_JSON },
  { ".aws/credentials", "aws", BFY_SCAN_LINES },
  { ".git-credentials", "git", BFY_SCAN_URLS },
  { CONFIG "git/credentials", "git", BFY_SCAN_URLS },
  { ".bashrc", "shell", BFY_SCAN_LINES },
  { ".bash_profile", "shell", BFY_SCAN_LINES },
  { ".profile", "shell", BFY_SCAN_LINES },
  { ".zshrc", "shell", BFY_SCAN_LINES },
  { ".zshenv", "shell", BFY_SCAN_LINES },
  { ".zprofile", "shell", BFY_SCAN_LINES },
  { CONFIG "fish/config.fish", "shell", BFY_SCAN_LINES },
};

/* Folders that are copied to other machines. */
static const char *const synced[] = { "Dropbox",  "OneDrive",  "Nextcloud", "Google Drive",
                                      "ownCloud", "Syncthing", NULL };

gboolean
bfy_import_guess_format (const char *path, BfyScanFormat *format)
{
  static const struct
  {
    const char *ending;
    BfyScanFormat format;
  } endings[] = {
    { ".json", BFY_SCAN_JSON },       { ".jsonc", BFY_SCAN_JSON }, { ".toml", BFY_SCAN_TOML },
    { ".yaml", BFY_SCAN_YAML },       { ".yml", BFY_SCAN_YAML },   { "netrc", BFY_SCAN_NETRC },
    { "credentials", BFY_SCAN_URLS }, { "rc", BFY_SCAN_LINES },    { ".fish", BFY_SCAN_LINES },
    { "profile", BFY_SCAN_LINES },    { ".sh", BFY_SCAN_LINES },
  };
  g_autofree char *name = g_path_get_basename (path);

  for (guint i = 0; i < G_N_ELEMENTS (endings); i++)
    {
      if (!g_str_has_suffix (name, endings[i].ending))
        continue;
      *format = endings[i].format;
      return TRUE;
    }
  *format = BFY_SCAN_LINES;

  return g_str_has_prefix (name, ".env") || g_str_has_suffix (name, ".env");
}

static void
file_free (BfyImportFile *self)
{
  bfy_user_file_free (self->file);
  g_free (self->root);
  g_free (self->exposed);
  g_clear_pointer (&self->finds, g_ptr_array_unref);
  g_free (self);
}

/* The nearest folder above it that is under version control or synchronised; NULL for none. */
static char *
find_exposed (const char *target)
{
  g_autofree char *folder = g_path_get_dirname (target);

  for (guint i = 0; i < FOLDERS_MAX && !g_str_equal (folder, "/"); i++)
    {
      g_autofree char *git = g_build_filename (folder, ".git", NULL);
      g_autofree char *name = g_path_get_basename (folder);
      char *above;

      if (g_file_test (git, G_FILE_TEST_EXISTS) || g_strv_contains (synced, name))
        return g_steal_pointer (&folder);
      above = g_path_get_dirname (folder);
      g_free (folder);
      folder = above;
    }

  return NULL;
}

/* Others read a file only where they get through all folders above it. */
static gboolean
is_shared (const BfyUserFile *file)
{
  g_autofree char *folder = g_path_get_dirname (file->target);
  GStatBuf status;

  for (guint i = 0; i < FOLDERS_MAX && (file->mode & MODE_OTHERS_READ) != 0; i++)
    {
      char *above = g_path_get_dirname (folder);

      if (g_stat (folder, &status) != 0 || (status.st_mode & MODE_OTHERS_ENTER) == 0)
        {
          g_free (above);
          return FALSE;
        }
      if (g_str_equal (above, folder))
        {
          g_free (above);
          return TRUE;
        }
      g_free (folder);
      folder = above;
    }

  return FALSE;
}

static void
set_aside (BfyImportScan *self, const char *path, const GError *error)
{
  g_autofree char *shown = bfy_text_to_line (path, SHOWN_CHARACTERS_MAX);

  if (strstr (error->message, shown) != NULL)
    g_ptr_array_add (self->unchecked, g_strdup (error->message));
  else
    g_ptr_array_add (self->unchecked, g_strdup_printf ("“%s”: %s", shown, error->message));
}

/* What could be moved but for @problem stays. */
static void
hold_back (BfyImportFile *file, const char *problem)
{
  for (guint i = 0; i < file->finds->len; i++)
    {
      BfyFind *find = g_ptr_array_index (file->finds, i);

      if (bfy_find_is_movable (find))
        find->problem = problem;
    }
}

static gboolean
read_file (
    BfyImportScan *self, BfyImportFile *file, const char *path, const char *root, GError **error)
{
  file->file = bfy_user_file_read (path, root, error);
  if (file->file == NULL)
    return FALSE;
  file->root = g_strdup (root);
  if (file->file->content == NULL)
    return TRUE;
  file->finds = bfy_scan (file->format, bfy_user_file_peek (file->file),
                          g_bytes_get_size (file->file->content), error);
  if (file->finds == NULL)
    return FALSE;
  file->is_shared = is_shared (file->file);
  file->exposed = file->finds->len > 0 ? find_exposed (file->file->target) : NULL;
  if (!bfy_user_file_is_writable (file->file))
    hold_back (file, BFY_FIND_READ_ONLY);

  return TRUE;
}

/* FALSE when there is no such file. */
static gboolean
scan_one (BfyImportScan *self,
          const char *path,
          const char *root,
          const char *owner,
          BfyScanFormat format)
{
  BfyImportFile *file = g_new0 (BfyImportFile, 1);
  g_autoptr (GError) error = NULL;
  gboolean is_there = TRUE;

  file->owner = owner;
  file->format = format;
  if (!read_file (self, file, path, root, &error))
    set_aside (self, path, error);
  else
    is_there = file->file->content != NULL;
  if (file->finds != NULL && file->finds->len > 0)
    g_ptr_array_add (self->files, file);
  else
    file_free (file);

  return is_there;
}

/* ~/.mcp-auth/mcp-remote-VERSION/HASH_tokens.json */
static void
scan_oauth (BfyImportScan *self, const char *home)
{
  g_autofree char *folder = g_build_filename (home, OAUTH_FOLDER, NULL);
  g_autoptr (GDir) versions = g_dir_open (folder, 0, NULL);
  const char *version, *name;
  guint n = 0;

  while (versions != NULL && n < OAUTH_FILES_MAX && (version = g_dir_read_name (versions)) != NULL)
    {
      g_autofree char *inner = g_build_filename (folder, version, NULL);
      g_autoptr (GDir) files = g_dir_open (inner, 0, NULL);

      while (files != NULL && n < OAUTH_FILES_MAX && (name = g_dir_read_name (files)) != NULL)
        {
          g_autofree char *path = g_build_filename (inner, name, NULL);

          if (!g_str_has_suffix (name, "_tokens.json"))
            continue;
          scan_one (self, path, home, "mcp-remote", BFY_SCAN_JSON);
          n++;
        }
    }
}

static BfyScanFormat
format_of (BfyForm form)
{
  if (form == BFY_FORM_TOML)
    return BFY_SCAN_TOML;

  return form == BFY_FORM_YAML ? BFY_SCAN_YAML : BFY_SCAN_JSON;
}

static void
scan_clients (BfyImportScan *self, const BfyEnvironment *environment)
{
  for (const BfyConnectClient *client = bfy_connect_clients (); client->id != NULL; client++)
    {
      g_autoptr (GPtrArray) targets = bfy_connect_targets (client, environment, NULL, NULL);

      for (guint i = 0; targets != NULL && i < targets->len; i++)
        {
          const BfyConnectTarget *target = g_ptr_array_index (targets, i);
          guint n_before = self->files->len;

          scan_one (self, target->path, target->root, client->name, format_of (target->style.form));
          /* Where no program of the host can be started, the bridge cannot be, either. */
          for (guint j = n_before; target->is_sandboxed && j < self->files->len; j++)
            hold_back (g_ptr_array_index (self->files, j),
                       N_ ("the program is in a sandbox that bindify-mcp is not in"));
        }
    }
}

static void
scan_home (BfyImportScan *self, const BfyEnvironment *environment)
{
  const char *home = environment->home;
  g_autofree char *config = environment->config_home != NULL && *environment->config_home == '/'
                                ? g_strdup (environment->config_home)
                                : g_build_filename (home, ".config", NULL);
  g_autofree char *below_home = g_strconcat (home, "/", NULL);
  const char *config_root = g_str_has_prefix (config, below_home) ? home : config;

  scan_clients (self, environment);
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      gboolean is_config = g_str_has_prefix (places[i].path, CONFIG);
      g_autofree char *path =
          is_config ? g_build_filename (config, places[i].path + strlen (CONFIG), NULL)
                    : g_build_filename (home, places[i].path, NULL);

      scan_one (self, path, is_config ? config_root : home, places[i].owner, places[i].format);
    }
  scan_oauth (self, home);
}

/* A file that the person has named may be anywhere; where it is, is what links must not leave. */
static void
scan_named (BfyImportScan *self, const char *name)
{
  g_autofree char *path = g_canonicalize_filename (name, NULL);
  g_autofree char *root = g_path_get_dirname (path);
  g_autofree char *shown = bfy_text_to_line (name, SHOWN_CHARACTERS_MAX);
  BfyScanFormat format;

  if (!bfy_import_guess_format (path, &format))
    g_ptr_array_add (self->unchecked,
                     g_strdup_printf (_ ("“%s”: bindify does not know files of this name"), shown));
  else if (!scan_one (self, path, root, "-", format))
    g_ptr_array_add (self->unchecked, g_strdup_printf (_ ("“%s”: there is no such file"), shown));
}

void
bfy_import_scan_init (BfyImportScan *self,
                      const BfyEnvironment *environment,
                      const char *const *names)
{
  self->files = g_ptr_array_new_with_free_func ((GDestroyNotify) file_free);
  self->unchecked = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    scan_named (self, names[i]);
  if ((names == NULL || names[0] == NULL) && environment->home != NULL && *environment->home == '/')
    scan_home (self, environment);
}

void
bfy_import_scan_clear (BfyImportScan *self)
{
  g_clear_pointer (&self->files, g_ptr_array_unref);
  g_clear_pointer (&self->unchecked, g_ptr_array_unref);
}
