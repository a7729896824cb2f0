/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/window/facts.h"

#include <glib/gi18n.h>

#include "protocol/name.h"
#include "tray/window/toast.h"

#define LINE_CHARACTERS_MAX 2000

typedef struct
{
  char *label, *value; /* (owned) value: (nullable) */
  gboolean is_copied;
  char *button, *action, *target; /* (owned) (nullable) */
} Fact;

struct _BfyFacts
{
  AdwBin parent_instance;

  AdwPreferencesGroup *group;
  GPtrArray *shown; /* (owned) (element-type Fact) */
  GPtrArray *next;  /* (owned) (nullable) (element-type Fact) */
  GPtrArray *rows;  /* (owned) (element-type GtkWidget) */
};

G_DEFINE_TYPE (BfyFacts, bfy_facts, ADW_TYPE_BIN)

static void
fact_free (gpointer data)
{
  Fact *fact = data;

  g_free (fact->label);
  g_free (fact->value);
  g_free (fact->button);
  g_free (fact->action);
  g_free (fact->target);
  g_free (fact);
}

static gboolean
is_same (const Fact *a, const Fact *b)
{
  return g_strcmp0 (a->label, b->label) == 0 && g_strcmp0 (a->value, b->value) == 0 &&
         a->is_copied == b->is_copied && g_strcmp0 (a->action, b->action) == 0 &&
         g_strcmp0 (a->target, b->target) == 0;
}

/* The same rows, though their words may be others: then they stay where they are, and so does the
 * focus. */
static gboolean
has_same_form (BfyFacts *self)
{
  if (self->shown->len != self->next->len)
    return FALSE;
  for (guint i = 0; i < self->next->len; i++)
    {
      const Fact *a = g_ptr_array_index (self->shown, i);
      const Fact *b = g_ptr_array_index (self->next, i);

      if (!is_same (a, b) && (a->is_copied || b->is_copied || a->action != NULL ||
                              b->action != NULL || g_strcmp0 (a->label, b->label) != 0))
        return FALSE;
    }

  return TRUE;
}

void
bfy_facts_begin (BfyFacts *self)
{
  g_clear_pointer (&self->next, g_ptr_array_unref);
  self->next = g_ptr_array_new_with_free_func (fact_free);
}

static Fact *
add (BfyFacts *self, const char *label, const char *value)
{
  Fact *fact;

  if (value != NULL && *value == '\0')
    return NULL;
  fact = g_new0 (Fact, 1);
  fact->label = bfy_text_to_line (label, LINE_CHARACTERS_MAX);
  fact->value = value != NULL ? bfy_text_to_line (value, LINE_CHARACTERS_MAX) : NULL;
  g_ptr_array_add (self->next, fact);

  return fact;
}

void
bfy_facts_add (BfyFacts *self, const char *label, const char *value)
{
  add (self, label, value);
}

void
bfy_facts_add_copied (BfyFacts *self, const char *label, const char *value)
{
  Fact *fact = add (self, label, value);

  if (fact != NULL)
    fact->is_copied = TRUE;
}

void
bfy_facts_add_button (BfyFacts *self,
                      const char *label,
                      const char *value,
                      const char *button,
                      const char *action,
                      const char *target)
{
  Fact *fact = add (self, label, value);

  if (fact == NULL)
    return;
  fact->button = g_strdup (button);
  fact->action = g_strdup (action);
  fact->target = g_strdup (target);
}

static void
on_copy (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget),
                          g_variant_get_string (parameter, NULL));
  bfy_window_toast (widget, _ ("Copied"));
}

static GtkWidget *
make_button (const Fact *fact)
{
  GtkWidget *button = fact->is_copied ? gtk_button_new_from_icon_name ("edit-copy-symbolic")
                                      : gtk_button_new_with_mnemonic (fact->button);
  g_autofree char *label = fact->is_copied ? g_strdup_printf (_ ("Copy “%s”"), fact->value) : NULL;

  if (label != NULL)
    {
      gtk_widget_set_tooltip_text (button, _ ("Copy"));
      gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                      -1);
      gtk_widget_add_css_class (button, "flat");
    }
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button),
                                  fact->is_copied ? "facts.copy" : fact->action);
  gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "s",
                                    fact->is_copied ? fact->value : fact->target);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);

  return button;
}

static GtkWidget *
make_row (const Fact *fact)
{
  GtkWidget *row = adw_action_row_new ();

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), fact->label);
  adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 0);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 0);
  if (fact->value != NULL)
    adw_action_row_set_subtitle (ADW_ACTION_ROW (row), fact->value);
  if (fact->is_copied || fact->action != NULL)
    adw_action_row_add_suffix (ADW_ACTION_ROW (row), make_button (fact));

  return row;
}

void
bfy_facts_end (BfyFacts *self)
{
  gboolean is_form_kept = has_same_form (self);

  for (guint i = 0; !is_form_kept && i < self->rows->len; i++)
    adw_preferences_group_remove (self->group, g_ptr_array_index (self->rows, i));
  if (!is_form_kept)
    g_ptr_array_set_size (self->rows, 0);
  for (guint i = 0; i < self->next->len; i++)
    {
      const Fact *fact = g_ptr_array_index (self->next, i);

      if (is_form_kept)
        {
          if (fact->value != NULL)
            adw_action_row_set_subtitle (g_ptr_array_index (self->rows, i), fact->value);
          continue;
        }
      g_ptr_array_add (self->rows, make_row (fact));
      adw_preferences_group_add (self->group, g_ptr_array_index (self->rows, i));
    }
  g_ptr_array_unref (self->shown);
  self->shown = g_steal_pointer (&self->next);
  gtk_widget_set_visible (GTK_WIDGET (self), self->shown->len > 0);
}

void
bfy_facts_set_description (BfyFacts *self, const char *text)
{
  g_autofree char *escaped = text != NULL ? g_markup_escape_text (text, -1) : NULL;

  adw_preferences_group_set_description (self->group, escaped);
}

GtkWidget *
bfy_facts_new (const char *title)
{
  BfyFacts *self = g_object_new (BFY_TYPE_FACTS, "visible", FALSE, NULL);

  adw_preferences_group_set_title (self->group, title);

  return GTK_WIDGET (self);
}

static void
bfy_facts_finalize (GObject *object)
{
  BfyFacts *self = BFY_FACTS (object);

  g_ptr_array_unref (self->shown);
  g_ptr_array_unref (self->rows);
  g_clear_pointer (&self->next, g_ptr_array_unref);
  G_OBJECT_CLASS (bfy_facts_parent_class)->finalize (object);
}

static void
bfy_facts_class_init (BfyFactsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = bfy_facts_finalize;
  gtk_widget_class_install_action (GTK_WIDGET_CLASS (klass), "facts.copy", "s", on_copy);
}

static void
bfy_facts_init (BfyFacts *self)
{
  self->group = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());
  self->shown = g_ptr_array_new_with_free_func (fact_free);
  self->rows = g_ptr_array_new ();
  adw_bin_set_child (ADW_BIN (self), GTK_WIDGET (self->group));
}
