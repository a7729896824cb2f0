/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/window/window.h"

#include <glib/gi18n.h>
#include <malloc.h>

#include "tray/window/activity-page.h"
#include "tray/window/bindings-page.h"
#include "tray/window/clients-page.h"
#include "tray/window/grants-page.h"
#include "tray/window/keyring-page.h"
#include "tray/window/page.h"
#include "tray/window/settings-page.h"

#define WIDTH 880
#define HEIGHT 640
#define WIDTH_MIN 360
#define HEIGHT_MIN 294

/* The pages in the order of the list. A line without make function is not shown. */
static const struct
{
  const char *id, *title, *icon;
  GtkWidget *(*make) (BfyAgentLink *link);
} pages[] = {
  { "bindings", N_ ("Bindings"), "dialog-password-symbolic", bfy_bindings_page_new },
  { "clients", N_ ("Clients"), "computer-symbolic", bfy_clients_page_new },
  { "grants", N_ ("Grants"), "emblem-ok-symbolic", bfy_grants_page_new },
  { "activity", N_ ("Activity"), "document-open-recent-symbolic", bfy_activity_page_new },
  { "keyring", N_ ("Keyring"), "system-lock-screen-symbolic", bfy_keyring_page_new },
  { "settings", N_ ("Settings"), "preferences-system-symbolic", bfy_settings_page_new },
};
#define N_PAGES G_N_ELEMENTS (pages)

struct _BfyWindow
{
  AdwApplicationWindow parent_instance;

  BfyAgentLink *link; /* (owned) */
  AdwToastOverlay *toasts;
  AdwLeaflet *leaflet;
  GtkListBox *list;
  GtkStack *stack;
  guint n_shown; /* rows of the list */
};

G_DEFINE_TYPE (BfyWindow, bfy_window, ADW_TYPE_APPLICATION_WINDOW)

/* Where the person was when the last window was closed: an index of pages. */
static guint last_page;

AdwToastOverlay *
bfy_window_get_toasts (BfyWindow *self)
{
  return self->toasts;
}

AdwLeaflet *
bfy_window_get_leaflet (BfyWindow *self)
{
  return self->leaflet;
}

static guint
find_page (const char *id)
{
  for (guint i = 0; id != NULL && i < N_PAGES; i++)
    {
      if (g_str_equal (pages[i].id, id) && pages[i].make != NULL)
        return i;
    }

  return last_page;
}

static void
show_page (BfyWindow *self, guint index)
{
  const char *id = pages[index].id;

  last_page = index;
  if (gtk_stack_get_child_by_name (self->stack, id) == NULL)
    gtk_stack_add_named (self->stack, pages[index].make (self->link), id);
  gtk_stack_set_visible_child_name (self->stack, id);
  gtk_window_set_title (GTK_WINDOW (self), gettext (pages[index].title));
}

/* The row of a page, by its place among those that are there. */
static GtkListBoxRow *
find_row (BfyWindow *self, guint index)
{
  int place = 0;

  for (guint i = 0; i < index; i++)
    place += pages[i].make != NULL;

  return gtk_list_box_get_row_at_index (self->list, place);
}

static guint
find_page_of_row (GtkListBoxRow *row)
{
  int place = gtk_list_box_row_get_index (row);

  for (guint i = 0; i < N_PAGES; i++)
    {
      if (pages[i].make != NULL && place-- == 0)
        return i;
    }

  return last_page;
}

static void
on_row_selected (GtkListBox *list, GtkListBoxRow *row, BfyWindow *self)
{
  if (row != NULL)
    show_page (self, find_page_of_row (row));
}

/* Also when the row was selected before: in a narrow window the page is not seen yet. */
static void
on_row_activated (GtkListBox *list, GtkListBoxRow *row, BfyWindow *self)
{
  adw_leaflet_navigate (self->leaflet, ADW_NAVIGATION_DIRECTION_FORWARD);
}

static void
go_to (BfyWindow *self, const char *id)
{
  gtk_list_box_select_row (self->list, find_row (self, find_page (id)));
  adw_leaflet_set_visible_child (self->leaflet, GTK_WIDGET (self->stack));
}

static void
on_page (GtkWidget *widget, const char *name, GVariant *parameter)
{
  go_to (BFY_WINDOW (widget), g_variant_get_string (parameter, NULL));
}

static void
on_list (GtkWidget *widget, const char *name, GVariant *parameter)
{
  BfyWindow *self = BFY_WINDOW (widget);

  adw_leaflet_navigate (self->leaflet, ADW_NAVIGATION_DIRECTION_BACK);
  gtk_widget_grab_focus (GTK_WIDGET (gtk_list_box_get_selected_row (self->list)));
}

static void
on_back (GtkWidget *widget, const char *name, GVariant *parameter)
{
  BfyWindow *self = BFY_WINDOW (widget);

  if (!gtk_widget_activate_action (gtk_stack_get_visible_child (self->stack), "page.back", NULL))
    on_list (widget, name, parameter);
}

static void
on_search (GtkWidget *widget, const char *name, GVariant *parameter)
{
  BfyWindow *self = BFY_WINDOW (widget);

  gtk_widget_activate_action (gtk_stack_get_visible_child (self->stack), "page.search", NULL);
}

static void
on_add (GtkWidget *widget, const char *name, GVariant *parameter)
{
  BfyWindow *self = BFY_WINDOW (widget);

  go_to (self, "bindings");
  gtk_widget_activate_action (gtk_stack_get_visible_child (self->stack), "page.add", NULL);
}

/* Making it */

static GtkWidget *
make_row (guint index)
{
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *label = gtk_label_new (gettext (pages[index].title));

  gtk_box_append (GTK_BOX (box), gtk_image_new_from_icon_name (pages[index].icon));
  gtk_box_append (GTK_BOX (box), label);
  gtk_widget_set_margin_top (box, 6);
  gtk_widget_set_margin_bottom (box, 6);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_accessible_update_relation (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_RELATION_LABELLED_BY, label,
                                  NULL, -1);

  return row;
}

static GMenuModel *
make_menu (void)
{
  GMenu *menu = g_menu_new ();
  g_autoptr (GMenu) agent = g_menu_new ();
  g_autoptr (GMenu) program = g_menu_new ();

  g_menu_append (agent, _ ("_Lock"), "app.lock");
  g_menu_append (agent, _ ("_Freeze Everything"), "app.freeze");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (agent));
  g_menu_append (program, _ ("_Keyboard Shortcuts"), "app.shortcuts");
  g_menu_append (program, _ ("_About bindify"), "app.about");
  g_menu_append (program, _ ("_Quit"), "app.quit");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (program));

  return G_MENU_MODEL (menu);
}

static GtkWidget *
make_side_header (BfyWindow *self)
{
  GtkWidget *header = adw_header_bar_new ();
  GtkWidget *button = gtk_menu_button_new ();
  g_autoptr (GMenuModel) menu = make_menu ();

  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (button), "open-menu-symbolic");
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (button), menu);
  gtk_menu_button_set_primary (GTK_MENU_BUTTON (button), TRUE);
  bfy_button_explain (button, _ ("Main Menu"));
  adw_header_bar_pack_end (ADW_HEADER_BAR (header), button);
  adw_header_bar_set_title_widget (ADW_HEADER_BAR (header), adw_window_title_new ("bindify", NULL));
  g_object_bind_property (self->leaflet, "folded", header, "show-end-title-buttons",
                          G_BINDING_SYNC_CREATE);

  return header;
}

static GtkWidget *
make_side (BfyWindow *self)
{
  GtkWidget *side = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *scrolled = gtk_scrolled_window_new ();

  self->list = GTK_LIST_BOX (gtk_list_box_new ());
  gtk_list_box_set_selection_mode (self->list, GTK_SELECTION_BROWSE);
  gtk_widget_add_css_class (GTK_WIDGET (self->list), "navigation-sidebar");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Pages"), -1);
  for (guint i = 0; i < N_PAGES; i++)
    {
      if (pages[i].make != NULL)
        gtk_list_box_append (self->list, make_row (i));
    }
  g_signal_connect (self->list, "row-selected", G_CALLBACK (on_row_selected), self);
  g_signal_connect (self->list, "row-activated", G_CALLBACK (on_row_activated), self);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), GTK_WIDGET (self->list));
  gtk_widget_set_vexpand (scrolled, TRUE);
  gtk_box_append (GTK_BOX (side), make_side_header (self));
  gtk_box_append (GTK_BOX (side), scrolled);
  gtk_widget_set_size_request (side, 200, -1);

  return side;
}

static void
fill (BfyWindow *self)
{
  GtkWidget *separator = gtk_separator_new (GTK_ORIENTATION_VERTICAL);

  self->leaflet = ADW_LEAFLET (adw_leaflet_new ());
  self->stack = GTK_STACK (gtk_stack_new ());
  self->toasts = ADW_TOAST_OVERLAY (adw_toast_overlay_new ());
  gtk_stack_set_hhomogeneous (self->stack, FALSE);
  gtk_stack_set_vhomogeneous (self->stack, FALSE);
  gtk_widget_set_hexpand (GTK_WIDGET (self->stack), TRUE);
  adw_leaflet_append (self->leaflet, make_side (self));
  adw_leaflet_page_set_navigatable (adw_leaflet_append (self->leaflet, separator), FALSE);
  adw_leaflet_append (self->leaflet, GTK_WIDGET (self->stack));
  adw_leaflet_set_can_navigate_back (self->leaflet, TRUE);
  adw_toast_overlay_set_child (self->toasts, GTK_WIDGET (self->leaflet));
  adw_application_window_set_content (ADW_APPLICATION_WINDOW (self), GTK_WIDGET (self->toasts));
}

static BfyWindow *
find_window (GtkApplication *application)
{
  for (GList *l = gtk_application_get_windows (application); l != NULL; l = l->next)
    {
      if (BFY_IS_WINDOW (l->data))
        return l->data;
    }

  return NULL;
}

void
bfy_window_present (GtkApplication *application, BfyAgentLink *link, const char *page)
{
  BfyWindow *self = find_window (application);

  if (self == NULL)
    {
      self = g_object_new (BFY_TYPE_WINDOW, "application", application, "default-width", WIDTH,
                           "default-height", HEIGHT, "width-request", WIDTH_MIN, "height-request",
                           HEIGHT_MIN, "icon-name", "io.bindify.Tray", NULL);
      self->link = g_object_ref (link);
      fill (self);
    }

  go_to (self, page);
  gtk_window_present (GTK_WINDOW (self));
}

void
bfy_window_close (GtkApplication *application)
{
  BfyWindow *self = find_window (application);

  if (self != NULL)
    gtk_window_destroy (GTK_WINDOW (self));
}

/* What the window and its pages had is given back to the machine. */
static gboolean
on_closed (gpointer user_data)
{
  malloc_trim (0);

  return G_SOURCE_REMOVE;
}

static void
bfy_window_dispose (GObject *object)
{
  g_clear_object (&BFY_WINDOW (object)->link);
  G_OBJECT_CLASS (bfy_window_parent_class)->dispose (object);
}

static void
bfy_window_finalize (GObject *object)
{
  g_idle_add_full (G_PRIORITY_LOW, on_closed, NULL, NULL);
  G_OBJECT_CLASS (bfy_window_parent_class)->finalize (object);
}

static void
bfy_window_class_init (BfyWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = bfy_window_dispose;
  G_OBJECT_CLASS (klass)->finalize = bfy_window_finalize;
  gtk_widget_class_install_action (widget_class, "win.page", "s", on_page);
  gtk_widget_class_install_action (widget_class, "win.back", NULL, on_back);
  gtk_widget_class_install_action (widget_class, "win.list", NULL, on_list);
  gtk_widget_class_install_action (widget_class, "win.search", NULL, on_search);
  gtk_widget_class_install_action (widget_class, "win.add", NULL, on_add);
}

static void
bfy_window_init (BfyWindow *self)
{
}
