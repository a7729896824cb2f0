/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/all/translate.h"

#include "agent/all/name.h"
#include "agent/all/splice.h"

#define PATH_MAX_NAMES 4

typedef char *(*Encode) (const char *prefix, const char *text);

static const BfyAllList lists[] = {
  { "tools/list", "tools", "name", FALSE },
  { "prompts/list", "prompts", "name", FALSE },
  { "resources/list", "resources", "uri", TRUE },
  { "resources/templates/list", "resourceTemplates", "uriTemplate", TRUE },
};

const BfyAllList *
bfy_all_list_find (const char *method)
{
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    if (g_strcmp0 (method, lists[i].method) == 0)
      return &lists[i];

  return NULL;
}

/* Encodes the string that @slice is; FALSE if it is none. */
static gboolean
change (BfySplice *splice, const BfyJsonSlice *slice, Encode encode, const char *prefix)
{
  g_autofree char *text = bfy_json_slice_dup_string (slice);
  g_autofree char *encoded = NULL;

  if (text == NULL)
    return FALSE;
  encoded = encode (prefix, text);
  bfy_splice_set_string (splice, slice, encoded);

  return TRUE;
}

static gboolean
change_at (BfySplice *splice,
           const BfyJsonSlice *root,
           const char *const *path,
           Encode encode,
           const char *prefix)
{
  BfyJsonSlice found;

  return bfy_splice_find (root, path, &found) && change (splice, &found, encode, prefix);
}

/* Two bindings of one service have the same titles; views of a tool are resources. */
static void
change_item (BfySplice *splice, const BfyJsonSlice *item, const char *prefix)
{
  static const char *const title_path[] = { "title", NULL };
  static const char *const view_path[] = { "_meta", "ui", "resourceUri", NULL };
  static const char *const old_view_path[] = { "_meta", "ui/resourceUri", NULL };
  BfyJsonSlice found;
  g_autofree char *title = NULL;
  g_autofree char *whole = NULL;

  change_at (splice, item, view_path, bfy_all_uri_encode, prefix);
  change_at (splice, item, old_view_path, bfy_all_uri_encode, prefix);
  if (!bfy_splice_find (item, title_path, &found))
    return;
  title = bfy_json_slice_dup_string (&found);
  if (title == NULL)
    return;
  whole = g_strdup_printf ("%s: %s", prefix, title);
  bfy_splice_set_string (splice, &found, whole);
}

static void
append_item (const BfyAllList *list, const char *prefix, const BfyJsonSlice *item, GString *items)
{
  g_autoptr (BfySplice) splice = bfy_splice_new (item->start, item->length);
  Encode encode = list->is_uri ? bfy_all_uri_encode : bfy_all_name_encode;
  BfyJsonSlice name;

  if (!bfy_json_slice_member (item, list->key, &name) || !change (splice, &name, encode, prefix))
    return;

  change_item (splice, item, prefix);
  if (items->len > 0)
    g_string_append_c (items, ',');
  bfy_splice_append (splice, items, item);
}

static char *
dup_cursor (const BfyJsonSlice *result)
{
  BfyJsonSlice cursor;

  if (!bfy_json_slice_member (result, "nextCursor", &cursor) || cursor.type != BFY_JSON_STRING ||
      cursor.length > BFY_ALL_CURSOR_BYTES_MAX)
    return NULL;

  return g_strndup (cursor.start, cursor.length);
}

gboolean
bfy_all_list_read (const BfyAllList *list,
                   const char *prefix,
                   const BfyJsonSlice *result,
                   GString *items,
                   char **cursor)
{
  BfyJsonSlice array, key, item;
  BfyJsonIter iter;

  *cursor = NULL;
  if (!bfy_json_slice_member (result, list->member, &array) || array.type != BFY_JSON_ARRAY)
    return FALSE;

  bfy_json_iter_init (&iter, &array);
  while (bfy_json_iter_next (&iter, &key, &item))
    append_item (list, prefix, &item, items);
  *cursor = dup_cursor (result);

  return TRUE;
}

char *
bfy_all_list_search (const BfyAllList *list,
                     const BfyJsonSlice *result,
                     const char *prefix,
                     const char *shown)
{
  BfyJsonSlice array, key, item, name;
  BfyJsonIter iter;

  if (!bfy_json_slice_member (result, list->member, &array) || array.type != BFY_JSON_ARRAY)
    return NULL;

  bfy_json_iter_init (&iter, &array);
  while (bfy_json_iter_next (&iter, &key, &item))
    {
      g_autofree char *text = NULL;
      g_autofree char *encoded = NULL;

      if (bfy_json_slice_member (&item, list->key, &name))
        text = bfy_json_slice_dup_string (&name);
      if (text != NULL)
        encoded = bfy_all_name_encode (prefix, text);
      if (g_strcmp0 (encoded, shown) == 0)
        return g_steal_pointer (&text);
    }

  return NULL;
}

static void
change_block (BfySplice *splice, const BfyJsonSlice *block, const char *prefix)
{
  static const char *const link_path[] = { "uri", NULL };
  static const char *const embedded_path[] = { "resource", "uri", NULL };
  BfyJsonSlice type;

  if (!bfy_json_slice_member (block, "type", &type))
    return;
  if (bfy_json_slice_equals (&type, "resource_link"))
    change_at (splice, block, link_path, bfy_all_uri_encode, prefix);
  else if (bfy_json_slice_equals (&type, "resource"))
    change_at (splice, block, embedded_path, bfy_all_uri_encode, prefix);
}

/* One block or an array of them. */
static void
change_content (BfySplice *splice, const BfyJsonSlice *holder, const char *prefix)
{
  BfyJsonSlice content, key, block;
  BfyJsonIter iter;

  if (!bfy_json_slice_member (holder, "content", &content))
    return;
  if (content.type == BFY_JSON_OBJECT)
    {
      change_block (splice, &content, prefix);
      return;
    }
  bfy_json_iter_init (&iter, &content);
  while (content.type == BFY_JSON_ARRAY && bfy_json_iter_next (&iter, &key, &block))
    change_block (splice, &block, prefix);
}

/* Also of a task, which holds the result of the call when it is done. */
static void
change_call (BfySplice *splice, const BfyJsonSlice *result, const char *prefix)
{
  static const char *const task_path[] = { "taskId", NULL };
  static const char *const old_task_path[] = { "task", "taskId", NULL };
  BfyJsonSlice inner;

  change_content (splice, result, prefix);
  change_at (splice, result, task_path, bfy_all_task_encode, prefix);
  change_at (splice, result, old_task_path, bfy_all_task_encode, prefix);
  if (bfy_json_slice_member (result, "result", &inner))
    change_content (splice, &inner, prefix);
}

static void
change_prompt (BfySplice *splice, const BfyJsonSlice *result, const char *prefix)
{
  BfyJsonSlice messages, key, message;
  BfyJsonIter iter;

  if (!bfy_json_slice_member (result, "messages", &messages) || messages.type != BFY_JSON_ARRAY)
    return;
  bfy_json_iter_init (&iter, &messages);
  while (bfy_json_iter_next (&iter, &key, &message))
    change_content (splice, &message, prefix);
}

static void
change_contents (BfySplice *splice, const BfyJsonSlice *result, const char *prefix)
{
  static const char *const uri_path[] = { "uri", NULL };
  BfyJsonSlice contents, key, item;
  BfyJsonIter iter;

  if (!bfy_json_slice_member (result, "contents", &contents) || contents.type != BFY_JSON_ARRAY)
    return;
  bfy_json_iter_init (&iter, &contents);
  while (bfy_json_iter_next (&iter, &key, &item))
    change_at (splice, &item, uri_path, bfy_all_uri_encode, prefix);
}

static const struct
{
  const char *method;
  void (*change) (BfySplice *splice, const BfyJsonSlice *result, const char *prefix);
} results[] = {
  { "tools/call", change_call },         { "tasks/get", change_call },
  { "tasks/update", change_call },       { "tasks/cancel", change_call },
  { "tasks/result", change_call },       { "prompts/get", change_prompt },
  { "resources/read", change_contents },
};

static const struct
{
  const char *method;
  const char *path[PATH_MAX_NAMES];
  Encode encode;
} notifications[] = {
  { "notifications/resources/updated", { "params", "uri" }, bfy_all_uri_encode },
  { "notifications/tasks", { "params", "taskId" }, bfy_all_task_encode },
  { "notifications/tasks/status", { "params", "taskId" }, bfy_all_task_encode },
};

static void
change_notification (BfySplice *splice,
                     const BfyJsonSlice *root,
                     const BfyJsonSlice *method,
                     const char *prefix)
{
  for (guint i = 0; i < G_N_ELEMENTS (notifications); i++)
    if (bfy_json_slice_equals (method, notifications[i].method))
      change_at (splice, root, notifications[i].path, notifications[i].encode, prefix);
}

static void
change_result (BfySplice *splice,
               const char *method,
               const BfyJsonSlice *result,
               const char *prefix)
{
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    if (g_strcmp0 (method, results[i].method) == 0)
      results[i].change (splice, result, prefix);
}

char *
bfy_all_translate_down (
    const char *method, const char *prefix, const char *text, gsize length, gsize *n_written)
{
  g_autoptr (BfySplice) splice = bfy_splice_new (text, length);
  BfyJsonSlice root, found;

  bfy_json_slice_root (text, length, &root);
  if (bfy_json_slice_member (&root, "method", &found))
    change_notification (splice, &root, &found, prefix);
  else if (bfy_json_slice_member (&root, "result", &found))
    change_result (splice, method, &found, prefix);

  return bfy_splice_is_empty (splice) ? NULL : bfy_splice_apply (splice, n_written);
}
