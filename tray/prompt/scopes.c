/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/prompt/scopes.h"

#include <glib/gi18n.h>

#define SPACE_PX 6

struct _BfyPromptScopes
{
  GtkBox parent_instance;

  GtkWidget *buttons[BFY_N_GRANT_SCOPES]; /* (nullable) borrowed */
  BfyGrantScope scope;
};

G_DEFINE_TYPE (BfyPromptScopes, bfy_prompt_scopes, GTK_TYPE_BOX)

static guint changed_signal;

static const struct
{
  const char *choice, *button;
} words[BFY_N_GRANT_SCOPES] = {
  [BFY_GRANT_ONCE] = { N_ ("_Only this once"), N_ ("_Allow Once") },
  [BFY_GRANT_TEN_MINUTES] = { N_ ("For _10 minutes"), N_ ("_Allow for 10 Minutes") },
  [BFY_GRANT_SESSION] = { N_ ("For this _session"), N_ ("_Allow for This Session") },
  [BFY_GRANT_UNTIL_LOCK] = { N_ ("Until _locked"), N_ ("_Allow Until Locked") },
  [BFY_GRANT_ALWAYS] = { N_ ("Al_ways"), N_ ("_Allow Always") },
};

const char *
bfy_prompt_scope_to_button (BfyGrantScope scope)
{
  return _ (words[scope].button);
}

static void
on_toggled (GtkCheckButton *button, gpointer user_data)
{
  BfyPromptScopes *self = user_data;

  if (!gtk_check_button_get_active (button))
    return;
  for (guint i = 0; i < BFY_N_GRANT_SCOPES; i++)
    {
      if (self->buttons[i] == GTK_WIDGET (button))
        self->scope = (BfyGrantScope) i;
    }
  g_signal_emit (self, changed_signal, 0);
}

static GtkWidget *
make_meaning (const char *text)
{
  GtkWidget *meaning = gtk_label_new (text);

  gtk_label_set_wrap (GTK_LABEL (meaning), TRUE);
  gtk_label_set_xalign (GTK_LABEL (meaning), 0);
  gtk_widget_set_margin_start (meaning, 4 * SPACE_PX);
  gtk_widget_add_css_class (meaning, "dim-label");
  gtk_widget_add_css_class (meaning, "caption");

  return meaning;
}

static void
add (BfyPromptScopes *self, const BfyQuestion *question, BfyGrantScope scope, GtkWidget *group)
{
  const char *text = question->meanings[scope];
  GtkWidget *button = gtk_check_button_new_with_mnemonic (_ (words[scope].choice));
  GtkWidget *pair = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *meaning = make_meaning (text != NULL ? text : bfy_grant_scope_describe (scope));

  gtk_check_button_set_group (GTK_CHECK_BUTTON (button), GTK_CHECK_BUTTON (group));
  gtk_accessible_update_relation (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_RELATION_DESCRIBED_BY,
                                  meaning, NULL, -1);
  gtk_box_append (GTK_BOX (pair), button);
  gtk_box_append (GTK_BOX (pair), meaning);
  gtk_box_append (GTK_BOX (self), pair);
  self->buttons[scope] = button;
  g_signal_connect (button, "toggled", G_CALLBACK (on_toggled), self);
}

GtkWidget *
bfy_prompt_scopes_new (const BfyQuestion *question)
{
  BfyPromptScopes *self = g_object_new (BFY_TYPE_PROMPT_SCOPES, "orientation",
                                        GTK_ORIENTATION_VERTICAL, "spacing", SPACE_PX, NULL);
  GtkWidget *first = NULL;

  for (guint i = 0; i < BFY_N_GRANT_SCOPES; i++)
    {
      if ((question->scopes & (1u << i)) == 0)
        continue;
      add (self, question, (BfyGrantScope) i, first);
      if (first != NULL)
        continue;
      first = self->buttons[i];
      self->scope = (BfyGrantScope) i;
      gtk_check_button_set_active (GTK_CHECK_BUTTON (first), TRUE);
    }

  return GTK_WIDGET (self);
}

BfyGrantScope
bfy_prompt_scopes_get (BfyPromptScopes *self)
{
  return self->scope;
}

static void
bfy_prompt_scopes_class_init (BfyPromptScopesClass *klass)
{
  changed_signal = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
}

static void
bfy_prompt_scopes_init (BfyPromptScopes *self)
{
}
