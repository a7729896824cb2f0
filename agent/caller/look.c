/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/caller/look.h"

#include <string.h>
#include <sys/stat.h>

#include "agent/caller/glance.h"

#define FAMILY_MAX 16 /* a process and its ancestors, as far as they are shown */
#define TEXT_BYTES 4096

typedef struct
{
  BfyGlance glances[FAMILY_MAX]; /* the process that connected, its parent, … */
  guint n;
  guint program; /* index of the one that counts; n when there is none */
} Family;

static void
family_clear (Family *self)
{
  for (guint i = 0; i < self->n; i++)
    bfy_glance_clear (&self->glances[i]);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Family, family_clear)

/* Whose children are those of nobody else: all that has lost its parent ends up there. */
static gboolean
is_manager (const BfyGlance *glance)
{
  return glance->pid == 1 ||
         (glance->stat.parent == 1 && g_str_equal (glance->stat.name, "systemd"));
}

/* Oldest last. A parent is older than its child; what is not has only got its number. */
static void
gather (Family *self)
{
  while (self->n < FAMILY_MAX)
    {
      const BfyGlance *child = &self->glances[self->n - 1];
      BfyGlance *parent = &self->glances[self->n];

      if (child->stat.parent <= 1 || !bfy_glance_take (parent, child->stat.parent))
        return;
      if (is_manager (parent) || parent->stat.started_at > child->stat.started_at)
        {
          bfy_glance_clear (parent);
          return;
        }
      self->n++;
    }
}

static gboolean
has_other_namespace (int pid, const char *name)
{
  g_autofree char *link = g_strdup_printf ("/proc/self/%s", name);
  g_autofree char *ours = g_file_read_link (link, NULL);
  g_autofree char *theirs = bfy_glance_read_link (pid, name);

  return g_strcmp0 (ours, theirs) != 0;
}

/* The command line of the same installation lies beside the agent, in a build tree in the folder
 * next to its. After an upgrade an old one goes on for a while. */
static gboolean
is_at (const BfyGlance *glance, const char *folder, const char *place)
{
  g_autofree char *path = g_canonicalize_filename (place, folder);
  struct stat facts;

  if (glance->is_replaced)
    return g_str_equal (glance->program, path) && !has_other_namespace (glance->pid, "ns/mnt");

  return stat (path, &facts) == 0 && facts.st_dev == glance->file.device &&
         facts.st_ino == glance->file.inode;
}

static gboolean
is_ours (const BfyGlance *glance, const char *folder)
{
  return glance->program != NULL && folder != NULL &&
         (is_at (glance, folder, "bindify") || is_at (glance, folder, "../client/bindify"));
}

static char *
find_own_folder (void)
{
  g_autofree char *path = g_file_read_link ("/proc/self/exe", NULL);

  return path != NULL ? g_path_get_dirname (path) : NULL;
}

/* One program under several names: that by which it was started. */
static const char *
name_of_ours (const BfyGlance *glance)
{
  static const char *const names[] = { "bindify-mcp", "bindify-add" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_str_equal (glance->stat.name, names[i]))
      return names[i];

  return "bindify";
}

static gboolean
is_wrapper (const BfyGlance *glance)
{
  char text[TEXT_BYTES];
  gssize length = bfy_glance_read (glance->pid, "cmdline", text, sizeof text);

  return length > 0 && glance->program != NULL &&
         bfy_process_is_wrapper (glance->program, text, (gsize) length) &&
         !has_other_namespace (glance->pid, "ns/mnt");
}

/* Behind ours there may be shells that only start them: whose parent may be seen is none of those
 * that count. */
static guint
skip_wrappers (const Family *self, guint first)
{
  guint i = first;

  while (i + 1 < self->n && is_wrapper (&self->glances[i]))
    i++;

  return i < self->n && self->glances[i].program != NULL ? i : first;
}

static void
find_program (Family *self)
{
  g_autofree char *folder = find_own_folder ();

  self->program = 0;
  while (self->program < self->n && is_ours (&self->glances[self->program], folder))
    self->program++;
  if (self->program > 0)
    self->program = skip_wrappers (self, self->program);
}

/* Nothing has changed up to the program that counts, so that parents were parents. */
static gboolean
is_still (const Family *self, const BfyPeer *peer)
{
  if (!bfy_program_file_is_same (&self->glances[0].file, &peer->file))
    return FALSE;
  for (guint i = 0; i <= self->program && i < self->n; i++)
    if (!bfy_glance_is_still (&self->glances[i]))
      return FALSE;

  return TRUE;
}

/* Who asks and may not be seen has no name. Of an ancestor that may not be seen, which is mostly
 * somebody else's, its own word is good enough: in brackets. */
static char *
name_member (const BfyGlance *glance, gboolean asks)
{
  g_autofree char *valid = NULL;

  if (glance->program != NULL)
    return g_path_get_basename (glance->program);
  if (asks)
    return g_strdup ("?");
  valid = g_utf8_make_valid (glance->stat.name, -1);

  return g_strdup_printf ("(%s)", valid);
}

/* The name of an interpreter tells little; what it runs is its own word, too. */
static char *
name_first (const BfyGlance *glance, const char *script)
{
  g_autofree char *name = name_member (glance, TRUE);

  return script != NULL ? g_strdup_printf ("%s (%s)", name, script) : g_steal_pointer (&name);
}

static GStrv
name_chain (const Family *self, const char *script)
{
  GPtrArray *names = g_ptr_array_new ();

  g_ptr_array_add (names, name_first (&self->glances[self->program], script));
  for (guint i = self->program + 1; i < self->n; i++)
    g_ptr_array_add (names, name_member (&self->glances[i], FALSE));
  g_ptr_array_add (names, NULL);

  return (GStrv) g_ptr_array_free (names, FALSE);
}

/* AppArmor's word is the kernel's. A group alone anybody can join: then the program must also lie
 * where that snap is. */
static char *
find_snap (const BfyGlance *glance, const char *cgroup)
{
  char label[TEXT_BYTES];
  gssize length = bfy_glance_read (glance->pid, "attr/current", label, sizeof label);
  g_autofree char *name = length > 0 ? bfy_process_parse_snap (label, (gsize) length) : NULL;
  g_autofree char *folder = NULL;

  if (name != NULL)
    return g_steal_pointer (&name);
  name = bfy_process_parse_snap (cgroup, strlen (cgroup));
  folder = name != NULL ? g_strdup_printf ("/snap/%s/", name) : NULL;

  return folder != NULL && glance->program != NULL && g_str_has_prefix (glance->program, folder)
             ? g_steal_pointer (&name)
             : NULL;
}

static char *
find_flatpak (int pid)
{
  char text[TEXT_BYTES];
  gssize length = bfy_glance_read (pid, "root/.flatpak-info", text, sizeof text);

  return length > 0 ? bfy_process_parse_flatpak (text, (gsize) length) : NULL;
}

static void
look_at_sandbox (BfyCaller *caller, const BfyGlance *glance, const char *cgroup)
{
  gboolean is_elsewhere =
      has_other_namespace (glance->pid, "ns/pid") || has_other_namespace (glance->pid, "ns/mnt");

  if (caller->sandbox != BFY_SANDBOX_NONE || glance->program == NULL)
    return;
  if (is_elsewhere && (caller->sandbox_id = find_flatpak (glance->pid)) != NULL)
    caller->sandbox = BFY_SANDBOX_FLATPAK;
  else if ((caller->sandbox_id = find_snap (glance, cgroup)) != NULL)
    caller->sandbox = BFY_SANDBOX_SNAP;
  else if (is_elsewhere)
    caller->sandbox = BFY_SANDBOX_NAMESPACE;
}

static void
look_at_surroundings (BfyCaller *caller, const BfyGlance *glance)
{
  char text[TEXT_BYTES];
  gssize length = bfy_glance_read (glance->pid, "cgroup", text, sizeof text);

  look_at_sandbox (caller, glance, length > 0 ? text : "");
  g_free (caller->scope);
  caller->scope = length > 0 ? bfy_process_parse_scope (text, (gsize) length) : NULL;
  g_free (caller->directory);
  caller->directory = bfy_glance_read_link (glance->pid, "cwd");
}

static void
look_at_script (BfyCaller *caller, const BfyGlance *glance)
{
  char text[TEXT_BYTES];
  gssize length;

  if (glance->program == NULL || !bfy_process_is_interpreter (glance->program))
    return;
  length = bfy_glance_read (glance->pid, "cmdline", text, sizeof text);
  caller->script = length > 0 ? bfy_process_parse_script (text, (gsize) length) : NULL;
}

static void
tell_program (BfyCaller *caller, const BfyGlance *program)
{
  caller->program_pid = program->pid;
  caller->program_started_at = program->stat.started_at;
  caller->program = g_strdup (program->program);
  caller->program_device = program->file.device;
  caller->program_inode = program->file.inode;
  caller->is_replaced = program->is_replaced;
}

static void
look (BfyCaller *caller, const Family *family)
{
  const BfyGlance *connected = &family->glances[0];
  const BfyGlance *program = &family->glances[family->program];

  caller->started_at = connected->stat.started_at;
  if (family->program > 0)
    caller->via = g_strdup (name_of_ours (connected));
  look_at_surroundings (caller, connected);
  if (family->program == family->n)
    return;
  if (family->program > 0)
    look_at_surroundings (caller, program);
  look_at_script (caller, program);
  caller->chain = name_chain (family, caller->script);
  tell_program (caller, program);
}

gboolean
bfy_look_at_caller (BfyCaller *caller, const BfyPeer *peer)
{
  g_auto (Family) family = { .n = 0 };

  if (!bfy_glance_take (&family.glances[0], peer->pid))
    return FALSE;
  family.n = 1;
  gather (&family);
  find_program (&family);
  look (caller, &family);

  return is_still (&family, peer);
}

void
bfy_look_at_sender (BfyCaller *caller, int sender)
{
  BfyGlance glance;
  g_autofree char *name = NULL;
  char *via;

  if (!bfy_glance_take (&glance, sender))
    name = g_strdup ("?");
  else
    name = name_member (&glance, FALSE);
  bfy_glance_clear (&glance);
  via = caller->via != NULL ? g_strdup_printf ("%s ← %s", name, caller->via) : g_strdup (name);
  g_free (caller->via);
  caller->via = via;
}
