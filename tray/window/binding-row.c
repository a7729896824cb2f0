/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/window/binding-row.h"

#include <glib/gi18n.h>
#include <string.h>

#include "client/fields.h"
#include "protocol/name.h"
#include "tray/window/binding-deeds.h"
#include "tray/window/binding-words.h"
#include "tray/window/bindings-page.h"
#include "tray/window/page.h"

#define ICON_SIZE 32
#define SPARKLINE_WIDTH 60
#define SPARKLINE_HEIGHT 20

struct _BfyBindingRow
{
  AdwActionRow parent_instance;

  BfyAgentLink *link;  /* (owned) */
  JsonObject *binding; /* (owned) (nullable) */
  char *searched;      /* (owned) (nullable) what is shown, casefolded */
  GtkWidget *icon;     /* (nullable) */
  char *icon_name;     /* (owned) (nullable) for which it was made */
  guint menu_kind;     /* for which the menu was made; 0: there is none */
  BfySparkline *sparkline;
  GtkImage *tone;
  GtkMenuButton *menu;
};

G_DEFINE_TYPE (BfyBindingRow, bfy_binding_row, ADW_TYPE_ACTION_ROW)

JsonObject *
bfy_binding_row_get_binding (BfyBindingRow *self)
{
  return self->binding;
}

gboolean
bfy_binding_row_fits (BfyBindingRow *self, const char *search)
{
  g_autofree char *folded = g_utf8_casefold (search, -1);
  g_auto (GStrv) words = g_strsplit (folded, " ", -1);

  for (guint i = 0; words[i] != NULL; i++)
    {
      if (self->searched == NULL || strstr (self->searched, words[i]) == NULL)
        return FALSE;
    }

  return TRUE;
}

static void
append (GMenu *menu, const char *label, const char *prefix, const char *action)
{
  g_autofree char *name = g_strconcat (prefix, ".", action, NULL);

  g_menu_append (menu, label, name);
}

static GMenuModel *
make_menu (const char *prefix, JsonObject *binding)
{
  GMenu *menu = g_menu_new ();
  g_autoptr (GMenu) use = g_menu_new ();
  g_autoptr (GMenu) change = g_menu_new ();
  gboolean is_paused = strcmp (bfy_field_text (binding, "state"), "paused") == 0;

  append (use, _ ("_Test"), prefix, "test");
  append (use, is_paused ? _ ("_Resume") : _ ("_Pause"), prefix, "pause");
  if (!is_paused)
    append (use, _ ("Pause for an _Hour"), prefix, "pause-hour");
  if (bfy_binding_words_can_login (binding))
    append (use, _ ("_Sign In Again…"), prefix, "login");
  append (change, _ ("Re_name…"), prefix, "rename");
  append (change, _ ("Re_move"), prefix, "remove");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (use));
  g_menu_append_section (menu, NULL, G_MENU_MODEL (change));

  return G_MENU_MODEL (menu);
}

void
bfy_binding_show_tone (GtkImage *image, JsonObject *binding, gint64 now_s)
{
  static const char *const classes[] = {
    [BFY_TONE_GOOD] = "success",
    [BFY_TONE_QUIET] = "dim-label",
    [BFY_TONE_WARNING] = "warning",
    [BFY_TONE_ERROR] = "error",
  };
  BfyTone tone = bfy_binding_words_tone (binding, now_s);
  g_autofree char *words = bfy_binding_words_state (binding, now_s);
  const char *const css[] = { classes[tone], NULL };

  gtk_image_set_from_icon_name (image, bfy_binding_words_icon (tone));
  gtk_widget_set_css_classes (GTK_WIDGET (image), (const char **) css);
  gtk_widget_set_tooltip_text (GTK_WIDGET (image), words);
  gtk_accessible_update_property (GTK_ACCESSIBLE (image), GTK_ACCESSIBLE_PROPERTY_LABEL, words, -1);
}

static void
show_icon (BfyBindingRow *self, const char *service)
{
  const char *name = service != NULL ? service : bfy_field_text (self->binding, "name");
  const char *symbol = NULL;

  if (g_strcmp0 (self->icon_name, name) == 0)
    return;
  g_free (self->icon_name);
  self->icon_name = g_strdup (name);
  if (service == NULL)
    symbol = bfy_field_object (self->binding, "command") != NULL ? "system-run-symbolic"
                                                                 : "network-server-symbolic";
  if (self->icon != NULL)
    adw_action_row_remove (ADW_ACTION_ROW (self), self->icon);
  self->icon = bfy_catalogue_make_icon (name, symbol, ICON_SIZE);
  adw_action_row_add_prefix (ADW_ACTION_ROW (self), self->icon);
}

static void
show_words (BfyBindingRow *self, const char *service, gint64 now_s)
{
  g_autofree char *name = bfy_text_to_line (bfy_field_text (self->binding, "name"), 100);
  g_autofree char *what = bfy_binding_words_what (self->binding, service);
  g_autofree char *state = bfy_binding_words_state (self->binding, now_s);
  g_autofree char *used = bfy_binding_words_used (self->binding, now_s);
  /* TRANSLATORS: three texts, the first on a line of its own: what it is, how it is, when it was
   * used. */
  g_autofree char *subtitle = g_strdup_printf (_ ("%s\n%s · %s"), what, state, used);
  g_autofree char *all = g_strdup_printf ("%s %s", name, subtitle);
  g_autofree char *label = g_strdup_printf (_ ("Menu of “%s”"), name);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), name);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self), subtitle);
  bfy_button_explain (GTK_WIDGET (self->menu), label);
  g_free (self->searched);
  self->searched = g_utf8_casefold (all, -1);
}

guint
bfy_binding_menu_update (GtkMenuButton *button, guint kind, const char *prefix, JsonObject *binding)
{
  gboolean is_paused = strcmp (bfy_field_text (binding, "state"), "paused") == 0;
  gboolean can_login = bfy_binding_words_can_login (binding);
  guint wanted = 1 + (is_paused ? 1 : 0) + (can_login ? 2 : 0);
  g_autoptr (GMenuModel) menu = NULL;

  if (kind == wanted)
    return kind;
  menu = make_menu (prefix, binding);
  gtk_menu_button_set_menu_model (button, menu);

  return wanted;
}

void
bfy_binding_row_update (BfyBindingRow *self, const BfyBindingNews *news)
{
  const char *service =
      bfy_catalogue_get_name (news->catalogue, bfy_field_text (news->binding, "service"));
  const char *name = bfy_field_text (news->binding, "name");
  g_autofree char *words = bfy_usage_day_describe (news->usage, name);

  json_object_ref (news->binding);
  g_clear_pointer (&self->binding, json_object_unref);
  self->binding = news->binding;
  show_icon (self, service);
  show_words (self, service, news->now_s);
  bfy_sparkline_set_values (self->sparkline, bfy_usage_day_get_hours (news->usage, name), words);
  bfy_binding_show_tone (self->tone, self->binding, news->now_s);
  self->menu_kind = bfy_binding_menu_update (self->menu, self->menu_kind, "row", self->binding);
}

static void
on_test (GtkWidget *widget, const char *name, GVariant *parameter)
{
  BfyBindingRow *self = BFY_BINDING_ROW (widget);

  bfy_binding_test (bfy_bindings_page_find (widget), self->link, self->binding);
}

static void
on_pause (GtkWidget *widget, const char *name, GVariant *parameter)
{
  BfyBindingRow *self = BFY_BINDING_ROW (widget);

  bfy_binding_pause (bfy_bindings_page_find (widget), self->link, self->binding,
                     strcmp (bfy_field_text (self->binding, "state"), "paused") != 0);
}

static void
on_pause_hour (GtkWidget *widget, const char *name, GVariant *parameter)
{
  BfyBindingRow *self = BFY_BINDING_ROW (widget);

  bfy_binding_pause_hour (bfy_bindings_page_find (widget), self->link, self->binding);
}

static void
on_login (GtkWidget *widget, const char *name, GVariant *parameter)
{
  bfy_bindings_page_sign_in (widget, BFY_BINDING_ROW (widget)->binding);
}

static void
on_rename (GtkWidget *widget, const char *name, GVariant *parameter)
{
  BfyBindingRow *self = BFY_BINDING_ROW (widget);

  bfy_binding_rename (bfy_bindings_page_find (widget), self->link, self->binding);
}

static void
on_remove (GtkWidget *widget, const char *name, GVariant *parameter)
{
  bfy_bindings_page_remove (widget, BFY_BINDING_ROW (widget)->binding);
}

GtkWidget *
bfy_binding_row_new (BfyAgentLink *link)
{
  BfyBindingRow *self = g_object_new (BFY_TYPE_BINDING_ROW, "activatable", TRUE, NULL);

  self->link = g_object_ref (link);

  return GTK_WIDGET (self);
}

static void
bfy_binding_row_dispose (GObject *object)
{
  BfyBindingRow *self = BFY_BINDING_ROW (object);

  g_clear_object (&self->link);
  g_clear_pointer (&self->binding, json_object_unref);
  g_clear_pointer (&self->searched, g_free);
  g_clear_pointer (&self->icon_name, g_free);
  G_OBJECT_CLASS (bfy_binding_row_parent_class)->dispose (object);
}

static void
bfy_binding_row_class_init (BfyBindingRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = bfy_binding_row_dispose;
  gtk_widget_class_install_action (widget_class, "row.test", NULL, on_test);
  gtk_widget_class_install_action (widget_class, "row.pause", NULL, on_pause);
  gtk_widget_class_install_action (widget_class, "row.pause-hour", NULL, on_pause_hour);
  gtk_widget_class_install_action (widget_class, "row.login", NULL, on_login);
  gtk_widget_class_install_action (widget_class, "row.rename", NULL, on_rename);
  gtk_widget_class_install_action (widget_class, "row.remove", NULL, on_remove);
}

static void
bfy_binding_row_init (BfyBindingRow *self)
{
  AdwActionRow *row = ADW_ACTION_ROW (self);

  self->sparkline = BFY_SPARKLINE (bfy_sparkline_new (SPARKLINE_WIDTH, SPARKLINE_HEIGHT));
  self->tone = GTK_IMAGE (gtk_image_new ());
  self->menu = GTK_MENU_BUTTON (gtk_menu_button_new ());
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (self), FALSE);
  adw_action_row_set_subtitle_lines (row, 3);
  gtk_menu_button_set_icon_name (self->menu, "view-more-symbolic");
  gtk_widget_set_valign (GTK_WIDGET (self->menu), GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (GTK_WIDGET (self->menu), "flat");
  adw_action_row_add_suffix (row, GTK_WIDGET (self->sparkline));
  adw_action_row_add_suffix (row, GTK_WIDGET (self->tone));
  adw_action_row_add_suffix (row, GTK_WIDGET (self->menu));
}
