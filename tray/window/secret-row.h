/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <adwaita.h>

#include "protocol/secret.h"

/* A row into which a secret is typed or pasted. GTK keeps its text in memory that is locked, wipes
 * it, and shows dots to everybody, a screen reader too; no copy of it goes anywhere but into the
 * BfySecret that is taken. */
GtkWidget *bfy_secret_row_new (const char *title);
gboolean bfy_secret_row_is_empty (AdwPreferencesRow *row);
/* (nullable) without the blanks around it, as they come with pasting; NULL for nothing. The text
 * stays until it is wiped. @is_free_form: as it is. */
BfySecret *bfy_secret_row_dup (AdwPreferencesRow *row, gboolean is_free_form);
void bfy_secret_row_wipe (AdwPreferencesRow *row);
