/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/window/add-conditions.h"

#include <glib/gi18n.h>

#include "tray/window/row.h"

/* The widgets belong to their window; none is touched after it. */
struct _BfyAddConditions
{
  AdwComboRow *profile, *lifetime;
  GtkSwitch *confirms;
};

static const struct
{
  const char *name; /* (nullable) NULL: as the agent’s settings say */
  const char *text;
} profiles[] = {
  { NULL, N_ ("What the settings say for new bindings") },
  { "reads-flow", N_ ("Read; you are asked before changes") },
  { "read-only", N_ ("Read, nothing else") },
  { "open", N_ ("Everything") },
};

static const struct
{
  gint64 span_s; /* 0: as the agent’s settings say */
  const char *text;
} lifetimes[] = {
  { 0, N_ ("Until you remove it") },    { 3600, N_ ("For an hour") },
  { 8 * 3600, N_ ("For eight hours") }, { 24 * 3600, N_ ("For a day") },
  { 7 * 24 * 3600, N_ ("For a week") }, { 30 * 24 * 3600, N_ ("For 30 days") },
};

static AdwComboRow *
add_combo (GtkWidget *group, const char *title, GtkStringList *choices)
{
  GtkWidget *row = adw_combo_row_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_combo_row_set_model (ADW_COMBO_ROW (row), G_LIST_MODEL (choices));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
  g_object_unref (choices);

  return ADW_COMBO_ROW (row);
}

BfyAddConditions *
bfy_add_conditions_append (GtkBox *column, const BfyAddDraft *draft)
{
  BfyAddConditions *self = g_new0 (BfyAddConditions, 1);
  GtkWidget *group = adw_preferences_group_new ();
  GtkStringList *names = gtk_string_list_new (NULL);
  GtkStringList *spans = gtk_string_list_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (profiles); i++)
    gtk_string_list_append (names, gettext (profiles[i].text));
  for (guint i = 0; i < G_N_ELEMENTS (lifetimes); i++)
    gtk_string_list_append (spans, gettext (lifetimes[i].text));
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), _ ("What Programs May Do"));
  self->profile = add_combo (group, _ ("Programs may"), names);
  self->confirms = bfy_row_add_switch (
      group, _ ("Ask me first"),
      _ ("Before a program uses a tool, also one that is allowed otherwise. You say how long your "
         "answer holds."));
  self->lifetime = add_combo (group, _ ("It is kept"), spans);
  gtk_box_append (column, group);

  return self;
}

void
bfy_add_conditions_free (BfyAddConditions *self)
{
  g_free (self);
}

void
bfy_add_conditions_collect (BfyAddConditions *self, BfyAddDraft *draft)
{
  guint profile = adw_combo_row_get_selected (self->profile);
  guint lifetime = adw_combo_row_get_selected (self->lifetime);

  g_free (draft->profile);
  draft->profile = profile < G_N_ELEMENTS (profiles) ? g_strdup (profiles[profile].name) : NULL;
  draft->lifetime_s = lifetime < G_N_ELEMENTS (lifetimes) ? lifetimes[lifetime].span_s : 0;
  draft->confirms = gtk_switch_get_active (self->confirms);
}
