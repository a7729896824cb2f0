/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/window/add-progress.h"

#include <glib/gi18n.h>

#include "client/fields.h"
#include "client/sign-in-text.h"
#include "protocol/name.h"
#include "tray/window/browse.h"
#include "tray/window/moment.h"
#include "tray/window/toast.h"

#define TEXT_CHARACTERS_MAX 200
#define CODE_CHARACTERS_MAX 60

struct _BfyAddProgress
{
  AdwBin parent_instance;

  gboolean allow_local;
  char *url; /* (owned) (nullable) of the page that the person goes to */
  GtkWidget *spinner;
  GtkLabel *text, *rights, *code, *wait;
  GtkWidget *buttons, *copy_code;
};

G_DEFINE_TYPE (BfyAddProgress, bfy_add_progress, ADW_TYPE_BIN)

static void
show_text (GtkLabel *label, const char *text)
{
  gtk_label_set_text (label, text);
  gtk_widget_set_visible (GTK_WIDGET (label), *text != '\0');
}

static void
show_page (BfyAddProgress *self, const char *url)
{
  g_free (self->url);
  self->url = g_strdup (url);
  gtk_widget_set_visible (self->buttons, url != NULL);
}

static void
show_wait (BfyAddProgress *self, JsonObject *step)
{
  gint64 expires_in_s = bfy_field_int (step, "expires_in");
  g_autofree char *span = bfy_moment_format_span (expires_in_s);
  g_autofree char *text =
      expires_in_s > 0 ? g_strdup_printf (_ ("This window waits for you, for %s at most."), span)
                       : g_strdup (_ ("This window waits for you."));

  show_text (self->wait, text);
}

static void
show_discovered (BfyAddProgress *self, JsonObject *step)
{
  g_autofree char *issuer = bfy_text_to_line (bfy_field_text (step, "issuer"), TEXT_CHARACTERS_MAX);
  g_autofree char *scope = bfy_text_to_line (bfy_field_text (step, "scope"), TEXT_CHARACTERS_MAX);
  g_autofree char *text = g_strdup_printf (_ ("The sign-in is at %s."), issuer);
  g_autofree char *rights = *scope != '\0'
                                ? g_strdup_printf (_ ("These rights are asked for: %s"), scope)
                                : g_strdup ("");

  show_text (self->text, text);
  show_text (self->rights, rights);
}

static void
show_authorize (BfyAddProgress *self, JsonObject *step)
{
  const char *url = bfy_field_text (step, "url");

  show_page (self, url);
  show_text (self->text, _ ("Sign in on the page that your browser shows now. If no page appears, "
                            "open it again, or copy its address."));
  show_wait (self, step);
  if (bfy_browser_judge (url, self->allow_local) == BFY_URL_OPEN)
    bfy_browse_open (GTK_WIDGET (self), url, self->allow_local);
}

static void
show_device (BfyAddProgress *self, JsonObject *step)
{
  const char *complete = bfy_field_text (step, "verification_uri_complete");
  const char *plain = bfy_field_text (step, "verification_uri");
  g_autofree char *shown = bfy_text_to_line (plain, TEXT_CHARACTERS_MAX);
  g_autofree char *code =
      bfy_text_to_line (bfy_field_text (step, "user_code"), CODE_CHARACTERS_MAX);
  g_autofree char *text = g_strdup_printf (
      _ ("Open %s in a browser on any device, and type this code there, or compare it."), shown);

  show_page (self, *complete != '\0' ? complete : plain);
  show_text (self->text, text);
  show_text (self->code, code);
  gtk_widget_set_visible (self->copy_code, TRUE);
  show_wait (self, step);
}

static void
show_work (BfyAddProgress *self, const char *text)
{
  show_text (self->text, text);
  show_text (self->code, "");
  show_text (self->wait, "");
  gtk_widget_set_visible (self->copy_code, FALSE);
  show_page (self, NULL);
}

void
bfy_add_progress_take_step (BfyAddProgress *self, JsonObject *step)
{
  switch (bfy_sign_in_step (step))
    {
    case BFY_STEP_DISCOVERED:
      show_discovered (self, step);
      break;
    case BFY_STEP_AUTHORIZE:
      show_authorize (self, step);
      break;
    case BFY_STEP_DEVICE:
      show_device (self, step);
      break;
    case BFY_STEP_EXCHANGING:
      show_work (self, _ ("You are signed in. The tokens are being fetched."));
      break;
    case BFY_STEP_STORING:
      show_work (self, _ ("The tokens are being stored in the keyring."));
      break;
    case BFY_STEP_DONE:
    case BFY_STEP_FAILED:
    case BFY_STEP_UNKNOWN:
      break;
    }
}

void
bfy_add_progress_begin (BfyAddProgress *self, gboolean allow_local)
{
  self->allow_local = allow_local;
  show_text (self->rights, "");
  show_work (self, _ ("The credential is tried out with the service, and stored in the keyring. If "
                      "your keyring is locked, your desktop asks for its password."));
}

static void
on_open (GtkWidget *widget, const char *name, GVariant *parameter)
{
  BfyAddProgress *self = BFY_ADD_PROGRESS (widget);

  if (self->url != NULL)
    bfy_browse_open (widget, self->url, self->allow_local);
}

static void
on_copy_address (GtkWidget *widget, const char *name, GVariant *parameter)
{
  BfyAddProgress *self = BFY_ADD_PROGRESS (widget);

  if (self->url == NULL)
    return;
  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), self->url);
  bfy_window_toast (widget, _ ("Copied"));
}

static void
on_copy_code (GtkWidget *widget, const char *name, GVariant *parameter)
{
  BfyAddProgress *self = BFY_ADD_PROGRESS (widget);

  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), gtk_label_get_text (self->code));
  bfy_window_toast (widget, _ ("Copied"));
}

static GtkLabel *
add_label (GtkWidget *box, const char *css)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_justify (GTK_LABEL (label), GTK_JUSTIFY_CENTER);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 50);
  if (css != NULL)
    gtk_widget_add_css_class (label, css);
  gtk_box_append (GTK_BOX (box), label);

  return GTK_LABEL (label);
}

static GtkWidget *
add_button (GtkWidget *box, const char *label, const char *action)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (label);

  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  gtk_widget_set_halign (button, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (box), button);

  return button;
}

GtkWidget *
bfy_add_progress_new (void)
{
  BfyAddProgress *self = g_object_new (BFY_TYPE_ADD_PROGRESS, NULL);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 18);
  GtkWidget *scrolled = gtk_scrolled_window_new ();

  self->spinner = gtk_spinner_new ();
  gtk_widget_set_size_request (self->spinner, 32, 32);
  gtk_spinner_start (GTK_SPINNER (self->spinner));
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  gtk_widget_set_margin_start (box, 18);
  gtk_widget_set_margin_end (box, 18);
  gtk_box_append (GTK_BOX (box), self->spinner);
  self->text = add_label (box, NULL);
  self->code = add_label (box, "title-1");
  gtk_label_set_selectable (self->code, TRUE);
  self->copy_code = add_button (box, _ ("Copy the _Code"), "progress.copy-code");
  self->rights = add_label (box, "dim-label");
  self->buttons = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  add_button (self->buttons, _ ("_Open the Page"), "progress.open");
  add_button (self->buttons, _ ("Copy Its _Address"), "progress.copy-address");
  gtk_box_append (GTK_BOX (box), self->buttons);
  self->wait = add_label (box, "dim-label");
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), box);
  adw_bin_set_child (ADW_BIN (self), scrolled);

  return GTK_WIDGET (self);
}

static void
bfy_add_progress_finalize (GObject *object)
{
  g_free (BFY_ADD_PROGRESS (object)->url);
  G_OBJECT_CLASS (bfy_add_progress_parent_class)->finalize (object);
}

static void
bfy_add_progress_class_init (BfyAddProgressClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = bfy_add_progress_finalize;
  gtk_widget_class_install_action (widget_class, "progress.open", NULL, on_open);
  gtk_widget_class_install_action (widget_class, "progress.copy-address", NULL, on_copy_address);
  gtk_widget_class_install_action (widget_class, "progress.copy-code", NULL, on_copy_code);
}

static void
bfy_add_progress_init (BfyAddProgress *self)
{
}
