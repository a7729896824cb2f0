/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The newest event is the first of the list. Older ones are fetched when somebody scrolls towards
 * the end, or when a filter lets so few through that the end is to be seen. */

#include "tray/window/activity-page.h"

#include <glib/gi18n.h>

#include "client/fields.h"
#include "tray/window/activity-details.h"
#include "tray/window/activity-item.h"
#include "tray/window/activity-text.h"
#include "tray/window/history.h"
#include "tray/window/page.h"
#include "tray/window/row.h"

#define EVENTS_MAX 10000
#define PAGE_EVENTS 250
#define FILTER_PATH_MAX 64

typedef struct
{
  GtkWidget *page;
  BfyAgentLink *link;        /* (owned) */
  GtkStack *stack;           /* "rows", "nothing", "empty" */
  GListStore *store;         /* (owned) (element-type BfyActivityItem) newest first */
  GtkFilterListModel *shown; /* (owned) */
  GtkCustomFilter *filter;   /* borrowed from it */
  BfyActivityFilter wanted;
  GtkAdjustment *adjustment; /* borrowed */
  GtkDropDown *bindings;
  GtkDropDown *clients;
  GtkStringList *binding_names; /* borrowed; the first one is “all” */
  GtkStringList *client_names;
  BfyHistory *history; /* (owned) (nullable) */
  GPtrArray *arriving; /* (owned) of it, oldest first */
  GPtrArray *early;    /* (owned) events that came before the first page had */
  gint64 newest;       /* number of the newest record */
  gint64 oldest;       /* number of the oldest record, 0: none */
  guint fill_id;
  gboolean has_failed;    /* the last page */
  gboolean is_at_the_end; /* there is nothing older */
} ActivityPage;

static void load_more (ActivityPage *self);

static void
judge (ActivityPage *self)
{
  guint n_all = g_list_model_get_n_items (G_LIST_MODEL (self->store));
  guint n_shown = g_list_model_get_n_items (G_LIST_MODEL (self->shown));

  gtk_stack_set_visible_child_name (self->stack, n_shown > 0 ? "rows"
                                                 : n_all > 0 ? "nothing"
                                                             : "empty");
}

static gboolean
sees_the_end (ActivityPage *self)
{
  double below = gtk_adjustment_get_upper (self->adjustment) -
                 gtk_adjustment_get_value (self->adjustment) -
                 gtk_adjustment_get_page_size (self->adjustment);

  return below < gtk_adjustment_get_page_size (self->adjustment);
}

/* Once the list knows how high it is. */
static gboolean
on_fill (gpointer user_data)
{
  ActivityPage *self = user_data;

  self->fill_id = 0;
  if (sees_the_end (self))
    load_more (self);

  return G_SOURCE_REMOVE;
}

static void
fill_up (ActivityPage *self)
{
  if (self->fill_id == 0 && !self->is_at_the_end)
    self->fill_id = g_idle_add_full (G_PRIORITY_LOW, on_fill, self, NULL);
}

/* The names that the filters offer */

static void
offer (GtkStringList *names, const char *name)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (names));

  if (*name == '\0' || n > FILTER_PATH_MAX)
    return;
  for (guint i = 1; i < n; i++)
    {
      if (g_str_equal (gtk_string_list_get_string (names, i), name))
        return;
    }
  gtk_string_list_append (names, name);
}

static void
offer_names (ActivityPage *self, JsonObject *event)
{
  g_autofree char *who = bfy_activity_who (event);

  offer (self->binding_names, bfy_field_text (event, "binding"));
  offer (self->client_names, who);
}

/* What comes in */

static void
put_first (ActivityPage *self, BfyActivityItem *item)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->store));

  g_list_store_insert (self->store, 0, item);
  if (n >= EVENTS_MAX)
    g_list_store_remove (self->store, n);
}

/* The page has most of them, too. */
static void
take_early (ActivityPage *self)
{
  for (guint i = 0; i < self->early->len; i++)
    {
      BfyActivityItem *item = g_ptr_array_index (self->early, i);
      gint64 sequence = bfy_field_int (bfy_activity_item_get_event (item), "sequence");

      if (sequence > self->newest || sequence == 0)
        put_first (self, item);
    }
  g_ptr_array_set_size (self->early, 0);
}

static void
on_page_end (ActivityPage *self)
{
  guint n = self->arriving->len;
  guint n_before = g_list_model_get_n_items (G_LIST_MODEL (self->store));
  g_autoptr (GPtrArray) newest_first = g_ptr_array_new ();

  g_clear_pointer (&self->history, bfy_history_free);
  for (guint i = n; i > 0; i--)
    g_ptr_array_add (newest_first, g_ptr_array_index (self->arriving, i - 1));
  g_list_store_splice (self->store, n_before, 0, newest_first->pdata, newest_first->len);
  g_ptr_array_set_size (self->arriving, 0);
  take_early (self);
  self->is_at_the_end = n < PAGE_EVENTS || n_before + n >= EVENTS_MAX;
  judge (self);
  fill_up (self);
}

static void
on_history (JsonObject *event, const GError *error, gpointer user_data)
{
  ActivityPage *self = user_data;
  gint64 sequence;

  if (event == NULL)
    {
      if (error != NULL)
        g_info ("%s", error->message);
      self->has_failed = error != NULL;
      on_page_end (self);
      return;
    }
  sequence = bfy_field_int (event, "sequence");
  if (self->oldest == 0 || sequence < self->oldest)
    self->oldest = sequence;
  self->newest = MAX (self->newest, sequence);
  offer_names (self, event);
  g_ptr_array_add (self->arriving, bfy_activity_item_new (event));
}

static void
load_more (ActivityPage *self)
{
  g_autofree char *path = self->oldest > 0
                              ? g_strdup_printf ("/v1/events?limit=%d&before=%" G_GINT64_FORMAT,
                                                 PAGE_EVENTS, self->oldest)
                              : g_strdup_printf ("/v1/events?limit=%d", PAGE_EVENTS);

  if (self->history == NULL && !self->is_at_the_end && bfy_agent_link_is_present (self->link))
    self->history = bfy_history_read (self->link, path, on_history, self);
}

static void
on_event (BfyAgentLink *link, JsonObject *event, ActivityPage *self)
{
  g_autoptr (BfyActivityItem) item = bfy_activity_item_new (event);

  offer_names (self, event);
  if (g_list_model_get_n_items (G_LIST_MODEL (self->store)) == 0 && self->history != NULL)
    g_ptr_array_add (self->early, g_steal_pointer (&item));
  else
    put_first (self, item);
  judge (self);
}

/* From the beginning: an agent that comes back has gone on with its record. */
static void
start_over (ActivityPage *self)
{
  g_clear_pointer (&self->history, bfy_history_free);
  g_ptr_array_set_size (self->arriving, 0);
  g_ptr_array_set_size (self->early, 0);
  g_list_store_remove_all (self->store);
  self->newest = self->oldest = 0;
  self->has_failed = self->is_at_the_end = FALSE;
  load_more (self);
}

/* While the agent is locked with a passphrase it does not tell what was. */
static void
on_news (BfyAgentLink *link, guint news, ActivityPage *self)
{
  if (bfy_agent_link_is_present (link) &&
      ((news & BFY_NEWS_PRESENCE) || ((news & BFY_NEWS_STATUS) && self->has_failed)))
    start_over (self);
}

/* Filters */

static gboolean
accepts (gpointer item, gpointer user_data)
{
  ActivityPage *self = user_data;

  return bfy_activity_filter_accepts (&self->wanted, bfy_activity_item_get_event (item));
}

static void
filter_anew (ActivityPage *self)
{
  gtk_filter_changed (GTK_FILTER (self->filter), GTK_FILTER_CHANGE_DIFFERENT);
  judge (self);
  fill_up (self);
}

static void
on_search (GtkSearchEntry *entry, gpointer user_data)
{
  ActivityPage *self = user_data;
  const char *text = gtk_editable_get_text (GTK_EDITABLE (entry));

  g_free (self->wanted.text);
  self->wanted.text = *text != '\0' ? g_utf8_casefold (text, -1) : NULL;
  filter_anew (self);
}

static void
on_kind (GtkDropDown *choice, GParamSpec *pspec, gpointer user_data)
{
  ActivityPage *self = user_data;

  self->wanted.kind = (BfyActivityKind) gtk_drop_down_get_selected (choice);
  filter_anew (self);
}

static char *
dup_choice (GtkDropDown *choice, GtkStringList *names)
{
  guint selected = gtk_drop_down_get_selected (choice);

  return selected > 0 && selected != GTK_INVALID_LIST_POSITION
             ? g_strdup (gtk_string_list_get_string (names, selected))
             : NULL;
}

static void
on_name (GtkDropDown *choice, GParamSpec *pspec, gpointer user_data)
{
  ActivityPage *self = user_data;

  g_free (self->wanted.binding);
  g_free (self->wanted.who);
  self->wanted.binding = dup_choice (self->bindings, self->binding_names);
  self->wanted.who = dup_choice (self->clients, self->client_names);
  filter_anew (self);
}

static void
on_activated (GtkListView *view, guint position, gpointer user_data)
{
  ActivityPage *self = user_data;
  g_autoptr (BfyActivityItem) item = g_list_model_get_item (G_LIST_MODEL (self->shown), position);

  bfy_activity_details_present (self->page, bfy_activity_item_get_event (item));
}

/* Making it */

static void
on_scrolled (GtkAdjustment *adjustment, ActivityPage *self)
{
  if (sees_the_end (self))
    load_more (self);
}

static GtkWidget *
make_list (ActivityPage *self)
{
  GtkWidget *scrolled = gtk_scrolled_window_new ();
  GtkSelectionModel *selection =
      GTK_SELECTION_MODEL (gtk_no_selection_new (g_object_ref (G_LIST_MODEL (self->shown))));
  GtkWidget *view = gtk_list_view_new (selection, bfy_activity_factory_new ());

  gtk_list_view_set_single_click_activate (GTK_LIST_VIEW (view), TRUE);
  gtk_list_view_set_show_separators (GTK_LIST_VIEW (view), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (view), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Events, the newest first"), -1);
  g_signal_connect (view, "activate", G_CALLBACK (on_activated), self);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), view);
  self->adjustment = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scrolled));
  g_signal_connect (self->adjustment, "value-changed", G_CALLBACK (on_scrolled), self);

  return scrolled;
}

static GtkDropDown *
make_choice (ActivityPage *self,
             const char *name,
             const char *const *words,
             GtkStringList **list,
             GCallback on_chosen)
{
  GtkStringList *names = gtk_string_list_new (words);
  GtkDropDown *choice = GTK_DROP_DOWN (gtk_drop_down_new (G_LIST_MODEL (names), NULL));

  gtk_accessible_update_property (GTK_ACCESSIBLE (choice), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  gtk_widget_set_tooltip_text (GTK_WIDGET (choice), name);
  g_signal_connect (choice, "notify::selected", on_chosen, self);
  if (list != NULL)
    *list = names;

  return choice;
}

static GtkWidget *
make_filters (ActivityPage *self)
{
  const char *const kinds[] = { C_ ("filter", "Everything"),
                                C_ ("filter", "Uses"),
                                C_ ("filter", "Refused"),
                                C_ ("filter", "Failed"),
                                C_ ("filter", "Changes"),
                                C_ ("filter", "Alarms"),
                                NULL };
  const char *const bindings[] = { _ ("All bindings"), NULL };
  const char *const clients[] = { _ ("All programs"), NULL };
  GtkWidget *box = gtk_flow_box_new ();

  self->bindings =
      make_choice (self, _ ("Binding"), bindings, &self->binding_names, G_CALLBACK (on_name));
  self->clients =
      make_choice (self, _ ("Program"), clients, &self->client_names, G_CALLBACK (on_name));
  gtk_flow_box_set_selection_mode (GTK_FLOW_BOX (box), GTK_SELECTION_NONE);
  gtk_flow_box_set_max_children_per_line (GTK_FLOW_BOX (box), 3);
  gtk_flow_box_append (
      GTK_FLOW_BOX (box),
      GTK_WIDGET (make_choice (self, _ ("What happened"), kinds, NULL, G_CALLBACK (on_kind))));
  gtk_flow_box_append (GTK_FLOW_BOX (box), GTK_WIDGET (self->bindings));
  gtk_flow_box_append (GTK_FLOW_BOX (box), GTK_WIDGET (self->clients));
  gtk_widget_add_css_class (box, "toolbar");

  return box;
}

static void
fill_page (ActivityPage *self)
{
  GtkWidget *search;
  GtkWidget *bar =
      bfy_row_search_new (self->page, _ ("Search events"), &search, G_CALLBACK (on_search), self);

  gtk_stack_add_named (self->stack, make_list (self), "rows");
  gtk_stack_add_named (
      self->stack,
      bfy_row_empty_new ("document-open-recent-symbolic", _ ("Nothing Has Happened Yet"),
                         _ ("Everything that programs do with your bindings appears here: who, "
                            "when and what, but never what was sent or answered."),
                         NULL),
      "empty");
  gtk_stack_add_named (self->stack,
                       bfy_row_empty_new ("system-search-symbolic", _ ("No Event Found"),
                                          _ ("Try another word, or fewer conditions."), NULL),
                       "nothing");
  bfy_page_pack_end (BFY_PAGE (self->page), search);
  bfy_page_add_top (BFY_PAGE (self->page), bar);
  bfy_page_add_top (BFY_PAGE (self->page), make_filters (self));
  bfy_page_set_content (BFY_PAGE (self->page), GTK_WIDGET (self->stack));
}

static void
on_gone (gpointer data, GObject *page)
{
  ActivityPage *self = data;

  g_clear_handle_id (&self->fill_id, g_source_remove);
  g_signal_handlers_disconnect_by_data (self->link, self);
  gtk_custom_filter_set_filter_func (self->filter, NULL, NULL, NULL);
  g_clear_pointer (&self->history, bfy_history_free);
  g_ptr_array_unref (self->arriving);
  g_ptr_array_unref (self->early);
  g_object_unref (self->shown);
  g_object_unref (self->store);
  g_object_unref (self->link);
  bfy_activity_filter_clear (&self->wanted);
  g_free (self);
}

GtkWidget *
bfy_activity_page_new (BfyAgentLink *link)
{
  ActivityPage *self = g_new0 (ActivityPage, 1);

  self->page = bfy_page_new (link, _ ("Activity"));
  self->link = g_object_ref (link);
  self->stack = GTK_STACK (gtk_stack_new ());
  self->store = g_list_store_new (BFY_TYPE_ACTIVITY_ITEM);
  self->filter = gtk_custom_filter_new (accepts, self, NULL);
  self->shown = gtk_filter_list_model_new (G_LIST_MODEL (g_object_ref (self->store)),
                                           GTK_FILTER (self->filter));
  self->arriving = g_ptr_array_new_with_free_func (g_object_unref);
  self->early = g_ptr_array_new_with_free_func (g_object_unref);
  fill_page (self);
  g_object_weak_ref (G_OBJECT (self->page), on_gone, self);
  g_signal_connect (link, "news", G_CALLBACK (on_news), self);
  g_signal_connect (link, "event", G_CALLBACK (on_event), self);
  judge (self);
  load_more (self);

  return self->page;
}
