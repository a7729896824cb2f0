/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/window/clients-page.h"

#include <glib/gi18n.h>

#include "client/fields.h"
#include "protocol/error.h"
#include "protocol/name.h"
#include "tray/window/clients-text.h"
#include "tray/window/connect.h"
#include "tray/window/errand.h"
#include "tray/window/history.h"
#include "tray/window/page.h"
#include "tray/window/row-list.h"
#include "tray/window/row.h"
#include "tray/window/toast.h"
#include "tray/window/trouble.h"

#define HISTORY_PATH "/v1/events?limit=500"

typedef struct
{
  GtkWidget *page;
  BfyAgentLink *link; /* (owned) */
  GtkStack *stack;    /* "rows", "empty" */
  BfyRowList *keys;
  BfyRowList *programs;
  BfyLocalPrograms *local; /* (owned) */
  BfyHistory *history;     /* (owned) (nullable) */
  char *revoked_id;        /* (owned) (nullable) whose revocation was sent last */
  char *revoked_label;     /* (owned) (nullable) */
  gboolean is_searched;
} ClientsPage;

/* A revocation that can still be undone. */
typedef struct
{
  ClientsPage *page;  /* valid while the widget is there */
  GtkWidget *widget;  /* (nullable) weak: the page’s */
  BfyAgentLink *link; /* (owned) */
  char *id;           /* (owned) */
  char *label;        /* (owned) */
} Revocation;

static void
judge (ClientsPage *self)
{
  gboolean is_empty =
      bfy_row_list_count (self->keys) == 0 && bfy_row_list_count (self->programs) == 0;

  gtk_stack_set_visible_child_name (self->stack, !is_empty           ? "rows"
                                                 : self->is_searched ? "nothing"
                                                                     : "empty");
}

static void
show_programs (ClientsPage *self)
{
  g_autoptr (JsonArray) list = bfy_local_programs_list (self->local);

  bfy_row_list_set (self->programs, list);
  judge (self);
}

static void
show_all (ClientsPage *self)
{
  JsonObject *clients = bfy_agent_link_get_clients (self->link);
  JsonObject *grants = bfy_agent_link_get_grants (self->link);

  bfy_row_list_set (self->keys, clients != NULL ? bfy_field_array (clients, "clients") : NULL);
  for (guint i = 0; grants != NULL && i < bfy_field_count (grants, "grants"); i++)
    (void) bfy_local_programs_add_grant (self->local, bfy_field_nth (grants, "grants", i));
  show_programs (self);
}

/* Revoking */

static void send_revocation (ClientsPage *self, gboolean is_forced);

static void
on_response (AdwMessageDialog *dialog, const char *response, gpointer user_data)
{
  if (g_str_equal (response, "revoke"))
    send_revocation (user_data, TRUE);
}

/* What only this key can open would be lost: that cannot be undone. */
static void
ask_about_loss (ClientsPage *self, const char *text)
{
  g_autofree char *label = bfy_text_to_line (self->revoked_label, 60);
  g_autofree char *heading = g_strdup_printf (_ ("Revoke the Key of %s?"), label);
  AdwMessageDialog *dialog = ADW_MESSAGE_DIALOG (
      adw_message_dialog_new (GTK_WINDOW (gtk_widget_get_root (self->page)), heading, text));

  adw_message_dialog_add_responses (dialog, "keep", _ ("_Keep It"), "revoke",
                                    _ ("_Revoke All the Same"), NULL);
  adw_message_dialog_set_response_appearance (dialog, "revoke", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (dialog, "keep");
  adw_message_dialog_set_close_response (dialog, "keep");
  g_signal_connect (dialog, "response", G_CALLBACK (on_response), self);
  /* It is about this page, and goes with it. */
  gtk_window_set_destroy_with_parent (GTK_WINDOW (dialog), TRUE);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
on_revoked (JsonObject *reply, const GError *error, gpointer user_data)
{
  ClientsPage *self = user_data;
  g_autofree char *text = error != NULL ? bfy_trouble_describe (error) : NULL;

  if (error == NULL)
    return;
  bfy_row_list_set_hidden (self->keys, self->revoked_id, FALSE);
  judge (self);
  if (g_error_matches (error, BFY_ERROR, BFY_ERROR_DENIED))
    ask_about_loss (self, text);
  else
    bfy_window_toast (self->page, text);
}

/* @widget: NULL when nobody looks any more. */
static void
send (GtkWidget *widget, BfyAgentLink *link, const char *id, ClientsPage *self, gboolean is_forced)
{
  g_autofree char *path = bfy_errand_path ("clients", id, NULL);
  g_autofree char *full = g_strconcat (path, is_forced ? "?force=true" : NULL, NULL);
  const BfyErrand errand = { .method = "DELETE",
                             .path = full,
                             .news = BFY_NEWS_CLIENTS | BFY_NEWS_GRANTS | BFY_NEWS_STATUS,
                             .on_reply = on_revoked,
                             .user_data = self };

  bfy_errand_run (widget, link, &errand);
}

static void
send_revocation (ClientsPage *self, gboolean is_forced)
{
  send (self->page, self->link, self->revoked_id, self, is_forced);
}

static void
revocation_undo (gpointer data)
{
  Revocation *revocation = data;

  if (revocation->widget == NULL)
    return;
  bfy_row_list_set_hidden (revocation->page->keys, revocation->id, FALSE);
  judge (revocation->page);
}

static void
revocation_done (gpointer data)
{
  Revocation *revocation = data;
  ClientsPage *self = revocation->page;

  if (revocation->widget == NULL)
    {
      send (NULL, revocation->link, revocation->id, NULL, FALSE);
      return;
    }
  g_free (self->revoked_id);
  g_free (self->revoked_label);
  self->revoked_id = g_strdup (revocation->id);
  self->revoked_label = g_strdup (revocation->label);
  send_revocation (self, FALSE);
}

static void
revocation_free (gpointer data)
{
  Revocation *revocation = data;

  g_clear_weak_pointer (&revocation->widget);
  g_object_unref (revocation->link);
  g_free (revocation->id);
  g_free (revocation->label);
  g_free (revocation);
}

static void
on_revoke (GtkButton *button, gpointer user_data)
{
  ClientsPage *self = user_data;
  JsonObject *client = bfy_item_row_get_item (bfy_item_row_of (GTK_WIDGET (button)));
  Revocation *revocation = g_new0 (Revocation, 1);
  g_autofree char *label = bfy_text_to_line (bfy_field_text (client, "label"), 60);
  g_autofree char *text = g_strdup_printf (_ ("The key of %s is revoked."), label);

  revocation->page = self;
  g_set_weak_pointer (&revocation->widget, self->page);
  revocation->link = g_object_ref (self->link);
  revocation->id = g_strdup (bfy_field_text (client, "id"));
  revocation->label = g_strdup (label);
  bfy_row_list_set_hidden (self->keys, revocation->id, TRUE);
  judge (self);
  bfy_window_toast_undo (self->page, text, revocation_undo, revocation_done, revocation,
                         revocation_free);
}

/* Rows */

static void
on_decoy (GtkButton *button, gpointer user_data)
{
  ClientsPage *self = user_data;
  JsonObject *client = bfy_item_row_get_item (bfy_item_row_of (GTK_WIDGET (button)));
  const char *id = bfy_field_text (client, "id");
  g_autofree char *path = bfy_errand_path ("clients", id, "decoy", NULL);
  const BfyErrand errand = { .method = "DELETE",
                             .path = path,
                             .news = BFY_NEWS_CLIENTS,
                             .praise = _ ("The decoy rings no bell any more.") };

  if (bfy_field_boolean (client, "has_decoy"))
    bfy_errand_run (self->page, self->link, &errand);
  else
    bfy_connect_present_decoy (self->page, self->link, id, bfy_field_text (client, "label"));
}

static void
build_key (BfyItemRow *row, gpointer user_data)
{
  adw_action_row_add_prefix (ADW_ACTION_ROW (row),
                             gtk_image_new_from_icon_name ("dialog-password-symbolic"));
  bfy_item_row_add_button (row, "preferences-system-notifications-symbolic", G_CALLBACK (on_decoy),
                           user_data);
  bfy_item_row_add_button (row, "user-trash-symbolic", G_CALLBACK (on_revoke), user_data);
}

/* The buttons say which client they are about. */
static void
name_buttons (BfyItemRow *row, JsonObject *client)
{
  const char *label = bfy_field_text (client, "label");
  g_autofree char *decoy =
      g_strdup_printf (bfy_field_boolean (client, "has_decoy") ? _ ("Take the decoy of %s back")
                                                               : _ ("Give %s a decoy"),
                       label);
  g_autofree char *revoke = g_strdup_printf (_ ("Revoke the key of %s"), label);

  bfy_row_name_button (bfy_item_row_get_button (row, 0), decoy);
  bfy_row_name_button (bfy_item_row_get_button (row, 1), revoke);
}

static void
fill_key (BfyItemRow *row, JsonObject *client, gpointer user_data)
{
  g_autofree char *text = bfy_clients_text_key (client, g_get_real_time () / G_USEC_PER_SEC);

  bfy_row_set_title (ADW_ACTION_ROW (row), bfy_field_text (client, "label"));
  bfy_row_set_subtitle (ADW_ACTION_ROW (row), text);
  name_buttons (row, client);
}

static void
build_program (BfyItemRow *row, gpointer user_data)
{
  adw_action_row_add_prefix (ADW_ACTION_ROW (row),
                             gtk_image_new_from_icon_name ("application-x-executable-symbolic"));
}

static void
fill_program (BfyItemRow *row, JsonObject *program, gpointer user_data)
{
  g_autofree char *text = bfy_clients_text_program (program, g_get_real_time () / G_USEC_PER_SEC);

  bfy_row_set_title (ADW_ACTION_ROW (row), bfy_field_text (program, "name"));
  bfy_row_set_subtitle (ADW_ACTION_ROW (row), text);
}

/* What comes in */

static void
on_history (JsonObject *event, const GError *error, gpointer user_data)
{
  ClientsPage *self = user_data;

  if (event != NULL)
    {
      (void) bfy_local_programs_add_event (self->local, event);
      return;
    }
  if (error != NULL)
    g_info ("%s", error->message);
  g_clear_pointer (&self->history, bfy_history_free);
  show_programs (self);
}

static void
read_history (ClientsPage *self)
{
  g_clear_pointer (&self->history, bfy_history_free);
  if (bfy_agent_link_is_present (self->link))
    self->history = bfy_history_read (self->link, HISTORY_PATH, on_history, self);
}

static void
on_event (BfyAgentLink *link, JsonObject *event, ClientsPage *self)
{
  if (bfy_local_programs_add_event (self->local, event))
    show_programs (self);
}

static void
on_news (BfyAgentLink *link, guint news, ClientsPage *self)
{
  if (news & BFY_NEWS_PRESENCE)
    read_history (self);
  if (news & (BFY_NEWS_CLIENTS | BFY_NEWS_GRANTS | BFY_NEWS_PRESENCE))
    show_all (self);
}

static void
on_search (GtkSearchEntry *entry, gpointer user_data)
{
  ClientsPage *self = user_data;
  const char *text = gtk_editable_get_text (GTK_EDITABLE (entry));

  self->is_searched = *text != '\0';
  bfy_row_list_search (self->keys, text);
  bfy_row_list_search (self->programs, text);
  judge (self);
}

static void
on_connect (GtkButton *button, gpointer user_data)
{
  ClientsPage *self = user_data;

  bfy_connect_present (self->page, self->link);
}

/* Making it */

static GtkWidget *
make_connect_button (ClientsPage *self)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (_ ("_Connect a Program…"));

  g_signal_connect (button, "clicked", G_CALLBACK (on_connect), self);

  return button;
}

static void
fill_page (ClientsPage *self)
{
  static const BfyRowListKind keys = { "id", build_key, fill_key };
  static const BfyRowListKind programs = { "id", build_program, fill_program };
  GtkBox *column;
  GtkWidget *scrolled = bfy_page_column_new (&column);
  GtkWidget *search;
  GtkWidget *bar =
      bfy_row_search_new (self->page, _ ("Search clients"), &search, G_CALLBACK (on_search), self);

  self->keys = BFY_ROW_LIST (bfy_row_list_new (_ ("Programs with a Key"), &keys, self));
  self->programs =
      BFY_ROW_LIST (bfy_row_list_new (_ ("Programs of This Computer"), &programs, self));
  adw_preferences_group_set_description (
      ADW_PREFERENCES_GROUP (self->programs),
      _ ("They run under your account and need no key. What they may do is on the page “Grants”."));
  gtk_box_append (column, GTK_WIDGET (self->keys));
  gtk_box_append (column, GTK_WIDGET (self->programs));
  gtk_stack_add_named (self->stack, scrolled, "rows");
  gtk_stack_add_named (
      self->stack,
      bfy_row_empty_new ("computer-symbolic", _ ("No Program Has Used a Binding"),
                         _ ("Programs that start bindify-mcp appear here by themselves. One that "
                            "speaks HTTP needs a key of its own."),
                         make_connect_button (self)),
      "empty");
  gtk_stack_add_named (self->stack,
                       bfy_row_empty_new ("system-search-symbolic", _ ("No Client Found"),
                                          _ ("Try another word."), NULL),
                       "nothing");
  bfy_page_pack_start (BFY_PAGE (self->page), make_connect_button (self));
  bfy_page_pack_end (BFY_PAGE (self->page), search);
  bfy_page_add_top (BFY_PAGE (self->page), bar);
  bfy_page_set_content (BFY_PAGE (self->page), GTK_WIDGET (self->stack));
}

static void
on_gone (gpointer data, GObject *page)
{
  ClientsPage *self = data;

  g_signal_handlers_disconnect_by_data (self->link, self);
  g_clear_pointer (&self->history, bfy_history_free);
  bfy_local_programs_free (self->local);
  g_object_unref (self->link);
  g_free (self->revoked_id);
  g_free (self->revoked_label);
  g_free (self);
}

GtkWidget *
bfy_clients_page_new (BfyAgentLink *link)
{
  ClientsPage *self = g_new0 (ClientsPage, 1);

  self->page = bfy_page_new (link, _ ("Clients"));
  self->link = g_object_ref (link);
  self->local = bfy_local_programs_new ();
  self->stack = GTK_STACK (gtk_stack_new ());
  fill_page (self);
  g_object_weak_ref (G_OBJECT (self->page), on_gone, self);
  g_signal_connect (link, "news", G_CALLBACK (on_news), self);
  g_signal_connect (link, "event", G_CALLBACK (on_event), self);
  read_history (self);
  show_all (self);

  return self->page;
}
