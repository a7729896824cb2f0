/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/icon/icon.h"

#include <gtk/gtk.h>

#include "tray/facts.h"
#include "tray/icon/actions.h"
#include "tray/icon/attention.h"
#include "tray/icon/item.h"
#include "tray/icon/menu-server.h"
#include "tray/icon/theme.h"
#include "tray/menu.h"

#define PULSE_MS 600
/* News come in bursts, and every change wakes the panel, too. */
#define UPDATE_DELAY_MS 30

struct _BfyIcon
{
  GApplication *application; /* borrowed */
  BfyAgentLink *link;        /* borrowed */
  BfyNotices *notices;       /* (owned) */
  BfyTrayActions *actions;   /* (owned) */
  BfyAttention *attention;   /* (owned) */
  BfyTrayItem *item;         /* (owned) (nullable) without a bus */
  BfyMenuServer *menu;       /* (owned) (nullable) without a bus */
  BfyTrayFace face;
  char *alarm; /* (owned) (nullable) not looked at yet */
  guint update_id;
  guint pulse_id;
  gboolean is_off; /* the pulse shows the other icon just now */
  gulong news_signal;
  gulong event_signal;
};

static gint64
now_s (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

/* Borrowed from the link: good for this turn of the main loop. */
static BfyTrayFacts
gather_facts (BfyIcon *self)
{
  GPtrArray *questions = bfy_agent_link_get_questions (self->link);
  BfyTrayFacts facts = {
    .is_present = bfy_agent_link_is_present (self->link),
    .trouble = bfy_agent_link_get_trouble (self->link),
    .alarm = self->alarm,
    .n_questions = questions->len,
    .silence = bfy_agent_link_get_silence (self->link),
    .in_use = bfy_agent_link_get_in_use (self->link),
  };

  if (questions->len > 0)
    facts.question = ((const BfyQuestion *) g_ptr_array_index (questions, 0))->title;
  bfy_tray_facts_take_status (&facts, bfy_agent_link_get_status (self->link));
  bfy_tray_facts_take_bindings (&facts, bfy_agent_link_get_bindings (self->link));

  return facts;
}

/* The icon */

static gboolean
on_pulse (gpointer user_data)
{
  BfyIcon *self = user_data;

  self->is_off = !self->is_off;
  bfy_tray_item_show (self->item, &self->face,
                      self->is_off ? self->face.icon_off : self->face.icon);

  return G_SOURCE_CONTINUE;
}

/* Who does not want to see things move does not. */
static gboolean
wants_motion (void)
{
  GtkSettings *settings = gtk_settings_get_default ();
  gboolean is_wanted = TRUE;

  if (settings != NULL)
    g_object_get (settings, "gtk-enable-animations", &is_wanted, NULL);

  return is_wanted;
}

/* A timer runs only while a credential is in use. */
static void
set_pulse (BfyIcon *self)
{
  gboolean is_wanted = self->face.icon_off != NULL && wants_motion ();

  if (is_wanted && self->pulse_id == 0)
    self->pulse_id = g_timeout_add (PULSE_MS, on_pulse, self);
  if (is_wanted)
    return;
  g_clear_handle_id (&self->pulse_id, g_source_remove);
  self->is_off = FALSE;
}

static void
set_menu (BfyIcon *self, const BfyTrayFacts *facts)
{
  const BfyMenuMatter matter = {
    .facts = facts,
    .bindings = bfy_agent_link_get_bindings (self->link),
    .questions = bfy_agent_link_get_questions (self->link),
    .now_s = now_s (),
  };

  bfy_menu_server_set_rows (self->menu, bfy_menu_build (&matter));
}

static void
update (BfyIcon *self)
{
  BfyTrayFacts facts = gather_facts (self);

  g_clear_handle_id (&self->update_id, g_source_remove);
  if (self->item == NULL)
    return;
  bfy_tray_face_clear (&self->face);
  bfy_tray_face_init (&self->face, &facts, now_s ());
  set_pulse (self);
  bfy_tray_item_show (self->item, &self->face,
                      self->is_off ? self->face.icon_off : self->face.icon);
  set_menu (self, &facts);
}

static gboolean
on_update (gpointer user_data)
{
  BfyIcon *self = user_data;

  self->update_id = 0;
  update (self);

  return G_SOURCE_REMOVE;
}

static void
on_news (BfyAgentLink *link, guint news, gpointer user_data)
{
  BfyIcon *self = user_data;

  if (self->update_id == 0)
    self->update_id = g_timeout_add (UPDATE_DELAY_MS, on_update, self);
}

/* Alarms */

static void
set_alarm (BfyIcon *self, const char *sentence)
{
  if (sentence == NULL && self->alarm == NULL)
    return;
  g_free (self->alarm);
  self->alarm = g_strdup (sentence);
  bfy_attention_set_alarm (self->attention, sentence);
  update (self);
}

static void
on_event (BfyAgentLink *link, JsonObject *event, gpointer user_data)
{
  BfyIcon *self = user_data;
  g_autofree char *sentence = bfy_tray_describe_alarm (event);

  if (sentence != NULL)
    set_alarm (self, sentence);
}

static void
on_alarm (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  BfyIcon *self = user_data;

  set_alarm (self, NULL);
  g_action_group_activate_action (G_ACTION_GROUP (self->application), "open",
                                  g_variant_new_string ("activity"));
}

static const GActionEntry entries[] = {
  { "alarm", on_alarm, NULL, NULL, NULL, { 0 } },
};

/* Presses */

/* As if the call had come from a launcher, so that the window may come to the front. */
static void
activate (BfyIcon *self, const char *action, const char *target, const char *token)
{
  GApplicationClass *class = G_APPLICATION_GET_CLASS (self->application);
  g_auto (GVariantDict) dict = G_VARIANT_DICT_INIT (NULL);
  g_autoptr (GVariant) platform = NULL;

  if (token != NULL)
    {
      g_variant_dict_insert (&dict, "activation-token", "s", token);
      g_variant_dict_insert (&dict, "desktop-startup-id", "s", token);
    }
  platform = g_variant_ref_sink (g_variant_dict_end (&dict));
  class->before_emit (self->application, platform);
  g_action_group_activate_action (G_ACTION_GROUP (self->application), action,
                                  target != NULL ? g_variant_new_string (target) : NULL);
  class->after_emit (self->application, platform);
}

/* What is most pressing; else the window. */
static void
on_press (BfyPress press, const char *token, gpointer user_data)
{
  BfyIcon *self = user_data;
  BfyTrayFacts facts = gather_facts (self);

  if (facts.alarm != NULL)
    activate (self, "alarm", NULL, token);
  else if (facts.n_questions > 0)
    activate (self, "prompts", NULL, token);
  else
    activate (self, "open", "", token);
}

static void
on_chosen (const char *action, const char *target, gpointer user_data)
{
  activate (user_data, action, target, NULL);
}

/* Times in it are as of now; and somebody wants the agent. */
static void
on_opening (gpointer user_data)
{
  BfyIcon *self = user_data;

  bfy_agent_link_retry (self->link);
  update (self);
}

/* Windows of ours find them, too. */
static void
add_icons (void)
{
  g_autofree char *path = bfy_icon_theme_find ();
  GdkDisplay *display = gdk_display_get_default ();

  gtk_window_set_default_icon_name ("io.bindify.Tray");
  if (*path != '\0' && display != NULL)
    gtk_icon_theme_add_search_path (gtk_icon_theme_get_for_display (display), path);
}

static void
show_item (BfyIcon *self, GDBusConnection *bus)
{
  static const BfyTrayItemEvents item_events = { on_press };
  static const BfyMenuServerEvents menu_events = { on_chosen, on_opening };
  g_autoptr (GError) error = NULL;

  self->menu = bfy_menu_server_new (bus, BFY_TRAY_MENU_PATH, &menu_events, self, &error);
  if (self->menu != NULL)
    self->item = bfy_tray_item_new (bus, &item_events, self, &error);
  if (self->item == NULL)
    g_warning ("There is no icon: %s", error->message);
}

BfyIcon *
bfy_icon_new (GApplication *application, BfyAgentLink *link)
{
  BfyIcon *self = g_new0 (BfyIcon, 1);
  GDBusConnection *bus = g_application_get_dbus_connection (application);

  self->application = application;
  self->link = link;
  self->notices = bfy_notices_new (application);
  self->actions = bfy_tray_actions_new (application, link, self->notices);
  self->attention = bfy_attention_new (GTK_APPLICATION (application), link, self->notices);
  g_action_map_add_action_entries (G_ACTION_MAP (application), entries, G_N_ELEMENTS (entries),
                                   self);
  add_icons ();
  if (bus != NULL)
    show_item (self, bus);
  update (self);
  self->news_signal = g_signal_connect (link, "news", G_CALLBACK (on_news), self);
  self->event_signal = g_signal_connect (link, "event", G_CALLBACK (on_event), self);

  return self;
}

void
bfy_icon_free (BfyIcon *self)
{
  if (self == NULL)
    return;

  g_clear_handle_id (&self->update_id, g_source_remove);
  g_clear_handle_id (&self->pulse_id, g_source_remove);
  g_clear_signal_handler (&self->news_signal, self->link);
  g_clear_signal_handler (&self->event_signal, self->link);
  g_action_map_remove_action (G_ACTION_MAP (self->application), "alarm");
  bfy_tray_item_free (self->item);
  bfy_menu_server_free (self->menu);
  bfy_attention_free (self->attention);
  bfy_tray_actions_free (self->actions);
  bfy_notices_free (self->notices);
  bfy_tray_face_clear (&self->face);
  g_free (self->alarm);
  g_free (self);
}
