/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/window/binding-deeds.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "client/fields.h"
#include "protocol/name.h"
#include "tray/window/errand.h"
#include "tray/window/rename-dialog.h"
#include "tray/window/toast.h"
#include "tray/window/trouble.h"

#define NAME_CHARACTERS_MAX 100
#define HOUR_S 3600

/* One binding and who asked. */
typedef struct
{
  GWeakRef asker;     /* GtkWidget */
  BfyAgentLink *link; /* (owned) */
  char *id;           /* (owned) */
  char *name;         /* (owned) */
  char *old_name;     /* (owned) (nullable) */
  gboolean is_paused; /* before */
  BfyHiddenFunc on_hidden;
} Deed;

static Deed *
deed_new (GtkWidget *asker, BfyAgentLink *link, JsonObject *binding)
{
  Deed *deed = g_new0 (Deed, 1);

  g_weak_ref_init (&deed->asker, asker);
  deed->link = g_object_ref (link);
  deed->id = g_strdup (bfy_field_text (binding, "id"));
  deed->name = g_strdup (bfy_field_text (binding, "name"));

  return deed;
}

static Deed *
deed_copy (Deed *deed)
{
  Deed *copy = g_new0 (Deed, 1);
  g_autoptr (GtkWidget) asker = g_weak_ref_get (&deed->asker);

  g_weak_ref_init (&copy->asker, asker);
  copy->link = g_object_ref (deed->link);
  copy->id = g_strdup (deed->id);
  copy->name = g_strdup (deed->name);
  copy->old_name = g_strdup (deed->old_name);
  copy->is_paused = deed->is_paused;
  copy->on_hidden = deed->on_hidden;

  return copy;
}

static void
deed_free (gpointer data)
{
  Deed *deed = data;

  g_weak_ref_clear (&deed->asker);
  g_clear_object (&deed->link);
  g_free (deed->id);
  g_free (deed->name);
  g_free (deed->old_name);
  g_free (deed);
}

static char *
dup_shown (const char *name)
{
  return bfy_text_to_line (name, NAME_CHARACTERS_MAX);
}

/* A change of it. @on_reply: gets @deed, which is taken; NULL: only what fails is said. */
static void
patch (Deed *deed,
       const char *name,
       JsonObject *body,
       void (*on_reply) (JsonObject *reply, const GError *error, gpointer user_data))
{
  g_autoptr (GtkWidget) asker = g_weak_ref_get (&deed->asker);
  g_autofree char *path = bfy_errand_path ("bindings", name, NULL);
  const BfyErrand errand = { .method = "PATCH",
                             .path = path,
                             .body = body,
                             .news = BFY_NEWS_BINDINGS,
                             .on_reply = on_reply,
                             .user_data = deed,
                             .destroy = on_reply != NULL ? deed_free : NULL };

  bfy_errand_run (asker, deed->link, &errand);
}

static void
say_trouble (Deed *deed, const GError *error)
{
  g_autoptr (GtkWidget) asker = g_weak_ref_get (&deed->asker);
  g_autofree char *text = bfy_trouble_describe (error);

  if (asker != NULL)
    bfy_window_toast (asker, text);
}

/* What has been done, with the way back: @undo gets another deed like @deed. */
static void
offer_undo (Deed *deed, const char *text, BfyUndoFunc undo)
{
  g_autoptr (GtkWidget) asker = g_weak_ref_get (&deed->asker);

  if (asker != NULL)
    bfy_window_toast_undo (asker, text, undo, NULL, deed_copy (deed), deed_free);
}

/* Testing */

static char *
describe_test (JsonObject *reply)
{
  JsonObject *binding = bfy_field_object (reply, "binding");
  gint64 n_tools = CLAMP (bfy_field_int (reply, "n_tools"), 0, G_MAXINT);
  g_autofree char *name = bfy_text_to_line (binding != NULL ? bfy_field_text (binding, "name") : "",
                                            NAME_CHARACTERS_MAX);
  g_autofree char *server =
      bfy_text_to_line (bfy_field_text (reply, "server"), NAME_CHARACTERS_MAX);

  if (*server == '\0')
    return g_strdup_printf (
        ngettext ("“%s” works: it has %d tool.", "“%s” works: it has %d tools.", (gulong) n_tools),
        name, (int) n_tools);

  /* TRANSLATORS: a binding, how its server calls itself, and how many tools that has. */
  return g_strdup_printf (
      ngettext ("“%s” works: %s has %d tool.", "“%s” works: %s has %d tools.", (gulong) n_tools),
      name, server, (int) n_tools);
}

static void
on_tested (JsonObject *reply, const GError *error, gpointer user_data)
{
  Deed *deed = user_data;
  g_autoptr (GtkWidget) asker = g_weak_ref_get (&deed->asker);
  g_autofree char *text = reply != NULL ? describe_test (reply) : bfy_trouble_describe (error);

  if (asker != NULL)
    bfy_window_toast (asker, text);
}

void
bfy_binding_test (GtkWidget *asker, BfyAgentLink *link, JsonObject *binding)
{
  Deed *deed = deed_new (asker, link, binding);
  g_autofree char *path = bfy_errand_path ("bindings", deed->name, "test", NULL);
  g_autofree char *shown = dup_shown (deed->name);
  g_autofree char *text = g_strdup_printf (_ ("Testing “%s”…"), shown);
  const BfyErrand errand = { .method = "POST",
                             .path = path,
                             .news = BFY_NEWS_BINDINGS,
                             .on_reply = on_tested,
                             .user_data = deed,
                             .destroy = deed_free };

  bfy_window_toast (asker, text);
  bfy_errand_run (asker, link, &errand);
}

/* Pausing */

static JsonObject *
pause_body (gboolean is_paused)
{
  JsonObject *body = json_object_new ();

  json_object_set_boolean_member (body, "paused", is_paused);

  return body;
}

static void
undo_pause (gpointer data)
{
  Deed *deed = data;

  patch (deed, deed->name, pause_body (!deed->is_paused), NULL);
}

static void
on_paused (JsonObject *reply, const GError *error, gpointer user_data)
{
  Deed *deed = user_data;
  g_autofree char *shown = dup_shown (deed->name);
  g_autofree char *text =
      g_strdup_printf (deed->is_paused ? _ ("“%s” is paused: no program can use it.")
                                       : _ ("“%s” can be used again."),
                       shown);

  if (error != NULL)
    say_trouble (deed, error);
  else
    offer_undo (deed, text, undo_pause);
}

void
bfy_binding_pause (GtkWidget *asker, BfyAgentLink *link, JsonObject *binding, gboolean is_paused)
{
  Deed *deed = deed_new (asker, link, binding);

  deed->is_paused = is_paused;
  patch (deed, deed->name, pause_body (is_paused), on_paused);
}

static void
on_paused_hour (JsonObject *reply, const GError *error, gpointer user_data)
{
  Deed *deed = user_data;
  g_autofree char *shown = dup_shown (deed->name);
  g_autofree char *text =
      g_strdup_printf (_ ("“%s” is paused for an hour, then it goes on by itself."), shown);

  if (error != NULL)
    say_trouble (deed, error);
  else
    offer_undo (deed, text, undo_pause);
}

void
bfy_binding_pause_hour (GtkWidget *asker, BfyAgentLink *link, JsonObject *binding)
{
  Deed *deed = deed_new (asker, link, binding);
  JsonObject *body = pause_body (TRUE);

  json_object_set_int_member (body, "paused_for_s", HOUR_S);
  deed->is_paused = TRUE;
  patch (deed, deed->name, body, on_paused_hour);
}

/* Renaming */

static JsonObject *
name_body (const char *name)
{
  JsonObject *body = json_object_new ();

  json_object_set_string_member (body, "name", name);

  return body;
}

static void
undo_rename (gpointer data)
{
  Deed *deed = data;

  patch (deed, deed->name, name_body (deed->old_name), NULL);
}

static void
on_renamed (JsonObject *reply, const GError *error, gpointer user_data)
{
  Deed *deed = user_data;
  g_autofree char *shown = dup_shown (deed->name);
  g_autofree char *text = g_strdup_printf (_ ("It is called “%s” now."), shown);

  if (error != NULL)
    say_trouble (deed, error);
  else
    offer_undo (deed, text, undo_rename);
}

static void
on_name (GtkWidget *asker, BfyAgentLink *link, JsonObject *binding, const char *name)
{
  Deed *deed = deed_new (asker, link, binding);

  deed->old_name = g_steal_pointer (&deed->name);
  deed->name = g_strdup (name);
  patch (deed, deed->old_name, name_body (name), on_renamed);
}

void
bfy_binding_rename (GtkWidget *asker, BfyAgentLink *link, JsonObject *binding)
{
  bfy_rename_dialog_present (asker, link, binding, on_name);
}

/* Removing */

static void
set_hidden (Deed *deed, gboolean is_hidden)
{
  g_autoptr (GtkWidget) asker = g_weak_ref_get (&deed->asker);

  if (asker != NULL)
    deed->on_hidden (asker, deed->id, is_hidden);
}

static void
undo_remove (gpointer data)
{
  set_hidden (data, FALSE);
}

static void
on_removed (JsonObject *reply, const GError *error, gpointer user_data)
{
  if (error == NULL)
    return;
  set_hidden (user_data, FALSE);
  say_trouble (user_data, error);
}

static void
do_remove (gpointer data)
{
  Deed *deed = data;
  g_autoptr (GtkWidget) asker = g_weak_ref_get (&deed->asker);
  g_autofree char *path = bfy_errand_path ("bindings", deed->name, NULL);
  const BfyErrand errand = { .method = "DELETE",
                             .path = path,
                             .news = BFY_NEWS_BINDINGS | BFY_NEWS_GRANTS | BFY_NEWS_STATUS,
                             .on_reply = on_removed,
                             .user_data = deed_copy (deed),
                             .destroy = deed_free };

  bfy_errand_run (asker, deed->link, &errand);
}

void
bfy_binding_remove (GtkWidget *asker,
                    BfyAgentLink *link,
                    JsonObject *binding,
                    BfyHiddenFunc on_hidden)
{
  Deed *deed = deed_new (asker, link, binding);
  g_autofree char *shown = dup_shown (deed->name);
  g_autofree char *text = g_strdup_printf (_ ("“%s” is removed with its credential."), shown);

  deed->on_hidden = on_hidden;
  set_hidden (deed, TRUE);
  bfy_window_toast_undo (asker, text, undo_remove, do_remove, deed, deed_free);
}
