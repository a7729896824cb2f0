/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/window/secret-row.h"

#include <string.h>

GtkWidget *
bfy_secret_row_new (const char *title)
{
  GtkWidget *row = adw_password_entry_row_new ();

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  /* An input method may learn what is typed. */
  adw_entry_row_set_input_hints (ADW_ENTRY_ROW (row),
                                 GTK_INPUT_HINT_PRIVATE | GTK_INPUT_HINT_NO_SPELLCHECK);

  return row;
}

gboolean
bfy_secret_row_is_empty (AdwPreferencesRow *row)
{
  return *gtk_editable_get_text (GTK_EDITABLE (row)) == '\0';
}

BfySecret *
bfy_secret_row_dup (AdwPreferencesRow *row, gboolean is_free_form)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (row));
  gsize length = strlen (text);

  while (!is_free_form && length > 0 && g_ascii_isspace (text[length - 1]))
    length--;
  while (!is_free_form && length > 0 && g_ascii_isspace (*text))
    {
      text++;
      length--;
    }

  return length > 0 ? bfy_secret_new (text, length) : NULL;
}

void
bfy_secret_row_wipe (AdwPreferencesRow *row)
{
  gtk_editable_set_text (GTK_EDITABLE (row), "");
}
