/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/icon/actions.h"

#include <glib/gi18n.h>

#include "client/fields.h"
#include "protocol/json.h"
#include "protocol/name.h"

#define PAUSE_S 3600
#define SENTENCE_CHARACTERS_MAX 300
#define NOTICE_ID "action"

struct _BfyTrayActions
{
  GApplication *application; /* borrowed */
  BfyAgentLink *link;        /* borrowed */
  BfyNotices *notices;       /* borrowed */
  GCancellable *cancellable; /* (owned) of the calls under way */
};

/* A call on its way. */
typedef struct
{
  BfyTrayActions *actions; /* borrowed; the call is cancelled before it goes */
  char *binding;           /* (owned) (nullable) */
  guint news;              /* what may be different afterwards */
  gboolean is_test;
} Errand;

static void
errand_free (Errand *errand)
{
  g_free (errand->binding);
  g_free (errand);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Errand, errand_free)

static void
say (BfyTrayActions *self, const char *title, const char *sentence)
{
  g_autofree char *body = bfy_text_to_line (sentence, SENTENCE_CHARACTERS_MAX);
  const BfyNotice notice = {
    .id = NOTICE_ID,
    .title = title,
    .body = body,
    .icon = "io.bindify.Tray",
    .action = "open",
    .target = "",
  };

  bfy_notices_show (self->notices, &notice);
}

static void
say_test (BfyTrayActions *self, const char *binding, JsonObject *reply)
{
  gint64 n = CLAMP (bfy_field_int (reply, "n_tools"), 0, G_MAXINT);
  g_autofree char *title = g_strdup_printf (_ ("“%s” works"), binding);
  g_autofree char *body =
      g_strdup_printf (ngettext ("Its server answers, and has %d tool.",
                                 "Its server answers, and has %d tools.", (gulong) n),
                       (int) n);

  say (self, title, body);
}

static void
say_failure (BfyTrayActions *self, const char *binding, const GError *error, const char *hint)
{
  g_autofree char *title = binding != NULL ? g_strdup_printf (_ ("“%s” does not work"), binding)
                                           : g_strdup (_ ("That did not work"));
  g_autofree char *body =
      hint != NULL ? g_strdup_printf (_ ("%s. In a terminal, type: %s"), error->message, hint)
                   : g_strdup_printf ("%s.", error->message);

  say (self, title, body);
}

static void
on_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Errand) errand = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *hint = NULL;
  g_autoptr (JsonObject) reply =
      bfy_remote_call_finish (BFY_REMOTE (source), result, &hint, &error);

  if (g_error_matches (error, BFY_ERROR, BFY_ERROR_CANCELLED))
    return;
  bfy_agent_link_refresh (errand->actions->link, errand->news);
  if (reply == NULL)
    say_failure (errand->actions, errand->is_test ? errand->binding : NULL, error, hint);
  else if (errand->is_test)
    say_test (errand->actions, errand->binding, reply);
}

static void
call (BfyTrayActions *self, const BfyCall *wish, guint news, const char *tested)
{
  Errand *errand = g_new0 (Errand, 1);

  errand->actions = self;
  errand->news = news;
  errand->binding = g_strdup (tested);
  errand->is_test = tested != NULL;
  bfy_remote_call_async (bfy_agent_link_get_remote (self->link), wish, self->cancellable, on_done,
                         errand);
}

static void
open_page (BfyTrayActions *self, const char *page)
{
  g_action_group_activate_action (G_ACTION_GROUP (self->application), "open",
                                  g_variant_new_string (page));
}

/* The whole agent */

static void
post (BfyTrayActions *self, const char *path)
{
  const BfyCall wish = { "POST", path, NULL };

  call (self, &wish, BFY_NEWS_STATUS | BFY_NEWS_BINDINGS | BFY_NEWS_GRANTS, NULL);
}

static void
on_thaw (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  post (user_data, "/v1/thaw");
}

/* A passphrase is typed into the window, never anywhere else. */
static void
on_unlock (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  BfyTrayActions *self = user_data;
  JsonObject *status = bfy_agent_link_get_status (self->link);
  JsonObject *lock = status != NULL ? bfy_field_object (status, "lock") : NULL;

  if (lock != NULL && g_str_equal (bfy_field_text (lock, "state"), "passphrase"))
    open_page (self, "keyring");
  else
    post (self, "/v1/unlock");
}

/* Bindings */

static char *
format_path (const char *name, const char *rest)
{
  g_autofree char *escaped = g_uri_escape_string (name, NULL, FALSE);

  return g_strconcat ("/v1/bindings/", escaped, rest, NULL);
}

/* @for_s: 0 for until it is resumed. */
static void
set_paused (BfyTrayActions *self, const char *name, gboolean is_paused, gint64 for_s)
{
  g_autoptr (JsonObject) change = json_object_new ();
  g_autofree char *path = format_path (name, "");
  g_autofree char *text = NULL;
  g_autoptr (GBytes) body = NULL;
  BfyCall wish = { "PATCH", path, NULL };

  json_object_set_boolean_member (change, "paused", is_paused);
  if (for_s > 0)
    json_object_set_int_member (change, "paused_for_s", for_s);
  text = bfy_json_object_to_text (change, NULL);
  body = g_bytes_new (text, strlen (text));
  wish.body = body;
  call (self, &wish, BFY_NEWS_BINDINGS, NULL);
}

static void
on_pause (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  set_paused (user_data, g_variant_get_string (parameter, NULL), TRUE, 0);
}

static void
on_pause_hour (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  set_paused (user_data, g_variant_get_string (parameter, NULL), TRUE, PAUSE_S);
}

static void
on_resume (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  set_paused (user_data, g_variant_get_string (parameter, NULL), FALSE, 0);
}

static void
on_test (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  const char *name = g_variant_get_string (parameter, NULL);
  g_autofree char *path = format_path (name, "/test");
  const BfyCall wish = { "POST", path, NULL };

  call (user_data, &wish, BFY_NEWS_BINDINGS, name);
}

static void
on_login (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  open_page (user_data, "bindings");
}

typedef void (*BindingFunc) (BfyTrayActions *self, JsonObject *binding);

static void
for_each_binding (BfyTrayActions *self, BindingFunc func)
{
  JsonObject *bindings = bfy_agent_link_get_bindings (self->link);
  guint n = bindings != NULL ? bfy_field_count (bindings, "bindings") : 0;

  for (guint i = 0; i < n; i++)
    func (self, bfy_field_nth (bindings, "bindings", i));
}

/* What somebody has paused for good stays so. */
static void
pause_one (BfyTrayActions *self, JsonObject *binding)
{
  if (!g_str_equal (bfy_field_text (binding, "state"), "paused"))
    set_paused (self, bfy_field_text (binding, "name"), TRUE, PAUSE_S);
}

static void
resume_one (BfyTrayActions *self, JsonObject *binding)
{
  if (*bfy_field_text (binding, "resumes_at") != '\0')
    set_paused (self, bfy_field_text (binding, "name"), FALSE, 0);
}

static void
on_pause_all (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  for_each_binding (user_data, pause_one);
}

static void
on_resume_all (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  for_each_binding (user_data, resume_one);
}

static const GActionEntry entries[] = {
  { "unlock", on_unlock, NULL, NULL, NULL, { 0 } },
  { "thaw", on_thaw, NULL, NULL, NULL, { 0 } },
  { "pause-all", on_pause_all, NULL, NULL, NULL, { 0 } },
  { "resume-all", on_resume_all, NULL, NULL, NULL, { 0 } },
  { "binding-pause", on_pause, "s", NULL, NULL, { 0 } },
  { "binding-pause-hour", on_pause_hour, "s", NULL, NULL, { 0 } },
  { "binding-resume", on_resume, "s", NULL, NULL, { 0 } },
  { "binding-test", on_test, "s", NULL, NULL, { 0 } },
  { "binding-login", on_login, "s", NULL, NULL, { 0 } },
};

BfyTrayActions *
bfy_tray_actions_new (GApplication *application, BfyAgentLink *link, BfyNotices *notices)
{
  BfyTrayActions *self = g_new0 (BfyTrayActions, 1);

  self->application = application;
  self->link = link;
  self->notices = notices;
  self->cancellable = g_cancellable_new ();
  g_action_map_add_action_entries (G_ACTION_MAP (application), entries, G_N_ELEMENTS (entries),
                                   self);

  return self;
}

void
bfy_tray_actions_free (BfyTrayActions *self)
{
  if (self == NULL)
    return;

  for (guint i = 0; i < G_N_ELEMENTS (entries); i++)
    g_action_map_remove_action (G_ACTION_MAP (self->application), entries[i].name);
  g_cancellable_cancel (self->cancellable);
  g_object_unref (self->cancellable);
  g_free (self);
}
