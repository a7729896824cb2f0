/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <adwaita.h>

/* Small parts that the pages are made of. Whatever text they are given is shown as plain text on
 * one line: names come from other programs. */

/* A row without markup. Texts: NULL for none. */
GtkWidget *bfy_row_new (const char *title, const char *subtitle);
/* The same for a subclass that is a row already. */
void bfy_row_init (AdwActionRow *row);
void bfy_row_set_title (AdwActionRow *row, const char *title);
void bfy_row_set_subtitle (AdwActionRow *row, const char *subtitle);

/* A button at the end of a row: with an icon, which @name says in words. */
GtkWidget *bfy_row_add_icon_button (AdwActionRow *row, const char *icon, const char *name);
/* With a word as its label; @name (nullable): what a screen reader says, when the word alone would
 * not say which row it is about. */
GtkWidget *bfy_row_add_button (AdwActionRow *row, const char *label);
/* What a button of a list says to who cannot see which row it is in. */
void bfy_row_name_button (GtkWidget *button, const char *name);

/* A row with a switch, off, at the end of @group. */
GtkSwitch *bfy_row_add_switch (GtkWidget *group, const char *title, const char *subtitle);

/* What a page shows that has nothing to show: what that means and what to do. @button (nullable):
 * put below. */
GtkWidget *
bfy_row_empty_new (const char *icon, const char *title, const char *description, GtkWidget *button);

/* A search bar for a page, with the button that opens it: typing anywhere in @page does, too.
 * @on_search: as of GtkSearchEntry::search-changed. */
GtkWidget *bfy_row_search_new (GtkWidget *page,
                               const char *placeholder,
                               GtkWidget **button,
                               GCallback on_search,
                               gpointer user_data);
