/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/window/add-address.h"

#include <glib/gi18n.h>
#include <string.h>

#include "client/fields.h"
#include "protocol/error.h"
#include "protocol/name.h"
#include "protocol/upstream.h"
#include "tray/window/errand.h"
#include "tray/window/page.h"
#include "tray/window/trouble.h"

#define HOST_CHARACTERS_MAX 100

struct _BfyAddAddress
{
  AdwBin parent_instance;

  BfyAgentLink *link; /* (owned) */
  BfyAddressFunc on_found;
  gpointer user_data;
  char *url;            /* (owned) (nullable) that was asked about */
  gboolean allow_local; /* the person has said so of this url */
  GtkEditable *entry;
  GtkLabel *trouble;
  GtkWidget *go, *local, *spinner;
};

G_DEFINE_TYPE (BfyAddAddress, bfy_add_address, ADW_TYPE_BIN)

static void
set_busy (BfyAddAddress *self, gboolean is_busy)
{
  gtk_widget_set_sensitive (GTK_WIDGET (self->entry), !is_busy);
  gtk_widget_set_sensitive (self->go, !is_busy && *gtk_editable_get_text (self->entry) != '\0');
  gtk_widget_set_visible (self->spinner, is_busy);
  gtk_spinner_set_spinning (GTK_SPINNER (self->spinner), is_busy);
}

static void
say (BfyAddAddress *self, const char *text)
{
  gtk_label_set_text (self->trouble, text);
  gtk_widget_set_visible (GTK_WIDGET (self->trouble), *text != '\0');
}

/* Asks before anything goes there. */
static void
ask_local (BfyAddAddress *self)
{
  g_autoptr (BfyUpstream) upstream = bfy_upstream_parse (self->url, NULL);
  gboolean is_here = upstream != NULL && upstream->reach == BFY_REACH_LOOPBACK;
  g_autofree char *host =
      bfy_text_to_line (upstream != NULL ? upstream->host : self->url, HOST_CHARACTERS_MAX);
  g_autofree char *text = g_strdup_printf (
      is_here ? _ ("%s is on this computer. Use it only if you run a server here yourself.")
              : _ ("%s is in a private network. Use it only if you know the server there."),
      host);

  say (self, text);
  gtk_widget_set_visible (self->local, TRUE);
  gtk_widget_grab_focus (self->local);
}

static void
on_probed (JsonObject *reply, const GError *error, gpointer user_data)
{
  BfyAddAddress *self = user_data;
  g_autofree char *text = NULL;

  set_busy (self, FALSE);
  if (reply != NULL)
    {
      self->on_found (self->url, bfy_field_text (reply, "auth"), self->allow_local,
                      self->user_data);
      return;
    }
  if (g_error_matches (error, BFY_ERROR, BFY_ERROR_LOCAL_ADDRESS) && !self->allow_local)
    {
      ask_local (self);
      return;
    }
  text = bfy_trouble_describe (error);
  say (self, text);
}

static void
probe (BfyAddAddress *self)
{
  BfyErrand errand = {
    .method = "POST", .path = "/v1/probe", .on_reply = on_probed, .user_data = self
  };

  errand.body = json_object_new ();
  json_object_set_string_member (errand.body, "url", self->url);
  json_object_set_boolean_member (errand.body, "allow_local", self->allow_local);
  set_busy (self, TRUE);
  bfy_errand_run (GTK_WIDGET (self), self->link, &errand);
}

/* "mcp.example.com" is meant as it is said. */
static char *
complete (const char *typed)
{
  g_autofree char *text = g_strstrip (g_strdup (typed));

  return strstr (text, "://") != NULL ? g_steal_pointer (&text)
                                      : g_strconcat ("https://", text, NULL);
}

static void
on_go (BfyAddAddress *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BfyUpstream) upstream = NULL;
  g_autofree char *text = NULL;

  g_free (self->url);
  self->url = complete (gtk_editable_get_text (self->entry));
  self->allow_local = FALSE;
  gtk_widget_set_visible (self->local, FALSE);
  say (self, "");
  upstream = bfy_upstream_parse (self->url, &error);
  if (upstream == NULL)
    {
      text = bfy_trouble_describe (error);
      say (self, text);
      return;
    }
  if (upstream->reach != BFY_REACH_EXTERNAL)
    ask_local (self);
  else
    probe (self);
}

static void
on_local (BfyAddAddress *self)
{
  self->allow_local = TRUE;
  gtk_widget_set_visible (self->local, FALSE);
  say (self, "");
  probe (self);
}

/* A yes was for the address that was there. */
static void
on_changed (GtkEditable *entry, BfyAddAddress *self)
{
  say (self, "");
  gtk_widget_set_visible (self->local, FALSE);
  set_busy (self, FALSE);
}

static GtkWidget *
make_entry (BfyAddAddress *self)
{
  GtkWidget *group = adw_preferences_group_new ();
  GtkWidget *row = adw_entry_row_new ();

  self->entry = GTK_EDITABLE (row);
  adw_preferences_group_set_description (
      ADW_PREFERENCES_GROUP (group),
      _ ("The address as its documentation has it, like https://mcp.example.com/mcp."));
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ ("Address"));
  adw_entry_row_set_input_purpose (ADW_ENTRY_ROW (row), GTK_INPUT_PURPOSE_URL);
  g_signal_connect (row, "changed", G_CALLBACK (on_changed), self);
  g_signal_connect_swapped (row, "entry-activated", G_CALLBACK (on_go), self);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);

  return group;
}

static GtkWidget *
make_button (BfyAddAddress *self, const char *label, const char *css, GCallback callback)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (label);

  gtk_widget_set_halign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "pill");
  gtk_widget_add_css_class (button, css);
  g_signal_connect_swapped (button, "clicked", callback, self);

  return button;
}

GtkWidget *
bfy_add_address_new (BfyAgentLink *link, BfyAddressFunc on_found, gpointer user_data)
{
  BfyAddAddress *self = g_object_new (BFY_TYPE_ADD_ADDRESS, NULL);
  GtkBox *column;
  GtkWidget *content = bfy_page_column_new (&column);

  self->link = g_object_ref (link);
  self->on_found = on_found;
  self->user_data = user_data;
  self->trouble = GTK_LABEL (gtk_label_new (NULL));
  self->spinner = gtk_spinner_new ();
  self->go = make_button (self, _ ("C_ontinue"), "suggested-action", G_CALLBACK (on_go));
  self->local = make_button (self, _ ("_Use It"), "flat", G_CALLBACK (on_local));
  gtk_label_set_wrap (self->trouble, TRUE);
  gtk_label_set_wrap_mode (self->trouble, PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (self->trouble, 0);
  gtk_box_append (column, make_entry (self));
  gtk_box_append (column, GTK_WIDGET (self->trouble));
  gtk_box_append (column, self->local);
  gtk_box_append (column, self->spinner);
  gtk_box_append (column, self->go);
  adw_bin_set_child (ADW_BIN (self), content);
  on_changed (self->entry, self);

  return GTK_WIDGET (self);
}

static void
bfy_add_address_dispose (GObject *object)
{
  BfyAddAddress *self = BFY_ADD_ADDRESS (object);

  g_clear_object (&self->link);
  g_clear_pointer (&self->url, g_free);
  G_OBJECT_CLASS (bfy_add_address_parent_class)->dispose (object);
}

static void
bfy_add_address_class_init (BfyAddAddressClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = bfy_add_address_dispose;
}

static void
bfy_add_address_init (BfyAddAddress *self)
{
}
