/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Which folders may be shown at all. */

#include <glib/gi18n-lib.h>
#include <string.h>

#include "client/run/plan.h"
#include "protocol/error.h"
#include "protocol/name.h"

#define SHOWN_CHARACTERS_MAX 200

/* Sockets, devices and the files of everybody lie in these and below them. */
static const char *const never[] = { "/dev", "/proc", "/run", "/sys", "/var/run", NULL };

/* These themselves; folders in them are fine. */
static const char *const too_wide[] = { "/",    "/boot", "/etc", "/home",    "/root", "/srv",
                                        "/tmp", "/usr",  "/var", "/var/tmp", NULL };

static gboolean
is_within (const char *path, const char *folder)
{
  gsize length = strlen (folder);

  return strncmp (path, folder, length) == 0 && (path[length] == '\0' || path[length] == '/');
}

/* It is the home, or has it in it. */
static gboolean
has_home (const char *path, const BfyRunMachine *machine)
{
  return machine->home != NULL && (strcmp (path, "/") == 0 || is_within (machine->home, path));
}

static gboolean
is_too_wide (const char *path, const BfyRunMachine *machine)
{
  for (guint i = 0; never[i] != NULL; i++)
    {
      if (is_within (path, never[i]))
        return TRUE;
    }

  return g_strv_contains (too_wide, path) || has_home (path, machine);
}

static gboolean
is_hidden (const char *path, const BfyRunMachine *machine)
{
  for (guint i = 0; i < machine->hidden->len; i++)
    {
      const BfyRunHidden *hidden = machine->hidden->pdata[i];

      if (is_within (path, hidden->path))
        return TRUE;
    }

  return FALSE;
}

static gboolean
check_folder (const char *path, const BfyRunMachine *machine, GError **error)
{
  g_autofree char *shown = bfy_text_to_line (path, SHOWN_CHARACTERS_MAX);

  if (is_hidden (path, machine))
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_DENIED,
                   _ ("%s holds secrets, and no sandbox gets to see it"), shown);
      return FALSE;
    }
  if (is_too_wide (path, machine))
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_DENIED,
                   _ ("%s holds too much to be shown to a sandbox: name a folder inside of it"),
                   shown);
      return FALSE;
    }

  return TRUE;
}

static gboolean
check_folders (const char *const *folders, const BfyRunMachine *machine, GError **error)
{
  for (; *folders != NULL; folders++)
    {
      if (!check_folder (*folders, machine, error))
        return FALSE;
    }

  return TRUE;
}

gboolean
bfy_run_check (const BfyRunWish *wish, const BfyRunMachine *machine, GError **error)
{
  return check_folders (wish->shown, machine, error) &&
         check_folders (wish->writable, machine, error);
}

gboolean
bfy_run_shows_directory (const BfyRunWish *wish, const BfyRunMachine *machine)
{
  const char *path = machine->directory;

  return path != NULL && !is_hidden (path, machine) && !is_too_wide (path, machine);
}
