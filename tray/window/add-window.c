/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/window/add-window.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "client/fields.h"
#include "protocol/name.h"
#include "tray/window/add-address.h"
#include "tray/window/add-choose.h"
#include "tray/window/add-done.h"
#include "tray/window/add-form.h"
#include "tray/window/add-program.h"
#include "tray/window/add-progress.h"
#include "tray/window/add-request.h"

#define WIDTH 520
#define HEIGHT 640
#define WIDTH_MIN 340
#define NAME_CHARACTERS_MAX 60

#define BFY_TYPE_ADD_WINDOW (bfy_add_window_get_type ())
G_DECLARE_FINAL_TYPE (BfyAddWindow, bfy_add_window, BFY, ADD_WINDOW, AdwWindow)

/* The steps; each is made when it is reached, and gone when it is left backwards. */
typedef enum
{
  STEP_CHOOSE,
  STEP_TARGET, /* an address, or a program */
  STEP_FORM,
  STEP_PROGRESS,
  STEP_DONE,
  N_STEPS
} Step;

struct _BfyAddWindow
{
  AdwWindow parent_instance;

  BfyAgentLink *link;      /* (owned) */
  BfyCatalogue *catalogue; /* (owned) */
  BfyAddDraft *draft;      /* (owned) (nullable) */
  BfyAddRequest *request;  /* (owned) (nullable) */
  AdwWindowTitle *title;
  GtkButton *back, *go;
  GtkStack *stack;
  GtkWidget *steps[N_STEPS]; /* (nullable) */
  Step step;
};

G_DEFINE_TYPE (BfyAddWindow, bfy_add_window, ADW_TYPE_WINDOW)

/* From step to step */

static void
drop_step (BfyAddWindow *self, Step step)
{
  if (self->steps[step] == NULL)
    return;
  gtk_stack_remove (self->stack, self->steps[step]);
  self->steps[step] = NULL;
}

static void
show_step (BfyAddWindow *self, Step step)
{
  gboolean is_back = step < self->step;

  self->step = step;
  gtk_stack_set_transition_type (self->stack, is_back ? GTK_STACK_TRANSITION_TYPE_SLIDE_RIGHT
                                                      : GTK_STACK_TRANSITION_TYPE_SLIDE_LEFT);
  gtk_stack_set_visible_child (self->stack, self->steps[step]);
  gtk_button_set_label (self->back, step == STEP_PROGRESS ? _ ("_Cancel") : _ ("_Back"));
  gtk_widget_set_visible (GTK_WIDGET (self->back),
                          step != STEP_CHOOSE && step != STEP_DONE &&
                              (step != STEP_FORM || self->steps[STEP_CHOOSE] != NULL));
  gtk_widget_set_visible (GTK_WIDGET (self->go), step == STEP_FORM);
  if (step == STEP_FORM)
    bfy_add_form_focus (BFY_ADD_FORM (self->steps[step]));
  else
    gtk_widget_child_focus (self->steps[step], GTK_DIR_TAB_FORWARD);
}

static void
add_step (BfyAddWindow *self, Step step, GtkWidget *widget)
{
  for (Step i = step; i < N_STEPS; i++)
    drop_step (self, i);
  self->steps[step] = widget;
  gtk_stack_add_child (self->stack, widget);
  show_step (self, step);
}

static void
set_title (BfyAddWindow *self, const char *title)
{
  g_autofree char *shown = bfy_text_to_line (title, NAME_CHARACTERS_MAX);

  adw_window_title_set_title (self->title, shown);
  gtk_window_set_title (GTK_WINDOW (self), shown);
}

static void
on_form_changed (gboolean is_ready, gpointer user_data)
{
  gtk_widget_action_set_enabled (user_data, "add.go", is_ready);
}

/* Takes @draft. */
static void
show_form (BfyAddWindow *self, BfyAddDraft *draft)
{
  /* The form that may be there borrows the draft. */
  drop_step (self, STEP_FORM);
  bfy_add_draft_free (self->draft);
  self->draft = draft;
  if (draft->service != NULL)
    set_title (self, bfy_field_text (draft->service, "name"));
  gtk_button_set_label (self->go, draft->kind == BFY_DRAFT_LOGIN ? _ ("_Sign In") : _ ("_Add"));
  add_step (self, STEP_FORM, bfy_add_form_new (self->link, draft, on_form_changed, self));
}

static void
on_address (const char *url, const char *auth, gboolean allow_local, gpointer user_data)
{
  show_form (user_data, bfy_add_draft_new_address (url, auth, allow_local));
}

static void
on_program (BfyProgram *program, gpointer user_data)
{
  show_form (user_data, bfy_add_draft_new_program (program));
}

/* The request */

static void
on_step (JsonObject *step, gpointer user_data)
{
  BfyAddWindow *self = user_data;

  bfy_add_progress_take_step (BFY_ADD_PROGRESS (self->steps[STEP_PROGRESS]), step);
}

static void
on_end (JsonObject *reply, const GError *error, gpointer user_data)
{
  BfyAddWindow *self = user_data;
  gboolean is_login = self->draft->kind == BFY_DRAFT_LOGIN;

  bfy_agent_link_refresh (self->link, BFY_NEWS_BINDINGS | BFY_NEWS_STATUS);
  if (reply == NULL)
    {
      show_step (self, STEP_FORM);
      bfy_add_form_show_trouble (BFY_ADD_FORM (self->steps[STEP_FORM]), error);
    }
  else
    {
      bfy_add_form_wipe (BFY_ADD_FORM (self->steps[STEP_FORM]));
      add_step (self, STEP_DONE, bfy_add_done_new (reply, is_login));
    }
  g_clear_pointer (&self->request, bfy_add_request_free);
}

static void
on_go (GtkWidget *widget, const char *name, GVariant *parameter)
{
  static const BfyAddRequestEvents events = { on_step, on_end };
  BfyAddWindow *self = BFY_ADD_WINDOW (widget);
  GtkWidget *progress;

  if (self->step != STEP_FORM || self->request != NULL ||
      !bfy_add_form_collect (BFY_ADD_FORM (self->steps[STEP_FORM])))
    return;

  progress = bfy_add_progress_new ();
  bfy_add_progress_begin (BFY_ADD_PROGRESS (progress), self->draft->allow_local);
  self->request = bfy_add_request_new (self->link, self->draft, &events, self);
  bfy_add_draft_forget (self->draft);
  add_step (self, STEP_PROGRESS, progress);
}

/* What a person does */

static void
on_back (GtkWidget *widget, const char *name, GVariant *parameter)
{
  BfyAddWindow *self = BFY_ADD_WINDOW (widget);
  int step = (int) self->step - 1;

  g_clear_pointer (&self->request, bfy_add_request_free);
  while (step > 0 && self->steps[step] == NULL)
    step--;
  if (step < 0 || self->steps[step] == NULL || self->step == STEP_DONE)
    {
      gtk_window_close (GTK_WINDOW (self));
      return;
    }
  if (step <= STEP_TARGET)
    set_title (self, _ ("Add a Binding"));
  show_step (self, (Step) step);
}

static void
on_close (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gtk_window_close (GTK_WINDOW (widget));
}

static void
on_again (GtkWidget *widget, const char *name, GVariant *parameter)
{
  BfyAddWindow *self = BFY_ADD_WINDOW (widget);

  set_title (self, _ ("Add a Binding"));
  add_step (self, STEP_CHOOSE, bfy_add_choose_new (self->catalogue));
}

static void
on_service (GtkWidget *widget, const char *name, GVariant *parameter)
{
  BfyAddWindow *self = BFY_ADD_WINDOW (widget);
  JsonObject *service =
      bfy_catalogue_find (self->catalogue, g_variant_get_string (parameter, NULL));

  drop_step (self, STEP_TARGET);
  if (service != NULL)
    show_form (self, bfy_add_draft_new_service (service));
}

static void
on_address_chosen (GtkWidget *widget, const char *name, GVariant *parameter)
{
  BfyAddWindow *self = BFY_ADD_WINDOW (widget);

  set_title (self, _ ("The Address of an MCP Server"));
  add_step (self, STEP_TARGET, bfy_add_address_new (self->link, on_address, self));
}

static void
on_program_chosen (GtkWidget *widget, const char *name, GVariant *parameter)
{
  BfyAddWindow *self = BFY_ADD_WINDOW (widget);

  set_title (self, _ ("A Program on This Computer"));
  add_step (self, STEP_TARGET, bfy_add_program_new (on_program, self));
}

/* Making it */

static GtkWidget *
make_header (BfyAddWindow *self)
{
  GtkWidget *header = adw_header_bar_new ();

  self->title = ADW_WINDOW_TITLE (adw_window_title_new ("", NULL));
  self->back = GTK_BUTTON (gtk_button_new_with_mnemonic (_ ("_Back")));
  self->go = GTK_BUTTON (gtk_button_new_with_mnemonic (_ ("_Add")));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->back), "add.back");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->go), "add.go");
  gtk_widget_add_css_class (GTK_WIDGET (self->go), "suggested-action");
  adw_header_bar_set_title_widget (ADW_HEADER_BAR (header), GTK_WIDGET (self->title));
  adw_header_bar_pack_start (ADW_HEADER_BAR (header), GTK_WIDGET (self->back));
  adw_header_bar_pack_end (ADW_HEADER_BAR (header), GTK_WIDGET (self->go));

  return header;
}

static BfyAddWindow *
make_window (GtkWidget *asker, BfyAgentLink *link, BfyCatalogue *catalogue)
{
  BfyAddWindow *self =
      g_object_new (BFY_TYPE_ADD_WINDOW, "transient-for", gtk_widget_get_root (asker), "modal",
                    TRUE, "default-width", WIDTH, "default-height", HEIGHT, "width-request",
                    WIDTH_MIN, "destroy-with-parent", TRUE, NULL);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *toasts = adw_toast_overlay_new ();

  self->link = g_object_ref (link);
  self->catalogue = bfy_catalogue_ref (catalogue);
  self->stack = GTK_STACK (gtk_stack_new ());
  gtk_stack_set_hhomogeneous (self->stack, FALSE);
  gtk_stack_set_vhomogeneous (self->stack, FALSE);
  gtk_widget_set_vexpand (GTK_WIDGET (self->stack), TRUE);
  gtk_box_append (GTK_BOX (box), make_header (self));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->stack));
  adw_toast_overlay_set_child (ADW_TOAST_OVERLAY (toasts), box);
  adw_window_set_content (ADW_WINDOW (self), toasts);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "add.go", FALSE);

  return self;
}

void
bfy_add_window_present (GtkWidget *asker, BfyAgentLink *link, BfyCatalogue *catalogue)
{
  BfyAddWindow *self = make_window (asker, link, catalogue);

  set_title (self, _ ("Add a Binding"));
  add_step (self, STEP_CHOOSE, bfy_add_choose_new (catalogue));
  gtk_window_present (GTK_WINDOW (self));
}

void
bfy_add_window_present_login (GtkWidget *asker,
                              BfyAgentLink *link,
                              BfyCatalogue *catalogue,
                              JsonObject *binding)
{
  BfyAddWindow *self = make_window (asker, link, catalogue);
  JsonObject *service = bfy_catalogue_find (catalogue, bfy_field_text (binding, "service"));

  set_title (self, bfy_field_text (binding, "name"));
  show_form (self, bfy_add_draft_new_login (binding, service));
  gtk_window_present (GTK_WINDOW (self));
}

static void
bfy_add_window_dispose (GObject *object)
{
  BfyAddWindow *self = BFY_ADD_WINDOW (object);

  g_clear_pointer (&self->request, bfy_add_request_free);
  G_OBJECT_CLASS (bfy_add_window_parent_class)->dispose (object);
  g_clear_pointer (&self->draft, bfy_add_draft_free);
  g_clear_pointer (&self->catalogue, bfy_catalogue_unref);
  g_clear_object (&self->link);
}

static void
bfy_add_window_class_init (BfyAddWindowClass *klass)
{
  static const struct
  {
    const char *name, *parameter;
    GtkWidgetActionActivateFunc func;
  } actions[] = {
    { "add.go", NULL, on_go },
    { "add.back", NULL, on_back },
    { "add.close", NULL, on_close },
    { "add.again", NULL, on_again },
    { "add.service", "s", on_service },
    { "add.address", NULL, on_address_chosen },
    { "add.program", NULL, on_program_chosen },
  };
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = bfy_add_window_dispose;
  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    gtk_widget_class_install_action (widget_class, actions[i].name, actions[i].parameter,
                                     actions[i].func);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "add.back", NULL);
}

static void
bfy_add_window_init (BfyAddWindow *self)
{
}
