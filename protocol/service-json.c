/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* What clients are told of a catalogue record. */

#include "protocol/service.h"

static void
set_text (JsonObject *object, const char *name, const char *text)
{
  if (text != NULL)
    json_object_set_string_member (object, name, text);
  else
    json_object_set_null_member (object, name);
}

static void
set_texts (JsonObject *object, const char *name, const char *const *texts)
{
  JsonArray *array;

  if (texts == NULL)
    {
      json_object_set_null_member (object, name);
      return;
    }

  array = json_array_new ();
  for (; *texts != NULL; texts++)
    json_array_add_string_element (array, *texts);
  json_object_set_array_member (object, name, array);
}

static JsonObject *
host_to_json (const BfyServiceHost *host)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "host", host->name);
  json_object_set_string_member (object, "path", host->path);

  return object;
}

/* Those that are this service's: another's are not among them any more. */
static void
set_hosts (JsonObject *object, GPtrArray *hosts)
{
  JsonArray *array;

  if (hosts == NULL)
    {
      json_object_set_null_member (object, "hosts");
      return;
    }

  array = json_array_new ();
  for (guint i = 0; i < hosts->len; i++)
    json_array_add_object_element (array, host_to_json (hosts->pdata[i]));
  json_object_set_array_member (object, "hosts", array);
}

static void
set_env (JsonObject *object, const BfyService *self)
{
  JsonObject *env;

  if (self->token_variables == NULL && self->base_url_variables == NULL)
    {
      json_object_set_null_member (object, "env");
      return;
    }

  env = json_object_new ();
  set_texts (env, "token", (const char *const *) self->token_variables);
  set_texts (env, "base_url", (const char *const *) self->base_url_variables);
  if (self->base_path != NULL)
    json_object_set_string_member (env, "base_path", self->base_path);
  json_object_set_object_member (object, "env", env);
}

static void
set_git (JsonObject *object, const BfyService *self)
{
  JsonObject *git;

  if (self->git_host == NULL)
    {
      json_object_set_null_member (object, "git");
      return;
    }

  git = json_object_new ();
  set_text (git, "host", self->git_host);
  set_text (git, "username", self->git_username);
  json_object_set_object_member (object, "git", git);
}

static void
set_injection (JsonObject *object, const BfyInjection *injection)
{
  if (injection != NULL)
    json_object_set_object_member (object, "injection", bfy_injection_to_json (injection));
  else
    json_object_set_null_member (object, "injection");
}

/* As the record has it. */
static void
copy_array (JsonObject *object, const char *name, JsonObject *record)
{
  if (json_object_has_member (record, name))
    json_object_set_array_member (object, name,
                                  json_array_ref (json_object_get_array_member (record, name)));
  else
    json_object_set_null_member (object, name);
}

static const char *
name_client (const BfyServiceOAuth *oauth)
{
  return oauth->is_own_client ? "own" : "dcr";
}

static JsonObject *
to_json (const BfyService *self, JsonObject *record, gboolean is_whole)
{
  JsonObject *object = json_object_new ();

  set_text (object, "id", self->id);
  set_text (object, "name", self->name);
  set_text (object, "mcp_url", self->mcp_url);
  json_object_set_boolean_member (object, "supports_api_key", self->has_api_key);
  json_object_set_boolean_member (object, "supports_oauth", self->has_oauth);
  set_text (object, "oauth_client", self->oauth != NULL ? name_client (self->oauth) : NULL);
  set_text (object, "app_url", self->oauth != NULL ? self->oauth->app_url : NULL);
  json_object_set_boolean_member (object, "requires_refresh", self->requires_refresh);
  set_text (object, "username_field", self->username_field);
  set_text (object, "token_url", self->token_url);
  set_text (object, "docs_url", self->docs_url);
  set_text (object, "icon", self->icon);
  set_texts (object, "keywords", (const char *const *) self->keywords);
  set_injection (object, self->injection);
  json_object_set_boolean_member (object, "names_account",
                                  self->probe != NULL && self->probe->accounts != NULL);
  set_hosts (object, self->hosts);
  set_env (object, self);
  set_git (object, self);
  set_texts (object, "instructions", is_whole ? (const char *const *) self->instructions : NULL);
  copy_array (object, "auth_modes", record);
  copy_array (object, "applications", record);
  copy_array (object, "capabilities", record);
  copy_array (object, "token_patterns", record);
  copy_array (object, "sources", record);

  return object;
}

JsonObject *
bfy_service_to_json (const BfyService *self)
{
  g_autoptr (JsonObject) record = bfy_service_read_record (self);

  return to_json (self, record, TRUE);
}

JsonObject *
bfy_service_to_brief_json (const BfyService *self)
{
  g_autoptr (JsonObject) nothing = json_object_new ();

  return to_json (self, nothing, FALSE);
}
