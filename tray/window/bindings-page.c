/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/window/bindings-page.h"

#include <glib/gi18n.h>

#include "tray/window/page.h"

GtkWidget *
bfy_bindings_page_new (BfyAgentLink *link)
{
  return bfy_page_new (link, _ ("Bindings"));
}
