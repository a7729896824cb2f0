/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/icon/pixmap.h"

#include <gdk-pixbuf/gdk-pixbuf.h>

#include "icon-resources.h"

#define FOLDER "/io/bindify/Tray/pixmaps"
#define TYPE "a(iiay)"
#define MIDDLE_TONE 0x808080
#define BLUE 0x3584e4
#define RED 0xe01b24

static const int sizes[] = { 22, 44 };

static guint32
colour_of (const char *name)
{
  static const struct
  {
    const char *part;
    guint32 colour;
  } rows[] = { { "-alarm-", RED }, { "-asking-", BLUE } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      if (strstr (name, rows[i].part) != NULL)
        return rows[i].colour;
    }

  return MIDDLE_TONE;
}

/* Only how much of each pixel is covered counts: ARGB in network byte order, not premultiplied. */
static GVariant *
paint (const GdkPixbuf *mask, guint32 colour)
{
  int width = gdk_pixbuf_get_width (mask), height = gdk_pixbuf_get_height (mask);
  int stride = gdk_pixbuf_get_rowstride (mask), n_channels = gdk_pixbuf_get_n_channels (mask);
  const guint8 *source = gdk_pixbuf_read_pixels (mask);
  gsize length = (gsize) width * height * 4;
  g_autofree guint8 *pixels = g_malloc (length);

  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      {
        guint8 *pixel = pixels + ((gsize) y * width + x) * 4;

        pixel[0] = source[y * stride + x * n_channels + 3];
        pixel[1] = colour >> 16 & 0xff;
        pixel[2] = colour >> 8 & 0xff;
        pixel[3] = colour & 0xff;
      }

  return g_variant_new ("(ii@ay)", width, height,
                        g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, pixels, length, 1));
}

static void
add_size (GVariantBuilder *builder, const char *name, int size)
{
  g_autofree char *path = g_strdup_printf (FOLDER "/%s-%d.png", name, size);
  g_autoptr (GInputStream) stream =
      g_resource_open_stream (icon_get_resource (), path, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  g_autoptr (GdkPixbuf) mask =
      stream != NULL ? gdk_pixbuf_new_from_stream (stream, NULL, NULL) : NULL;

  if (mask != NULL && gdk_pixbuf_get_n_channels (mask) == 4)
    g_variant_builder_add_value (builder, paint (mask, colour_of (name)));
}

GVariant *
bfy_icon_pixmaps (const char *name)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE (TYPE));
  for (guint i = 0; name != NULL && i < G_N_ELEMENTS (sizes); i++)
    add_size (&builder, name, sizes[i]);

  return g_variant_builder_end (&builder);
}
