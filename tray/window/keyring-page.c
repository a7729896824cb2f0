/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/window/keyring-page.h"

#include <glib/gi18n.h>

#include "client/fields.h"
#include "protocol/translation.h"
#include "tray/window/errand.h"
#include "tray/window/keyring-text.h"
#include "tray/window/page.h"
#include "tray/window/passphrase.h"
#include "tray/window/row-list.h"
#include "tray/window/row.h"
#include "tray/window/toast.h"
#include "tray/window/trouble.h"

typedef struct
{
  GtkWidget *page;
  BfyAgentLink *link; /* (owned) */
  BfyRowList *keyrings;
  AdwActionRow *lock;
  GtkWidget *lock_button;
  GtkWidget *lock_with; /* a row */
  AdwActionRow *answers;
  GtkWidget *answers_button;
  GtkWidget *remove_button;
  BfyRowList *findings;
  AdwActionRow *health;
  AdwActionRow *protection;
  GtkWidget *fix_button;
} KeyringPage;

static void look (KeyringPage *self);

/* The lock */

static JsonObject *
get_lock (KeyringPage *self)
{
  JsonObject *status = bfy_agent_link_get_status (self->link);

  return status != NULL ? bfy_field_object (status, "lock") : NULL;
}

static void
show_lock (KeyringPage *self)
{
  JsonObject *lock = get_lock (self);
  const char *state = lock != NULL ? bfy_field_text (lock, "state") : "";
  gboolean is_open = g_str_equal (state, "open");
  gboolean has_answers = lock != NULL && bfy_field_object (lock, "approval_kdf") != NULL;

  bfy_row_set_subtitle (self->lock, lock != NULL ? bfy_keyring_text_lock (lock) : "");
  gtk_button_set_label (GTK_BUTTON (self->lock_button), is_open ? _ ("_Lock") : _ ("_Unlock"));
  gtk_widget_set_visible (self->lock_with, is_open);
  gtk_widget_set_sensitive (self->lock_button, lock != NULL);
  bfy_row_set_subtitle (
      self->answers, has_answers ? _ ("Set: who answers the question of a program gives it first.")
                                 : _ ("Not set: a click is enough for an answer."));
  gtk_button_set_label (GTK_BUTTON (self->answers_button),
                        has_answers ? _ ("_Change…") : _ ("_Set…"));
  gtk_widget_set_visible (self->remove_button, has_answers);
  gtk_widget_set_sensitive (GTK_WIDGET (self->answers), lock != NULL);
}

static void
on_lock (GtkButton *button, gpointer user_data)
{
  KeyringPage *self = user_data;
  JsonObject *lock = get_lock (self);
  const char *state = lock != NULL ? bfy_field_text (lock, "state") : "";
  BfyErrand errand = { .method = "POST", .news = BFY_NEWS_STATUS | BFY_NEWS_BINDINGS };

  if (g_str_equal (state, "passphrase"))
    {
      bfy_passphrase_present_unlock (self->page, self->link);
      return;
    }
  errand.path = g_str_equal (state, "open") ? "/v1/lock" : "/v1/unlock";
  bfy_errand_run (self->page, self->link, &errand);
}

static void
on_lock_with (GtkButton *button, gpointer user_data)
{
  KeyringPage *self = user_data;

  bfy_passphrase_present_lock (self->page, self->link);
}

static void
on_answers (GtkButton *button, gpointer user_data)
{
  KeyringPage *self = user_data;

  bfy_passphrase_present_answers (self->page, self->link, FALSE);
}

static void
on_remove_answers (GtkButton *button, gpointer user_data)
{
  KeyringPage *self = user_data;

  bfy_passphrase_present_answers (self->page, self->link, TRUE);
}

/* Keyrings */

/* What rests in a keyring of the desktop is opened by being used: its own window asks. */
static void
open_by_use (KeyringPage *self, const char *keyring)
{
  JsonObject *reply = bfy_agent_link_get_bindings (self->link);

  for (guint i = 0; reply != NULL && i < bfy_field_count (reply, "bindings"); i++)
    {
      JsonObject *binding = bfy_field_nth (reply, "bindings", i);
      g_autofree char *path =
          bfy_errand_path ("bindings", bfy_field_text (binding, "name"), "test", NULL);
      const BfyErrand errand = { .method = "POST",
                                 .path = path,
                                 .news = BFY_NEWS_STATUS | BFY_NEWS_BINDINGS };

      if (!g_str_equal (bfy_field_text (binding, "keyring"), keyring))
        continue;
      bfy_errand_run (self->page, self->link, &errand);
      return;
    }
  bfy_window_toast (self->page,
                    _ ("It is asked for as soon as something that rests there is used."));
}

static void
on_unlock_keyring (GtkButton *button, gpointer user_data)
{
  KeyringPage *self = user_data;
  const char *name =
      bfy_field_text (bfy_item_row_get_item (bfy_item_row_of (GTK_WIDGET (button))), "name");

  if (g_str_equal (name, "vault"))
    bfy_passphrase_present_vault (self->page, self->link);
  else
    open_by_use (self, name);
}

static void
build_keyring (BfyItemRow *row, gpointer user_data)
{
  bfy_item_row_add_button (row, "changes-allow-symbolic", G_CALLBACK (on_unlock_keyring),
                           user_data);
}

static void
fill_keyring (BfyItemRow *row, JsonObject *keyring, gpointer user_data)
{
  const char *name = bfy_keyring_text_name (bfy_field_text (keyring, "name"));
  g_autofree char *details = bfy_keyring_text_details (keyring);
  g_autofree char *unlock = g_strdup_printf (_ ("Unlock: %s"), name);
  GtkWidget *button = bfy_item_row_get_button (row, 0);

  bfy_row_set_title (ADW_ACTION_ROW (row), name);
  bfy_row_set_subtitle (ADW_ACTION_ROW (row), details);
  bfy_row_name_button (button, unlock);
  gtk_widget_set_visible (button, g_str_equal (bfy_field_text (keyring, "state"), "locked"));
  gtk_widget_set_tooltip_text (GTK_WIDGET (row), bfy_field_text (keyring, "place"));
}

static void
on_keyrings (JsonObject *reply, const GError *error, gpointer user_data)
{
  KeyringPage *self = user_data;

  bfy_row_list_set (self->keyrings, error == NULL ? bfy_field_array (reply, "keyrings") : NULL);
}

/* What is wrong */

static void
fill_finding (BfyItemRow *row, JsonObject *finding, gpointer user_data)
{
  const char *next = bfy_field_text (finding, "next");
  g_autofree char *advice = *next != '\0' ? g_strdup_printf (_ ("In a terminal: %s"), next) : NULL;

  bfy_row_set_title (ADW_ACTION_ROW (row), bfy_field_text (finding, "message"));
  bfy_row_set_subtitle (ADW_ACTION_ROW (row), bfy_field_boolean (finding, "fixable")
                                                  ? _ ("It can be repaired here.")
                                                  : advice);
}

static void
show_findings (KeyringPage *self, JsonObject *reply)
{
  JsonObject *protection = bfy_field_object (reply, "protection");
  guint n = bfy_field_count (reply, "findings");
  gboolean is_fixable = FALSE;

  for (guint i = 0; i < n; i++)
    is_fixable = is_fixable || bfy_field_boolean (bfy_field_nth (reply, "findings", i), "fixable");
  bfy_row_list_set (self->findings, bfy_field_array (reply, "findings"));
  bfy_row_set_title (self->health,
                     n == 0 ? _ ("Nothing is wrong") : _ ("Something is not as it should be"));
  bfy_row_set_subtitle (self->health, NULL);
  gtk_widget_set_visible (self->fix_button, is_fixable);
  bfy_row_set_subtitle (
      self->protection,
      protection != NULL ? bfy_translation_find (bfy_field_text (protection, "meaning")) : NULL);
}

static void
on_doctor (JsonObject *reply, const GError *error, gpointer user_data)
{
  KeyringPage *self = user_data;
  g_autofree char *trouble = error != NULL ? bfy_trouble_describe (error) : NULL;

  if (error == NULL)
    {
      show_findings (self, reply);
      return;
    }
  bfy_row_set_title (self->health, _ ("What is wrong cannot be said just now"));
  bfy_row_set_subtitle (self->health, trouble);
}

static void
on_fixed (JsonObject *reply, const GError *error, gpointer user_data)
{
  KeyringPage *self = user_data;
  gulong n = error == NULL ? bfy_field_count (reply, "fixed") : 0;
  g_autofree char *text =
      g_strdup_printf (ngettext ("%lu thing was repaired.", "%lu things were repaired.", n), n);

  on_doctor (reply, error, self);
  if (error == NULL)
    bfy_window_toast (self->page, text);
}

static void
on_fix (GtkButton *button, gpointer user_data)
{
  KeyringPage *self = user_data;
  const BfyErrand errand = { .method = "POST",
                             .path = "/v1/doctor/fix",
                             .news = BFY_NEWS_ALL,
                             .on_reply = on_fixed,
                             .user_data = self };

  bfy_errand_run (self->page, self->link, &errand);
}

static void
on_look (GtkButton *button, gpointer user_data)
{
  look (user_data);
}

static void
look (KeyringPage *self)
{
  const BfyErrand keyrings = {
    .method = "GET", .path = "/v1/keyrings", .on_reply = on_keyrings, .user_data = self
  };
  const BfyErrand doctor = {
    .method = "GET", .path = "/v1/doctor", .on_reply = on_doctor, .user_data = self
  };

  show_lock (self);
  if (!bfy_agent_link_is_present (self->link))
    return;
  bfy_errand_run (self->page, self->link, &keyrings);
  bfy_errand_run (self->page, self->link, &doctor);
}

/* The status names the states of the keyrings, so it comes with every change of one. */
static void
on_news (BfyAgentLink *link, guint news, KeyringPage *self)
{
  if ((news & (BFY_NEWS_PRESENCE | BFY_NEWS_STATUS)) == 0)
    return;
  show_lock (self);
  if (gtk_widget_get_mapped (self->page))
    look (self);
}

static void
on_mapped (GtkWidget *page, KeyringPage *self)
{
  look (self);
}

/* Making it */

static GtkWidget *
make_lock_group (KeyringPage *self)
{
  GtkWidget *group = adw_preferences_group_new ();
  GtkWidget *button;

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), C_ ("heading", "Lock"));
  self->lock = ADW_ACTION_ROW (bfy_row_new (_ ("The agent"), NULL));
  self->lock_button = bfy_row_add_button (self->lock, _ ("_Lock"));
  g_signal_connect (self->lock_button, "clicked", G_CALLBACK (on_lock), self);
  self->lock_with =
      bfy_row_new (_ ("With a passphrase"), _ ("Then bindings are not shown, either."));
  button = bfy_row_add_button (ADW_ACTION_ROW (self->lock_with), _ ("L_ock…"));
  g_signal_connect (button, "clicked", G_CALLBACK (on_lock_with), self);
  self->answers = ADW_ACTION_ROW (bfy_row_new (_ ("Passphrase for answers"), NULL));
  self->answers_button = bfy_row_add_button (self->answers, _ ("_Set…"));
  self->remove_button = bfy_row_add_button (self->answers, _ ("_Remove…"));
  g_signal_connect (self->answers_button, "clicked", G_CALLBACK (on_answers), self);
  g_signal_connect (self->remove_button, "clicked", G_CALLBACK (on_remove_answers), self);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), GTK_WIDGET (self->lock));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), self->lock_with);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), GTK_WIDGET (self->answers));

  return group;
}

static GtkWidget *
make_health_group (KeyringPage *self)
{
  GtkWidget *group = adw_preferences_group_new ();
  GtkWidget *button;

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), _ ("Health"));
  self->health = ADW_ACTION_ROW (bfy_row_new (_ ("Looking…"), NULL));
  self->fix_button = bfy_row_add_button (self->health, _ ("_Repair"));
  gtk_widget_set_visible (self->fix_button, FALSE);
  button = bfy_row_add_button (self->health, _ ("Look _Again"));
  g_signal_connect (self->fix_button, "clicked", G_CALLBACK (on_fix), self);
  g_signal_connect (button, "clicked", G_CALLBACK (on_look), self);
  self->protection = ADW_ACTION_ROW (bfy_row_new (_ ("How far the protection goes"), NULL));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), GTK_WIDGET (self->health));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), GTK_WIDGET (self->protection));

  return group;
}

static void
on_gone (gpointer data, GObject *page)
{
  KeyringPage *self = data;

  g_signal_handlers_disconnect_by_data (self->link, self);
  g_object_unref (self->link);
  g_free (self);
}

GtkWidget *
bfy_keyring_page_new (BfyAgentLink *link)
{
  static const BfyRowListKind keyrings = { "name", build_keyring, fill_keyring };
  static const BfyRowListKind findings = { "message", NULL, fill_finding };
  KeyringPage *self = g_new0 (KeyringPage, 1);
  GtkBox *column;
  GtkWidget *content = bfy_page_column_new (&column);

  self->page = bfy_page_new (link, _ ("Keyring"));
  self->link = g_object_ref (link);
  self->keyrings = BFY_ROW_LIST (bfy_row_list_new (_ ("Where Credentials Rest"), &keyrings, self));
  self->findings = BFY_ROW_LIST (bfy_row_list_new (_ ("Findings"), &findings, self));
  gtk_box_append (column, GTK_WIDGET (self->keyrings));
  gtk_box_append (column, make_lock_group (self));
  gtk_box_append (column, make_health_group (self));
  gtk_box_append (column, GTK_WIDGET (self->findings));
  bfy_page_set_content (BFY_PAGE (self->page), content);
  g_object_weak_ref (G_OBJECT (self->page), on_gone, self);
  g_signal_connect (link, "news", G_CALLBACK (on_news), self);
  g_signal_connect (self->page, "map", G_CALLBACK (on_mapped), self);
  show_lock (self);

  return self->page;
}
