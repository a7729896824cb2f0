/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/list-view.h"

#include <string.h>

#include "protocol/json.h"
#include "protocol/policy-edit.h"

typedef struct
{
  const char *method;
  const char *member; /* of the result */
  const char *key;    /* of an element */
  BfyPolicyKind kind;
} List;

static const List lists[] = {
  { "tools/list", "tools", "name", BFY_POLICY_TOOL },
  { "prompts/list", "prompts", "name", BFY_POLICY_PROMPT },
  { "resources/list", "resources", "uri", BFY_POLICY_RESOURCE },
  { "resources/templates/list", "resourceTemplates", "uriTemplate", BFY_POLICY_RESOURCE },
};

/* What has been decided about a text so far. */
typedef struct
{
  const BfyListViewSetup *setup;
  GString *out;       /* (owned) (nullable) NULL as long as nothing is changed */
  const char *copied; /* up to here the text is in @out */
} View;

static gboolean
is_limited (const BfyListViewSetup *setup)
{
  return setup->constraints != NULL && setup->constraints->tools != NULL;
}

static gboolean
is_of_interest (const BfyListViewSetup *setup, const List *list)
{
  return is_limited (setup) || bfy_policy_hides (setup->policy, list->kind, NULL) ||
         (list->kind == BFY_POLICY_TOOL && bfy_policy_weighs_access (setup->policy));
}

gboolean
bfy_list_view_is_needed (const BfyListViewSetup *setup, const BfyRpc *rpc)
{
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    {
      if (!is_of_interest (setup, &lists[i]))
        continue;
      if (rpc == NULL)
        return TRUE;
      for (guint n = 0; n < bfy_rpc_n_messages (rpc); n++)
        if (g_strcmp0 (bfy_rpc_message (rpc, n)->method, lists[i].method) == 0)
          return TRUE;
    }

  return FALSE;
}

static void
copy_until (View *self, const char *end)
{
  if (self->out == NULL)
    self->out = g_string_new (NULL);
  g_string_append_len (self->out, self->copied, end - self->copied);
  self->copied = end;
}

/* Where there are certain tools only, there is nothing else. */
static gboolean
is_within (const BfyListViewSetup *setup, const List *list, const char *name)
{
  return !is_limited (setup) ||
         (list->kind == BFY_POLICY_TOOL && bfy_constraints_allow_tool (setup->constraints, name));
}

/* What has no name cannot be used. */
static gboolean
is_shown (const View *self, const List *list, const BfyJsonSlice *element)
{
  g_autofree char *name = NULL;
  BfyJsonSlice slice;

  if (bfy_json_slice_member (element, list->key, &slice))
    name = bfy_json_slice_dup_string (&slice);

  return name != NULL && is_within (self->setup, list, name) &&
         bfy_policy_shows (self->setup->policy, list->kind, name, &self->setup->facts);
}

static void
filter_array (View *self, const List *list, const BfyJsonSlice *array)
{
  const char *shown_end = array->start + 1;
  gboolean is_empty = TRUE;
  gboolean is_cut = FALSE;
  BfyJsonSlice element;
  BfyJsonIter iter;

  bfy_json_iter_init (&iter, array);
  while (bfy_json_iter_next (&iter, NULL, &element))
    {
      if (!is_shown (self, list, &element))
        {
          if (!is_cut)
            copy_until (self, shown_end);
          is_cut = TRUE;
          continue;
        }
      if (is_cut)
        {
          g_string_append (self->out, is_empty ? "" : ",");
          g_string_append_len (self->out, element.start, (gssize) element.length);
        }
      shown_end = element.start + element.length;
      is_empty = FALSE;
    }
  if (!is_cut)
    return;

  g_string_append_c (self->out, ']');
  self->copied = array->start + array->length;
}

static const List *
find_list (const View *self, const BfyJsonSlice *key, const BfyJsonSlice *value)
{
  for (guint i = 0; value->type == BFY_JSON_ARRAY && i < G_N_ELEMENTS (lists); i++)
    if (bfy_json_slice_equals (key, lists[i].member) &&
        (is_limited (self->setup) ||
         bfy_policy_hides (self->setup->policy, lists[i].kind, &self->setup->facts)))
      return &lists[i];

  return NULL;
}

static gboolean
has_list (const View *self, const BfyJsonSlice *result)
{
  BfyJsonSlice key, value;
  BfyJsonIter iter;

  bfy_json_iter_init (&iter, result);
  while (bfy_json_iter_next (&iter, &key, &value))
    if (find_list (self, &key, &value) != NULL)
      return TRUE;

  return FALSE;
}

static void
make_private (View *self, const BfyJsonSlice *scope)
{
  if (scope->type == BFY_JSON_STRING && bfy_json_slice_equals (scope, "private"))
    return;

  copy_until (self, scope->start);
  g_string_append (self->out, "\"private\"");
  self->copied = scope->start + scope->length;
}

static void
learn (const View *self, const BfyJsonSlice *result)
{
  BfyJsonSlice tools;

  if (self->setup->learn != NULL && bfy_json_slice_member (result, "tools", &tools) &&
      tools.type == BFY_JSON_ARRAY)
    self->setup->learn (&tools, self->setup->user_data);
}

static void
filter_result (View *self, const BfyJsonSlice *result)
{
  BfyJsonSlice key, value;
  BfyJsonIter iter;

  learn (self, result);
  if (!has_list (self, result))
    return;
  bfy_json_iter_init (&iter, result);
  while (bfy_json_iter_next (&iter, &key, &value))
    {
      const List *list = find_list (self, &key, &value);

      if (list != NULL)
        filter_array (self, list, &value);
      else if (bfy_json_slice_equals (&key, "cacheScope"))
        make_private (self, &value);
    }
}

static void
filter_message (View *self, const BfyJsonSlice *message)
{
  BfyJsonSlice result;

  if (bfy_json_slice_member (message, "result", &result) && result.type == BFY_JSON_OBJECT)
    filter_result (self, &result);
}

static gboolean
holds (const char *text, gsize length, const char *part)
{
  return memmem (text, length, part, strlen (part)) != NULL;
}

gboolean
bfy_list_view_may_have_list (const char *text, gsize length)
{
  gboolean is_found = holds (text, length, "\\u");

  for (guint i = 0; !is_found && i < G_N_ELEMENTS (lists); i++)
    is_found = holds (text, length, lists[i].member);

  return is_found;
}

char *
bfy_list_view_filter (const BfyListViewSetup *setup,
                      const char *text,
                      gsize length,
                      gsize *filtered_length,
                      GError **error)
{
  View self = { .setup = setup, .out = NULL, .copied = text };
  BfyJsonSlice root, message;
  BfyJsonIter iter;

  if (!bfy_json_check (text, length, error))
    return NULL;

  bfy_json_slice_root (text, length, &root);
  if (root.type == BFY_JSON_OBJECT)
    filter_message (&self, &root);
  bfy_json_iter_init (&iter, &root);
  while (root.type == BFY_JSON_ARRAY && bfy_json_iter_next (&iter, NULL, &message))
    filter_message (&self, &message);
  if (self.out == NULL)
    return NULL;

  copy_until (&self, text + length);
  *filtered_length = self.out->len;

  return g_string_free (self.out, FALSE);
}
