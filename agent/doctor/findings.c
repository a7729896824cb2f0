/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/doctor/findings.h"

static void
finding_free (gpointer user_data)
{
  BfyFinding *self = user_data;

  g_free (self->message);
  g_free (self->next);
  g_free (self->binding_id);
  g_free (self->binding);
  g_free (self->path);
  g_free (self);
}

GPtrArray *
bfy_findings_new (void)
{
  return g_ptr_array_new_with_free_func (finding_free);
}

static BfyFinding *
find_same (GPtrArray *findings, const char *code, const BfyBinding *binding)
{
  for (guint i = 0; binding != NULL && i < findings->len; i++)
    {
      BfyFinding *finding = g_ptr_array_index (findings, i);

      if (g_str_equal (finding->code, code) && g_strcmp0 (finding->binding_id, binding->id) == 0)
        return finding;
    }

  return NULL;
}

BfyFinding *
bfy_findings_add (
    GPtrArray *findings, const char *code, const BfyBinding *binding, char *message, char *next)
{
  BfyFinding *self = find_same (findings, code, binding);

  if (self != NULL)
    {
      g_free (message);
      g_free (next);
      return self;
    }

  self = g_new0 (BfyFinding, 1);
  self->code = code;
  self->message = message;
  self->next = next;
  if (binding != NULL)
    {
      self->binding_id = g_strdup (binding->id);
      self->binding = g_strdup (binding->name);
    }
  g_ptr_array_add (findings, self);

  return self;
}

static void
set_text (JsonObject *object, const char *name, const char *text)
{
  if (text != NULL)
    json_object_set_string_member (object, name, text);
  else
    json_object_set_null_member (object, name);
}

JsonArray *
bfy_findings_to_json (GPtrArray *findings)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < findings->len; i++)
    {
      const BfyFinding *finding = g_ptr_array_index (findings, i);
      JsonObject *object = json_object_new ();

      json_object_set_string_member (object, "code", finding->code);
      json_object_set_string_member (object, "message", finding->message);
      set_text (object, "next", finding->next);
      set_text (object, "binding", finding->binding);
      json_object_set_boolean_member (object, "fixable", finding->is_fixable);
      json_array_add_object_element (array, object);
    }

  return array;
}
