/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/prompt/frame.h"

#include <glib/gi18n.h>

#define SPACE_PX 12
#define MARGIN_PX 18
#define WIDTH_PX 540
#define LABEL_CHARACTERS_MAX 24 /* of a button, before it takes a second line */

static void
set_name (GtkWidget *widget, const char *name)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

static void
set_margins (GtkWidget *widget, int margin_px)
{
  gtk_widget_set_margin_start (widget, margin_px);
  gtk_widget_set_margin_end (widget, margin_px);
  gtk_widget_set_margin_top (widget, margin_px);
  gtk_widget_set_margin_bottom (widget, margin_px);
}

static GtkWidget *
make_move (const char *icon_name, const char *name)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon_name);

  gtk_widget_set_tooltip_text (button, name);
  set_name (button, name);

  return button;
}

static GtkWidget *
build_header (BfyPromptFrame *self)
{
  GtkWidget *header = adw_header_bar_new ();

  self->title = adw_window_title_new (_ ("bindify Asks"), NULL);
  self->moves = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  self->previous = make_move ("go-previous-symbolic", _ ("Previous question"));
  self->next = make_move ("go-next-symbolic", _ ("Next question"));
  gtk_widget_add_css_class (self->moves, "linked");
  gtk_box_append (GTK_BOX (self->moves), self->previous);
  gtk_box_append (GTK_BOX (self->moves), self->next);
  adw_header_bar_set_title_widget (ADW_HEADER_BAR (header), self->title);
  adw_header_bar_pack_start (ADW_HEADER_BAR (header), self->moves);

  return header;
}

/* Its words may take two lines, when letters are large. */
static GtkWidget *
make_button (const char *text)
{
  GtkWidget *button = gtk_button_new ();
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_justify (GTK_LABEL (label), GTK_JUSTIFY_CENTER);
  gtk_label_set_max_width_chars (GTK_LABEL (label), LABEL_CHARACTERS_MAX);
  gtk_label_set_mnemonic_widget (GTK_LABEL (label), button);
  gtk_button_set_child (GTK_BUTTON (button), label);
  gtk_widget_set_hexpand (button, TRUE);
  bfy_prompt_frame_name_button (button, text);

  return button;
}

void
bfy_prompt_frame_name_button (GtkWidget *button, const char *text)
{
  GtkLabel *label = GTK_LABEL (gtk_button_get_child (GTK_BUTTON (button)));

  gtk_label_set_text_with_mnemonic (label, text);
}

static GtkWidget *
build_passphrase (BfyPromptFrame *self)
{
  GtkWidget *label = gtk_label_new_with_mnemonic (_ ("Allowing needs the _passphrase for answers"));

  self->passphrase_row = gtk_box_new (GTK_ORIENTATION_VERTICAL, SPACE_PX / 2);
  self->passphrase = gtk_password_entry_new ();
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_mnemonic_widget (GTK_LABEL (label), self->passphrase);
  gtk_accessible_update_relation (GTK_ACCESSIBLE (self->passphrase),
                                  GTK_ACCESSIBLE_RELATION_LABELLED_BY, label, NULL, -1);
  gtk_box_append (GTK_BOX (self->passphrase_row), label);
  gtk_box_append (GTK_BOX (self->passphrase_row), self->passphrase);

  return self->passphrase_row;
}

static GtkWidget *
build_footer (BfyPromptFrame *self, GtkWindow *window)
{
  GtkWidget *footer = gtk_box_new (GTK_ORIENTATION_VERTICAL, SPACE_PX);
  GtkWidget *buttons = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, SPACE_PX);

  self->notice = gtk_label_new (NULL);
  gtk_label_set_wrap (GTK_LABEL (self->notice), TRUE);
  gtk_label_set_xalign (GTK_LABEL (self->notice), 0);
  self->deny = make_button (_ ("_Deny"));
  self->allow = make_button (_ ("_Allow Once"));
  gtk_box_set_homogeneous (GTK_BOX (buttons), TRUE);
  gtk_box_append (GTK_BOX (buttons), self->deny);
  gtk_box_append (GTK_BOX (buttons), self->allow);
  gtk_box_append (GTK_BOX (footer), self->notice);
  gtk_box_append (GTK_BOX (footer), build_passphrase (self));
  gtk_box_append (GTK_BOX (footer), buttons);
  set_margins (footer, SPACE_PX);
  gtk_window_set_default_widget (window, self->deny);

  return footer;
}

/* It takes as much of the screen as it needs, and scrolls when that is not there. */
static GtkWidget *
build_question_page (BfyPromptFrame *self, GtkWindow *window)
{
  self->question_page = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  self->content = gtk_box_new (GTK_ORIENTATION_VERTICAL, MARGIN_PX);
  self->scrolled = gtk_scrolled_window_new ();
  set_margins (self->content, MARGIN_PX);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scrolled), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (self->scrolled), TRUE);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scrolled), self->content);
  gtk_widget_set_vexpand (self->scrolled, TRUE);
  gtk_box_append (GTK_BOX (self->question_page), self->scrolled);
  gtk_box_append (GTK_BOX (self->question_page), gtk_separator_new (GTK_ORIENTATION_HORIZONTAL));
  gtk_box_append (GTK_BOX (self->question_page), build_footer (self, window));

  return self->question_page;
}

static GtkWidget *
build_nothing_page (BfyPromptFrame *self)
{
  self->nothing_page = adw_status_page_new ();
  self->close = make_button (_ ("_Close"));
  adw_status_page_set_icon_name (ADW_STATUS_PAGE (self->nothing_page),
                                 "dialog-information-symbolic");
  gtk_widget_set_halign (self->close, GTK_ALIGN_CENTER);
  adw_status_page_set_child (ADW_STATUS_PAGE (self->nothing_page), self->close);

  return self->nothing_page;
}

void
bfy_prompt_frame_build (BfyPromptFrame *self, GtkWindow *window)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  self->stack = gtk_stack_new ();
  gtk_widget_set_vexpand (self->stack, TRUE);
  gtk_box_append (GTK_BOX (box), build_header (self));
  gtk_box_append (GTK_BOX (box), self->stack);
  gtk_stack_add_child (GTK_STACK (self->stack), build_question_page (self, window));
  gtk_stack_add_child (GTK_STACK (self->stack), build_nothing_page (self));
  adw_window_set_content (ADW_WINDOW (window), box);
  bfy_prompt_frame_fit (window);
}

void
bfy_prompt_frame_fit (GtkWindow *window)
{
  gtk_window_set_default_size (window, WIDTH_PX, -1);
}

GtkWidget *
bfy_prompt_frame_make_remembered (void)
{
  GtkWidget *label = gtk_label_new (
      _ ("Denying refuses this, and the same again for an hour. Closing the window refuses only "
         "this question, only this time. “bindify grants” shows what is remembered, and takes it "
         "back."));

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "caption");

  return label;
}

void
bfy_prompt_frame_set_notice (BfyPromptFrame *self, const char *notice)
{
  gtk_label_set_text (GTK_LABEL (self->notice), notice != NULL ? notice : "");
}

/* The description of that page is markup. */
void
bfy_prompt_frame_explain_nothing (BfyPromptFrame *self, const char *notice)
{
  g_autofree char *escaped = g_markup_escape_text (
      notice != NULL ? notice
                     : _ ("When a program wants something that you are to be asked about, "
                          "this window comes up by itself."),
      -1);

  adw_status_page_set_description (ADW_STATUS_PAGE (self->nothing_page), escaped);
}

void
bfy_prompt_frame_set_place (BfyPromptFrame *self,
                            const BfyQuestion *question,
                            guint index,
                            guint n_questions)
{
  g_autofree char *left =
      question != NULL ? bfy_question_format_left (question, g_get_real_time () / G_USEC_PER_SEC)
                       : NULL;
  g_autofree char *place = NULL;

  if (left != NULL && n_questions > 1)
    place = g_strdup_printf (_ ("%u of %u, time left: %s"), index + 1, n_questions, left);
  else if (left != NULL)
    place = g_strdup_printf (_ ("Time left: %s"), left);
  adw_window_title_set_subtitle (ADW_WINDOW_TITLE (self->title), place != NULL ? place : "");
}
