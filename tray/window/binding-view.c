/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/window/binding-view.h"

#include <glib/gi18n.h>
#include <string.h>

#include "client/fields.h"
#include "protocol/name.h"
#include "tray/window/binding-deeds.h"
#include "tray/window/binding-facts.h"
#include "tray/window/binding-names.h"
#include "tray/window/binding-row.h"
#include "tray/window/binding-words.h"
#include "tray/window/bindings-page.h"
#include "tray/window/errand.h"
#include "tray/window/page.h"

#define SPARKLINE_WIDTH 240
#define SPARKLINE_HEIGHT 40

struct _BfyBindingView
{
  AdwBin parent_instance;

  BfyAgentLink *link;  /* (owned) */
  char *id;            /* (owned) (nullable) of the one that is shown */
  JsonObject *binding; /* (owned) (nullable) as in the list */
  JsonObject *full;    /* (owned) (nullable) GET /v1/bindings/NAME */
  JsonObject *policy;  /* (owned) (nullable) GET /v1/bindings/NAME/policy */
  BfyPage *page;
  GtkImage *tone;
  GtkLabel *state, *what, *used;
  GtkButton *pause, *login;
  GtkMenuButton *menu;
  guint menu_kind; /* for which the menu was made; 0: there is none */
  BfySparkline *sparkline;
  BfyBindingFacts facts;
};

G_DEFINE_TYPE (BfyBindingView, bfy_binding_view, ADW_TYPE_BIN)

static gint64
get_now_s (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

static gboolean
is_paused (JsonObject *binding)
{
  return strcmp (bfy_field_text (binding, "state"), "paused") == 0;
}

/* What is shown */

static void
show_head (BfyBindingView *self, BfyCatalogue *catalogue)
{
  const char *service =
      bfy_catalogue_get_name (catalogue, bfy_field_text (self->binding, "service"));
  g_autofree char *name = bfy_text_to_line (bfy_field_text (self->binding, "name"), 100);
  g_autofree char *state = bfy_binding_words_state (self->binding, get_now_s ());
  g_autofree char *what = bfy_binding_words_what (self->binding, service);
  g_autofree char *used = bfy_binding_words_used (self->binding, get_now_s ());

  bfy_page_set_title (self->page, name);
  gtk_label_set_text (self->state, state);
  gtk_label_set_text (self->what, what);
  gtk_label_set_text (self->used, used);
  bfy_binding_show_tone (self->tone, self->binding, get_now_s ());
  gtk_button_set_label (self->pause, is_paused (self->binding) ? _ ("_Resume") : _ ("_Pause"));
  gtk_widget_set_visible (GTK_WIDGET (self->login),
                          bfy_binding_words_wants_login (self->binding, get_now_s ()));
  self->menu_kind = bfy_binding_menu_update (self->menu, self->menu_kind, "view", self->binding);
}

static void
show_facts (BfyBindingView *self)
{
  const BfyBindingParts parts = { .binding = self->full != NULL ? self->full : self->binding,
                                  .policy = self->policy,
                                  .grants = bfy_agent_link_get_grants (self->link),
                                  .status = bfy_agent_link_get_status (self->link),
                                  .now_s = get_now_s () };

  if (self->binding != NULL)
    bfy_binding_facts_update (&self->facts, &parts);
}

static JsonObject *
find_shown (BfyBindingView *self)
{
  JsonObject *reply = bfy_agent_link_get_bindings (self->link);

  for (guint i = 0; self->id != NULL && reply != NULL && i < bfy_field_count (reply, "bindings");
       i++)
    {
      JsonObject *binding = bfy_field_nth (reply, "bindings", i);

      if (g_str_equal (bfy_field_text (binding, "id"), self->id))
        return binding;
    }

  return NULL;
}

static void
on_full (JsonObject *reply, const GError *error, gpointer user_data)
{
  BfyBindingView *self = user_data;
  JsonObject *binding = reply != NULL ? bfy_field_object (reply, "binding") : NULL;

  if (binding == NULL || g_strcmp0 (bfy_field_text (binding, "id"), self->id) != 0)
    return;
  g_clear_pointer (&self->full, json_object_unref);
  self->full = json_object_ref (binding);
  show_facts (self);
}

/* What was asked for one binding is not shown with another. */
typedef struct
{
  BfyBindingView *view;
  char *id; /* (owned) */
} Question;

static void
question_free (gpointer data)
{
  Question *question = data;

  g_free (question->id);
  g_free (question);
}

static void
on_policy (JsonObject *reply, const GError *error, gpointer user_data)
{
  Question *question = user_data;
  BfyBindingView *self = question->view;

  if (reply == NULL || g_strcmp0 (question->id, self->id) != 0)
    return;
  g_clear_pointer (&self->policy, json_object_unref);
  self->policy = json_object_ref (reply);
  show_facts (self);
}

static void
fetch (BfyBindingView *self)
{
  const char *name = bfy_field_text (self->binding, "name");
  g_autofree char *path = bfy_errand_path ("bindings", name, NULL);
  g_autofree char *policy_path = bfy_errand_path ("bindings", name, "policy", NULL);
  BfyErrand errand = { .method = "GET", .path = path, .on_reply = on_full, .user_data = self };
  Question *question = g_new0 (Question, 1);

  bfy_errand_run (GTK_WIDGET (self), self->link, &errand);
  question->view = self;
  question->id = g_strdup (self->id);
  errand.user_data = question;
  errand.destroy = question_free;
  errand.path = policy_path;
  errand.on_reply = on_policy;
  bfy_errand_run (GTK_WIDGET (self), self->link, &errand);
}

void
bfy_binding_view_update (BfyBindingView *self, BfyCatalogue *catalogue, BfyUsageDay *usage)
{
  JsonObject *binding = find_shown (self);
  gboolean is_new = binding != self->binding;
  g_autofree char *words = NULL;

  if (self->id == NULL)
    return;
  if (binding == NULL)
    {
      /* It has been removed, or nobody tells any more. */
      g_clear_pointer (&self->id, g_free);
      gtk_widget_activate_action (GTK_WIDGET (self), "page.back", NULL);
      return;
    }
  json_object_ref (binding);
  g_clear_pointer (&self->binding, json_object_unref);
  self->binding = binding;
  words = bfy_usage_day_describe (usage, bfy_field_text (binding, "name"));
  bfy_sparkline_set_values (
      self->sparkline, bfy_usage_day_get_hours (usage, bfy_field_text (binding, "name")), words);
  show_head (self, catalogue);
  show_facts (self);
  if (is_new)
    fetch (self);
}

void
bfy_binding_view_show (BfyBindingView *self, JsonObject *binding)
{
  g_free (self->id);
  self->id = g_strdup (bfy_field_text (binding, "id"));
  g_clear_pointer (&self->binding, json_object_unref);
  g_clear_pointer (&self->full, json_object_unref);
  g_clear_pointer (&self->policy, json_object_unref);
}

/* What a person does */

static void
on_test (GtkWidget *widget, const char *name, GVariant *parameter)
{
  BfyBindingView *self = BFY_BINDING_VIEW (widget);

  bfy_binding_test (bfy_bindings_page_find (widget), self->link, self->binding);
}

static void
on_pause (GtkWidget *widget, const char *name, GVariant *parameter)
{
  BfyBindingView *self = BFY_BINDING_VIEW (widget);

  bfy_binding_pause (bfy_bindings_page_find (widget), self->link, self->binding,
                     !is_paused (self->binding));
}

static void
on_pause_hour (GtkWidget *widget, const char *name, GVariant *parameter)
{
  BfyBindingView *self = BFY_BINDING_VIEW (widget);

  bfy_binding_pause_hour (bfy_bindings_page_find (widget), self->link, self->binding);
}

static void
on_login (GtkWidget *widget, const char *name, GVariant *parameter)
{
  bfy_bindings_page_sign_in (widget, BFY_BINDING_VIEW (widget)->binding);
}

static void
on_rename (GtkWidget *widget, const char *name, GVariant *parameter)
{
  BfyBindingView *self = BFY_BINDING_VIEW (widget);

  bfy_binding_rename (bfy_bindings_page_find (widget), self->link, self->binding);
}

static void
on_remove (GtkWidget *widget, const char *name, GVariant *parameter)
{
  bfy_bindings_page_remove (widget, BFY_BINDING_VIEW (widget)->binding);
}

static void
on_revoke (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_autofree char *path = bfy_errand_path ("grants", g_variant_get_string (parameter, NULL), NULL);
  const BfyErrand errand = { .method = "DELETE",
                             .path = path,
                             .news = BFY_NEWS_GRANTS,
                             .praise = _ ("The permission has been taken back.") };

  bfy_errand_run (widget, BFY_BINDING_VIEW (widget)->link, &errand);
}

/* Making it */

static GtkWidget *
make_label (GtkLabel **label, const char *css)
{
  GtkWidget *widget = gtk_label_new (NULL);

  *label = GTK_LABEL (widget);
  gtk_label_set_wrap (*label, TRUE);
  gtk_label_set_wrap_mode (*label, PANGO_WRAP_WORD_CHAR);
  gtk_label_set_justify (*label, GTK_JUSTIFY_CENTER);
  if (css != NULL)
    gtk_widget_add_css_class (widget, css);

  return widget;
}

static GtkWidget *
make_button (const char *label, const char *action)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (label);

  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);

  return button;
}

/* What is done most; the rest is in the menu. */
static GtkWidget *
make_buttons (BfyBindingView *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *test = make_button (_ ("_Test"), "view.test");
  GtkWidget *pause = make_button (_ ("_Pause"), "view.pause");
  GtkWidget *login = make_button (_ ("_Sign In Again…"), "view.login");

  self->pause = GTK_BUTTON (pause);
  self->login = GTK_BUTTON (login);
  gtk_widget_add_css_class (login, "suggested-action");
  gtk_widget_set_halign (box, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (box), login);
  gtk_box_append (GTK_BOX (box), test);
  gtk_box_append (GTK_BOX (box), pause);

  return box;
}

static GtkWidget *
make_menu (BfyBindingView *self)
{
  GtkWidget *button = gtk_menu_button_new ();

  self->menu = GTK_MENU_BUTTON (button);
  gtk_menu_button_set_icon_name (self->menu, "view-more-symbolic");
  bfy_button_explain (button, _ ("Menu"));

  return button;
}

static GtkWidget *
make_head (BfyBindingView *self)
{
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  self->tone = GTK_IMAGE (gtk_image_new ());
  gtk_widget_set_halign (line, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (line), GTK_WIDGET (self->tone));
  gtk_box_append (GTK_BOX (line), make_label (&self->state, "heading"));
  gtk_box_append (GTK_BOX (head), make_label (&self->what, NULL));
  gtk_box_append (GTK_BOX (head), line);
  self->sparkline = BFY_SPARKLINE (bfy_sparkline_new (SPARKLINE_WIDTH, SPARKLINE_HEIGHT));
  gtk_widget_set_halign (GTK_WIDGET (self->sparkline), GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (head), GTK_WIDGET (self->sparkline));
  gtk_box_append (GTK_BOX (head), make_label (&self->used, "dim-label"));
  gtk_box_append (GTK_BOX (head), make_buttons (self));

  return head;
}

GtkWidget *
bfy_binding_view_new (BfyAgentLink *link)
{
  BfyBindingView *self = g_object_new (BFY_TYPE_BINDING_VIEW, NULL);
  GtkBox *column;
  GtkWidget *content = bfy_page_column_new (&column);

  self->link = g_object_ref (link);
  self->page = BFY_PAGE (bfy_page_new (link, ""));
  bfy_page_set_back (self->page, "page.back");
  gtk_box_append (column, make_head (self));
  bfy_binding_facts_init (&self->facts, column);
  bfy_page_pack_end (self->page, make_menu (self));
  bfy_page_set_content (self->page, content);
  adw_bin_set_child (ADW_BIN (self), GTK_WIDGET (self->page));

  return GTK_WIDGET (self);
}

static void
bfy_binding_view_dispose (GObject *object)
{
  BfyBindingView *self = BFY_BINDING_VIEW (object);

  g_clear_object (&self->link);
  g_clear_pointer (&self->id, g_free);
  g_clear_pointer (&self->binding, json_object_unref);
  g_clear_pointer (&self->full, json_object_unref);
  g_clear_pointer (&self->policy, json_object_unref);
  G_OBJECT_CLASS (bfy_binding_view_parent_class)->dispose (object);
}

static void
bfy_binding_view_class_init (BfyBindingViewClass *klass)
{
  static const struct
  {
    const char *name;
    const char *parameter;
    GtkWidgetActionActivateFunc func;
  } actions[] = {
    { "view.test", NULL, on_test },
    { "view.pause", NULL, on_pause },
    { "view.login", NULL, on_login },
    { "view.rename", NULL, on_rename },
    { "view.remove", NULL, on_remove },
    { "view.revoke", "s", on_revoke },
    { "view.pause-hour", NULL, on_pause_hour },
  };
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = bfy_binding_view_dispose;
  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    gtk_widget_class_install_action (widget_class, actions[i].name, actions[i].parameter,
                                     actions[i].func);
}

static void
bfy_binding_view_init (BfyBindingView *self)
{
}
