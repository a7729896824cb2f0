/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/window/sparkline.h"

#include <string.h>

#define GAP 1.0f
#define REST_ALPHA 0.25f /* of the line that stands for nothing */

struct _BfySparkline
{
  GtkWidget parent_instance;

  int width, height;
  gint64 values[BFY_SPARKLINE_BARS];
};

G_DEFINE_TYPE (BfySparkline, bfy_sparkline, GTK_TYPE_WIDGET)

static void
bfy_sparkline_measure (GtkWidget *widget,
                       GtkOrientation orientation,
                       int for_size,
                       int *minimum,
                       int *natural,
                       int *minimum_baseline,
                       int *natural_baseline)
{
  BfySparkline *self = BFY_SPARKLINE (widget);

  *minimum = *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? self->width : self->height;
  *minimum_baseline = *natural_baseline = -1;
}

/* In the colour of text, so that it is seen in every theme. */
static void
bfy_sparkline_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  BfySparkline *self = BFY_SPARKLINE (widget);
  float width = (float) gtk_widget_get_width (widget);
  float height = (float) gtk_widget_get_height (widget);
  float step = width / BFY_SPARKLINE_BARS;
  gboolean is_mirrored = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  gint64 highest = 0;
  GdkRGBA color, rest;

  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &color);
  rest = color;
  rest.alpha *= REST_ALPHA;
  for (guint i = 0; i < BFY_SPARKLINE_BARS; i++)
    highest = MAX (highest, self->values[i]);

  for (guint i = 0; i < BFY_SPARKLINE_BARS; i++)
    {
      guint place = is_mirrored ? BFY_SPARKLINE_BARS - 1 - i : i;
      gboolean is_used = self->values[i] > 0;
      float part = is_used ? (float) ((double) self->values[i] / (double) highest) : 0;
      float bar = MAX (part * height, is_used ? 2 : 1);

      gtk_snapshot_append_color (
          snapshot, is_used ? &color : &rest,
          &GRAPHENE_RECT_INIT ((float) place * step, height - bar, MAX (step - GAP, 1), bar));
    }
}

void
bfy_sparkline_set_values (BfySparkline *self, const gint64 *values, const char *words)
{
  for (guint i = 0; i < BFY_SPARKLINE_BARS; i++)
    self->values[i] = MAX (values[i], 0);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, words, -1);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), words);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

GtkWidget *
bfy_sparkline_new (int width, int height)
{
  BfySparkline *self = g_object_new (BFY_TYPE_SPARKLINE, "valign", GTK_ALIGN_CENTER, NULL);

  self->width = width;
  self->height = height;

  return GTK_WIDGET (self);
}

static void
bfy_sparkline_class_init (BfySparklineClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  widget_class->measure = bfy_sparkline_measure;
  widget_class->snapshot = bfy_sparkline_snapshot;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
  gtk_widget_class_set_css_name (widget_class, "sparkline");
}

static void
bfy_sparkline_init (BfySparkline *self)
{
}
