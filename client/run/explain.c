/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/run/explain.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "client/run/landlock.h"
#include "protocol/name.h"

#define SHOWN_CHARACTERS_MAX 400

void
bfy_run_layer_free (BfyRunLayer *self)
{
  g_free (self->text);
  g_free (self);
}

/* Takes @text. */
static void
add (GPtrArray *layers, const char *name, gboolean is_in_force, char *text)
{
  BfyRunLayer *layer = g_new0 (BfyRunLayer, 1);

  layer->name = name;
  layer->is_in_force = is_in_force;
  layer->text = text;
  g_ptr_array_add (layers, layer);
}

static void
add_sandbox (GPtrArray *layers, const BfyRunMachine *machine, gboolean works)
{
  const char *text = _ ("Nothing runs without a sandbox, and bubblewrap is not installed");

  if (works)
    text =
        _ ("Processes, users, host name and shared memory of its own; no capabilities, no way to "
           "get any, and no terminal that it could type into");
  else if (machine->bwrap != NULL)
    text =
        _ ("Nothing runs without a sandbox, and bubblewrap cannot make one here: user namespaces "
           "are forbidden");
  add (layers, "namespaces", works, g_strdup (text));
}

static void
add_network (GPtrArray *layers, const BfyRunWish *wish)
{
  if (wish->net == BFY_RUN_NET_HOST)
    add (layers, "network", FALSE,
         g_strdup (_ ("It shares the network of this machine, and everything that listens there "
                      "(--net host)")));
  else
    add (layers, "network", TRUE,
         g_strdup (_ ("A network of its own, in which there is nothing but the door")));
}

static void
add_abstract (GPtrArray *layers, const BfyRunWish *wish, const BfyRunMachine *machine)
{
  gboolean is_scoped = machine->landlock >= BFY_LANDLOCK_SCOPES;

  if (wish->net != BFY_RUN_NET_HOST)
    add (layers, "abstract-sockets", TRUE,
         g_strdup (_ ("Abstract sockets of the session belong to another network, and are out of "
                      "reach")));
  else
    add (layers, "abstract-sockets", is_scoped,
         g_strdup (is_scoped
                       ? _ ("Abstract sockets of the session are kept away by Landlock")
                       : _ ("Abstract sockets of the session, which may be its bus, are within "
                            "reach with --net host: this kernel’s Landlock is too old")));
}

static void
add_door (GPtrArray *layers, const BfyRunWish *wish)
{
  g_autofree char *names = g_strjoinv (", ", (char **) wish->bindings);
  g_autofree char *shown = bfy_text_to_line (names, SHOWN_CHARACTERS_MAX);

  if (wish->bindings[0] == NULL)
    add (layers, "door", TRUE,
         g_strdup (_ ("No binding can be used: none was named (--binding NAME)")));
  else
    add (layers, "door", TRUE,
         g_strdup_printf (_ ("Only these bindings can be used, with a key that ends with this run, "
                             "however it ends: %s"),
                          shown));
}

static void
add_files (GPtrArray *layers, const BfyRunWish *wish, const BfyRunMachine *machine)
{
  g_autofree char *names = g_strjoinv (", ", (char **) wish->writable);
  g_autofree char *writable = bfy_text_to_line (names, SHOWN_CHARACTERS_MAX);
  g_autofree char *place =
      bfy_text_to_line (machine->directory != NULL ? machine->directory : "", SHOWN_CHARACTERS_MAX);

  add (layers, "files", TRUE,
       g_strdup (_ ("Of the system it sees /usr, /opt and some of /etc; home and /tmp are its own, "
                    "empty, and gone afterwards")));
  if (bfy_run_shows_directory (wish, machine))
    add (layers, "folder", TRUE, g_strdup_printf (_ ("It can read %s"), place));
  else
    add (layers, "folder", TRUE,
         g_strdup_printf (_ ("%s is not shown, because too much is in it; work in a folder of a "
                             "project, or name one with --ro"),
                          place));
  if (*writable != '\0')
    add (layers, "writable", TRUE, g_strdup_printf (_ ("It can write into %s"), writable));
  add (layers, "hidden", TRUE,
       g_strdup (
           _ ("Keyrings, keys for SSH and GnuPG, browser profiles, tokens of command lines and "
              "bindify’s own files are hidden, in folders that are shown, too")));
}

static void
add_filter (GPtrArray *layers, const BfyRunMachine *machine)
{
  if (machine->architecture != NULL)
    add (layers, "seccomp", TRUE,
         g_strdup_printf (
             _ ("The kernel refuses tracing, keys of the kernel, mounts, new namespaces, "
                "typing into terminals and unusual sockets (%s)"),
             machine->architecture));
  else
    add (layers, "seccomp", FALSE,
         g_strdup (_ ("There is no filter of system calls for this processor")));
}

static void
add_landlock (GPtrArray *layers, const BfyRunMachine *machine)
{
  if (machine->landlock > 0)
    add (layers, "landlock", TRUE,
         g_strdup_printf (_ ("The kernel forbids writing outside of these folders a second time "
                             "(version %d)"),
                          machine->landlock));
  else
    add (layers, "landlock", FALSE,
         g_strdup (_ ("This kernel has no Landlock; what may be written is said by the mounts "
                      "alone")));
}

static void
add_bus (GPtrArray *layers, const BfyRunWish *wish, const BfyRunMachine *machine)
{
  const char *text = _ ("No D-Bus, no display, no sockets of the session: no keyring can be asked");

  if (wish->has_bus && machine->bus_proxy != NULL)
    text = _ ("Of the session’s D-Bus it can show notifications, and nothing else (--bus): "
              "xdg-dbus-proxy refuses the rest; no display, no keyring");
  else if (wish->has_bus)
    text = _ ("Nothing runs with --bus without a filter for D-Bus, and xdg-dbus-proxy is not "
              "installed");
  add (layers, "bus", !wish->has_bus || machine->bus_proxy != NULL, g_strdup (text));
}

GPtrArray *
bfy_run_explain (const BfyRunWish *wish, const BfyRunMachine *machine, gboolean works)
{
  GPtrArray *layers = g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_run_layer_free);

  add_sandbox (layers, machine, works);
  add_network (layers, wish);
  add_door (layers, wish);
  add_files (layers, wish, machine);
  add (
      layers, "environment", TRUE,
      g_strdup (_ ("Of the environment it gets language, terminal and user name; PATH without what "
                   "cannot be seen")));
  add_bus (layers, wish, machine);
  add_abstract (layers, wish, machine);
  add_filter (layers, machine);
  add_landlock (layers, machine);

  return layers;
}

static char *
join_names (const char *const *entries, guint n)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, "%s%.*s", i > 0 ? ", " : "", (int) strcspn (entries[i], "="),
                            entries[i]);

  return bfy_text_to_line (text->str, SHOWN_CHARACTERS_MAX);
}

void
bfy_run_explain_variables (GPtrArray *layers, GStrv variables, GPtrArray *clashes)
{
  g_autofree char *names = join_names ((const char *const *) variables, g_strv_length (variables));
  g_autofree char *twice = join_names ((const char *const *) clashes->pdata, clashes->len);

  if (*names != '\0')
    add (layers, "variables", TRUE,
         g_strdup_printf (_ ("Programs are led to the bindings by these variables: %s"), names));
  if (*twice != '\0')
    add (layers, "clashes", FALSE,
         g_strdup_printf (_ ("Several bindings have the same variables, which lead to the first of "
                             "them: %s"),
                          twice));
}

static void
add_tunnels (GPtrArray *layers, const BfyRunWish *wish)
{
  g_autofree char *names = g_strjoinv (", ", (char **) wish->tunnels);
  g_autofree char *shown = bfy_text_to_line (names, SHOWN_CHARACTERS_MAX);

  add (layers, "tunnels", TRUE,
       g_strdup_printf (_ ("Its proxy leads to these hosts, too, and nobody sees what is said "
                           "there: %s"),
                        shown));
}

void
bfy_run_explain_proxy (GPtrArray *layers, const BfyRunWish *wish)
{
  if (wish->net == BFY_RUN_NET_HOST)
    {
      add (layers, "proxy", TRUE,
           g_strdup (_ ("Its programs find a proxy that plays the https services of its bindings, "
                        "with certificates that are trusted in this run only, and leads to other "
                        "hosts on the internet; it asks for a password that only they have")));
      return;
    }

  add (layers, "proxy", TRUE,
       g_strdup (_ ("Its programs find a proxy that plays the https services of its bindings, with "
                    "certificates that are trusted in this run only, and refuses all others")));
  if (wish->tunnels[0] != NULL)
    add_tunnels (layers, wish);
}
