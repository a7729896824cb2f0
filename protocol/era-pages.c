/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/era-pages.h"

#include <string.h>

#define CODE_PAGES_WANTED (-32042)
#define PAGES_MAX 16
#define KEY_PREFIX "page-"

gboolean
bfy_era_wants_pages (const BfyJsonSlice *error)
{
  BfyJsonSlice code;
  gint64 number;

  return bfy_json_slice_member (error, "code", &code) && bfy_json_slice_get_int (&code, &number) &&
         number == CODE_PAGES_WANTED;
}

/* The forms of 2025-06-18 have no mode; only pages belong here. */
static gboolean
is_page (const BfyJsonSlice *elicitation)
{
  BfyJsonSlice slice;

  return elicitation->type == BFY_JSON_OBJECT &&
         bfy_json_slice_member (elicitation, "mode", &slice) &&
         bfy_json_slice_equals (&slice, "url") &&
         bfy_json_slice_member (elicitation, "url", &slice) && slice.type == BFY_JSON_STRING;
}

/* Returns how many there are, 0 for a list that cannot be used. */
static guint
append_pages (GString *out, const BfyJsonSlice *list)
{
  BfyJsonSlice key, element;
  BfyJsonIter iter;
  guint n = 0;

  bfy_json_iter_init (&iter, list);
  while (bfy_json_iter_next (&iter, &key, &element))
    {
      g_autofree char *request = NULL;

      if (n == PAGES_MAX || !is_page (&element))
        return 0;
      request = bfy_era_input_request ("elicitation/create", &element);
      g_string_append_printf (out, "%s\"" KEY_PREFIX "%u\":%s", n > 0 ? "," : "", n + 1, request);
      n++;
    }

  return n;
}

char *
bfy_era_pages_result (const BfyJsonSlice *error, const char *server_info)
{
  static const char *const path[] = { "data", "elicitations", NULL };
  g_autoptr (GString) out = g_string_new ("{\"resultType\":\"input_required\",\"inputRequests\":{");
  BfyJsonSlice list;

  if (!bfy_json_slice_find (error, path, &list) || list.type != BFY_JSON_ARRAY ||
      append_pages (out, &list) == 0)
    return NULL;
  g_string_append_c (out, '}');
  if (server_info != NULL)
    g_string_append_printf (out, ",\"_meta\":{\"" BFY_META_PREFIX "serverInfo\":%s}", server_info);
  g_string_append_c (out, '}');

  return g_string_free (g_steal_pointer (&out), FALSE);
}

gboolean
bfy_era_can_show_pages (const BfyEraClaim *claim)
{
  static const char *const path[] = { "elicitation", "url", NULL };
  BfyJsonSlice found;

  return claim->capabilities.start != NULL &&
         bfy_json_slice_find (&claim->capabilities, path, &found) && found.type == BFY_JSON_OBJECT;
}

char *
bfy_era_pages_error (void)
{
  return g_strdup ("{\"code\":-32021,\"message\":\"The server wants the person to open a web page, "
                   "and the client does not say that it can show one\",\"data\":{"
                   "\"requiredCapabilities\":{\"elicitation\":{\"url\":{}}}}}");
}

static gboolean
is_acceptance (const BfyJsonSlice *response)
{
  BfyJsonSlice action;

  return bfy_json_slice_member (response, "action", &action) &&
         bfy_json_slice_equals (&action, "accept");
}

gboolean
bfy_era_pages_are_refused (const BfyJsonSlice *message)
{
  static const char *const path[] = { "params", "inputResponses", NULL };
  BfyJsonSlice responses, key, response;
  BfyJsonIter iter;

  if (!bfy_json_slice_find (message, path, &responses) || responses.type != BFY_JSON_OBJECT)
    return FALSE;
  bfy_json_iter_init (&iter, &responses);
  while (bfy_json_iter_next (&iter, &key, &response))
    {
      g_autofree char *name = bfy_json_slice_dup_string (&key);

      if (name != NULL && g_str_has_prefix (name, KEY_PREFIX) && !is_acceptance (&response))
        return TRUE;
    }

  return FALSE;
}
