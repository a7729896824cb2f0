/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/window/bindings-content.h"

#include <adwaita.h>
#include <glib/gi18n.h>

static GtkWidget *
make_status (const char *icon, const char *title, const char *text)
{
  GtkWidget *page = adw_status_page_new ();

  adw_status_page_set_icon_name (ADW_STATUS_PAGE (page), icon);
  adw_status_page_set_title (ADW_STATUS_PAGE (page), title);
  adw_status_page_set_description (ADW_STATUS_PAGE (page), text);

  return page;
}

static GtkWidget *
make_empty (void)
{
  GtkWidget *page = make_status (
      "dialog-password-symbolic", _ ("No Bindings Yet"),
      _ ("A binding lets programs use one of your accounts without ever seeing its token. Add the "
         "first one: you need the account, and two minutes."));
  GtkWidget *button = gtk_button_new_with_mnemonic (_ ("_Add a Binding"));

  gtk_widget_add_css_class (button, "pill");
  gtk_widget_add_css_class (button, "suggested-action");
  gtk_widget_set_halign (button, GTK_ALIGN_CENTER);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "page.add");
  adw_status_page_set_child (ADW_STATUS_PAGE (page), button);

  return page;
}

GtkWidget *
bfy_bindings_content_new (BfyBindingsContent content)
{
  switch (content)
    {
    case BFY_CONTENT_WAIT:
    case BFY_CONTENT_LIST:
      break;
    case BFY_CONTENT_EMPTY:
      return make_empty ();
    case BFY_CONTENT_GONE:
      return make_status ("network-offline-symbolic", _ ("No Agent"),
                          _ ("Bindings are shown here as soon as the agent is running."));
    case BFY_CONTENT_LOCKED:
      return make_status ("system-lock-screen-symbolic", _ ("Locked"),
                          _ ("Bindings are shown here when you have unlocked the agent with its "
                             "passphrase."));
    }

  return NULL;
}
