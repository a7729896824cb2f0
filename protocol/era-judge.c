/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* What an answer says about the eras a server speaks. Only what a server of the other era is known
 * to say counts; everything else, a failure of the service or a refusal of the agent above all,
 * says nothing. */

#include "protocol/era-bridge.h"

#define CODE_HEADER_MISMATCH (-32020)
#define CODE_UNSUPPORTED_VERSION (-32022)

typedef struct
{
  gboolean is_json;
  gboolean has_result;
  gboolean is_of_agent; /* a refusal, not the server's word */
  gboolean names_legacy_only;
  gint64 code; /* of the error; 0 without one */
} Words;

/* Which versions an error -32022 offers. */
static gboolean
offers_legacy_only (const BfyJsonSlice *error)
{
  static const char *const path[] = { "data", "supported", NULL };
  BfyJsonSlice array, key, value;
  BfyJsonIter iter;
  guint n = 0;

  if (!bfy_json_slice_find (error, path, &array) || array.type != BFY_JSON_ARRAY)
    return FALSE;
  bfy_json_iter_init (&iter, &array);
  while (bfy_json_iter_next (&iter, &key, &value))
    {
      g_autofree char *version = bfy_json_slice_dup_string (&value);

      if (version == NULL || g_strcmp0 (version, BFY_ERA_MODERN_VERSION) >= 0)
        return FALSE;
      n++;
    }

  return n > 0;
}

static Words
read_words (const char *text, gsize length)
{
  static const char *const origin_path[] = { "data", "origin", NULL };
  Words words = { 0 };
  BfyJsonSlice root, result, error, code, origin;

  if (length == 0 || !bfy_json_check (text, length, NULL))
    return words;
  bfy_json_slice_root (text, length, &root);
  words.is_json = root.type == BFY_JSON_OBJECT;
  words.has_result = bfy_json_slice_member (&root, "result", &result);
  if (!bfy_json_slice_member (&root, "error", &error))
    return words;

  if (bfy_json_slice_member (&error, "code", &code) && !bfy_json_slice_get_int (&code, &words.code))
    words.code = 0;
  words.names_legacy_only = words.code == CODE_UNSUPPORTED_VERSION && offers_legacy_only (&error);
  /* That a program knows no initialize is what the agent has found out, not what it wants. */
  words.is_of_agent = words.code != CODE_UNSUPPORTED_VERSION &&
                      bfy_json_slice_find (&error, origin_path, &origin) &&
                      bfy_json_slice_equals (&origin, "agent");

  return words;
}

static gboolean
is_success (guint status)
{
  return status >= 200 && status < 300;
}

/* A server that does not know a request at all. */
static gboolean
is_refusal (guint status)
{
  return status == 400 || status == 404 || status == 405;
}

static gboolean
is_one_of (gint64 code, const gint64 *codes, gsize n_codes)
{
  for (gsize i = 0; i < n_codes; i++)
    if (code == codes[i])
      return TRUE;

  return FALSE;
}

BfyEraVerdict
bfy_era_judge_modern (const char *method, guint status, const char *text, gsize length)
{
  static const gint64 unknown[] = { -32601, -32600, -32602, -32000, -32001 };
  Words words = read_words (text, length);
  gboolean is_discover = g_str_equal (method, "server/discover");
  gboolean is_modern_error =
      words.code <= CODE_HEADER_MISMATCH && words.code >= CODE_UNSUPPORTED_VERSION;

  if (words.is_of_agent)
    return BFY_ERA_VERDICT_NONE;
  if (words.names_legacy_only)
    return BFY_ERA_VERDICT_OTHER;
  if (is_modern_error || (is_success (status) && words.has_result))
    return BFY_ERA_VERDICT_SPEAKS;
  if (!is_success (status) && !is_refusal (status))
    return BFY_ERA_VERDICT_NONE;
  /* Every modern server has server/discover; other methods it may lack, or find fault with. */
  if (is_discover && is_one_of (words.code, unknown, G_N_ELEMENTS (unknown)))
    return BFY_ERA_VERDICT_OTHER;
  if (words.code == -32601 || words.code == -32602)
    return BFY_ERA_VERDICT_NONE;

  return is_refusal (status) ? BFY_ERA_VERDICT_OTHER : BFY_ERA_VERDICT_NONE;
}

BfyEraVerdict
bfy_era_judge_legacy (guint status, const char *text, gsize length)
{
  static const gint64 modern[] = { -32601, -32602, -32020, -32021, -32022 };
  Words words = read_words (text, length);

  if (words.is_of_agent)
    return BFY_ERA_VERDICT_NONE;
  if (is_success (status) && words.has_result)
    return BFY_ERA_VERDICT_SPEAKS;
  if (!is_success (status) && !is_refusal (status))
    return BFY_ERA_VERDICT_NONE;

  return is_one_of (words.code, modern, G_N_ELEMENTS (modern)) ? BFY_ERA_VERDICT_OTHER
                                                               : BFY_ERA_VERDICT_NONE;
}
