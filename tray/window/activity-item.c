/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/window/activity-item.h"

#include <glib/gi18n.h>
#include <string.h>

#include "client/fields.h"
#include "protocol/event-type.h"
#include "protocol/timestamp.h"
#include "tray/window/activity-text.h"
#include "tray/window/moment.h"

struct _BfyActivityItem
{
  GObject parent_instance;

  JsonObject *event; /* (owned) */
};

G_DEFINE_TYPE (BfyActivityItem, bfy_activity_item, G_TYPE_OBJECT)

/* A line of the list, used for one event after the other. */
#define BFY_TYPE_ACTIVITY_LINE (bfy_activity_line_get_type ())
G_DECLARE_FINAL_TYPE (BfyActivityLine, bfy_activity_line, BFY, ACTIVITY_LINE, GtkBox)

struct _BfyActivityLine
{
  GtkBox parent_instance;

  GtkImage *icon;
  GtkLabel *sentence;
  GtkLabel *details;
};

G_DEFINE_TYPE (BfyActivityLine, bfy_activity_line, GTK_TYPE_BOX)

static const char *
choose_icon (JsonObject *event)
{
  const char *outcome = bfy_field_text (event, "outcome");
  const BfyEventType *type = bfy_event_type_find (bfy_field_text (event, "type"));

  if (bfy_activity_is_alarm (event))
    return "dialog-warning-symbolic";
  if (strcmp (outcome, "blocked") == 0)
    return "action-unavailable-symbolic";
  if (strcmp (outcome, "failure") == 0)
    return "dialog-error-symbolic";
  if (type != NULL && type->kind == BFY_EVENT_CHANGE)
    return "document-edit-symbolic";

  return type != NULL && type->kind == BFY_EVENT_CARE ? "view-refresh-symbolic"
                                                      : "emblem-ok-symbolic";
}

static void
fill (BfyActivityLine *self, JsonObject *event)
{
  gboolean is_alarm = bfy_activity_is_alarm (event);
  g_autofree char *sentence = bfy_activity_text (event);
  g_autofree char *time = bfy_moment_format (bfy_time_from_text (bfy_field_text (event, "time")),
                                             g_get_real_time () / G_USEC_PER_SEC);
  const char *outcome = bfy_activity_outcome (event);
  /* TRANSLATORS: an alarm of the activity page; then the sentence that says what happened. */
  g_autofree char *alarm = is_alarm ? g_strdup_printf (_ ("Alarm: %s"), sentence) : NULL;
  g_autofree char *details =
      outcome != NULL ? g_strdup_printf (_ ("%s · %s"), time, outcome) : g_strdup (time);

  gtk_image_set_from_icon_name (self->icon, choose_icon (event));
  gtk_label_set_text (self->sentence, is_alarm ? alarm : sentence);
  gtk_label_set_text (self->details, details);
  if (is_alarm)
    gtk_widget_add_css_class (GTK_WIDGET (self), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self), "error");
}

static void
on_setup (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  gtk_list_item_set_child (item, g_object_new (BFY_TYPE_ACTIVITY_LINE, NULL));
}

static void
on_bind (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  fill (BFY_ACTIVITY_LINE (gtk_list_item_get_child (item)),
        BFY_ACTIVITY_ITEM (gtk_list_item_get_item (item))->event);
}

GtkListItemFactory *
bfy_activity_factory_new (void)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

  g_signal_connect (factory, "setup", G_CALLBACK (on_setup), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (on_bind), NULL);

  return factory;
}

static GtkLabel *
make_label (void)
{
  GtkLabel *label = GTK_LABEL (gtk_label_new (NULL));

  gtk_label_set_xalign (label, 0);
  gtk_label_set_ellipsize (label, PANGO_ELLIPSIZE_END);
  gtk_label_set_lines (label, 2);
  gtk_label_set_wrap (label, TRUE);
  gtk_label_set_wrap_mode (label, PANGO_WRAP_WORD_CHAR);

  return label;
}

static void
bfy_activity_line_class_init (BfyActivityLineClass *klass)
{
}

static void
bfy_activity_line_init (BfyActivityLine *self)
{
  GtkWidget *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);

  self->icon = GTK_IMAGE (gtk_image_new ());
  self->sentence = make_label ();
  self->details = make_label ();
  gtk_widget_add_css_class (GTK_WIDGET (self->details), "dim-label");
  gtk_widget_add_css_class (GTK_WIDGET (self->details), "caption");
  gtk_widget_set_hexpand (texts, TRUE);
  gtk_box_append (GTK_BOX (texts), GTK_WIDGET (self->sentence));
  gtk_box_append (GTK_BOX (texts), GTK_WIDGET (self->details));
  gtk_box_set_spacing (GTK_BOX (self), 12);
  gtk_widget_set_margin_start (GTK_WIDGET (self), 12);
  gtk_widget_set_margin_end (GTK_WIDGET (self), 12);
  gtk_widget_set_margin_top (GTK_WIDGET (self), 6);
  gtk_widget_set_margin_bottom (GTK_WIDGET (self), 6);
  gtk_box_append (GTK_BOX (self), GTK_WIDGET (self->icon));
  gtk_box_append (GTK_BOX (self), texts);
}

BfyActivityItem *
bfy_activity_item_new (JsonObject *event)
{
  BfyActivityItem *self = g_object_new (BFY_TYPE_ACTIVITY_ITEM, NULL);

  self->event = json_object_ref (event);

  return self;
}

JsonObject *
bfy_activity_item_get_event (BfyActivityItem *self)
{
  return self->event;
}

static void
bfy_activity_item_finalize (GObject *object)
{
  g_clear_pointer (&BFY_ACTIVITY_ITEM (object)->event, json_object_unref);
  G_OBJECT_CLASS (bfy_activity_item_parent_class)->finalize (object);
}

static void
bfy_activity_item_class_init (BfyActivityItemClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = bfy_activity_item_finalize;
}

static void
bfy_activity_item_init (BfyActivityItem *self)
{
}
