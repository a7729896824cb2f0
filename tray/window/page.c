/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/window/page.h"

#include <glib/gi18n.h>

#include "tray/window/banner.h"
#include "tray/window/window.h"

#define COLUMN_WIDTH_MAX 640

struct _BfyPage
{
  AdwBin parent_instance;

  BfyAgentLink *link; /* (owned) */
  AdwHeaderBar *header;
  AdwWindowTitle *title;
  GtkButton *back;
  GtkBox *box;
  GtkBox *top;
  GtkWidget *content; /* (nullable) */
  gboolean is_second; /* reached from another page */
  gboolean is_bound;
};

G_DEFINE_TYPE (BfyPage, bfy_page, ADW_TYPE_BIN)

void
bfy_page_set_content (BfyPage *self, GtkWidget *content)
{
  if (self->content != NULL)
    gtk_box_remove (self->box, self->content);
  self->content = content;
  gtk_widget_set_vexpand (content, TRUE);
  gtk_box_append (self->box, content);
}

void
bfy_page_set_title (BfyPage *self, const char *title)
{
  adw_window_title_set_title (self->title, title);
}

void
bfy_page_pack_start (BfyPage *self, GtkWidget *child)
{
  adw_header_bar_pack_start (self->header, child);
}

void
bfy_page_pack_end (BfyPage *self, GtkWidget *child)
{
  adw_header_bar_pack_end (self->header, child);
}

void
bfy_page_add_top (BfyPage *self, GtkWidget *child)
{
  gtk_box_append (self->top, child);
}

void
bfy_page_set_back (BfyPage *self, const char *action)
{
  self->is_second = TRUE;
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->back), action);
  gtk_widget_set_visible (GTK_WIDGET (self->back), TRUE);
}

BfyAgentLink *
bfy_page_get_link (BfyPage *self)
{
  return self->link;
}

/* The leaflet of the window tells whether the list of pages is beside us. */
static void
bfy_page_root (GtkWidget *widget)
{
  BfyPage *self = BFY_PAGE (widget);
  GtkRoot *root;

  GTK_WIDGET_CLASS (bfy_page_parent_class)->root (widget);
  root = gtk_widget_get_root (widget);
  if (self->is_bound || !BFY_IS_WINDOW (root))
    return;
  self->is_bound = TRUE;
  g_object_bind_property (bfy_window_get_leaflet (BFY_WINDOW (root)), "folded", self->header,
                          "show-start-title-buttons", G_BINDING_SYNC_CREATE);
  if (!self->is_second)
    g_object_bind_property (bfy_window_get_leaflet (BFY_WINDOW (root)), "folded", self->back,
                            "visible", G_BINDING_SYNC_CREATE);
}

static GtkWidget *
make_header (BfyPage *self, const char *title)
{
  self->header = ADW_HEADER_BAR (adw_header_bar_new ());
  self->title = ADW_WINDOW_TITLE (adw_window_title_new (title, NULL));
  self->back = GTK_BUTTON (gtk_button_new_from_icon_name ("go-previous-symbolic"));
  bfy_button_explain (GTK_WIDGET (self->back), _ ("Back"));
  gtk_widget_set_visible (GTK_WIDGET (self->back), FALSE);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->back), "win.back");
  adw_header_bar_set_title_widget (self->header, GTK_WIDGET (self->title));
  adw_header_bar_pack_start (self->header, GTK_WIDGET (self->back));

  return GTK_WIDGET (self->header);
}

GtkWidget *
bfy_page_new (BfyAgentLink *link, const char *title)
{
  BfyPage *self = g_object_new (BFY_TYPE_PAGE, NULL);

  self->link = g_object_ref (link);
  self->box = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 0));
  self->top = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 0));
  gtk_box_append (self->box, make_header (self, title));
  gtk_box_append (self->box, GTK_WIDGET (self->top));
  gtk_box_append (self->box, bfy_banner_new (link));
  adw_bin_set_child (ADW_BIN (self), GTK_WIDGET (self->box));

  return GTK_WIDGET (self);
}

GtkWidget *
bfy_page_column_new (GtkBox **column)
{
  GtkWidget *scrolled = gtk_scrolled_window_new ();
  GtkWidget *clamp = adw_clamp_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 24);

  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  adw_clamp_set_maximum_size (ADW_CLAMP (clamp), COLUMN_WIDTH_MAX);
  gtk_widget_set_margin_top (box, 24);
  gtk_widget_set_margin_bottom (box, 24);
  gtk_widget_set_margin_start (box, 12);
  gtk_widget_set_margin_end (box, 12);
  adw_clamp_set_child (ADW_CLAMP (clamp), box);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), clamp);
  *column = GTK_BOX (box);

  return scrolled;
}

/* What has the focus in a menu button is the button in it. */
void
bfy_button_explain (GtkWidget *button, const char *text)
{
  GtkWidget *inner = GTK_IS_MENU_BUTTON (button) ? gtk_widget_get_first_child (button) : NULL;

  gtk_widget_set_tooltip_text (button, text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
  if (inner != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (inner), GTK_ACCESSIBLE_PROPERTY_LABEL, text,
                                    -1);
}

static void
bfy_page_dispose (GObject *object)
{
  g_clear_object (&BFY_PAGE (object)->link);
  G_OBJECT_CLASS (bfy_page_parent_class)->dispose (object);
}

static void
bfy_page_class_init (BfyPageClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = bfy_page_dispose;
  GTK_WIDGET_CLASS (klass)->root = bfy_page_root;
}

static void
bfy_page_init (BfyPage *self)
{
}
