/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/services.h"

#include <string.h>

#include "agent/service-claims.h"
#include "agent/small-file.h"
#include "protocol/error.h"
#include "protocol/json-merge.h"
#include "protocol/json.h"
#include "protocol/name.h"

#define RECORD_BYTES_MAX (1024 * 1024)
#define RECORDS_MAX 1000 /* files of one directory */
#define PATH_SHOWN_MAX 512
#define SUFFIX ".json"

struct _BfyServices
{
  GObject parent_instance;

  GHashTable *by_id;     /* (owned) (element-type utf8 BfyService) */
  GHashTable *installed; /* (owned) (element-type utf8 BfyService) as they were before */
  GPtrArray *problems;   /* (owned) (element-type BfyServiceProblem) */
};

static void
problem_free (gpointer data)
{
  BfyServiceProblem *problem = data;

  g_free (problem->path);
  g_free (problem->reason);
  g_free (problem);
}

/* Takes over @reason. */
static void
add_problem (BfyServices *self, const char *code, const char *path, char *reason)
{
  BfyServiceProblem *problem = g_new0 (BfyServiceProblem, 1);

  problem->code = code;
  problem->path = bfy_text_to_line (path, PATH_SHOWN_MAX);
  problem->reason = reason;
  g_ptr_array_add (self->problems, problem);
}

static void
add_skipped (BfyServices *self, const char *path, const char *reason)
{
  add_problem (self, "service_record_skipped", path, g_strdup (reason));
}

char *
bfy_service_problem_format (const BfyServiceProblem *self)
{
  return g_strdup_printf ("%s: %s", self->path, self->reason);
}

/* A person's record is read on top of the installed one of its name, if there is one. */
static BfyService *
parse_record (const char *text, gsize length, const BfyService *base, GError **error)
{
  g_autoptr (JsonObject) patch = NULL;
  g_autoptr (JsonObject) merged = NULL;
  g_autoptr (JsonObject) record = NULL;
  g_autofree char *whole = NULL;
  gsize whole_length;

  if (base == NULL)
    return bfy_service_parse (text, length, error);
  patch = bfy_json_parse_object (text, length, error);
  if (patch == NULL)
    return NULL;
  record = bfy_service_read_record (base);
  merged = bfy_json_merge (record, patch);
  whole = bfy_json_object_to_text (merged, &whole_length);

  return bfy_service_parse (whole, whole_length, error);
}

static BfyService *
read_record (const char *path,
             const char *id,
             BfySmallFileFlags flags,
             const BfyService *base,
             GError **error)
{
  gsize length;
  g_autofree char *text = bfy_small_file_read (path, RECORD_BYTES_MAX, flags, &length, error);
  g_autoptr (BfyService) service = NULL;

  if (text == NULL)
    return NULL;
  service = parse_record (text, length, base, error);
  if (service == NULL)
    return NULL;
  if (!g_str_equal (service->id, id))
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                   "The record of “%s” belongs into a file called %s" SUFFIX, service->id,
                   service->id);
      return NULL;
    }

  return g_steal_pointer (&service);
}

static void
take_claims (BfyServices *self, BfyService *service, const char *path)
{
  const BfyService *before = g_hash_table_lookup (self->installed, service->id);
  g_autoptr (GPtrArray) others = bfy_services_list (self);

  for (guint i = 0; i < others->len; i++)
    {
      const BfyService *other = g_ptr_array_index (others, i);
      g_autofree char *host = NULL;

      if (g_str_equal (other->id, service->id) ||
          !g_hash_table_contains (self->installed, other->id))
        continue;
      host = bfy_service_claims_take (service, before, other);
      if (host != NULL)
        add_problem (self, "service_claims_host", path,
                     g_strdup_printf ("It claims %s, which is a host of “%s”; that claim does not "
                                      "count",
                                      host, other->id));
    }
}

static void
load_record (BfyServices *self, const char *directory, const char *file, BfySmallFileFlags flags)
{
  g_autofree char *path = g_build_filename (directory, file, NULL);
  g_autofree char *id = g_strndup (file, strlen (file) - strlen (SUFFIX));
  const BfyService *base = g_hash_table_lookup (self->installed, id);
  g_autoptr (GError) error = NULL;
  g_autoptr (BfyService) service = read_record (path, id, flags, base, &error);

  if (service == NULL)
    {
      add_skipped (self, path, error->message);
      return;
    }
  take_claims (self, service, path);
  g_hash_table_replace (self->by_id, service->id, bfy_service_ref (service));
}

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  const char *const *first = a;
  const char *const *second = b;

  return strcmp (*first, *second);
}

/* Sorted, so that the problems always come in the same order. */
static GPtrArray *
list_records (GDir *dir)
{
  GPtrArray *files = g_ptr_array_new_with_free_func (g_free);
  const char *file;

  while ((file = g_dir_read_name (dir)) != NULL)
    {
      if (file[0] != '.' && g_str_has_suffix (file, SUFFIX))
        g_ptr_array_add (files, g_strdup (file));
    }
  g_ptr_array_sort (files, compare_texts);

  return files;
}

static void
load_directory (BfyServices *self, const char *directory, BfySmallFileFlags flags)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = g_dir_open (directory, 0, &error);
  g_autoptr (GPtrArray) files = NULL;

  if (dir == NULL)
    {
      if (!g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        add_skipped (self, directory, error->message);
      return;
    }

  files = list_records (dir);
  if (files->len > RECORDS_MAX)
    {
      add_skipped (self, directory, "There are too many records; only the first are read");
      g_ptr_array_set_size (files, RECORDS_MAX);
    }
  for (guint i = 0; i < files->len; i++)
    load_record (self, directory, files->pdata[i], flags);
}

static void
remember_installed (BfyServices *self)
{
  GHashTableIter iter;
  gpointer id, service;

  g_hash_table_iter_init (&iter, self->by_id);
  while (g_hash_table_iter_next (&iter, &id, &service))
    g_hash_table_insert (self->installed, id, bfy_service_ref (service));
}

BfyServices *
bfy_services_new (const char *installed_dir, const char *user_dir)
{
  BfyServices *self = g_object_new (BFY_TYPE_SERVICES, NULL);

  /* Some distributions install data as links into a store of theirs. */
  if (installed_dir != NULL)
    load_directory (self, installed_dir, BFY_SMALL_FILE_FOLLOW);
  remember_installed (self);
  if (user_dir != NULL)
    load_directory (self, user_dir, BFY_SMALL_FILE_PLAIN);

  return self;
}

BfyService *
bfy_services_find (BfyServices *self, const char *id)
{
  return g_hash_table_lookup (self->by_id, id);
}

static int
compare_ids (gconstpointer a, gconstpointer b)
{
  const BfyService *const *first = a;
  const BfyService *const *second = b;

  return strcmp ((*first)->id, (*second)->id);
}

GPtrArray *
bfy_services_list (BfyServices *self)
{
  GPtrArray *services = g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_service_unref);
  GHashTableIter iter;
  gpointer service;

  g_hash_table_iter_init (&iter, self->by_id);
  while (g_hash_table_iter_next (&iter, NULL, &service))
    g_ptr_array_add (services, bfy_service_ref (service));
  g_ptr_array_sort (services, compare_ids);

  return services;
}

GPtrArray *
bfy_services_token_patterns (BfyServices *self)
{
  GPtrArray *patterns = g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_token_pattern_free);
  g_autoptr (GPtrArray) services = bfy_services_list (self);

  for (guint i = 0; i < services->len; i++)
    {
      BfyService *service = g_ptr_array_index (services, i);

      if (service->token_patterns != NULL)
        g_ptr_array_extend_and_steal (patterns, g_steal_pointer (&service->token_patterns));
    }

  return patterns;
}

GPtrArray *
bfy_services_problems (BfyServices *self)
{
  return self->problems;
}

G_DEFINE_FINAL_TYPE (BfyServices, bfy_services, G_TYPE_OBJECT)

static void
bfy_services_finalize (GObject *object)
{
  BfyServices *self = BFY_SERVICES (object);

  g_hash_table_unref (self->by_id);
  g_hash_table_unref (self->installed);
  g_ptr_array_unref (self->problems);

  G_OBJECT_CLASS (bfy_services_parent_class)->finalize (object);
}

static void
bfy_services_class_init (BfyServicesClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = bfy_services_finalize;
}

static void
bfy_services_init (BfyServices *self)
{
  self->by_id =
      g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) bfy_service_unref);
  self->installed =
      g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) bfy_service_unref);
  self->problems = g_ptr_array_new_with_free_func (problem_free);
}
