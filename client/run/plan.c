/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/run/plan.h"

#include <string.h>

#include "client/run/inside.h"
#include "protocol/kernel-settings.h"

/* Nothing of the session is in the sandbox: no /run, so no bus, no keyring, no agent and no
 * display; a home of its own that is empty; of /etc what programs need to find hosts, certificates
 * and libraries. The folder that somebody works in is there to read. */

static const char *const nets[] = {
  [BFY_RUN_NET_NONE] = "none",
  [BFY_RUN_NET_BINDINGS] = "bindings",
  [BFY_RUN_NET_HOST] = "host",
};

static const char *const system_dirs[] = { "/opt", "/nix/store", "/gnu/store" };

static const char *const etc_entries[] = {
  "alternatives", "ca-certificates", "crypto-policies", "gai.conf",   "group",
  "host.conf",    "hosts",           "ld.so.cache",     "ld.so.conf", "ld.so.conf.d",
  "localtime",    "mime.types",      "nsswitch.conf",   "os-release", "passwd",
  "pki",          "protocols",       "services",        "ssl",        "timezone",
};

/* What a program may know of who started it. */
static const char *const passed[] = {
  "COLORTERM", "COLUMNS", "LANG", "LANGUAGE", "LINES", "LOGNAME", "NO_COLOR", "TERM", "TZ", "USER",
};

void
bfy_run_hidden_free (BfyRunHidden *self)
{
  g_free (self->path);
  g_free (self);
}

gboolean
bfy_run_net_from_text (const char *text, BfyRunNet *net)
{
  for (guint i = 0; i < G_N_ELEMENTS (nets); i++)
    {
      if (strcmp (nets[i], text) == 0)
        {
          *net = (BfyRunNet) i;
          return TRUE;
        }
    }

  return FALSE;
}

static void
add (GPtrArray *words, const char *word)
{
  g_ptr_array_add (words, g_strdup (word));
}

static void
add_2 (GPtrArray *words, const char *option, const char *value)
{
  add (words, option);
  add (words, value);
}

static void
add_3 (GPtrArray *words, const char *option, const char *first, const char *second)
{
  add_2 (words, option, first);
  add (words, second);
}

static void
add_fd (GPtrArray *words, const char *option, int fd, const char *more)
{
  g_autofree char *number = g_strdup_printf ("%d", fd);

  if (fd < 0)
    return;
  add_2 (words, option, number);
  if (more != NULL)
    add (words, more);
}

static void
add_namespaces (GPtrArray *words, const BfyRunWish *wish)
{
  static const char *const all[] = {
    "--unshare-user", "--unshare-pid",     "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try",
    "--as-pid-1",     "--die-with-parent", "--new-session", "--cap-drop",    "ALL",
  };

  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    add (words, all[i]);
  if (wish->net != BFY_RUN_NET_HOST)
    add (words, "--unshare-net");
}

static void
add_system (GPtrArray *words, const BfyRunWish *wish, const BfyRunMachine *machine)
{
  add_3 (words, "--ro-bind", "/usr", "/usr");
  for (guint i = 0; i < BFY_RUN_ROOTS; i++)
    {
      const BfyRunRoot *root = &machine->roots[i];

      if (root->target != NULL)
        add_3 (words, "--symlink", root->target, root->path);
      else
        add_3 (words, "--ro-bind-try", root->path, root->path);
    }
  for (guint i = 0; i < G_N_ELEMENTS (system_dirs); i++)
    add_3 (words, "--ro-bind-try", system_dirs[i], system_dirs[i]);
  for (guint i = 0; i < G_N_ELEMENTS (etc_entries); i++)
    {
      g_autofree char *path = g_build_filename ("/etc", etc_entries[i], NULL);

      add_3 (words, "--ro-bind-try", path, path);
    }
  if (wish->net == BFY_RUN_NET_HOST)
    add_3 (words, "--ro-bind-try", "/etc/resolv.conf", "/etc/resolv.conf");
  add_2 (words, "--proc", "/proc");
  for (guint i = 0; bfy_kernel_settings[i] != NULL; i++)
    add_3 (words, "--ro-bind-try", bfy_kernel_settings[i], bfy_kernel_settings[i]);
  add_2 (words, "--dev", "/dev");
  add_2 (words, "--tmpfs", "/tmp");
  add_2 (words, "--tmpfs", "/var/tmp");
}

static gboolean
is_within (const char *path, const char *folder)
{
  gsize length = strlen (folder);

  if (strcmp (folder, "/") == 0)
    return TRUE;

  return strncmp (path, folder, length) == 0 && (path[length] == '\0' || path[length] == '/');
}

static const char *
home_of (const BfyRunMachine *machine)
{
  return machine->home != NULL ? machine->home : "/tmp";
}

static void
add_folder (GPtrArray *words, const BfyRunMachine *machine, const char *option, const char *path)
{
  add_3 (words, option, path, path);
  for (guint i = 0; i < machine->hidden->len; i++)
    {
      const BfyRunHidden *hidden = machine->hidden->pdata[i];

      if (!is_within (hidden->path, path))
        continue;
      if (hidden->is_folder)
        add_2 (words, "--tmpfs", hidden->path);
      else
        add_3 (words, "--ro-bind", "/dev/null", hidden->path);
    }
}

/* Those inside of others come behind them, or they would be covered. */
static int
compare_paths (gconstpointer a, gconstpointer b)
{
  const char *const *first = a, *const *second = b;

  return strcmp (*first, *second);
}

/* Later ones cover earlier ones: what may be written comes behind what it is a part of. */
static void
add_folders (GPtrArray *words,
             const BfyRunMachine *machine,
             const char *option,
             const char *const *folders)
{
  g_autoptr (GPtrArray) sorted = g_ptr_array_new ();

  for (; *folders != NULL; folders++)
    g_ptr_array_add (sorted, (gpointer) *folders);
  g_ptr_array_sort (sorted, compare_paths);
  for (guint i = 0; i < sorted->len; i++)
    add_folder (words, machine, option, sorted->pdata[i]);
}

static gboolean
is_within_any (const char *path, const char *const *folders)
{
  for (; *folders != NULL; folders++)
    {
      if (is_within (path, *folders))
        return TRUE;
    }

  return FALSE;
}

/* Where to be: where we are, if that can be seen. */
static const char *
place_of (const BfyRunWish *wish, const BfyRunMachine *machine)
{
  const char *directory = machine->directory;

  if (directory != NULL &&
      (bfy_run_shows_directory (wish, machine) || is_within_any (directory, wish->shown) ||
       is_within_any (directory, wish->writable)))
    return directory;

  return home_of (machine);
}

static void
add_places (GPtrArray *words, const BfyRunWish *wish, const BfyRunMachine *machine)
{
  add_2 (words, "--tmpfs", home_of (machine));
  if (bfy_run_shows_directory (wish, machine))
    add_folder (words, machine, "--ro-bind", machine->directory);
  add_folders (words, machine, "--ro-bind", wish->shown);
  add_folders (words, machine, "--bind", wish->writable);
  add_2 (words, "--chdir", place_of (wish, machine));
}

static void
add_parts (GPtrArray *words, const BfyRunMachine *machine, const BfyRunParts *parts)
{
  add_2 (words, "--perms", "0555");
  add_2 (words, "--dir", "/run/bindify");
  add_3 (words, "--ro-bind", machine->self, BFY_RUN_SELF);
  if (parts->bus != NULL)
    add_3 (words, "--ro-bind", parts->bus, BFY_RUN_BUS);
  add_fd (words, "--ro-bind-data", parts->python, BFY_RUN_MODULES "/bindify.py");
  add_fd (words, "--ro-bind-data", parts->javascript, BFY_RUN_MODULES "/bindify.mjs");
  add_fd (words, "--ro-bind-data", parts->authority, BFY_RUN_AUTHORITY);
  if (machine->authorities != NULL)
    add_fd (words, "--ro-bind-data", parts->authority_again, machine->authorities);
  add_fd (words, "--seccomp", parts->filter, NULL);
}

/* Folders of programs that cannot be seen are left out. */
static char *
filter_path (const BfyRunWish *wish, const BfyRunMachine *machine, const char *path)
{
  static const char *const system[] = { "/usr",       "/bin",       "/sbin", "/opt",
                                        "/nix/store", "/gnu/store", NULL };
  g_auto (GStrv) folders = g_strsplit (path, ":", -1);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) kept = NULL;

  for (guint i = 0; folders[i] != NULL; i++)
    {
      if (folders[i][0] == '/' &&
          (is_within_any (folders[i], system) || is_within_any (folders[i], wish->shown) ||
           is_within_any (folders[i], wish->writable) ||
           (bfy_run_shows_directory (wish, machine) && is_within (folders[i], machine->directory))))
        g_strv_builder_add (builder, folders[i]);
    }
  kept = g_strv_builder_end (builder);

  return kept[0] != NULL ? g_strjoinv (":", kept) : g_strdup ("/usr/local/bin:/usr/bin:/bin");
}

static const char *
lookup (const BfyRunMachine *machine, const char *name)
{
  gsize length = strlen (name);

  for (const char *const *entry = machine->variables; *entry != NULL; entry++)
    {
      if (strncmp (*entry, name, length) == 0 && (*entry)[length] == '=')
        return *entry + length + 1;
    }

  return NULL;
}

static void
add_variable (GStrvBuilder *builder, const char *name, const char *value)
{
  g_autofree char *entry = value != NULL ? g_strconcat (name, "=", value, NULL) : NULL;

  if (entry != NULL)
    g_strv_builder_add (builder, entry);
}

static void
add_door_variables (GStrvBuilder *builder, const BfyRunWish *wish, const BfyRunParts *parts)
{
  g_autofree char *url = g_strdup_printf ("http://127.0.0.1:%u", parts->port);
  g_autofree char *names = g_strjoinv (" ", (char **) wish->bindings);

  if (parts->port == 0 || parts->key == NULL)
    return;
  add_variable (builder, "BINDIFY_URL", url);
  add_variable (builder, "BINDIFY_KEY", parts->key);
  add_variable (builder, "BINDIFY_BINDINGS", names);
}

static gboolean
has_variable (GStrv list, const char *entry)
{
  gsize length = (gsize) (strchr (entry, '=') - entry) + 1;

  for (guint i = 0; list[i] != NULL; i++)
    {
      if (strncmp (list[i], entry, length) == 0)
        return TRUE;
    }

  return FALSE;
}

/* What a record in the catalogue names may be anything: it changes nothing that is there. */
static GStrv
append_variables (GStrv list, const char *const *more)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) before = list;

  g_strv_builder_addv (builder, (const char **) before);
  for (; more != NULL && *more != NULL; more++)
    {
      if (!has_variable (before, *more))
        g_strv_builder_add (builder, *more);
    }

  return g_strv_builder_end (builder);
}

GStrv
bfy_run_plan_environment (const BfyRunWish *wish,
                          const BfyRunMachine *machine,
                          const BfyRunParts *parts)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  const char *path = lookup (machine, "PATH");
  g_autofree char *programs = filter_path (wish, machine, path != NULL ? path : "");

  add_variable (builder, "PATH", programs);
  add_variable (builder, "HOME", home_of (machine));
  add_variable (builder, "TMPDIR", "/tmp");
  add_variable (builder, "PYTHONPATH", BFY_RUN_MODULES);
  for (guint i = 0; i < G_N_ELEMENTS (passed); i++)
    add_variable (builder, passed[i], lookup (machine, passed[i]));
  for (const char *const *entry = machine->variables; *entry != NULL; entry++)
    {
      if (g_str_has_prefix (*entry, "LC_"))
        g_strv_builder_add (builder, *entry);
    }
  add_variable (builder, "DBUS_SESSION_BUS_ADDRESS",
                parts->bus != NULL ? "unix:path=" BFY_RUN_BUS : NULL);
  add_door_variables (builder, wish, parts);

  return append_variables (g_strv_builder_end (builder), parts->variables);
}

static void
add_environment (GPtrArray *words,
                 const BfyRunWish *wish,
                 const BfyRunMachine *machine,
                 const BfyRunParts *parts)
{
  g_auto (GStrv) variables = bfy_run_plan_environment (wish, machine, parts);

  add (words, "--clearenv");
  for (guint i = 0; variables[i] != NULL; i++)
    {
      g_auto (GStrv) halves = g_strsplit (variables[i], "=", 2);

      add_3 (words, "--setenv", halves[0], halves[1]);
    }
}

GPtrArray *
bfy_run_plan (const BfyRunWish *wish, const BfyRunMachine *machine, const BfyRunParts *parts)
{
  GPtrArray *words = g_ptr_array_new_with_free_func (g_free);

  add_namespaces (words, wish);
  add_system (words, wish, machine);
  add_places (words, wish, machine);
  add_parts (words, machine, parts);
  add_environment (words, wish, machine, parts);

  return words;
}

GStrv
bfy_run_plan_command (const BfyRunWish *wish,
                      const BfyRunMachine *machine,
                      const BfyRunParts *parts)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autofree char *line = g_strdup_printf ("%d", parts->line);
  g_autofree char *port = g_strdup_printf ("%u", wish->net != BFY_RUN_NET_HOST ? parts->port : 0);
  g_autofree char *proxy = g_strdup_printf ("%u", parts->proxy);
  g_autofree char *watch = g_strdup_printf ("%d", parts->watch);

  g_strv_builder_add_many (builder, BFY_RUN_SELF, BFY_RUN_INSIDE, line, port, proxy, watch, "/tmp",
                           "/var/tmp", "/dev", home_of (machine), NULL);
  g_strv_builder_addv (builder, (const char **) wish->writable);
  g_strv_builder_add (builder, "--");
  g_strv_builder_addv (builder, (const char **) wish->command);

  return g_strv_builder_end (builder);
}
