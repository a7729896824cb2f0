/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/window/banner.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <string.h>

#include "client/fields.h"
#include "tray/window/errand.h"

/* Each kind of trouble is one row, made when it is first needed. */
typedef enum
{
  TROUBLE_GONE,
  TROUBLE_FROZEN,
  TROUBLE_LOCKED,
  TROUBLE_LOCKED_WITH_PASSPHRASE,
  N_TROUBLES
} Trouble;

static const struct
{
  const char *icon, *text, *button, *action;
} rows[] = {
  [TROUBLE_GONE] = { "network-offline-symbolic",
                     N_ ("The agent is not running, so nothing can be used or changed. This window "
                         "goes on by itself as soon as it is there."),
                     N_ ("_Start the Agent"), "banner.start" },
  [TROUBLE_FROZEN] = { "media-playback-pause-symbolic",
                       N_ ("Everything is frozen: every request of a program is refused."),
                       N_ ("_Let Requests Go On"), "banner.thaw" },
  [TROUBLE_LOCKED] = { "system-lock-screen-symbolic",
                       N_ ("The agent is locked: no credential is used."), N_ ("_Unlock"),
                       "banner.unlock" },
  [TROUBLE_LOCKED_WITH_PASSPHRASE] = { "system-lock-screen-symbolic",
                                       N_ ("The agent is locked with a passphrase: no credential "
                                           "is used, and bindings are not shown."),
                                       N_ ("_Unlock…"), "banner.keyring" },
};

#define BFY_TYPE_BANNER (bfy_banner_get_type ())
G_DECLARE_FINAL_TYPE (BfyBanner, bfy_banner, BFY, BANNER, AdwBin)

struct _BfyBanner
{
  AdwBin parent_instance;

  BfyAgentLink *link; /* (owned) */
  GtkBox *box;
  GtkRevealer *rows[N_TROUBLES]; /* (nullable) */
};

G_DEFINE_TYPE (BfyBanner, bfy_banner, ADW_TYPE_BIN)

/* Bits (1 << Trouble). */
static guint
judge (BfyAgentLink *link)
{
  JsonObject *status = bfy_agent_link_get_status (link);
  JsonObject *lock = status != NULL ? bfy_field_object (status, "lock") : NULL;
  const char *state;
  guint troubles = 0;

  if (!bfy_agent_link_is_present (link))
    return bfy_agent_link_get_trouble (link) != NULL ? 1 << TROUBLE_GONE : 0;
  if (lock == NULL)
    return 0;

  state = bfy_field_text (lock, "state");
  if (bfy_field_boolean (lock, "frozen"))
    troubles |= 1 << TROUBLE_FROZEN;
  if (strcmp (state, "passphrase") == 0)
    troubles |= 1 << TROUBLE_LOCKED_WITH_PASSPHRASE;
  else if (strcmp (state, "plain") == 0 || strcmp (state, "screen") == 0)
    troubles |= 1 << TROUBLE_LOCKED;

  return troubles;
}

static GtkRevealer *
make_row (Trouble trouble)
{
  GtkWidget *revealer = gtk_revealer_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *icon = gtk_image_new_from_icon_name (rows[trouble].icon);
  GtkWidget *label = gtk_label_new (gettext (rows[trouble].text));
  GtkWidget *button = gtk_button_new_with_mnemonic (gettext (rows[trouble].button));

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), rows[trouble].action);
  gtk_accessible_update_property (GTK_ACCESSIBLE (icon), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Important"), -1);
  gtk_widget_add_css_class (box, "banner");
  gtk_box_append (GTK_BOX (box), icon);
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), button);
  gtk_revealer_set_child (GTK_REVEALER (revealer), box);

  return GTK_REVEALER (revealer);
}

static void
update (BfyBanner *self)
{
  guint troubles = judge (self->link);

  for (guint i = 0; i < N_TROUBLES; i++)
    {
      gboolean is_shown = (troubles & (1u << i)) != 0;

      if (is_shown && self->rows[i] == NULL)
        {
          self->rows[i] = make_row (i);
          gtk_box_append (self->box, GTK_WIDGET (self->rows[i]));
        }
      if (self->rows[i] == NULL)
        continue;
      gtk_widget_set_visible (GTK_WIDGET (self->rows[i]), is_shown);
      gtk_revealer_set_reveal_child (self->rows[i], is_shown);
    }
  gtk_widget_set_visible (GTK_WIDGET (self), troubles != 0);
}

static void
on_news (BfyAgentLink *link, guint news, BfyBanner *self)
{
  if (news & (BFY_NEWS_PRESENCE | BFY_NEWS_STATUS))
    update (self);
}

static void
run (GtkWidget *widget, const char *path)
{
  const BfyErrand errand = { .method = "POST", .path = path, .news = BFY_NEWS_ALL };

  bfy_errand_run (widget, BFY_BANNER (widget)->link, &errand);
}

static void
on_start (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gtk_widget_activate_action (widget, "app.start-agent", NULL);
}

static void
on_thaw (GtkWidget *widget, const char *name, GVariant *parameter)
{
  run (widget, "/v1/thaw");
}

static void
on_unlock (GtkWidget *widget, const char *name, GVariant *parameter)
{
  run (widget, "/v1/unlock");
}

static void
on_keyring (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gtk_widget_activate_action (widget, "win.page", "s", "keyring");
}

GtkWidget *
bfy_banner_new (BfyAgentLink *link)
{
  BfyBanner *self = g_object_new (BFY_TYPE_BANNER, NULL);

  self->link = g_object_ref (link);
  self->box = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 0));
  adw_bin_set_child (ADW_BIN (self), GTK_WIDGET (self->box));
  g_signal_connect_object (link, "news", G_CALLBACK (on_news), self, 0);
  update (self);

  return GTK_WIDGET (self);
}

static void
bfy_banner_dispose (GObject *object)
{
  g_clear_object (&BFY_BANNER (object)->link);
  G_OBJECT_CLASS (bfy_banner_parent_class)->dispose (object);
}

static void
bfy_banner_class_init (BfyBannerClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = bfy_banner_dispose;
  gtk_widget_class_install_action (widget_class, "banner.start", NULL, on_start);
  gtk_widget_class_install_action (widget_class, "banner.thaw", NULL, on_thaw);
  gtk_widget_class_install_action (widget_class, "banner.unlock", NULL, on_unlock);
  gtk_widget_class_install_action (widget_class, "banner.keyring", NULL, on_keyring);
}

static void
bfy_banner_init (BfyBanner *self)
{
}
