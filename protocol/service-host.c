/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/service-host.h"

#include <string.h>

void
bfy_service_host_free (BfyServiceHost *self)
{
  if (self == NULL)
    return;

  g_free (self->name);
  g_free (self->path);
  bfy_injection_free (self->injection);
  g_free (self);
}

static BfyServiceHost *
read_one (JsonObject *object, GError **error)
{
  g_autoptr (BfyServiceHost) self = g_new0 (BfyServiceHost, 1);

  self->name = g_strdup (json_object_get_string_member (object, "host"));
  self->path = g_strdup (json_object_get_string_member_with_default (object, "path", "/"));
  if (json_object_has_member (object, "injection"))
    {
      self->injection =
          bfy_injection_from_json (json_object_get_object_member (object, "injection"), error);
      if (self->injection == NULL)
        return NULL;
    }

  return g_steal_pointer (&self);
}

GPtrArray *
bfy_service_hosts_read (JsonObject *record, GError **error)
{
  g_autoptr (GPtrArray) hosts =
      g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_service_host_free);
  JsonArray *array = json_object_has_member (record, "hosts")
                         ? json_object_get_array_member (record, "hosts")
                         : NULL;

  if (array == NULL)
    return NULL;
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      BfyServiceHost *host = read_one (json_array_get_object_element (array, i), error);

      if (host == NULL)
        return NULL;
      g_ptr_array_add (hosts, host);
    }

  return g_steal_pointer (&hosts);
}

/* With its dot: what a star stands for ends in it. */
static const char *
peek_domain (const char *name)
{
  return *name == '*' ? name + 1 : NULL;
}

static gboolean
name_covers (const char *name, const char *host)
{
  const char *domain = peek_domain (name);

  if (domain == NULL)
    return g_str_equal (name, host);

  return strlen (host) > strlen (domain) && g_str_has_suffix (host, domain);
}

static gboolean
path_covers (const char *start, const char *path)
{
  gsize length = strlen (start);

  if (strncmp (path, start, length) != 0)
    return FALSE;

  return start[length - 1] == '/' || path[length] == '\0' || path[length] == '/';
}

gboolean
bfy_service_host_covers (const BfyServiceHost *self, const char *host, const char *path)
{
  return name_covers (self->name, host) && path_covers (self->path, path);
}

static gboolean
names_overlap (const char *one, const char *other)
{
  return g_str_equal (one, other) || name_covers (one, other) || name_covers (other, one);
}

gboolean
bfy_service_host_overlaps (const BfyServiceHost *self, const BfyServiceHost *other)
{
  return names_overlap (self->name, other->name) &&
         (path_covers (self->path, other->path) || path_covers (other->path, self->path));
}
