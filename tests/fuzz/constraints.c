/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Constraints that are understood are read back as the same; of words, each line one, what is taken
 * makes constraints that are understood; and whatever stands there, another host stays out. */

#include "protocol/constraints.h"

#include <string.h>

#include "protocol/error.h"
#include "protocol/json.h"
#include "tests/fuzz/fuzz.h"

static void
check (BfyConstraints *constraints, const char *text)
{
  g_autoptr (JsonObject) object = bfy_constraints_to_json (constraints);
  g_autofree char *written = bfy_json_object_to_text (object, NULL);
  g_autoptr (JsonObject) again = bfy_json_parse_object (written, strlen (written), NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (BfyConstraints) copy = bfy_constraints_from_json (again, &error);
  g_autoptr (JsonObject) of_copy = NULL;
  g_autofree char *twice = NULL;

  g_assert_no_error (error);
  of_copy = bfy_constraints_to_json (copy);
  twice = bfy_json_object_to_text (of_copy, NULL);
  g_assert_cmpstr (written, ==, twice);
  g_assert_cmpint (bfy_constraints_allow_tool (constraints, text), ==,
                   bfy_constraints_allow_tool (copy, text));
  if (constraints->host != NULL && !g_str_equal (constraints->host, "x.example"))
    g_assert_false (bfy_constraints_allow_url (constraints, "https://x.example/"));
  if (constraints->path != NULL && !g_str_equal (constraints->path, "/"))
    g_assert_false (bfy_constraints_allow_url (constraints, "https://x.example/"));
  (void) bfy_constraints_allow_url (constraints, text);
}

static void
check_words (const char *text)
{
  g_auto (GStrv) words = g_strsplit (text, "\n", 16);
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (BfyConstraints) constraints = NULL;

  for (guint i = 0; words[i] != NULL; i++)
    {
      g_autoptr (GError) error = NULL;

      if (bfy_constraints_add_word (object, words[i], &error))
        continue;
      g_assert_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      g_assert_null (strchr (error->message, '\n'));
      return;
    }
  constraints = bfy_constraints_from_json (object, NULL);
  g_assert_nonnull (constraints);
  check (constraints, text);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autoptr (JsonObject) object = bfy_json_parse_object ((const char *) data, size, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (BfyConstraints) constraints = NULL;

  check_words (text);
  if (object == NULL)
    return 0;
  constraints = bfy_constraints_from_json (object, &error);
  if (constraints != NULL)
    check (constraints, text);
  else
    g_assert_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT);

  return 0;
}
