/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/all/summary.h"

#include <string.h>

#include "agent/all/gather.h"
#include "agent/all/name.h"
#include "agent/all/splice.h"
#include "bfy-config.h"

#define INTEGER_LENGTH_MAX 18
#define SERVER_INFO "{\"name\":\"bindify\",\"version\":\"" BFY_VERSION "\"}"
#define META "\"_meta\":{\"io.modelcontextprotocol/serverInfo\":" SERVER_INFO

static const char intro[] =
    "bindify brings several servers together here. What stands before the first “__” of a name "
    "(in an address: behind bindify://) says which server it belongs to.";

void
bfy_all_share_init (BfyAllShare *share, const char *name)
{
  share->name = name;
  share->prefix = bfy_all_prefix (name);
  share->items = g_string_new (NULL);
  share->ttl_ms = -1;
}

void
bfy_all_share_clear (BfyAllShare *share)
{
  g_free (share->prefix);
  g_free (share->failure);
  g_free (share->instructions);
  g_string_free (share->items, TRUE);
}

/* Of several pages, the shortest. */
void
bfy_all_share_read_ttl (BfyAllShare *share, const BfyJsonSlice *result)
{
  BfyJsonSlice found;
  g_autofree char *text = NULL;
  gint64 ttl_ms = 0;

  if (bfy_json_slice_member (result, "ttlMs", &found) && found.type == BFY_JSON_NUMBER &&
      found.length <= INTEGER_LENGTH_MAX)
    text = g_strndup (found.start, found.length);
  if (text != NULL)
    ttl_ms = MAX (g_ascii_strtoll (text, NULL, 10), 0);
  share->ttl_ms = share->ttl_ms < 0 ? ttl_ms : MIN (share->ttl_ms, ttl_ms);
}

static char *
cut (const char *text, gsize n_max)
{
  const char *end = text;

  if (strlen (text) <= n_max)
    return g_strdup (text);
  while ((gsize) (g_utf8_next_char (end) - text) <= n_max)
    end = g_utf8_next_char (end);

  return g_strdup_printf ("%.*s…", (int) (end - text), text);
}

void
bfy_all_share_read_discover (BfyAllShare *share, const BfyJsonSlice *result)
{
  static const char *const tasks_path[] = { "capabilities", "extensions",
                                            "io.modelcontextprotocol/tasks", NULL };
  BfyJsonSlice found;
  g_autofree char *text = NULL;

  share->has_tasks = bfy_splice_find (result, tasks_path, &found);
  if (!bfy_json_slice_member (result, "instructions", &found))
    return;
  text = bfy_json_slice_dup_string (&found);
  if (text == NULL || *text == '\0')
    return;
  g_free (share->instructions);
  share->instructions = cut (text, BFY_ALL_INSTRUCTIONS_BYTES_MAX);
}

/* One that failed may be there the next moment. */
static gint64
shortest_ttl (GPtrArray *shares)
{
  gint64 shortest = shares->len > 0 ? G_MAXINT64 : 0;

  for (guint i = 0; i < shares->len; i++)
    {
      const BfyAllShare *share = shares->pdata[i];

      shortest = MIN (shortest, share->failure != NULL ? 0 : MAX (share->ttl_ms, 0));
    }

  return shortest;
}

static void
append_sentence (GString *out, const BfyAllShare *share)
{
  g_string_append_printf (out, "%s: %s", share->name, share->failure);
}

/* Who is missing, for whoever looks: {"binding","message"} each. */
static void
append_meta (GString *out, GPtrArray *shares)
{
  gboolean is_first = TRUE;

  g_string_append (out, META);
  for (guint i = 0; i < shares->len; i++)
    {
      const BfyAllShare *share = shares->pdata[i];

      if (share->failure == NULL)
        continue;
      g_string_append (out, is_first ? ",\"bindify/unavailable\":[" : ",");
      is_first = FALSE;
      g_string_append (out, "{\"binding\":");
      bfy_json_append_string (out, share->name, -1);
      g_string_append (out, ",\"message\":");
      bfy_json_append_string (out, share->failure, -1);
      g_string_append_c (out, '}');
    }
  g_string_append (out, is_first ? "}" : "]}");
}

char *
bfy_all_summary_list (const BfyAllList *list, GPtrArray *shares)
{
  GString *out = g_string_new ("{\"resultType\":\"complete\",");
  gboolean is_first = TRUE;

  g_string_append_printf (out, "\"%s\":[", list->member);
  for (guint i = 0; i < shares->len; i++)
    {
      const BfyAllShare *share = shares->pdata[i];

      if (share->items->len == 0)
        continue;
      if (!is_first)
        g_string_append_c (out, ',');
      is_first = FALSE;
      g_string_append_len (out, share->items->str, (gssize) share->items->len);
    }
  g_string_append_printf (out, "],\"ttlMs\":%" G_GINT64_FORMAT ",\"cacheScope\":\"private\",",
                          shortest_ttl (shares));
  append_meta (out, shares);
  g_string_append_c (out, '}');

  return g_string_free (out, FALSE);
}

static char *
format_instructions (GPtrArray *shares)
{
  GString *out = g_string_new (intro);
  gboolean is_first = TRUE;

  for (guint i = 0; i < shares->len; i++)
    {
      const BfyAllShare *share = shares->pdata[i];

      if (share->instructions != NULL)
        g_string_append_printf (out, "\n\n# %s\n%s", share->prefix, share->instructions);
    }
  for (guint i = 0; i < shares->len; i++)
    {
      const BfyAllShare *share = shares->pdata[i];

      if (share->failure == NULL)
        continue;
      g_string_append (out, is_first ? "\n\nNot available at the moment:\n" : "\n");
      is_first = FALSE;
      g_string_append (out, "- ");
      append_sentence (out, share);
    }

  return g_string_free (out, FALSE);
}

static gboolean
has_tasks (GPtrArray *shares)
{
  for (guint i = 0; i < shares->len; i++)
    if (((const BfyAllShare *) shares->pdata[i])->has_tasks)
      return TRUE;

  return FALSE;
}

static void
append_instructions (GString *out, GPtrArray *shares)
{
  g_autofree char *instructions = format_instructions (shares);

  g_string_append (out, "\"instructions\":");
  bfy_json_append_string (out, instructions, -1);
}

/* Whether a binding can list resources may be different in a minute: so the endpoint always can. */
char *
bfy_all_summary_discover (GPtrArray *shares)
{
  GString *out = g_string_new ("{\"resultType\":\"complete\",\"supportedVersions\":"
                               "[\"2026-07-28\"],\"capabilities\":{\"completions\":{},"
                               "\"prompts\":{\"listChanged\":true},"
                               "\"resources\":{\"listChanged\":true,\"subscribe\":true},"
                               "\"tools\":{\"listChanged\":true}");

  if (has_tasks (shares))
    g_string_append (out, ",\"extensions\":{\"io.modelcontextprotocol/tasks\":{}}");
  g_string_append (out, "},");
  append_instructions (out, shares);
  g_string_append_printf (out, ",\"ttlMs\":%" G_GINT64_FORMAT ",\"cacheScope\":\"private\",",
                          shortest_ttl (shares));
  append_meta (out, shares);
  g_string_append_c (out, '}');

  return g_string_free (out, FALSE);
}
