/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/prompt/sheet.h"

#include <glib/gi18n.h>
#include <string.h>

#define SPACE_PX 12
#define NARROW_PX 6

static GtkWidget *
make_label (const char *text)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_set_hexpand (label, TRUE);

  return label;
}

/* An icon beside words that say the same: nobody depends on seeing it. */
static GtkWidget *
make_remark (const char *icon_name, const char *text)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, NARROW_PX);
  GtkWidget *icon = gtk_image_new_from_icon_name (icon_name);

  gtk_widget_set_valign (icon, GTK_ALIGN_START);
  gtk_box_append (GTK_BOX (box), icon);
  gtk_box_append (GTK_BOX (box), make_label (text));

  return box;
}

/* The lines are "Program: “claude” (verified)": a name of ours, then what is known. */
static void
add_line (GtkGrid *grid, int row, const char *line)
{
  const char *colon = strstr (line, ": ");
  g_autofree char *name = colon != NULL ? g_strndup (line, (gsize) (colon - line)) : NULL;
  GtkWidget *value = make_label (colon != NULL ? colon + strlen (": ") : line);
  GtkWidget *label;

  if (name == NULL)
    {
      gtk_grid_attach (grid, value, 0, row, 2, 1);
      return;
    }

  label = gtk_label_new (name);
  gtk_label_set_xalign (GTK_LABEL (label), 1);
  gtk_label_set_yalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "dim-label");
  gtk_grid_attach (grid, label, 0, row, 1, 1);
  gtk_grid_attach (grid, value, 1, row, 1, 1);
  /* For a screen reader both are one. */
  gtk_accessible_update_property (GTK_ACCESSIBLE (value), GTK_ACCESSIBLE_PROPERTY_LABEL, line, -1);
}

static GtkWidget *
make_facts (const BfyQuestion *question)
{
  GtkWidget *grid = gtk_grid_new ();

  gtk_grid_set_column_spacing (GTK_GRID (grid), SPACE_PX);
  gtk_grid_set_row_spacing (GTK_GRID (grid), NARROW_PX);
  for (guint i = 0; question->lines[i] != NULL; i++)
    add_line (GTK_GRID (grid), (int) i, question->lines[i]);

  return grid;
}

static void
add_remarks (GtkBox *sheet, const BfyQuestion *question)
{
  if (question->access == BFY_ACCESS_DANGER)
    {
      GtkWidget *danger =
          make_remark ("dialog-warning-symbolic", _ ("Careful: what it does can’t be undone."));

      gtk_widget_add_css_class (danger, "error");
      gtk_widget_add_css_class (danger, "heading");
      gtk_box_append (sheet, danger);
    }
  if (question->is_verified)
    gtk_box_append (sheet, make_remark ("security-high-symbolic",
                                        _ ("Verified: the system vouches for which program this "
                                           "is.")));
  else
    gtk_box_append (sheet, make_remark ("dialog-question-symbolic",
                                        _ ("Not verified: it may be another program than it "
                                           "seems.")));
}

GtkWidget *
bfy_prompt_sheet_new (const BfyQuestion *question)
{
  GtkWidget *sheet = gtk_box_new (GTK_ORIENTATION_VERTICAL, SPACE_PX);
  GtkWidget *title = make_label (question->title);

  gtk_widget_add_css_class (title, "title-2");
  gtk_box_append (GTK_BOX (sheet), title);
  add_remarks (GTK_BOX (sheet), question);
  gtk_box_append (GTK_BOX (sheet), make_facts (question));

  return sheet;
}

GtkWidget *
bfy_prompt_sheet_get_title (GtkWidget *sheet)
{
  return gtk_widget_get_first_child (sheet);
}
