/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/window/catalogue.h"

#include <adwaita.h>

#include "client/fields.h"
#include "protocol/name.h"

#define NAME_CHARACTERS_MAX 60

struct _BfyCatalogue
{
  gatomicrefcount ref_count;
  JsonObject *reply; /* (owned) (nullable) */
};

BfyCatalogue *
bfy_catalogue_new (JsonObject *reply)
{
  BfyCatalogue *self = g_new0 (BfyCatalogue, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->reply = reply != NULL ? json_object_ref (reply) : NULL;

  return self;
}

BfyCatalogue *
bfy_catalogue_ref (BfyCatalogue *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
bfy_catalogue_unref (BfyCatalogue *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_clear_pointer (&self->reply, json_object_unref);
  g_free (self);
}

guint
bfy_catalogue_count (BfyCatalogue *self)
{
  return self->reply != NULL ? bfy_field_count (self->reply, "services") : 0;
}

JsonObject *
bfy_catalogue_nth (BfyCatalogue *self, guint index)
{
  return bfy_field_nth (self->reply, "services", index);
}

JsonObject *
bfy_catalogue_find (BfyCatalogue *self, const char *id)
{
  for (guint i = 0; *id != '\0' && i < bfy_catalogue_count (self); i++)
    {
      JsonObject *service = bfy_catalogue_nth (self, i);

      if (g_str_equal (bfy_field_text (service, "id"), id))
        return service;
    }

  return NULL;
}

const char *
bfy_catalogue_get_name (BfyCatalogue *self, const char *id)
{
  JsonObject *service = bfy_catalogue_find (self, id);

  return service != NULL ? bfy_field_text (service, "name") : NULL;
}

GtkWidget *
bfy_catalogue_make_icon (const char *name, const char *icon, int size)
{
  g_autofree char *shown = bfy_text_to_line (name, NAME_CHARACTERS_MAX);
  GtkWidget *avatar = adw_avatar_new (size, shown, icon == NULL);

  if (icon != NULL)
    adw_avatar_set_icon_name (ADW_AVATAR (avatar), icon);
  gtk_widget_set_valign (avatar, GTK_ALIGN_CENTER);

  return avatar;
}
