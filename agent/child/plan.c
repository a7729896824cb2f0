/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* What a local server gets to see. In the sandbox: the system's programs and libraries read-only, a
 * home of its own, what was shared, nothing else. Of /etc only what programs need to find hosts,
 * certificates and libraries. There is no /run, so no session bus, no keyring's control socket and
 * no agent socket; the home is a private folder, so no keyring files and no state of ours. */

#include <stdlib.h>
#include <string.h>

#include "agent/child/launch.h"
#include "protocol/error.h"
#include "protocol/kernel-settings.h"
#include "protocol/secret-writer.h"

#define SECRET_DIR_INSIDE "/run/bindify"

static const char *const system_dirs[] = { "/opt", "/nix/store", "/gnu/store" };

/* Symbolic links on a merged-usr system, folders elsewhere. */
static const char *const root_dirs[] = { "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32" };

static const char *const etc_entries[] = {
  "alternatives", "ca-certificates", "crypto-policies", "gai.conf",   "group",
  "host.conf",    "hosts",           "ld.so.cache",     "ld.so.conf", "ld.so.conf.d",
  "localtime",    "mime.types",      "nsswitch.conf",   "os-release", "passwd",
  "pki",          "protocols",       "resolv.conf",     "services",   "ssl",
  "timezone",
};

typedef struct
{
  const BfyProgram *program;
  const BfyPlace *place;
  const BfySecret *secret; /* (nullable) */
  GPtrArray *words;        /* (element-type utf8) without the secret */
} Plan;

static void
add (Plan *plan, const char *word)
{
  g_ptr_array_add (plan->words, g_strdup (word));
}

static void
add_3 (Plan *plan, const char *option, const char *first, const char *second)
{
  add (plan, option);
  add (plan, first);
  add (plan, second);
}

/* One variable, as the plan's form has it. */
static void
add_variable (Plan *plan, const char *name, const char *value)
{
  if (value == NULL)
    return;
  if (plan->program->has_sandbox)
    add_3 (plan, "--setenv", name, value);
  else
    g_ptr_array_add (plan->words, g_strconcat (name, "=", value, NULL));
}

const char *
bfy_launch_lookup (const char *const *environment, const char *name)
{
  gsize length = strlen (name);

  for (; environment != NULL && *environment != NULL; environment++)
    if (strncmp (*environment, name, length) == 0 && (*environment)[length] == '=')
      return *environment + length + 1;

  return NULL;
}

static const char *
lookup (const Plan *plan, const char *name)
{
  return bfy_launch_lookup (plan->place->environment, name);
}

static void
add_environment (Plan *plan)
{
  const BfyProgram *program = plan->program;
  const char *path = lookup (plan, "PATH");
  const char *language = lookup (plan, "LANG");
  const char *temporary = program->has_sandbox ? NULL : lookup (plan, "TMPDIR");
  g_autofree char *file = NULL;

  add_variable (plan, "PATH", path != NULL ? path : "/usr/local/bin:/usr/bin:/bin");
  add_variable (plan, "HOME", plan->place->home);
  add_variable (plan, "LANG", language != NULL ? language : "C.UTF-8");
  add_variable (plan, "TMPDIR", temporary != NULL ? temporary : "/tmp");
  for (gsize i = 0; program->pass[i] != NULL; i++)
    add_variable (plan, program->pass[i], lookup (plan, program->pass[i]));

  if (program->delivery == BFY_DELIVER_FD)
    add_variable (plan, program->variable, G_STRINGIFY (BFY_LAUNCH_SECRET_FD));
  if (program->delivery != BFY_DELIVER_FILE || plan->place->secret_dir == NULL)
    return;
  file = g_build_filename (program->has_sandbox ? SECRET_DIR_INSIDE : plan->place->secret_dir,
                           BFY_LAUNCH_SECRET_FILE, NULL);
  add_variable (plan, program->variable, file);
}

static void
add_namespaces (Plan *plan)
{
  static const char *const words[] = {
    "--unshare-user",    "--unshare-ipc", "--unshare-pid", "--unshare-uts", "--unshare-cgroup-try",
    "--die-with-parent", "--cap-drop",    "ALL",           "--clearenv"
  };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    add (plan, words[i]);
  if (!plan->program->has_network)
    add (plan, "--unshare-net");
}

static void
add_system (Plan *plan)
{
  add_3 (plan, "--ro-bind", "/usr", "/usr");
  for (guint i = 0; i < G_N_ELEMENTS (root_dirs); i++)
    {
      g_autofree char *target = g_file_read_link (root_dirs[i], NULL);

      if (target != NULL)
        add_3 (plan, "--symlink", target, root_dirs[i]);
      else
        add_3 (plan, "--ro-bind-try", root_dirs[i], root_dirs[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (system_dirs); i++)
    add_3 (plan, "--ro-bind-try", system_dirs[i], system_dirs[i]);
  for (guint i = 0; i < G_N_ELEMENTS (etc_entries); i++)
    {
      g_autofree char *path = g_build_filename ("/etc", etc_entries[i], NULL);

      add_3 (plan, "--ro-bind-try", path, path);
    }
  add (plan, "--proc");
  add (plan, "/proc");
  for (guint i = 0; bfy_kernel_settings[i] != NULL; i++)
    add_3 (plan, "--ro-bind-try", bfy_kernel_settings[i], bfy_kernel_settings[i]);
  add (plan, "--dev");
  add (plan, "/dev");
  add (plan, "--tmpfs");
  add (plan, "/tmp");
}

static gboolean
is_within (const char *path, const char *folder)
{
  gsize length = strlen (folder);

  return strncmp (path, folder, length) == 0 && (path[length] == '\0' || path[length] == '/');
}

/* NULL when there is no such thing. */
static char *
real_path (const char *path)
{
  char *real = realpath (path, NULL);
  char *copy = g_strdup (real);

  free (real);

  return copy;
}

/* TRUE when @path is inside a hidden folder; those inside @path are covered, files too. */
static gboolean
hide_parts_of (Plan *plan, const char *path, const char *seen_as)
{
  for (gsize i = 0; plan->place->hidden[i] != NULL; i++)
    {
      g_autofree char *folder = real_path (plan->place->hidden[i]);
      g_autofree char *inside = NULL;

      if (folder == NULL)
        continue;
      if (is_within (path, folder))
        return TRUE;
      if (!is_within (folder, path))
        continue;
      inside = g_strconcat (seen_as, folder + strlen (path), NULL);
      if (g_file_test (folder, G_FILE_TEST_IS_DIR))
        {
          add (plan, "--tmpfs");
          add (plan, inside);
        }
      else
        {
          add_3 (plan, "--ro-bind", "/dev/null", inside);
        }
    }

  return FALSE;
}

static gboolean
add_share (Plan *plan, const char *share, GError **error)
{
  gboolean is_writable;
  g_autofree char *path = bfy_share_parse (share, &is_writable);
  g_autofree char *real = real_path (path);

  if (real == NULL)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                   "The shared folder %s does not exist", path);
      return FALSE;
    }
  /* A link could lead somewhere else by the next start. */
  if (strcmp (real, path) != 0)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                   "The shared folder %s is reached through a link; share %s itself", path, real);
      return FALSE;
    }
  add_3 (plan, is_writable ? "--bind" : "--ro-bind", real, path);
  if (!hide_parts_of (plan, real, path))
    return TRUE;

  g_set_error (error, BFY_ERROR, BFY_ERROR_DENIED,
               "%s holds secrets of the agent or the keyring and is never shared", path);

  return FALSE;
}

/* A bus in the abstract name space is not a file that could be left out: whoever shares the network
 * reaches it, and through it the keyring. */
static gboolean
check_bus (const Plan *plan, GError **error)
{
  const char *address = lookup (plan, "DBUS_SESSION_BUS_ADDRESS");

  if (!plan->program->has_network || address == NULL || strstr (address, "abstract=") == NULL)
    return TRUE;

  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_UNSUPPORTED,
                       "The session bus listens on an abstract socket, from which a sandbox with "
                       "network cannot be kept away; add the binding with --no-network, or run a "
                       "bus that listens on a path");

  return FALSE;
}

static gboolean
add_sandbox (Plan *plan, GError **error)
{
  const BfyPlace *place = plan->place;

  if (!check_bus (plan, error))
    return FALSE;
  add_namespaces (plan);
  add_system (plan);
  add_3 (plan, "--bind", place->private_home, place->home);
  for (gsize i = 0; plan->program->share[i] != NULL; i++)
    if (!add_share (plan, plan->program->share[i], error))
      return FALSE;
  if (place->secret_dir != NULL)
    add_3 (plan, "--ro-bind", place->secret_dir, SECRET_DIR_INSIDE);
  add (plan, "--chdir");
  add (plan, place->home);

  return TRUE;
}

static void
fill (BfySecretWriter *writer, gconstpointer data)
{
  const Plan *plan = data;
  gsize length = 0;
  const guint8 *bytes;

  for (guint i = 0; i < plan->words->len; i++)
    {
      bfy_secret_writer_append_text (writer, g_ptr_array_index (plan->words, i));
      bfy_secret_writer_append_byte (writer, '\0');
    }
  if (plan->secret == NULL || plan->program->delivery != BFY_DELIVER_ENV)
    return;

  if (plan->program->has_sandbox)
    {
      bfy_secret_writer_append_text (writer, "--setenv");
      bfy_secret_writer_append_byte (writer, '\0');
    }
  bfy_secret_writer_append_text (writer, plan->program->variable);
  bfy_secret_writer_append_byte (writer, plan->program->has_sandbox ? '\0' : '=');
  bytes = bfy_secret_peek (plan->secret, &length);
  bfy_secret_writer_append (writer, bytes, length);
  bfy_secret_writer_append_byte (writer, '\0');
}

BfySecret *
bfy_launch_plan (const BfyProgram *program,
                 const BfyPlace *place,
                 const BfySecret *secret,
                 GError **error)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);
  Plan plan = { program, place, secret, words };

  if (program->has_sandbox && !add_sandbox (&plan, error))
    return NULL;
  add_environment (&plan);

  return bfy_secret_build (fill, &plan);
}
