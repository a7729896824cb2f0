/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gtk/gtk.h>

#include "client/question.h"

/* One question as it is read: who asks for what, and what it would do. All of its text is shown as
 * the characters it consists of, never as markup. */
GtkWidget *bfy_prompt_sheet_new (const BfyQuestion *question);
/* What of it is the question itself; borrowed. For a screen reader to say first. */
GtkWidget *bfy_prompt_sheet_get_title (GtkWidget *sheet);
