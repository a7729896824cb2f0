/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The first byte says the form, the rest is a file of another program. What is read lies within
 * the text; an entry that is put in is there, and taken out again leaves a text that is read as the
 * first one was. */

#include "client/rewrite/rewrite.h"

#include <string.h>

#include "protocol/json.h"
#include "tests/fuzz/fuzz.h"

#define ENTRY "{\"command\": \"bindify-mcp\", \"args\": [\"a b\"]}"

static void
check_place (const BfyPlace *place, gsize length)
{
  g_assert_cmpuint (place->begin, <=, place->end);
  g_assert_cmpuint (place->end, <=, length);
  g_assert_cmpuint (place->entry, <=, length);
  if (place->text != NULL)
    g_assert_true (g_utf8_validate (place->text, -1, NULL));
  for (guint i = 0; place->children != NULL && i < place->children->len; i++)
    check_place (g_ptr_array_index (place->children, i), length);
}

static void
check_change (BfyForm form, const char *text)
{
  static const char *const path[] = { "servers", "x y", NULL };
  g_autoptr (JsonNode) value = bfy_json_parse (ENTRY, strlen (ENTRY), NULL);
  g_autofree char *with = bfy_rewrite_set (form, text, path, value, NULL);
  g_autofree char *without = NULL;
  g_autoptr (BfyPlace) root = NULL;

  if (with == NULL)
    return;
  root = bfy_place_parse (form, with, strlen (with), NULL);
  g_assert_nonnull (root);
  g_assert_cmpstr (bfy_place_get_text (bfy_place_find (root, path), "command"), ==, "bindify-mcp");
  without = bfy_rewrite_remove (form, with, path, NULL);
  if (without != NULL)
    {
      g_autoptr (BfyPlace) left = bfy_place_parse (form, without, strlen (without), NULL);

      g_assert_nonnull (left);
      g_assert_null (bfy_place_find (left, path));
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  BfyForm form = size > 0 ? data[0] % 3 : BFY_FORM_JSON;
  g_autofree char *text = size > 0 ? g_strndup ((const char *) data + 1, size - 1) : g_strdup ("");
  g_autoptr (BfyPlace) root = bfy_place_parse (form, text, strlen (text), NULL);

  if (root == NULL)
    return 0;
  check_place (root, strlen (text));
  check_change (form, text);

  return 0;
}
