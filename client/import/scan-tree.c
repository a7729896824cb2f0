/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Configurations that are trees. Wherever a list of MCP servers stands, under one of the names that
 * clients use, its entries are looked at as such; all other members are judged by their names. */

#include <string.h>

#include "client/import/scan-private.h"

static const char *const lists[] = { "mcpServers",  "servers", "context_servers",
                                     "mcp_servers", "mcp",     "extensions",
                                     NULL };

typedef struct
{
  GPtrArray *path;  /* (element-type utf8) names that lead here, borrowed or of numbers */
  GPtrArray *finds; /* borrowed */
} Walk;

static void walk (Walk *self, const BfyPlace *place, gboolean is_list);

/* The innermost name on the way that can be a host. */
static char *
find_host (const GPtrArray *path)
{
  for (guint i = path->len; i > 0; i--)
    {
      const char *name = g_ptr_array_index (path, i - 1);
      const char *scheme = strstr (name, "://");
      const char *host = scheme != NULL ? scheme + 3 : name;

      if (strchr (host, '.') != NULL)
        return g_strndup (host, strcspn (host, "/:"));
    }

  return NULL;
}

static void
judge_text (Walk *self, const BfyPlace *place, const char *name)
{
  g_autofree char *host = NULL;
  BfyFind *find = bfy_find_new (name, place->text);

  if (find == NULL)
    return;
  host = find_host (self->path);
  bfy_find_set_host (find, host);
  find->begin = place->begin;
  find->end = place->end;
  g_ptr_array_add (self->finds, find);
}

static void
walk_child (Walk *self, const BfyPlace *child, const char *name, gboolean is_in_list)
{
  g_ptr_array_add (self->path, g_strdup (name));
  if (is_in_list && bfy_scan_is_server (child))
    bfy_scan_server (child, self->path, self->finds);
  else if (child->kind == BFY_PLACE_TEXT && child->text != NULL)
    judge_text (self, child, name);
  else
    walk (self, child, g_strv_contains (lists, name));
  g_ptr_array_set_size (self->path, (int) self->path->len - 1);
}

/* As deep as the parser lets a text be. */
static void
walk (Walk *self, const BfyPlace *place, gboolean is_list)
{
  for (guint i = 0; place->children != NULL && i < place->children->len; i++)
    {
      const BfyPlace *child = g_ptr_array_index (place->children, i);
      g_autofree char *number = g_strdup_printf ("%u", i);

      walk_child (self, child, child->name != NULL ? child->name : number, is_list);
    }
}

gboolean
bfy_scan_tree (BfyForm form, const char *text, gsize length, GPtrArray *finds, GError **error)
{
  g_autoptr (GPtrArray) path = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (BfyPlace) root = NULL;
  Walk self = { path, finds };

  if (strspn (text, " \t\r\n") == length)
    return TRUE;
  root = bfy_place_parse (form, text, length, error);
  if (root == NULL)
    return FALSE;
  walk (&self, root, FALSE);

  return TRUE;
}
