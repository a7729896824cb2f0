/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/all/target.h"

#include <string.h>

#include "agent/all/name.h"
#include "agent/all/splice.h"

#define PATH_MAX_NAMES 4

/* Methods that work on something of one binding, and where its name stands. */
static const struct
{
  const char *method;
  BfyAllKind kind;
  const char *path[PATH_MAX_NAMES];
} targets[] = {
  { "tools/call", BFY_ALL_TOOL, { "params", "name" } },
  { "prompts/get", BFY_ALL_PROMPT, { "params", "name" } },
  { "resources/read", BFY_ALL_RESOURCE, { "params", "uri" } },
  { "resources/subscribe", BFY_ALL_RESOURCE, { "params", "uri" } },
  { "resources/unsubscribe", BFY_ALL_RESOURCE, { "params", "uri" } },
  { "completion/complete", BFY_ALL_PROMPT, { "params", "ref", "name" } },
  { "completion/complete", BFY_ALL_RESOURCE, { "params", "ref", "uri" } },
  { "tasks/get", BFY_ALL_TASK, { "params", "taskId" } },
  { "tasks/update", BFY_ALL_TASK, { "params", "taskId" } },
  { "tasks/cancel", BFY_ALL_TASK, { "params", "taskId" } },
  { "tasks/result", BFY_ALL_TASK, { "params", "taskId" } },
};

static const char *
member_of (const BfyRpcMessage *message, BfyAllKind kind)
{
  switch (kind)
    {
    case BFY_ALL_TOOL:
    case BFY_ALL_PROMPT:
      return message->name;
    case BFY_ALL_RESOURCE:
      return message->uri;
    case BFY_ALL_TASK:
      return message->task_id;
    case BFY_ALL_NOTHING:
      break;
    }

  return NULL;
}

/* The row for @message; of two for one method, the one whose name is there. -1: none. */
static int
find_target (const BfyRpcMessage *message)
{
  int found = -1;

  for (guint i = 0; i < G_N_ELEMENTS (targets); i++)
    {
      if (g_strcmp0 (message->method, targets[i].method) != 0)
        continue;
      if (found < 0 || member_of (message, targets[found].kind) == NULL)
        found = (int) i;
    }

  return found;
}

static void
split (BfyAllTarget *target)
{
  const char *rest = NULL;

  if (target->kind == BFY_ALL_RESOURCE)
    {
      target->prefix = bfy_all_uri_split (target->shown, &target->inner);
      return;
    }
  target->prefix = bfy_all_name_split (target->shown, &rest);
  if (target->prefix == NULL)
    return;
  if (target->kind == BFY_ALL_TASK || !bfy_all_name_is_short (target->shown))
    target->inner = g_strdup (rest);
}

gboolean
bfy_all_target_read (const BfyRpcMessage *message, BfyAllTarget *target)
{
  int row = find_target (message);

  memset (target, 0, sizeof *target);
  if (row < 0)
    return FALSE;

  target->kind = targets[row].kind;
  target->shown = g_strdup (member_of (message, target->kind));
  if (target->shown != NULL)
    split (target);

  return TRUE;
}

void
bfy_all_target_clear (BfyAllTarget *target)
{
  g_clear_pointer (&target->prefix, g_free);
  g_clear_pointer (&target->inner, g_free);
  g_clear_pointer (&target->shown, g_free);
}

char *
bfy_all_translate_up (const BfyRpcMessage *message,
                      const char *text,
                      gsize length,
                      const char *inner,
                      gsize *n_written)
{
  g_autoptr (BfySplice) splice = bfy_splice_new (text, length);
  int row = find_target (message);
  BfyJsonSlice root, found;

  bfy_json_slice_root (text, length, &root);
  if (row >= 0 && bfy_splice_find (&root, targets[row].path, &found))
    bfy_splice_set_string (splice, &found, inner);

  return bfy_splice_apply (splice, n_written);
}
