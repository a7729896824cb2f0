/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/plaintext.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "protocol/secret.h"

#define CONFIG "~config/" /* in front of what lies in XDG_CONFIG_HOME */

static const char *const places[] = {
  /* MCP clients */
  CONFIG "Claude/claude_desktop_config.json",
  ".claude.json",
  ".claude/settings.json",
  ".claude/settings.local.json",
  ".cursor/mcp.json",
  CONFIG "Code/User/mcp.json",
  CONFIG "Code/User/settings.json",
  ".vscode/mcp.json",
  ".codex/config.toml",
  ".gemini/settings.json",
  ".gemini/.env",
  ".codeium/windsurf/mcp_config.json",
  CONFIG "opencode/opencode.json",
  CONFIG "zed/settings.json",
  /* other programs */
  ".netrc",
  ".npmrc",
  ".pypirc",
  ".git-credentials",
  CONFIG "git/credentials",
  CONFIG "gh/hosts.yml",
  CONFIG "hub",
  ".aws/credentials",
  ".docker/config.json",
  /* shells */
  ".env",
  ".bashrc",
  ".bash_profile",
  ".profile",
  ".zshrc",
  ".zshenv",
  ".zprofile",
  CONFIG "fish/config.fish",
};

static void
plaintext_free (gpointer user_data)
{
  BfyPlaintext *self = user_data;

  g_free (self->path);
  g_free (self);
}

void
bfy_plaintext_scan_init (BfyPlaintextScan *self)
{
  self->found = g_ptr_array_new_with_free_func (plaintext_free);
  self->unchecked = g_ptr_array_new_with_free_func (g_free);
}

void
bfy_plaintext_scan_clear (BfyPlaintextScan *self)
{
  g_clear_pointer (&self->found, g_ptr_array_unref);
  g_clear_pointer (&self->unchecked, g_ptr_array_unref);
}

typedef struct
{
  char *home;   /* (owned by libc) */
  char *config; /* (nullable) the same: XDG_CONFIG_HOME may be elsewhere */
} Roots;

static gboolean
is_below (const char *path, const char *root)
{
  return root != NULL && g_str_has_prefix (path, root) && path[strlen (root)] == '/';
}

/* Where a link leads to counts, not what it is called. */
static gboolean
is_inside (int fd, const Roots *roots)
{
  g_autofree char *name = g_strdup_printf ("/proc/self/fd/%d", fd);
  g_autofree char *target = g_file_read_link (name, NULL);

  return target != NULL && (is_below (target, roots->home) || is_below (target, roots->config));
}

/* Looked at before it is opened: opening a FIFO waits, opening a device does something. NULL for
 * what may be read. */
static const char *
find_objection (int fd, const Roots *roots)
{
  struct stat status;

  if (fstat (fd, &status) != 0)
    return g_strerror (errno);
  if (!S_ISREG (status.st_mode))
    return _ ("is no regular file");
  if (!is_inside (fd, roots))
    return _ ("is a link that leads out of the home directory");
  if (status.st_size > BFY_PLAINTEXT_FILE_BYTES_MAX)
    return _ ("is too large");

  return NULL;
}

static void
read_text (BfyPlaintextScan *self, int fd, const char *path)
{
  char *text = g_malloc (BFY_PLAINTEXT_FILE_BYTES_MAX + 1);
  gsize length = 0;
  gssize n;

  while (length < BFY_PLAINTEXT_FILE_BYTES_MAX &&
         (n = read (fd, text + length, BFY_PLAINTEXT_FILE_BYTES_MAX - length)) > 0)
    length += (gsize) n;
  text[length] = '\0';
  bfy_plaintext_scan_text (self, path, text);
  bfy_wipe (text, length);
  g_free (text);
}

static void
set_aside (BfyPlaintextScan *self, const char *path, const char *why)
{
  g_ptr_array_add (self->unchecked, g_strdup_printf ("%s: %s", path, why));
}

static void
scan_file (BfyPlaintextScan *self, const char *path, const Roots *roots)
{
  int named = open (path, O_PATH | O_CLOEXEC);
  g_autofree char *same = g_strdup_printf ("/proc/self/fd/%d", named);
  const char *objection;
  int fd;

  if (named < 0)
    {
      if (errno != ENOENT && errno != ENOTDIR)
        set_aside (self, path, g_strerror (errno));
      return;
    }
  objection = find_objection (named, roots);
  fd = objection == NULL ? open (same, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY) : -1;
  if (objection == NULL && fd < 0)
    objection = g_strerror (errno);
  if (objection != NULL)
    set_aside (self, path, objection);
  else
    read_text (self, fd, path);
  if (fd >= 0)
    close (fd);
  close (named);
}

void
bfy_plaintext_scan_home (BfyPlaintextScan *self, const BfyEnvironment *environment)
{
  const char *home = environment->home != NULL ? environment->home : "/";
  g_autofree char *config = environment->config_home != NULL && *environment->config_home == '/'
                                ? g_strdup (environment->config_home)
                                : g_build_filename (home, ".config", NULL);
  Roots roots = { realpath (home, NULL), realpath (config, NULL) };

  for (guint i = 0; roots.home != NULL && i < G_N_ELEMENTS (places); i++)
    {
      gboolean is_config = g_str_has_prefix (places[i], CONFIG);
      g_autofree char *path = is_config
                                  ? g_build_filename (config, places[i] + strlen (CONFIG), NULL)
                                  : g_build_filename (home, places[i], NULL);

      scan_file (self, path, &roots);
    }
  free (roots.home);
  free (roots.config);
}
