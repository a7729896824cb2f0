/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <adwaita.h>

/* A group of rows that are only to be read, each a label and what it says. It is filled anew as a
 * whole, and changes nothing when it says the same as before. */
#define BFY_TYPE_FACTS (bfy_facts_get_type ())
G_DECLARE_FINAL_TYPE (BfyFacts, bfy_facts, BFY, FACTS, AdwBin)

GtkWidget *bfy_facts_new (const char *title);
/* Between these two, the rows; a group without any is not shown. */
void bfy_facts_begin (BfyFacts *self);
/* @value: may be of any length; nothing is added for "". NULL: @label stands alone. Both may come
 * from outside. */
void bfy_facts_add (BfyFacts *self, const char *label, const char *value);
/* With a button that copies @value. */
void bfy_facts_add_copied (BfyFacts *self, const char *label, const char *value);
/* With a button that does something: @action with @target, a text. */
void bfy_facts_add_button (BfyFacts *self,
                           const char *label,
                           const char *value,
                           const char *button,
                           const char *action,
                           const char *target);
void bfy_facts_end (BfyFacts *self);
/* (nullable) Above the rows. */
void bfy_facts_set_description (BfyFacts *self, const char *text);
