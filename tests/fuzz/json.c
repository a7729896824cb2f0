/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* What passes the gate is understood by json-glib, and slices read the same out of it as json-glib
 * does; slices stay inside any bytes at all; text written as a string passes the gate and comes
 * back. */

#include "protocol/json.h"

#include <string.h>

#include "protocol/error.h"
#include "tests/fuzz/fuzz.h"

static const char *text_start, *text_end;

static void compare_value (const BfyJsonSlice *slice, JsonNode *node);

static void
assert_inside (const BfyJsonSlice *slice)
{
  g_assert_true (slice->start >= text_start && slice->start <= text_end);
  g_assert_cmpuint (slice->length, <=, (gsize) (text_end - slice->start));
}

static void
compare_string (const BfyJsonSlice *slice, const char *want)
{
  g_autofree char *copy = bfy_json_slice_dup_string (slice);
  g_autofree char *room = g_malloc (slice->length);
  gsize n_bytes = bfy_json_slice_unescape (slice, room);

  g_assert_cmpstr (copy, ==, want);
  g_assert_cmpmem (room, n_bytes, want, strlen (want));
  g_assert_true (bfy_json_slice_equals (slice, want));
}

static void
compare_number (const BfyJsonSlice *slice, JsonNode *node)
{
  g_autofree char *token = g_strndup (slice->start, slice->length);

  if (strpbrk (token, ".eE") == NULL)
    g_assert_cmpint (json_node_get_int (node), ==, g_ascii_strtoll (token, NULL, 10));
  else
    g_assert_cmpfloat (json_node_get_double (node), ==, g_ascii_strtod (token, NULL));
}

static void
compare_object (const BfyJsonSlice *slice, JsonObject *object)
{
  BfyJsonSlice key, value, found;
  BfyJsonIter iter;
  guint n_members = 0;

  bfy_json_iter_init (&iter, slice);
  while (bfy_json_iter_next (&iter, &key, &value))
    {
      g_autofree char *name = bfy_json_slice_dup_string (&key);

      assert_inside (&key);
      g_assert_true (json_object_has_member (object, name));
      compare_string (&key, name);
      compare_value (&value, json_object_get_member (object, name));
      g_assert_true (bfy_json_slice_member (slice, name, &found));
      g_assert_true (found.start == value.start);
      n_members++;
    }
  g_assert_cmpuint (n_members, ==, json_object_get_size (object));
}

static void
compare_array (const BfyJsonSlice *slice, JsonArray *array)
{
  BfyJsonSlice value;
  BfyJsonIter iter;
  guint n_elements = 0;

  bfy_json_iter_init (&iter, slice);
  while (bfy_json_iter_next (&iter, NULL, &value))
    {
      g_assert_cmpuint (n_elements, <, json_array_get_length (array));
      compare_value (&value, json_array_get_element (array, n_elements));
      n_elements++;
    }
  g_assert_cmpuint (n_elements, ==, json_array_get_length (array));
}

static void
compare_value (const BfyJsonSlice *slice, JsonNode *node)
{
  assert_inside (slice);
  switch (slice->type)
    {
    case BFY_JSON_OBJECT:
      g_assert_true (JSON_NODE_HOLDS_OBJECT (node));
      compare_object (slice, json_node_get_object (node));
      break;
    case BFY_JSON_ARRAY:
      g_assert_true (JSON_NODE_HOLDS_ARRAY (node));
      compare_array (slice, json_node_get_array (node));
      break;
    case BFY_JSON_STRING:
      g_assert_true (json_node_get_value_type (node) == G_TYPE_STRING);
      compare_string (slice, json_node_get_string (node));
      break;
    case BFY_JSON_NUMBER:
      compare_number (slice, node);
      break;
    case BFY_JSON_TRUE:
    case BFY_JSON_FALSE:
      g_assert_true (json_node_get_value_type (node) == G_TYPE_BOOLEAN);
      g_assert_cmpint (json_node_get_boolean (node), ==, slice->type == BFY_JSON_TRUE);
      break;
    case BFY_JSON_NULL:
      g_assert_true (JSON_NODE_HOLDS_NULL (node));
      break;
    }
}

static void
walk_anything (const BfyJsonSlice *slice, guint depth)
{
  BfyJsonSlice key = { BFY_JSON_NULL, text_start, 0 };
  BfyJsonSlice value;
  BfyJsonIter iter;

  assert_inside (slice);
  g_free (bfy_json_slice_dup_string (slice));
  (void) bfy_json_slice_equals (slice, "name");
  bfy_json_iter_init (&iter, slice);
  while (depth < BFY_JSON_DEPTH_MAX && bfy_json_iter_next (&iter, &key, &value))
    {
      assert_inside (&key);
      g_assert_cmpuint (value.length, >, 0);
      walk_anything (&value, depth + 1);
    }
}

static void
check_gate (const char *text, gsize length, const BfyJsonSlice *root)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = NULL;
  gboolean passes = bfy_json_check (text, length, &error);

  g_assert_true (passes == (error == NULL));
  if (!passes)
    {
      g_assert_error (error, BFY_ERROR, BFY_ERROR_PARSE);
      g_assert_true (g_str_is_ascii (error->message));
      g_assert_null (bfy_json_parse (text, length, NULL));
      return;
    }

  node = bfy_json_parse (text, length, &error);
  if (node == NULL)
    {
      g_assert_error (error, BFY_ERROR, BFY_ERROR_PARSE);
      g_assert_true (strstr (error->message, "number out of range") != NULL ||
                     strstr (error->message, "too many names") != NULL);
    }
  else
    {
      gsize back_length;
      g_autofree char *back = bfy_json_node_to_text (node, &back_length);

      compare_value (root, node);
      g_assert_true (bfy_json_check (back, back_length, NULL));
    }
}

static void
check_append (const char *text, gsize length)
{
  g_autoptr (GString) out = g_string_new (NULL);
  g_autofree char *back = NULL;
  BfyJsonSlice root;

  bfy_json_append_string (out, text, (gssize) length);
  g_assert_true (bfy_json_check (out->str, out->len, NULL));
  bfy_json_slice_root (out->str, out->len, &root);
  g_assert_cmpint (root.type, ==, BFY_JSON_STRING);
  back = bfy_json_slice_dup_string (&root);
  if (g_utf8_validate_len (text, length, NULL))
    g_assert_cmpmem (back, strlen (back), text, length);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  const char *text = (const char *) data;
  BfyJsonSlice root;

  text_start = text;
  text_end = text + size;
  bfy_json_slice_root (text, size, &root);
  walk_anything (&root, 0);
  check_gate (text, size, &root);
  check_append (text, size);

  return 0;
}
