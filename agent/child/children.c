/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/child/children.h"

#include <glib/gstdio.h>
#include <unistd.h>

#include "agent/child/home.h"
#include "agent/child/local.h"

#define HOMES_DIR "programs"
#define SECRETS_DIR "bindify-secrets"
#define NO_HOME "/home" /* inside the sandbox of somebody who has none */

struct _BfyChildren
{
  BfyAgent *agent;    /* borrowed */
  GStrv environment;  /* (owned) */
  char *home;         /* (owned) */
  char *homes_dir;    /* (owned) of private homes */
  char *secret_base;  /* (owned) */
  char *bwrap;        /* (owned) (nullable) */
  char *launcher;     /* (owned) our own program */
  char *own_unit;     /* (owned) (nullable) */
  GStrv hidden;       /* (owned) */
  GHashTable *locals; /* (owned) binding id → BfyLocal */
  gulong changed_id;
  gulong removed_id;
  gulong locked_id;
  char *private_home; /* (owned) (nullable) of the place that was filled last */
};

/* In the agent's PATH, then where systems have it. */
static char *
find_bwrap (const GStrv environment)
{
  const char *path = bfy_launch_lookup ((const char *const *) environment, "PATH");
  g_auto (GStrv) folders = g_strsplit (path != NULL ? path : "", ":", -1);
  static const char *const usual[] = { "/usr/bin/bwrap", "/bin/bwrap", "/usr/local/bin/bwrap" };

  for (gsize i = 0; folders[i] != NULL; i++)
    {
      g_autofree char *file = g_build_filename (folders[i], "bwrap", NULL);

      if (folders[i][0] == '/' && access (file, X_OK) == 0)
        return g_steal_pointer (&file);
    }
  for (gsize i = 0; path == NULL && i < G_N_ELEMENTS (usual); i++)
    if (access (usual[i], X_OK) == 0)
      return g_strdup (usual[i]);

  return NULL;
}

/* The root folder is no home that another one could stand for. */
static gboolean
has_home (const BfyChildrenSetup *setup)
{
  return setup->home != NULL && g_path_is_absolute (setup->home) && setup->home[1] != '\0';
}

static GStrv
list_hidden (const BfyChildrenSetup *setup)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  const char *const more[] = { setup->config_dir, setup->runtime_dir, setup->credentials_dir,
                               setup->vault_key_file };
  g_autofree char *keyrings =
      g_build_filename (has_home (setup) ? setup->home : NO_HOME, ".local/share/keyrings", NULL);

  g_strv_builder_add_many (builder, keyrings, setup->state_dir, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (more); i++)
    if (more[i] != NULL)
      g_strv_builder_add (builder, more[i]);

  return g_strv_builder_end (builder);
}

/* What a killed agent left. */
static void
clear_secrets (const char *base)
{
  g_autoptr (GDir) dir = g_dir_open (base, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *folder = g_build_filename (base, name, NULL);
      g_autofree char *file = g_build_filename (folder, BFY_LAUNCH_SECRET_FILE, NULL);

      (void) g_unlink (file);
      (void) g_rmdir (folder);
    }
}

static void
on_binding_changed (BfyRegistry *registry, BfyBinding *old, BfyBinding *now, gpointer user_data);

static void
on_client_removed (BfyRegistry *registry, BfyClient *client, gpointer user_data)
{
  BfyChildren *self = user_data;
  GHashTableIter iter;
  gpointer local;

  g_hash_table_iter_init (&iter, self->locals);
  while (g_hash_table_iter_next (&iter, NULL, &local))
    bfy_local_drop_owner (local, client->id);
}

/* Those that were given a credential hold it as long as they run. */
static void
on_locked (BfyCredentials *credentials, gpointer user_data)
{
  BfyChildren *self = user_data;
  GHashTableIter iter;
  gpointer local;

  g_hash_table_iter_init (&iter, self->locals);
  while (g_hash_table_iter_next (&iter, NULL, &local))
    if (!g_str_equal (bfy_local_get_binding (local)->auth_type, "none"))
      bfy_local_stop (local);
}

static gboolean
is_home_used (const char *name, gpointer user_data)
{
  BfyChildren *self = user_data;

  return bfy_registry_find_by_id (self->agent->registry, name) != NULL;
}

BfyChildren *
bfy_children_new (BfyAgent *agent, const BfyChildrenSetup *setup)
{
  BfyChildren *self = g_new0 (BfyChildren, 1);

  self->agent = agent;
  self->environment = g_strdupv ((char **) setup->environment);
  self->home = g_strdup (has_home (setup) ? setup->home : NO_HOME);
  self->homes_dir = g_build_filename (setup->state_dir, HOMES_DIR, NULL);
  self->secret_base = g_build_filename (
      setup->runtime_dir != NULL ? setup->runtime_dir : setup->state_dir, SECRETS_DIR, NULL);
  self->bwrap = find_bwrap (self->environment);
  self->own_unit = g_strdup (setup->own_unit);
  self->launcher = bfy_launch_find_launcher (setup->own_unit);
  self->hidden = list_hidden (setup);
  self->locals =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) bfy_local_free);
  self->changed_id =
      g_signal_connect (agent->registry, "binding-changed", G_CALLBACK (on_binding_changed), self);
  self->removed_id =
      g_signal_connect (agent->registry, "client-removed", G_CALLBACK (on_client_removed), self);
  self->locked_id = g_signal_connect (agent->credentials, "locked", G_CALLBACK (on_locked), self);
  clear_secrets (self->secret_base);
  bfy_home_sweep (self->homes_dir, is_home_used, self);

  return self;
}

void
bfy_children_free (BfyChildren *self)
{
  if (self == NULL)
    return;

  g_signal_handler_disconnect (self->agent->registry, self->changed_id);
  g_signal_handler_disconnect (self->agent->registry, self->removed_id);
  g_signal_handler_disconnect (self->agent->credentials, self->locked_id);
  g_hash_table_unref (self->locals);
  (void) g_rmdir (self->secret_base);
  g_strfreev (self->environment);
  g_strfreev (self->hidden);
  g_free (self->private_home);
  g_free (self->home);
  g_free (self->homes_dir);
  g_free (self->secret_base);
  g_free (self->bwrap);
  g_free (self->launcher);
  g_free (self->own_unit);
  g_free (self);
}

static gboolean
on_patience_over (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;

  return G_SOURCE_REMOVE;
}

void
bfy_children_end_all (BfyChildren *self)
{
  GHashTableIter iter;
  gpointer local;

  g_hash_table_iter_init (&iter, self->locals);
  while (g_hash_table_iter_next (&iter, NULL, &local))
    bfy_local_stop (local);
}

void
bfy_children_stop (BfyChildren *self, guint patience_ms)
{
  gboolean is_late = FALSE;
  g_autoptr (GSource) timer = g_timeout_source_new (patience_ms);

  bfy_children_end_all (self);
  g_source_set_callback (timer, on_patience_over, &is_late, NULL);
  g_source_attach (timer, g_main_context_get_thread_default ());
  while (bfy_child_n_running () > 0 && !is_late)
    g_main_context_iteration (g_main_context_get_thread_default (), TRUE);
  g_source_destroy (timer);
}

BfyAgent *
bfy_children_get_agent (BfyChildren *self)
{
  return self->agent;
}

BfyLocal *
bfy_children_get (BfyChildren *self, BfyBinding *binding)
{
  BfyLocal *local = g_hash_table_lookup (self->locals, binding->id);

  if (local == NULL)
    {
      local = bfy_local_new (self, binding);
      g_hash_table_insert (self->locals, g_strdup (binding->id), local);
    }

  return local;
}

void
bfy_children_restart (BfyChildren *self, const char *binding_id)
{
  BfyLocal *local = g_hash_table_lookup (self->locals, binding_id);

  if (local != NULL)
    bfy_local_stop (local);
}

static void
on_binding_changed (BfyRegistry *registry, BfyBinding *old, BfyBinding *now, gpointer user_data)
{
  BfyChildren *self = user_data;
  BfyLocal *local = old != NULL ? g_hash_table_lookup (self->locals, old->id) : NULL;

  if (now == NULL && old != NULL && old->program != NULL)
    {
      g_hash_table_remove (self->locals, old->id);
      bfy_home_remove (self->homes_dir, old->id);
      return;
    }
  if (local == NULL || now == NULL)
    return;
  bfy_local_set_binding (local, now);
  /* Whose sessions these are is no matter of bindings: all begin anew. */
  if (old->constraints != now->constraints)
    bfy_local_stop (local);
}

JsonObject *
bfy_children_describe (BfyChildren *self, BfyBinding *binding)
{
  JsonObject *object = json_object_new ();
  BfyLocal *local = bfy_children_get (self, binding);
  BfyTail *tail = bfy_local_get_tail (local);

  json_object_set_array_member (object, "lines", bfy_tail_to_json (tail));
  json_object_set_int_member (object, "dropped", (gint64) bfy_tail_n_dropped (tail));
  json_object_set_int_member (object, "running", bfy_local_n_running (local));

  return object;
}

gboolean
bfy_children_fill_place (BfyChildren *self,
                         const BfyBinding *binding,
                         BfyPlace *place,
                         GError **error)
{
  g_free (self->private_home);
  self->private_home = bfy_home_make (self->homes_dir, binding->id, error);
  if (self->private_home == NULL || !bfy_home_make_folder (self->secret_base, error))
    return FALSE;

  *place = (BfyPlace){
    .launcher = self->launcher,
    .own_unit = self->own_unit,
    .label = binding->name != NULL ? binding->name : "check of the sandbox",
    .bwrap = self->bwrap,
    .environment = (const char *const *) self->environment,
    .home = self->home,
    .private_home = self->private_home,
    .hidden = (const char *const *) self->hidden,
  };

  return TRUE;
}

const char *
bfy_children_get_secret_base (BfyChildren *self)
{
  return self->secret_base;
}

void
bfy_children_remove_home (BfyChildren *self, const char *id)
{
  bfy_home_remove (self->homes_dir, id);
}
