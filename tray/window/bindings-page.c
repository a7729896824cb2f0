/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/window/bindings-page.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "client/fields.h"
#include "tray/window/add-window.h"
#include "tray/window/binding-deeds.h"
#include "tray/window/binding-row.h"
#include "tray/window/binding-view.h"
#include "tray/window/bindings-content.h"
#include "tray/window/errand.h"
#include "tray/window/page.h"

/* Words like “3 minutes ago” grow old; nothing is asked of the agent then. */
#define WORDS_INTERVAL_S 60
/* What is used all the time is counted anew this often at most. */
#define USAGE_DELAY_S 5

#define BFY_TYPE_BINDINGS_PAGE (bfy_bindings_page_get_type ())
G_DECLARE_FINAL_TYPE (BfyBindingsPage, bfy_bindings_page, BFY, BINDINGS_PAGE, AdwBin)

struct _BfyBindingsPage
{
  AdwBin parent_instance;

  BfyAgentLink *link;      /* (owned) */
  BfyCatalogue *catalogue; /* (owned) */
  BfyUsageDay *usage;      /* (owned) */
  GHashTable *rows;        /* (owned) (element-type utf8 BfyBindingRow) by id */
  GHashTable *hidden;      /* (owned) (element-type utf8) ids of those that are being removed */
  AdwLeaflet *leaflet;
  AdwBin *content;
  BfyBindingsContent shown;
  GtkWidget *column; /* (owned) with the list */
  GtkListBox *list;
  GtkSearchBar *search_bar;
  GtkEditable *search;
  BfyBindingView *view; /* (nullable) before the first is shown */
  guint words_id, usage_id;
};

G_DEFINE_TYPE (BfyBindingsPage, bfy_bindings_page, ADW_TYPE_BIN)

static gint64
get_now_s (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

/* The list */

static void
update_row (BfyBindingsPage *self, JsonObject *binding, gint64 now_s)
{
  const BfyBindingNews news = { binding, self->catalogue, self->usage, now_s };
  const char *id = bfy_field_text (binding, "id");
  GtkWidget *row = g_hash_table_lookup (self->rows, id);

  if (row == NULL)
    {
      row = bfy_binding_row_new (self->link);
      g_hash_table_insert (self->rows, g_strdup (id), row);
      bfy_binding_row_update (BFY_BINDING_ROW (row), &news);
      gtk_list_box_append (self->list, row);
      return;
    }
  bfy_binding_row_update (BFY_BINDING_ROW (row), &news);
}

/* Those that the newest list has no more. */
static void
drop_rows (BfyBindingsPage *self, GHashTable *seen)
{
  GHashTableIter iter;
  gpointer id, row;

  g_hash_table_iter_init (&iter, self->rows);
  while (g_hash_table_iter_next (&iter, &id, &row))
    {
      if (g_hash_table_contains (seen, id))
        continue;
      gtk_list_box_remove (self->list, row);
      g_hash_table_iter_remove (&iter);
    }
}

static BfyBindingsContent
choose_content (BfyBindingsPage *self, JsonObject *reply, guint n_shown)
{
  JsonObject *status = bfy_agent_link_get_status (self->link);

  if (!bfy_agent_link_is_present (self->link))
    return bfy_agent_link_get_trouble (self->link) != NULL ? BFY_CONTENT_GONE : BFY_CONTENT_WAIT;
  if (reply == NULL || status == NULL)
    return BFY_CONTENT_WAIT;
  if (bfy_field_boolean (reply, "hidden"))
    return BFY_CONTENT_LOCKED;

  return n_shown > 0 ? BFY_CONTENT_LIST : BFY_CONTENT_EMPTY;
}

static void
show_content (BfyBindingsPage *self, BfyBindingsContent content)
{
  if (self->shown == content)
    return;
  self->shown = content;
  adw_bin_set_child (self->content, content == BFY_CONTENT_LIST
                                        ? self->column
                                        : bfy_bindings_content_new (content));
}

static void
update (BfyBindingsPage *self)
{
  JsonObject *reply = bfy_agent_link_get_bindings (self->link);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  gint64 now_s = get_now_s ();

  for (guint i = 0; reply != NULL && i < bfy_field_count (reply, "bindings"); i++)
    {
      JsonObject *binding = bfy_field_nth (reply, "bindings", i);
      const char *id = bfy_field_text (binding, "id");

      if (g_hash_table_contains (self->hidden, id) || !g_hash_table_add (seen, (gpointer) id))
        continue;
      update_row (self, binding, now_s);
    }
  drop_rows (self, seen);
  gtk_list_box_invalidate_sort (self->list);
  gtk_list_box_invalidate_filter (self->list);
  show_content (self, choose_content (self, reply, g_hash_table_size (seen)));
  if (self->view != NULL)
    bfy_binding_view_update (self->view, self->catalogue, self->usage);
}

static int
compare_rows (GtkListBoxRow *a, GtkListBoxRow *b, gpointer user_data)
{
  return g_strcmp0 (bfy_field_text (bfy_binding_row_get_binding (BFY_BINDING_ROW (a)), "name"),
                    bfy_field_text (bfy_binding_row_get_binding (BFY_BINDING_ROW (b)), "name"));
}

static gboolean
filter_row (GtkListBoxRow *row, gpointer user_data)
{
  BfyBindingsPage *self = user_data;

  return bfy_binding_row_fits (BFY_BINDING_ROW (row), gtk_editable_get_text (self->search));
}

/* What is asked of the agent for it */

static void
on_usage (JsonObject *reply, const GError *error, gpointer user_data)
{
  BfyBindingsPage *self = user_data;

  if (reply == NULL)
    return;
  g_clear_pointer (&self->usage, bfy_usage_day_free);
  self->usage = bfy_usage_day_new (reply, get_now_s ());
  update (self);
}

static void
fetch_usage (BfyBindingsPage *self)
{
  g_autofree char *path = bfy_usage_day_path (get_now_s ());
  const BfyErrand errand = {
    .method = "GET", .path = path, .on_reply = on_usage, .user_data = self
  };

  bfy_errand_run (GTK_WIDGET (self), self->link, &errand);
}

static void
on_services (JsonObject *reply, const GError *error, gpointer user_data)
{
  BfyBindingsPage *self = user_data;

  if (reply == NULL)
    return;
  g_clear_pointer (&self->catalogue, bfy_catalogue_unref);
  self->catalogue = bfy_catalogue_new (reply);
  update (self);
}

static void
fetch_services (BfyBindingsPage *self)
{
  const BfyErrand errand = {
    .method = "GET", .path = "/v1/services", .on_reply = on_services, .user_data = self
  };

  bfy_errand_run (GTK_WIDGET (self), self->link, &errand);
}

static void
on_news (BfyAgentLink *link, guint news, BfyBindingsPage *self)
{
  if ((news & BFY_NEWS_PRESENCE) && bfy_agent_link_is_present (link))
    {
      fetch_services (self);
      fetch_usage (self);
    }
  if (news & (BFY_NEWS_PRESENCE | BFY_NEWS_STATUS | BFY_NEWS_BINDINGS | BFY_NEWS_GRANTS))
    update (self);
}

static gboolean
on_usage_due (gpointer user_data)
{
  BfyBindingsPage *self = user_data;

  self->usage_id = 0;
  fetch_usage (self);
  bfy_agent_link_refresh (self->link, BFY_NEWS_BINDINGS);

  return G_SOURCE_REMOVE;
}

/* Something was used: a moment later it is counted. */
static void
on_event (BfyAgentLink *link, JsonObject *event, BfyBindingsPage *self)
{
  if (self->usage_id == 0 && g_str_has_prefix (bfy_field_text (event, "type"), "proxy_"))
    self->usage_id = g_timeout_add_seconds (USAGE_DELAY_S, on_usage_due, self);
}

static gboolean
on_words_due (gpointer user_data)
{
  update (user_data);

  return G_SOURCE_CONTINUE;
}

static void
bfy_bindings_page_map (GtkWidget *widget)
{
  BfyBindingsPage *self = BFY_BINDINGS_PAGE (widget);

  GTK_WIDGET_CLASS (bfy_bindings_page_parent_class)->map (widget);
  self->words_id = g_timeout_add_seconds (WORDS_INTERVAL_S, on_words_due, self);
  update (self);
}

static void
bfy_bindings_page_unmap (GtkWidget *widget)
{
  g_clear_handle_id (&BFY_BINDINGS_PAGE (widget)->words_id, g_source_remove);
  GTK_WIDGET_CLASS (bfy_bindings_page_parent_class)->unmap (widget);
}

/* What a person does */

GtkWidget *
bfy_bindings_page_find (GtkWidget *child)
{
  GtkWidget *page = gtk_widget_get_ancestor (child, BFY_TYPE_BINDINGS_PAGE);

  return page != NULL ? page : child;
}

static void
show_list (BfyBindingsPage *self)
{
  adw_leaflet_navigate (self->leaflet, ADW_NAVIGATION_DIRECTION_BACK);
}

static void
on_hidden (GtkWidget *asker, const char *id, gboolean is_hidden)
{
  BfyBindingsPage *self = BFY_BINDINGS_PAGE (asker);

  if (is_hidden)
    {
      g_hash_table_add (self->hidden, g_strdup (id));
      show_list (self);
    }
  else
    g_hash_table_remove (self->hidden, id);
  update (self);
}

void
bfy_bindings_page_remove (GtkWidget *child, JsonObject *binding)
{
  GtkWidget *page = bfy_bindings_page_find (child);

  if (BFY_IS_BINDINGS_PAGE (page))
    bfy_binding_remove (page, BFY_BINDINGS_PAGE (page)->link, binding, on_hidden);
}

void
bfy_bindings_page_sign_in (GtkWidget *child, JsonObject *binding)
{
  GtkWidget *page = bfy_bindings_page_find (child);

  if (BFY_IS_BINDINGS_PAGE (page))
    bfy_add_window_present_login (page, BFY_BINDINGS_PAGE (page)->link,
                                  BFY_BINDINGS_PAGE (page)->catalogue, binding);
}

static void
on_row_activated (GtkListBox *list, GtkListBoxRow *row, BfyBindingsPage *self)
{
  if (self->view == NULL)
    {
      self->view = BFY_BINDING_VIEW (bfy_binding_view_new (self->link));
      adw_leaflet_append (self->leaflet, GTK_WIDGET (self->view));
    }
  bfy_binding_view_show (self->view, bfy_binding_row_get_binding (BFY_BINDING_ROW (row)));
  bfy_binding_view_update (self->view, self->catalogue, self->usage);
  adw_leaflet_set_visible_child (self->leaflet, GTK_WIDGET (self->view));
}

static void
on_add (GtkWidget *widget, const char *name, GVariant *parameter)
{
  BfyBindingsPage *self = BFY_BINDINGS_PAGE (widget);

  bfy_add_window_present (widget, self->link, self->catalogue);
}

static void
on_back (GtkWidget *widget, const char *name, GVariant *parameter)
{
  BfyBindingsPage *self = BFY_BINDINGS_PAGE (widget);

  if (BFY_IS_BINDING_VIEW (adw_leaflet_get_visible_child (self->leaflet)))
    show_list (self);
  else
    gtk_widget_activate_action (widget, "win.list", NULL);
}

static void
on_search (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gtk_search_bar_set_search_mode (BFY_BINDINGS_PAGE (widget)->search_bar, TRUE);
}

static void
on_search_changed (GtkEditable *search, BfyBindingsPage *self)
{
  gtk_list_box_invalidate_filter (self->list);
}

/* Making it */

static GtkWidget *
make_list (BfyBindingsPage *self)
{
  GtkBox *column;
  GtkWidget *content = bfy_page_column_new (&column);
  GtkWidget *nothing = gtk_label_new (_ ("No binding fits what you search for."));

  self->list = GTK_LIST_BOX (gtk_list_box_new ());
  gtk_list_box_set_selection_mode (self->list, GTK_SELECTION_NONE);
  gtk_widget_add_css_class (GTK_WIDGET (self->list), "boxed-list");
  gtk_widget_add_css_class (nothing, "dim-label");
  gtk_list_box_set_placeholder (self->list, nothing);
  gtk_list_box_set_sort_func (self->list, compare_rows, NULL, NULL);
  gtk_list_box_set_filter_func (self->list, filter_row, self, NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Bindings"), -1);
  g_signal_connect (self->list, "row-activated", G_CALLBACK (on_row_activated), self);
  gtk_box_append (column, GTK_WIDGET (self->list));

  return content;
}

static GtkWidget *
make_search (BfyBindingsPage *self)
{
  GtkWidget *bar = gtk_search_bar_new ();
  GtkWidget *entry = gtk_search_entry_new ();

  self->search_bar = GTK_SEARCH_BAR (bar);
  self->search = GTK_EDITABLE (entry);
  gtk_accessible_update_property (GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Search bindings"), -1);
  gtk_search_bar_set_child (self->search_bar, entry);
  gtk_search_bar_connect_entry (self->search_bar, self->search);
  g_signal_connect (entry, "search-changed", G_CALLBACK (on_search_changed), self);

  return bar;
}

static GtkWidget *
make_list_page (BfyBindingsPage *self)
{
  GtkWidget *page = bfy_page_new (self->link, _ ("Bindings"));
  GtkWidget *add = gtk_button_new_from_icon_name ("list-add-symbolic");
  GtkWidget *search = gtk_toggle_button_new ();

  bfy_button_explain (add, _ ("Add a Binding"));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (add), "page.add");
  gtk_button_set_icon_name (GTK_BUTTON (search), "edit-find-symbolic");
  bfy_button_explain (search, _ ("Search"));
  bfy_page_pack_start (BFY_PAGE (page), add);
  bfy_page_pack_end (BFY_PAGE (page), search);
  bfy_page_add_top (BFY_PAGE (page), make_search (self));
  g_object_bind_property (search, "active", self->search_bar, "search-mode-enabled",
                          G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
  self->column = g_object_ref_sink (make_list (self));
  self->content = ADW_BIN (adw_bin_new ());
  bfy_page_set_content (BFY_PAGE (page), GTK_WIDGET (self->content));

  return page;
}

GtkWidget *
bfy_bindings_page_new (BfyAgentLink *link)
{
  BfyBindingsPage *self = g_object_new (BFY_TYPE_BINDINGS_PAGE, NULL);

  self->link = g_object_ref (link);
  self->leaflet = ADW_LEAFLET (adw_leaflet_new ());
  adw_leaflet_set_can_unfold (self->leaflet, FALSE);
  adw_leaflet_set_can_navigate_back (self->leaflet, TRUE);
  adw_leaflet_append (self->leaflet, make_list_page (self));
  adw_bin_set_child (ADW_BIN (self), GTK_WIDGET (self->leaflet));
  g_signal_connect_object (link, "news", G_CALLBACK (on_news), self, 0);
  g_signal_connect_object (link, "event", G_CALLBACK (on_event), self, 0);
  on_news (link, BFY_NEWS_ALL, self);

  return GTK_WIDGET (self);
}

static void
bfy_bindings_page_dispose (GObject *object)
{
  BfyBindingsPage *self = BFY_BINDINGS_PAGE (object);

  g_clear_handle_id (&self->usage_id, g_source_remove);
  g_clear_object (&self->column);
  g_clear_object (&self->link);
  G_OBJECT_CLASS (bfy_bindings_page_parent_class)->dispose (object);
}

static void
bfy_bindings_page_finalize (GObject *object)
{
  BfyBindingsPage *self = BFY_BINDINGS_PAGE (object);

  g_clear_pointer (&self->catalogue, bfy_catalogue_unref);
  g_clear_pointer (&self->usage, bfy_usage_day_free);
  g_clear_pointer (&self->rows, g_hash_table_unref);
  g_clear_pointer (&self->hidden, g_hash_table_unref);
  G_OBJECT_CLASS (bfy_bindings_page_parent_class)->finalize (object);
}

static void
bfy_bindings_page_class_init (BfyBindingsPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = bfy_bindings_page_dispose;
  G_OBJECT_CLASS (klass)->finalize = bfy_bindings_page_finalize;
  widget_class->map = bfy_bindings_page_map;
  widget_class->unmap = bfy_bindings_page_unmap;
  gtk_widget_class_install_action (widget_class, "page.add", NULL, on_add);
  gtk_widget_class_install_action (widget_class, "page.back", NULL, on_back);
  gtk_widget_class_install_action (widget_class, "page.search", NULL, on_search);
}

static void
bfy_bindings_page_init (BfyBindingsPage *self)
{
  self->catalogue = bfy_catalogue_new (NULL);
  self->usage = bfy_usage_day_new (NULL, 0);
  self->rows = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->hidden = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}
