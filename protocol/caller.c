/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/caller.h"

#include <glib/gi18n-lib.h>

#include "protocol/json.h"
#include "protocol/name.h"

#define TEXT_MAX 120 /* characters shown of anything from outside */

BfyCaller *
bfy_caller_new (void)
{
  BfyCaller *self = g_new0 (BfyCaller, 1);

  g_atomic_ref_count_init (&self->ref_count);

  return self;
}

BfyCaller *
bfy_caller_copy (const BfyCaller *self)
{
  BfyCaller *copy = g_memdup2 (self, sizeof *self);

  g_atomic_ref_count_init (&copy->ref_count);
  copy->client_id = g_strdup (self->client_id);
  copy->client_label = g_strdup (self->client_label);
  copy->program = g_strdup (self->program);
  copy->script = g_strdup (self->script);
  copy->directory = g_strdup (self->directory);
  copy->chain = g_strdupv (self->chain);
  copy->scope = g_strdup (self->scope);
  copy->via = g_strdup (self->via);
  copy->sandbox_id = g_strdup (self->sandbox_id);

  return copy;
}

BfyCaller *
bfy_caller_ref (BfyCaller *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
bfy_caller_unref (BfyCaller *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_free (self->client_id);
  g_free (self->client_label);
  g_free (self->program);
  g_free (self->script);
  g_free (self->directory);
  g_strfreev (self->chain);
  g_free (self->scope);
  g_free (self->via);
  g_free (self->sandbox_id);
  g_free (self);
}

static char *
name_subject (const char *kind, const char *name)
{
  return name != NULL ? g_strconcat (kind, name, NULL) : NULL;
}

char *
bfy_caller_dup_subject (const BfyCaller *self)
{
  if (self->client_id != NULL)
    return g_strconcat ("client:", self->client_id, NULL);
  if (!self->is_verified)
    return NULL;
  switch (self->sandbox)
    {
    case BFY_SANDBOX_FLATPAK:
      return name_subject ("flatpak:", self->sandbox_id);
    case BFY_SANDBOX_SNAP:
      return name_subject ("snap:", self->sandbox_id);
    case BFY_SANDBOX_NONE:
      return name_subject ("program:", self->program);
    case BFY_SANDBOX_NAMESPACE:
      break;
    }

  return NULL;
}

char *
bfy_caller_dup_name (const BfyCaller *self)
{
  g_autofree char *base = NULL;

  if (self->client_label != NULL)
    return bfy_text_to_line (self->client_label, TEXT_MAX);
  if (self->sandbox_id != NULL)
    return bfy_text_to_line (self->sandbox_id, TEXT_MAX);
  if (self->program == NULL)
    return g_strdup (_ ("an unidentified program"));
  base = g_path_get_basename (self->program);

  return bfy_text_to_line (base, TEXT_MAX);
}

char *
bfy_caller_dup_chain (const BfyCaller *self)
{
  g_autofree char *joined = NULL;

  if (self->chain == NULL || self->chain[0] == NULL)
    return NULL;
  joined = g_strjoinv (" ← ", self->chain);

  return bfy_text_to_line (joined, TEXT_MAX);
}

JsonObject *
bfy_caller_to_json (const BfyCaller *self)
{
  static const char *const sandboxes[] = { NULL, "flatpak", "snap", "namespace" };
  JsonObject *object = json_object_new ();
  g_autofree char *name = bfy_caller_dup_name (self);
  g_autofree char *chain = bfy_caller_dup_chain (self);

  json_object_set_string_member (object, "name", name);
  bfy_json_set_line (object, "client_id", self->client_id, TEXT_MAX);
  bfy_json_set_line (object, "client", self->client_label, TEXT_MAX);
  json_object_set_int_member (object, "uid", self->uid);
  if (self->pid > 0)
    json_object_set_int_member (object, "pid", self->pid);
  bfy_json_set_line (object, "program", self->program, TEXT_MAX);
  if (self->is_replaced)
    json_object_set_boolean_member (object, "replaced", TRUE);
  bfy_json_set_line (object, "script", self->script, TEXT_MAX);
  bfy_json_set_line (object, "directory", self->directory, TEXT_MAX);
  bfy_json_set_line (object, "chain", chain, TEXT_MAX);
  bfy_json_set_line (object, "scope", self->scope, TEXT_MAX);
  bfy_json_set_line (object, "via", self->via, TEXT_MAX);
  bfy_json_set_line (object, "sandbox", sandboxes[self->sandbox], TEXT_MAX);
  bfy_json_set_line (object, "sandbox_id", self->sandbox_id, TEXT_MAX);
  json_object_set_boolean_member (object, "verified", self->is_verified);

  return object;
}
