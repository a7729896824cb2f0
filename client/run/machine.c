/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/run/machine.h"

#include <stdlib.h>
#include <unistd.h>

#include "client/run/filter.h"
#include "client/run/landlock.h"

#define OWN_PROGRAM "/proc/self/exe"
#define INSIDE_NAME "bindify-run-inside"

/* Symbolic links on a merged-usr system, folders elsewhere. */
static const char *const roots[BFY_RUN_ROOTS] = { "/bin",   "/sbin",  "/lib",
                                                  "/lib32", "/lib64", "/libx32" };

/* In the home: keys, keyrings, sessions of browsers and of command lines, our own files. */
static const char *const secret_places[] = {
  ".aws",
  ".azure",
  ".bash_history",
  ".cert",
  ".config/BraveSoftware",
  ".config/Bitwarden",
  ".config/bindify",
  ".config/chromium",
  ".config/doctl",
  ".config/gcloud",
  ".config/gh",
  ".config/git/credentials",
  ".config/glab-cli",
  ".config/google-chrome",
  ".config/hub",
  ".config/microsoft-edge",
  ".config/op",
  ".config/opera",
  ".config/rclone",
  ".config/sops",
  ".config/vivaldi",
  ".docker",
  ".git-credentials",
  ".gnupg",
  ".kube",
  ".local/share/bindify",
  ".local/share/keyrings",
  ".local/share/kwalletd",
  ".local/share/python_keyring",
  ".local/state/bindify",
  ".mozilla",
  ".netrc",
  ".npmrc",
  ".password-store",
  ".pgpass",
  ".pki",
  ".pypirc",
  ".ssh",
  ".thunderbird",
  ".vault-token",
  ".zsh_history",
  "snap/chromium",
  "snap/firefox",
};

char *
bfy_run_real_path (const char *path)
{
  char *real = realpath (path, NULL);
  char *copy = g_strdup (real);

  free (real);

  return copy;
}

static void
hide (BfyRunMachine *self, const char *path)
{
  g_autofree char *real = path != NULL && *path == '/' ? bfy_run_real_path (path) : NULL;
  BfyRunHidden *hidden;

  if (real == NULL)
    return;
  hidden = g_new0 (BfyRunHidden, 1);
  hidden->is_folder = g_file_test (real, G_FILE_TEST_IS_DIR);
  hidden->path = g_steal_pointer (&real);
  g_ptr_array_add (self->hidden, hidden);
}

/* Links among them lead to what is hidden: the place itself, wherever it is. */
static void
hide_all (BfyRunMachine *self, const BfyEnvironment *environment)
{
  g_autofree char *config = bfy_paths_config_dir (environment, NULL);
  g_autofree char *state = bfy_paths_state_dir (environment, NULL, NULL);

  for (guint i = 0; self->home != NULL && i < G_N_ELEMENTS (secret_places); i++)
    {
      g_autofree char *path = g_build_filename (self->home, secret_places[i], NULL);

      hide (self, path);
    }
  hide (self, config);
  hide (self, state);
  hide (self, environment->runtime_dir);
}

static const char *const usual_bwrap[] = { "/usr/bin/bwrap", "/bin/bwrap", "/usr/local/bin/bwrap",
                                           NULL };
static const char *const usual_bus_proxy[] = { "/usr/bin/xdg-dbus-proxy", "/bin/xdg-dbus-proxy",
                                               "/usr/local/bin/xdg-dbus-proxy", NULL };

/* Of the system, not of the caller's PATH: it is what keeps the command in. */
static char *
find_program (const char *const *paths)
{
  for (; *paths != NULL; paths++)
    {
      if (access (*paths, X_OK) == 0)
        return g_strdup (*paths);
    }

  return NULL;
}

/* What starts in the sandbox belongs to this program and this version of it: it is in the same
 * folder, in libexec beside that, or else it is this program itself, which can do it, too, and
 * takes longer. */
static char *
find_first_program (void)
{
  static const char *const places[] = { INSIDE_NAME, "../libexec/bindify/" INSIDE_NAME };
  g_autofree char *own = g_file_read_link (OWN_PROGRAM, NULL);
  g_autofree char *folder = own != NULL ? g_path_get_dirname (own) : NULL;

  for (guint i = 0; folder != NULL && i < G_N_ELEMENTS (places); i++)
    {
      g_autofree char *path = g_build_filename (folder, places[i], NULL);

      if (access (path, X_OK) == 0)
        return g_steal_pointer (&path);
    }

  return g_steal_pointer (&own);
}

/* Where distributions keep the certificates that everybody trusts. A link among them leads to the
 * file itself, which must be in what the sandbox shows. */
static const char *const authorities[] = {
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/ssl/cert.pem",
};

static char *
find_authorities (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (authorities); i++)
    {
      g_autofree char *real = bfy_run_real_path (authorities[i]);

      if (real != NULL &&
          (g_str_has_prefix (real, "/etc/ssl/") || g_str_has_prefix (real, "/etc/pki/")))
        return g_steal_pointer (&real);
    }

  return NULL;
}

void
bfy_run_machine_look (BfyRunMachine *self,
                      const BfyEnvironment *environment,
                      const char *const *variables,
                      const char *const *more)
{
  g_autofree char *directory = g_get_current_dir ();

  *self = (BfyRunMachine){ .variables = variables };
  self->bwrap = find_program (usual_bwrap);
  self->bus_proxy = find_program (usual_bus_proxy);
  self->self = find_first_program ();
  self->home = environment->home != NULL && g_path_is_absolute (environment->home)
                   ? bfy_run_real_path (environment->home)
                   : NULL;
  self->directory = bfy_run_real_path (directory);
  self->hidden = g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_run_hidden_free);
  for (guint i = 0; i < BFY_RUN_ROOTS; i++)
    {
      self->roots[i].path = roots[i];
      self->roots[i].target = g_file_read_link (roots[i], NULL);
    }
  hide_all (self, environment);
  for (; *more != NULL; more++)
    hide (self, *more);
  self->authorities = find_authorities ();
  self->architecture = bfy_run_filter_architecture ();
  self->landlock = bfy_landlock_version ();
}

void
bfy_run_machine_clear (BfyRunMachine *self)
{
  g_clear_pointer (&self->bwrap, g_free);
  g_clear_pointer (&self->bus_proxy, g_free);
  g_clear_pointer (&self->self, g_free);
  g_clear_pointer (&self->home, g_free);
  g_clear_pointer (&self->authorities, g_free);
  g_clear_pointer (&self->directory, g_free);
  g_clear_pointer (&self->hidden, g_ptr_array_unref);
  for (guint i = 0; i < BFY_RUN_ROOTS; i++)
    g_clear_pointer (&self->roots[i].target, g_free);
}
