/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/window/clients-text.h"

#include <glib/gi18n.h>
#include <string.h>

#include "client/fields.h"
#include "protocol/event-type.h"
#include "protocol/timestamp.h"
#include "tray/window/moment.h"

#define AGE_DAYS_MAX 7 /* then the date says more */

#define PROGRAMS_MAX 200

/* Keys */

static char *
describe_bindings (JsonObject *client)
{
  JsonArray *bindings = bfy_field_array (client, "bindings");
  g_autofree char *names = bfy_field_join (client, "bindings", _ (", "));

  if (bindings == NULL)
    return g_strdup (_ ("May use all bindings."));
  if (json_array_get_length (bindings) == 0)
    return g_strdup (_ ("May use no binding any more."));

  return g_strdup_printf (_ ("May use %s."), names);
}

char *
bfy_clients_text_key (JsonObject *client, gint64 now_s)
{
  g_autofree char *bindings = describe_bindings (client);
  gint64 used_s = bfy_time_from_text (bfy_field_text (client, "last_used_at"));
  g_autofree char *age = bfy_moment_format_age (used_s, now_s, AGE_DAYS_MAX);
  g_autofree char *used =
      used_s > 0 ? g_strdup_printf (_ ("Last used %s."), age) : g_strdup (_ ("Not used yet."));
  const char *decoy = bfy_field_boolean (client, "has_decoy")
                          ? _ ("It has a decoy, which rings a bell when somebody tries it.")
                          : NULL;

  return g_strjoin (" ", bindings, used, decoy, NULL);
}

/* Programs of this computer */

struct _BfyLocalPrograms
{
  GHashTable *programs; /* (owned) name → JsonObject */
};

BfyLocalPrograms *
bfy_local_programs_new (void)
{
  BfyLocalPrograms *self = g_new0 (BfyLocalPrograms, 1);

  self->programs =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) json_object_unref);

  return self;
}

void
bfy_local_programs_free (BfyLocalPrograms *self)
{
  g_hash_table_unref (self->programs);
  g_free (self);
}

static gboolean
note (BfyLocalPrograms *self, const char *name, const char *path, gint64 last_s)
{
  JsonObject *program = g_hash_table_lookup (self->programs, name);

  if (*name == '\0' || (program == NULL && g_hash_table_size (self->programs) >= PROGRAMS_MAX))
    return FALSE;
  if (program == NULL)
    {
      program = json_object_new ();
      json_object_set_string_member (program, "id", name);
      json_object_set_string_member (program, "name", name);
      json_object_set_string_member (program, "program", "");
      g_hash_table_insert (self->programs, g_strdup (name), program);
    }
  if (*path != '\0')
    json_object_set_string_member (program, "program", path);
  json_object_set_int_member (program, "last_s", MAX (last_s, bfy_field_int (program, "last_s")));

  return TRUE;
}

/* “uid 1000 pid 4711 exe python3.11” */
static const char *
find_program (const char *peer)
{
  static const char mark[] = " exe ";
  const char *found = strstr (peer, mark);

  return found != NULL ? found + strlen (mark) : "";
}

gboolean
bfy_local_programs_add_event (BfyLocalPrograms *self, JsonObject *event)
{
  const BfyEventType *type = bfy_event_type_find (bfy_field_text (event, "type"));

  if (type == NULL || type->kind != BFY_EVENT_USE || *bfy_field_text (event, "client_id") != '\0')
    return FALSE;

  return note (self, find_program (bfy_field_text (event, "peer")), "",
               bfy_time_from_text (bfy_field_text (event, "time")));
}

gboolean
bfy_local_programs_add_grant (BfyLocalPrograms *self, JsonObject *grant)
{
  const char *path = bfy_field_text (grant, "program");
  g_autofree char *name = g_path_get_basename (path);

  if (*path == '\0')
    return FALSE;

  return note (self, name, path, bfy_time_from_text (bfy_field_text (grant, "last_used_at")));
}

static gint
compare_age (gconstpointer a, gconstpointer b)
{
  gint64 first_s = bfy_field_int (*(JsonObject *const *) a, "last_s");
  gint64 second_s = bfy_field_int (*(JsonObject *const *) b, "last_s");

  if (first_s == second_s)
    return strcmp (bfy_field_text (*(JsonObject *const *) a, "name"),
                   bfy_field_text (*(JsonObject *const *) b, "name"));

  return first_s < second_s ? 1 : -1;
}

JsonArray *
bfy_local_programs_list (BfyLocalPrograms *self)
{
  g_autoptr (GPtrArray) sorted = g_ptr_array_new ();
  JsonArray *list = json_array_new ();
  GHashTableIter iter;
  gpointer program;

  g_hash_table_iter_init (&iter, self->programs);
  while (g_hash_table_iter_next (&iter, NULL, &program))
    g_ptr_array_add (sorted, program);
  g_ptr_array_sort (sorted, compare_age);
  for (guint i = 0; i < sorted->len; i++)
    json_array_add_object_element (list, json_object_ref (g_ptr_array_index (sorted, i)));

  return list;
}

char *
bfy_clients_text_program (JsonObject *program, gint64 now_s)
{
  gint64 last_s = bfy_field_int (program, "last_s");
  const char *path = bfy_field_text (program, "program");
  g_autofree char *age = bfy_moment_format_age (last_s, now_s, AGE_DAYS_MAX);

  if (last_s <= 0)
    return g_strdup (path);
  if (*path == '\0')
    return g_strdup_printf (_ ("Last seen %s."), age);

  /* TRANSLATORS: the path of a program, then “3 minutes ago”. */
  return g_strdup_printf (_ ("%s. Last seen %s."), path, age);
}

/* What a client is told */

static JsonObject *
describe_server (const char *name, const char *url, const char *key)
{
  JsonObject *server = json_object_new ();
  JsonObject *headers;
  JsonArray *words;
  g_autofree char *bearer = NULL;

  if (key == NULL)
    {
      words = json_array_new ();
      json_array_add_string_element (words, name);
      json_object_set_string_member (server, "command", "bindify-mcp");
      json_object_set_array_member (server, "args", words);
      return server;
    }

  bearer = g_strconcat ("Bearer ", key, NULL);
  headers = json_object_new ();
  json_object_set_string_member (headers, "Authorization", bearer);
  json_object_set_string_member (server, "type", "http");
  json_object_set_string_member (server, "url", url);
  json_object_set_object_member (server, "headers", headers);

  return server;
}

char *
bfy_clients_text_snippet (const char *name, const char *url, const char *key)
{
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  JsonObject *servers = json_object_new ();
  JsonObject *all = json_object_new ();

  json_object_set_object_member (servers, name, describe_server (name, url, key));
  json_object_set_object_member (all, "mcpServers", servers);
  json_node_take_object (root, all);
  json_generator_set_root (generator, root);
  json_generator_set_pretty (generator, TRUE);

  return json_generator_to_data (generator, NULL);
}
