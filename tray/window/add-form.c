/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/window/add-form.h"

#include <glib/gi18n.h>
#include <string.h>

#include "client/fields.h"
#include "protocol/error.h"
#include "protocol/name.h"
#include "tray/window/add-conditions.h"
#include "tray/window/add-steps.h"
#include "tray/window/add-ways.h"
#include "tray/window/binding-names.h"
#include "tray/window/facts.h"
#include "tray/window/page.h"
#include "tray/window/secret-row.h"
#include "tray/window/trouble.h"

struct _BfyAddForm
{
  AdwBin parent_instance;

  BfyAgentLink *link; /* (owned) */
  BfyAddDraft *draft;
  void (*on_changed) (gboolean is_ready, gpointer user_data);
  gpointer user_data;

  GtkWidget *chosen; /* (nullable) button of the way that it begins with */
  GtkLabel *trouble;
  GtkWidget *local;           /* says yes to an address of this machine or a private network */
  GtkWidget *steps;           /* (nullable) how to make a token */
  AdwPreferencesGroup *typed; /* the credential */
  AdwPreferencesGroup *app;   /* an application of one’s own */
  GtkEditable *username, *client_id;
  AdwPreferencesRow *secret, *client_secret;
  AdwPreferencesGroup *naming;
  GtkEditable *name, *account;
  GtkLabel *name_trouble;
  BfyAddConditions *conditions; /* (nullable) */
  gboolean wants_client_id;     /* the service has said so */
  gboolean is_made;
};

G_DEFINE_TYPE (BfyAddForm, bfy_add_form, ADW_TYPE_BIN)

static gboolean
is_own_app (BfyAddForm *self)
{
  return self->wants_client_id ||
         (self->draft->kind == BFY_DRAFT_SERVICE &&
          strcmp (bfy_field_text (self->draft->service, "oauth_client"), "own") == 0);
}

static gboolean
is_filled (GtkEditable *editable)
{
  return *gtk_editable_get_text (editable) != '\0';
}

static gboolean
is_ready (BfyAddForm *self)
{
  const BfyAddDraft *draft = self->draft;

  if (bfy_add_draft_is_typed (draft) && bfy_secret_row_is_empty (self->secret))
    return FALSE;
  if (draft->way == BFY_WAY_PAIR && !is_filled (self->username))
    return FALSE;
  if (bfy_add_draft_signs_in (draft) && is_own_app (self) && !is_filled (self->client_id))
    return FALSE;

  return draft->kind == BFY_DRAFT_LOGIN || *gtk_label_get_text (self->name_trouble) == '\0';
}

static void
tell (BfyAddForm *self)
{
  if (!self->is_made)
    return;
  self->on_changed (is_ready (self), self->user_data);
}

/* What belongs to the way that is chosen. */
static void
show_way (BfyAddForm *self)
{
  const BfyAddDraft *draft = self->draft;
  gboolean is_typed = bfy_add_draft_is_typed (draft);

  if (self->steps != NULL)
    gtk_widget_set_visible (self->steps, is_typed);
  gtk_widget_set_visible (GTK_WIDGET (self->typed), is_typed);
  gtk_widget_set_visible (GTK_WIDGET (self->username), draft->way == BFY_WAY_PAIR);
  gtk_widget_set_visible (GTK_WIDGET (self->app),
                          bfy_add_draft_signs_in (draft) && is_own_app (self));
  tell (self);
}

static void
on_way (BfyDraftWay way, gpointer user_data)
{
  BfyAddForm *self = user_data;

  self->draft->way = way;
  show_way (self);
}

static void
check_name (BfyAddForm *self)
{
  const char *name = gtk_editable_get_text (self->name);
  g_autofree char *problem = bfy_binding_names_refuse (self->link, name);

  gtk_label_set_text (self->name_trouble, problem != NULL ? problem : "");
  gtk_widget_set_visible (GTK_WIDGET (self->name_trouble), problem != NULL);
  if (problem != NULL)
    gtk_widget_add_css_class (GTK_WIDGET (self->name), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->name), "error");
}

static void
on_text (GtkEditable *editable, BfyAddForm *self)
{
  if (self->draft->kind != BFY_DRAFT_LOGIN && editable == self->name)
    check_name (self);
  tell (self);
}

static void
on_entered (AdwEntryRow *row, BfyAddForm *self)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "add.go", NULL);
}

/* What has been typed */

static void
take_text (char **place, GtkEditable *editable)
{
  g_free (*place);
  *place = g_strstrip (g_strdup (gtk_editable_get_text (editable)));
}

static void
take_secret (BfySecret **place, AdwPreferencesRow *row, gboolean is_free_form)
{
  g_clear_pointer (place, bfy_secret_unref);
  *place = bfy_secret_row_dup (row, is_free_form);
}

gboolean
bfy_add_form_collect (BfyAddForm *self)
{
  BfyAddDraft *draft = self->draft;
  g_autoptr (GError) error = NULL;

  gtk_widget_set_visible (GTK_WIDGET (self->trouble), FALSE);
  gtk_widget_set_visible (self->local, FALSE);
  if (draft->kind != BFY_DRAFT_LOGIN)
    {
      take_text (&draft->name, self->name);
      take_text (&draft->account, self->account);
      bfy_add_conditions_collect (self->conditions, draft);
    }
  take_text (&draft->username, self->username);
  take_text (&draft->client_id, self->client_id);
  take_secret (&draft->secret, self->secret, draft->way == BFY_WAY_SECRET);
  take_secret (&draft->client_secret, self->client_secret, FALSE);
  if (bfy_add_draft_check (draft, &error))
    return TRUE;
  bfy_add_form_show_trouble (self, error);

  return FALSE;
}

/* What the agent refuses until the person has said that they mean it. */
static char *
describe_trouble (const GError *error)
{
  g_autofree char *text = bfy_trouble_describe (error);

  if (!g_error_matches (error, BFY_ERROR, BFY_ERROR_LOCAL_ADDRESS))
    return g_steal_pointer (&text);

  /* TRANSLATORS: %s says that an address is on this computer or in a private network. */
  return g_strdup_printf (_ ("%s. Use it only if you know the server there."), text);
}

void
bfy_add_form_show_trouble (BfyAddForm *self, const GError *error)
{
  gboolean is_local = g_error_matches (error, BFY_ERROR, BFY_ERROR_LOCAL_ADDRESS);
  g_autofree char *text = describe_trouble (error);

  gtk_label_set_text (self->trouble, text);
  gtk_widget_set_visible (GTK_WIDGET (self->trouble), TRUE);
  gtk_widget_set_visible (self->local, is_local);
  if (bfy_trouble_wants_client_id (error))
    self->wants_client_id = TRUE;
  show_way (self);
  if (is_local)
    gtk_widget_grab_focus (self->local);
  if (g_error_matches (error, BFY_ERROR, BFY_ERROR_CREDENTIAL_REFUSED) ||
      g_error_matches (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT))
    {
      bfy_secret_row_wipe (self->secret);
      gtk_widget_grab_focus (GTK_WIDGET (self->secret));
    }
}

static void
on_local (GtkButton *button, BfyAddForm *self)
{
  self->draft->allow_local = TRUE;
  gtk_widget_set_visible (self->local, FALSE);
  gtk_widget_activate_action (GTK_WIDGET (self), "add.go", NULL);
}

void
bfy_add_form_focus (BfyAddForm *self)
{
  if (self->chosen != NULL)
    gtk_widget_grab_focus (self->chosen);
  else if (bfy_add_draft_is_typed (self->draft))
    gtk_widget_grab_focus (self->draft->way == BFY_WAY_PAIR ? GTK_WIDGET (self->username)
                                                            : GTK_WIDGET (self->secret));
  else
    gtk_widget_child_focus (GTK_WIDGET (self), GTK_DIR_TAB_FORWARD);
}

void
bfy_add_form_wipe (BfyAddForm *self)
{
  bfy_secret_row_wipe (self->secret);
  bfy_secret_row_wipe (self->client_secret);
}

/* Making it */

static GtkEditable *
add_entry (BfyAddForm *self, AdwPreferencesGroup *group, const char *title)
{
  GtkWidget *row = adw_entry_row_new ();

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  g_signal_connect (row, "changed", G_CALLBACK (on_text), self);
  g_signal_connect (row, "entry-activated", G_CALLBACK (on_entered), self);
  adw_preferences_group_add (group, row);

  return GTK_EDITABLE (row);
}

static AdwPreferencesRow *
add_secret (BfyAddForm *self, AdwPreferencesGroup *group, const char *title)
{
  GtkWidget *row = bfy_secret_row_new (title);

  g_signal_connect (row, "changed", G_CALLBACK (on_text), self);
  g_signal_connect (row, "entry-activated", G_CALLBACK (on_entered), self);
  adw_preferences_group_add (group, row);

  return ADW_PREFERENCES_ROW (row);
}

static GtkLabel *
make_trouble (void)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "error");
  gtk_widget_set_visible (label, FALSE);

  return GTK_LABEL (label);
}

static GtkWidget *
make_local (BfyAddForm *self)
{
  self->local = gtk_button_new_with_mnemonic (_ ("_Use It"));
  gtk_widget_set_halign (self->local, GTK_ALIGN_START);
  gtk_widget_set_visible (self->local, FALSE);
  g_signal_connect (self->local, "clicked", G_CALLBACK (on_local), self);

  return self->local;
}

/* The first letter as in a title: catalogues have “email”. */
static char *
name_username (const BfyAddDraft *draft)
{
  const char *field =
      draft->service != NULL ? bfy_field_text (draft->service, "username_field") : "";
  g_autofree char *line = bfy_text_to_line (field, 40);

  if (*line == '\0')
    return g_strdup (_ ("User name"));
  *line = g_ascii_toupper (*line);

  return g_steal_pointer (&line);
}

static const char *
name_secret (const BfyAddDraft *draft)
{
  if (bfy_add_draft_can (draft, BFY_WAY_SECRET))
    return _ ("Secret");
  if (draft->kind == BFY_DRAFT_ADDRESS)
    return _ ("Token or password");

  return _ ("Token");
}

static void
add_credential (BfyAddForm *self, GtkBox *column)
{
  g_autofree char *username = name_username (self->draft);

  self->typed = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());
  self->username = add_entry (self, self->typed, username);
  self->secret = add_secret (self, self->typed, name_secret (self->draft));
  gtk_box_append (column, GTK_WIDGET (self->typed));

  self->app = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());
  adw_preferences_group_set_title (self->app, _ ("Your Application"));
  adw_preferences_group_set_description (
      self->app, _ ("This service signs in only applications that are registered with it. Register "
                    "one there, with the redirect address http://127.0.0.1/callback."));
  self->client_id = add_entry (self, self->app, _ ("Application ID"));
  self->client_secret = add_secret (self, self->app, _ ("Application secret, if it has one"));
  if (self->draft->service != NULL)
    bfy_add_steps_append_link (self->app, bfy_field_text (self->draft->service, "app_url"),
                               _ ("Open the Page of Applications"));
  gtk_box_append (column, GTK_WIDGET (self->app));
}

static void
add_name (BfyAddForm *self, GtkBox *column)
{
  g_autofree char *guess = bfy_add_draft_guess_name (self->draft);
  g_autofree char *proposed = bfy_binding_names_propose (self->link, guess);

  self->naming = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());
  adw_preferences_group_set_title (self->naming, _ ("Name"));
  adw_preferences_group_set_description (self->naming, _ ("Programs know it by this name."));
  self->name = add_entry (self, self->naming, _ ("Name"));
  self->account = add_entry (self, self->naming, _ ("Account, as a note for you"));
  self->name_trouble = make_trouble ();
  gtk_editable_set_text (self->name, proposed);
  check_name (self);
  gtk_box_append (column, GTK_WIDGET (self->naming));
  gtk_box_append (column, GTK_WIDGET (self->name_trouble));
}

/* What will be run, in full, before it is. */
static void
add_program (GtkBox *column, const BfyProgram *program)
{
  GtkWidget *facts = bfy_facts_new (_ ("The Agent Will Run This"));
  g_autofree char *line = bfy_program_format_command (program);
  g_autofree char *share = g_strjoinv (", ", program->share);

  bfy_facts_begin (BFY_FACTS (facts));
  bfy_facts_add (BFY_FACTS (facts), _ ("Command"), line);
  bfy_facts_add (BFY_FACTS (facts), _ ("Sandbox"),
                 program->has_sandbox ? _ ("It sees neither your files nor your session.")
                                      : _ ("None: it can do whatever you can."));
  bfy_facts_add (BFY_FACTS (facts), _ ("Network"),
                 program->has_network ? _ ("It can reach other computers.") : _ ("None."));
  bfy_facts_add (BFY_FACTS (facts), _ ("Folders"), share);
  bfy_facts_end (BFY_FACTS (facts));
  gtk_box_append (column, facts);
}

GtkWidget *
bfy_add_form_new (BfyAgentLink *link,
                  BfyAddDraft *draft,
                  void (*on_changed) (gboolean is_ready, gpointer user_data),
                  gpointer user_data)
{
  BfyAddForm *self = g_object_new (BFY_TYPE_ADD_FORM, NULL);
  GtkBox *column;
  GtkWidget *content = bfy_page_column_new (&column);

  self->link = g_object_ref (link);
  self->draft = draft;
  self->on_changed = on_changed;
  self->user_data = user_data;
  self->trouble = make_trouble ();
  gtk_box_append (column, GTK_WIDGET (self->trouble));
  gtk_box_append (column, make_local (self));
  if (draft->program != NULL)
    add_program (column, draft->program);
  self->chosen = bfy_add_ways_append (column, draft, on_way, self);
  if (draft->service != NULL)
    self->steps = bfy_add_steps_append (column, draft->service);
  add_credential (self, column);
  if (draft->kind != BFY_DRAFT_LOGIN)
    {
      add_name (self, column);
      self->conditions = bfy_add_conditions_append (column, draft);
    }
  adw_bin_set_child (ADW_BIN (self), content);
  self->is_made = TRUE;
  show_way (self);

  return GTK_WIDGET (self);
}

static void
bfy_add_form_dispose (GObject *object)
{
  BfyAddForm *self = BFY_ADD_FORM (object);

  if (self->secret != NULL)
    bfy_add_form_wipe (self);
  self->secret = NULL;
  g_clear_object (&self->link);
  G_OBJECT_CLASS (bfy_add_form_parent_class)->dispose (object);
}

static void
bfy_add_form_finalize (GObject *object)
{
  g_clear_pointer (&BFY_ADD_FORM (object)->conditions, bfy_add_conditions_free);
  G_OBJECT_CLASS (bfy_add_form_parent_class)->finalize (object);
}

static void
bfy_add_form_class_init (BfyAddFormClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = bfy_add_form_dispose;
  G_OBJECT_CLASS (klass)->finalize = bfy_add_form_finalize;
}

static void
bfy_add_form_init (BfyAddForm *self)
{
}
