/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gtk/gtk.h>

/* What the page of bindings shows, and what it says instead of the list. */
typedef enum
{
  BFY_CONTENT_WAIT, /* for the first answer of the agent, which is not long enough to say so */
  BFY_CONTENT_LIST,
  BFY_CONTENT_EMPTY,
  BFY_CONTENT_GONE,
  BFY_CONTENT_LOCKED,
} BfyBindingsContent;

/* (nullable) NULL for the first two. */
GtkWidget *bfy_bindings_content_new (BfyBindingsContent content);
