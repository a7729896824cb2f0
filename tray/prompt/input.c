/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/prompt/input.h"

#include "tray/prompt/hands.h"

struct _BfyPromptInput
{
  GtkWindow *window; /* borrowed */
  BfyHands *hands;   /* (owned) */
  const BfyPromptInputEvents *events;
  gpointer user_data;
};

/* What presses a button, as opposed to what moves around or types. */
static gboolean
is_deed (guint keyval, GdkModifierType state)
{
  static const guint keys[] = {
    GDK_KEY_Return, GDK_KEY_KP_Enter, GDK_KEY_ISO_Enter,
    GDK_KEY_space,  GDK_KEY_KP_Space, GDK_KEY_Escape,
  };

  if ((state & (GDK_ALT_MASK | GDK_CONTROL_MASK | GDK_META_MASK | GDK_SUPER_MASK)) != 0)
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      if (keys[i] == keyval)
        return TRUE;
    }

  return FALSE;
}

/* TRUE when it has been used up. */
static gboolean
on_key_pressed (GtkEventControllerKey *controller,
                guint keyval,
                guint keycode,
                GdkModifierType state,
                gpointer user_data)
{
  BfyPromptInput *self = user_data;
  gboolean is_first = bfy_hands_press (self->hands, keycode);

  self->events->on_input (self->user_data);
  if (!is_first && is_deed (keyval, state))
    return TRUE;

  switch (keyval)
    {
    case GDK_KEY_Escape:
      self->events->on_escape (self->user_data);
      return TRUE;
    case GDK_KEY_Page_Down:
    case GDK_KEY_KP_Page_Down:
      self->events->on_scroll (1, self->user_data);
      return TRUE;
    case GDK_KEY_Page_Up:
    case GDK_KEY_KP_Page_Up:
      self->events->on_scroll (-1, self->user_data);
      return TRUE;
    default:
      return FALSE;
    }
}

static void
on_key_released (GtkEventControllerKey *controller,
                 guint keyval,
                 guint keycode,
                 GdkModifierType state,
                 gpointer user_data)
{
  BfyPromptInput *self = user_data;

  bfy_hands_release (self->hands, keycode);
}

static void
on_pressed (GtkGestureClick *gesture, int n_press, double x, double y, gpointer user_data)
{
  BfyPromptInput *self = user_data;

  self->events->on_input (self->user_data);
}

static void
on_is_active (GObject *object, GParamSpec *property, gpointer user_data)
{
  BfyPromptInput *self = user_data;

  bfy_hands_forget (self->hands);
  if (gtk_window_is_active (self->window))
    self->events->on_arrive (self->user_data);
}

BfyPromptInput *
bfy_prompt_input_new (GtkWindow *window, const BfyPromptInputEvents *events, gpointer user_data)
{
  BfyPromptInput *self = g_new0 (BfyPromptInput, 1);
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkGesture *clicks = gtk_gesture_click_new ();

  self->window = window;
  self->hands = bfy_hands_new ();
  self->events = events;
  self->user_data = user_data;
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (on_key_pressed), self);
  g_signal_connect (keys, "key-released", G_CALLBACK (on_key_released), self);
  gtk_widget_add_controller (GTK_WIDGET (window), keys);
  gtk_event_controller_set_propagation_phase (GTK_EVENT_CONTROLLER (clicks), GTK_PHASE_CAPTURE);
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (clicks), 0);
  g_signal_connect (clicks, "pressed", G_CALLBACK (on_pressed), self);
  gtk_widget_add_controller (GTK_WIDGET (window), GTK_EVENT_CONTROLLER (clicks));
  g_signal_connect (window, "notify::is-active", G_CALLBACK (on_is_active), self);

  return self;
}

void
bfy_prompt_input_free (BfyPromptInput *self)
{
  bfy_hands_free (self->hands);
  g_free (self);
}

gboolean
bfy_prompt_input_is_held (const BfyPromptInput *self)
{
  return bfy_hands_are_holding (self->hands);
}
