/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gtk/gtk.h>

#include "tray/agent-link.h"

/* One request of a page. What the page sees of it: words at the foot of the window when it fails,
 * and the lists anew when it is through. A page that has gone meanwhile is not told; the request
 * goes on. */
typedef struct
{
  const char *method;
  const char *path;   /* with escaped parts: bfy_errand_path() */
  JsonObject *body;   /* (nullable) (transfer full) */
  guint news;         /* BfyNews: what is asked for anew afterwards */
  const char *praise; /* (nullable) said when it has worked */

  /* (nullable) instead of the words when it fails; @error is NULL when it has worked. Not called
   * when @asker has gone. */
  void (*on_reply) (JsonObject *reply, const GError *error, gpointer user_data);
  gpointer user_data;
  GDestroyNotify destroy; /* (nullable) of user_data, in any case */
} BfyErrand;

/* @asker: a widget of the page; NULL for what is done when nobody looks any more. */
void bfy_errand_run (GtkWidget *asker, BfyAgentLink *link, const BfyErrand *errand);
/* "/v1/bindings/NAME/test" of "bindings", "NAME", "test"; ends with NULL. Free with g_free(). */
char *bfy_errand_path (const char *first, ...) G_GNUC_NULL_TERMINATED;
/* How many are under way: the program waits for them before it ends. */
guint bfy_errand_count (void);
