/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/window/grants-page.h"

#include <glib/gi18n.h>

#include "client/fields.h"
#include "protocol/name.h"
#include "tray/window/errand.h"
#include "tray/window/grants-text.h"
#include "tray/window/page.h"
#include "tray/window/row-list.h"
#include "tray/window/row.h"
#include "tray/window/toast.h"

typedef struct
{
  GtkWidget *page;
  BfyAgentLink *link; /* (owned) */
  GtkStack *stack;    /* "rows", "nothing", "empty" */
  BfyRowList *yes;
  BfyRowList *no;
  GtkWidget *revoke_all;
  guint timer_id; /* to the next change of a text, while the page is to be seen */
  gboolean is_searched;
} GrantsPage;

/* A revocation that can still be undone. */
typedef struct
{
  GrantsPage *page;   /* valid while the widget is there */
  GtkWidget *widget;  /* (nullable) weak: the page’s */
  BfyAgentLink *link; /* (owned) */
  char *id;           /* (owned) */
} Revocation;

static void show_all (GrantsPage *self);

static gboolean
on_time (gpointer user_data)
{
  GrantsPage *self = user_data;

  self->timer_id = 0;
  show_all (self);

  return G_SOURCE_REMOVE;
}

/* Times go on by themselves only where somebody sees them. */
static void
arm (GrantsPage *self, JsonArray *grants, gint64 now_s)
{
  gint64 next_s = bfy_grants_text_next_change_s (grants, now_s);

  g_clear_handle_id (&self->timer_id, g_source_remove);
  if (next_s > 0 && gtk_widget_get_mapped (self->page))
    self->timer_id = g_timeout_add_seconds ((guint) MIN (next_s, G_MAXINT / 1000), on_time, self);
}

static void
judge (GrantsPage *self)
{
  gboolean is_empty = bfy_row_list_count (self->yes) == 0 && bfy_row_list_count (self->no) == 0;

  gtk_widget_set_sensitive (self->revoke_all, !is_empty);
  gtk_stack_set_visible_child_name (self->stack, !is_empty           ? "rows"
                                                 : self->is_searched ? "nothing"
                                                                     : "empty");
}

static JsonArray *
choose (JsonArray *grants, const char *effect, gint64 now_s)
{
  JsonArray *chosen = json_array_new ();

  for (guint i = 0; grants != NULL && i < json_array_get_length (grants); i++)
    {
      JsonNode *node = json_array_get_element (grants, i);
      JsonObject *grant = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;

      if (grant != NULL && bfy_grants_text_is_live (grant, now_s) &&
          g_str_equal (bfy_field_text (grant, "effect"), effect))
        json_array_add_object_element (chosen, json_object_ref (grant));
    }

  return chosen;
}

static void
show_all (GrantsPage *self)
{
  gint64 now_s = g_get_real_time () / G_USEC_PER_SEC;
  JsonObject *reply = bfy_agent_link_get_grants (self->link);
  JsonArray *grants = reply != NULL ? bfy_field_array (reply, "grants") : NULL;
  g_autoptr (JsonArray) yes = choose (grants, "allow", now_s);
  g_autoptr (JsonArray) no = choose (grants, "deny", now_s);

  bfy_row_list_set (self->yes, yes);
  bfy_row_list_set (self->no, no);
  arm (self, grants, now_s);
  judge (self);
}

/* Revoking */

static void
set_hidden (GrantsPage *self, const char *id, gboolean is_hidden)
{
  bfy_row_list_set_hidden (self->yes, id, is_hidden);
  bfy_row_list_set_hidden (self->no, id, is_hidden);
  judge (self);
}

static void
revocation_undo (gpointer data)
{
  Revocation *revocation = data;

  if (revocation->widget != NULL)
    set_hidden (revocation->page, revocation->id, FALSE);
}

static void
revocation_done (gpointer data)
{
  Revocation *revocation = data;
  g_autofree char *path = bfy_errand_path ("grants", revocation->id, NULL);
  const BfyErrand errand = { .method = "DELETE", .path = path, .news = BFY_NEWS_GRANTS };

  bfy_errand_run (revocation->widget, revocation->link, &errand);
}

static void
revocation_free (gpointer data)
{
  Revocation *revocation = data;

  g_clear_weak_pointer (&revocation->widget);
  g_object_unref (revocation->link);
  g_free (revocation->id);
  g_free (revocation);
}

/* A yes is taken back at once: what it lets through meanwhile could not be undone. Taking back a no
 * lets nothing through that is not asked about. */
static void
on_revoke (GtkButton *button, gpointer user_data)
{
  GrantsPage *self = user_data;
  JsonObject *grant = bfy_item_row_get_item (bfy_item_row_of (GTK_WIDGET (button)));
  Revocation *revocation = g_new0 (Revocation, 1);

  revocation->page = self;
  g_set_weak_pointer (&revocation->widget, self->page);
  revocation->link = g_object_ref (self->link);
  revocation->id = g_strdup (bfy_field_text (grant, "id"));
  set_hidden (self, revocation->id, TRUE);
  if (g_str_equal (bfy_field_text (grant, "effect"), "allow"))
    {
      revocation_done (revocation);
      revocation_free (revocation);
      bfy_window_toast (self->page, _ ("Taken back. The program asks again next time."));
      return;
    }
  bfy_window_toast_undo (self->page, _ ("The program may ask again."), revocation_undo,
                         revocation_done, revocation, revocation_free);
}

static void
on_revoke_all (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GrantsPage *self = user_data;
  const BfyErrand errand = { .method = "DELETE",
                             .path = "/v1/grants",
                             .news = BFY_NEWS_GRANTS,
                             .praise = _ ("All grants are taken back.") };

  bfy_errand_run (self->page, self->link, &errand);
}

/* @parameter: "binding=github" or "client=ID", as the query takes it. */
static void
on_revoke_some (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GrantsPage *self = user_data;
  g_autofree char *path = g_strconcat ("/v1/grants?", g_variant_get_string (parameter, NULL), NULL);
  const BfyErrand errand = { .method = "DELETE",
                             .path = path,
                             .news = BFY_NEWS_GRANTS,
                             .praise = _ ("These grants are taken back.") };

  bfy_errand_run (self->page, self->link, &errand);
}

/* The menu: all, those of a binding, those of a client */

static void
append_choice (
    GMenu *menu, GHashTable *seen, const char *name, const char *value, const char *label)
{
  g_autofree char *escaped = g_uri_escape_string (value, NULL, FALSE);
  g_autofree char *query = g_strconcat (name, "=", escaped, NULL);
  g_autofree char *shown = bfy_text_to_line (label, 60);
  g_auto (GStrv) parts = g_strsplit (shown, "_", -1);
  g_autofree char *plain = g_strjoinv ("__", parts);
  g_autoptr (GMenuItem) item = NULL;

  if (*value == '\0' || !g_hash_table_add (seen, g_strdup (query)))
    return;
  item = g_menu_item_new (plain, NULL);
  g_menu_item_set_action_and_target (item, "grants.revoke-some", "s", query);
  g_menu_append_item (menu, item);
}

static void
fill_menu (GtkMenuButton *button, gpointer user_data)
{
  GrantsPage *self = user_data;
  JsonObject *reply = bfy_agent_link_get_grants (self->link);
  g_autoptr (GMenu) menu = g_menu_new ();
  g_autoptr (GMenu) bindings = g_menu_new ();
  g_autoptr (GMenu) clients = g_menu_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; reply != NULL && i < bfy_field_count (reply, "grants"); i++)
    {
      JsonObject *grant = bfy_field_nth (reply, "grants", i);
      const char *id = bfy_field_text (grant, "client_id");
      const char *binding = bfy_field_text (grant, "binding");

      append_choice (bindings, seen, "binding", binding, binding);
      append_choice (clients, seen, "client", *id != '\0' ? id : bfy_field_text (grant, "program"),
                     bfy_field_text (grant, "client"));
    }
  g_menu_append (menu, _ ("_All of Them"), "grants.revoke-all");
  g_menu_append_section (menu, _ ("Those of a Binding"), G_MENU_MODEL (bindings));
  g_menu_append_section (menu, _ ("Those of a Program"), G_MENU_MODEL (clients));
  gtk_menu_button_set_menu_model (button, G_MENU_MODEL (menu));
}

/* Rows */

static void
build (BfyItemRow *row, gpointer user_data)
{
  bfy_item_row_add_button (row, "user-trash-symbolic", G_CALLBACK (on_revoke), user_data);
}

static void
fill (BfyItemRow *row, JsonObject *grant, gpointer user_data)
{
  g_autofree char *title = bfy_grants_text_title (grant);
  g_autofree char *details = bfy_grants_text_details (grant, g_get_real_time () / G_USEC_PER_SEC);
  g_autofree char *name = g_strdup_printf (_ ("Take back: %s"), title);

  bfy_row_set_title (ADW_ACTION_ROW (row), title);
  bfy_row_set_subtitle (ADW_ACTION_ROW (row), details);
  bfy_row_name_button (bfy_item_row_get_button (row, 0), name);
}

static void
on_news (BfyAgentLink *link, guint news, GrantsPage *self)
{
  if (news & (BFY_NEWS_GRANTS | BFY_NEWS_PRESENCE))
    show_all (self);
}

static void
on_search (GtkSearchEntry *entry, gpointer user_data)
{
  GrantsPage *self = user_data;
  const char *text = gtk_editable_get_text (GTK_EDITABLE (entry));

  self->is_searched = *text != '\0';
  bfy_row_list_search (self->yes, text);
  bfy_row_list_search (self->no, text);
  judge (self);
}

static void
on_mapped (GtkWidget *page, GrantsPage *self)
{
  bfy_agent_link_refresh (self->link, BFY_NEWS_GRANTS);
  show_all (self);
}

static void
on_unmapped (GtkWidget *page, GrantsPage *self)
{
  g_clear_handle_id (&self->timer_id, g_source_remove);
}

/* Making it */

static GtkWidget *
make_revoke_all (GrantsPage *self)
{
  static const GActionEntry actions[] = {
    { "revoke-all", on_revoke_all, NULL, NULL, NULL, { 0 } },
    { "revoke-some", on_revoke_some, "s", NULL, NULL, { 0 } },
  };
  g_autoptr (GSimpleActionGroup) group = g_simple_action_group_new ();
  GtkWidget *button = gtk_menu_button_new ();

  g_action_map_add_action_entries (G_ACTION_MAP (group), actions, G_N_ELEMENTS (actions), self);
  gtk_widget_insert_action_group (self->page, "grants", G_ACTION_GROUP (group));
  gtk_menu_button_set_label (GTK_MENU_BUTTON (button), _ ("_Take Back"));
  gtk_menu_button_set_use_underline (GTK_MENU_BUTTON (button), TRUE);
  gtk_menu_button_set_create_popup_func (GTK_MENU_BUTTON (button), fill_menu, self, NULL);

  return button;
}

static void
fill_page (GrantsPage *self)
{
  static const BfyRowListKind kind = { "id", build, fill };
  GtkBox *column;
  GtkWidget *scrolled = bfy_page_column_new (&column);
  GtkWidget *search;
  GtkWidget *bar =
      bfy_row_search_new (self->page, _ ("Search grants"), &search, G_CALLBACK (on_search), self);

  self->yes = BFY_ROW_LIST (bfy_row_list_new (_ ("Allowed Without Asking Again"), &kind, self));
  self->no = BFY_ROW_LIST (bfy_row_list_new (_ ("Refused Without Asking Again"), &kind, self));
  gtk_box_append (column, GTK_WIDGET (self->yes));
  gtk_box_append (column, GTK_WIDGET (self->no));
  gtk_stack_add_named (self->stack, scrolled, "rows");
  gtk_stack_add_named (
      self->stack,
      bfy_row_empty_new ("emblem-ok-symbolic", _ ("Nothing Is Granted"),
                         _ ("When a program asks for something and you allow it for longer than "
                            "once, you find that here, and can take it back."),
                         NULL),
      "empty");
  gtk_stack_add_named (self->stack,
                       bfy_row_empty_new ("system-search-symbolic", _ ("No Grant Found"),
                                          _ ("Try another word."), NULL),
                       "nothing");
  self->revoke_all = make_revoke_all (self);
  bfy_page_pack_start (BFY_PAGE (self->page), self->revoke_all);
  bfy_page_pack_end (BFY_PAGE (self->page), search);
  bfy_page_add_top (BFY_PAGE (self->page), bar);
  bfy_page_set_content (BFY_PAGE (self->page), GTK_WIDGET (self->stack));
}

static void
on_gone (gpointer data, GObject *page)
{
  GrantsPage *self = data;

  g_clear_handle_id (&self->timer_id, g_source_remove);
  g_signal_handlers_disconnect_by_data (self->link, self);
  g_object_unref (self->link);
  g_free (self);
}

GtkWidget *
bfy_grants_page_new (BfyAgentLink *link)
{
  GrantsPage *self = g_new0 (GrantsPage, 1);

  self->page = bfy_page_new (link, _ ("Grants"));
  self->link = g_object_ref (link);
  self->stack = GTK_STACK (gtk_stack_new ());
  fill_page (self);
  g_object_weak_ref (G_OBJECT (self->page), on_gone, self);
  g_signal_connect (link, "news", G_CALLBACK (on_news), self);
  g_signal_connect (self->page, "map", G_CALLBACK (on_mapped), self);
  g_signal_connect (self->page, "unmap", G_CALLBACK (on_unmapped), self);
  show_all (self);

  return self->page;
}
