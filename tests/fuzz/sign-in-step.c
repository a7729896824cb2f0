/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The input is what an agent sends while a person signs in: lines of JSON, cut anywhere. What is
 * shown of a step is clean text in whole lines, and what would be opened is an address that neither
 * a browser nor a shell can take for something else. */

#include <string.h>

#include "client/fields.h"
#include "client/lines.h"
#include "client/sign-in-text.h"
#include "protocol/json.h"
#include "tests/fuzz/fuzz.h"

#define LINE_BYTES_MAX 4096

static const BfySignInView views[] = {
  { BFY_BROWSER_HERE, FALSE, FALSE, "x" },
  { BFY_BROWSER_HERE, TRUE, FALSE, "x" },
  { BFY_BROWSER_REMOTE, TRUE, FALSE, "x" },
  { BFY_BROWSER_NONE, FALSE, TRUE, "x" },
};

static void
check_text (const char *text)
{
  gsize length = strlen (text);

  g_assert_true (g_utf8_validate (text, -1, NULL));
  g_assert_true (length == 0 || text[length - 1] == '\n');
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    g_assert_true (*p == '\n' || !g_unichar_iscntrl (g_utf8_get_char (p)));
}

static void
check_opened (const char *url, gboolean allow_local)
{
  gboolean is_tls = g_ascii_strncasecmp (url, "https://", 8) == 0;

  g_assert_true (is_tls || (allow_local && g_ascii_strncasecmp (url, "http://", 7) == 0));
  g_assert_null (strpbrk (url, " \t\r\n\"'`$()<>|;*\\"));
}

static void
on_line (const char *line, gsize length, gpointer user_data)
{
  g_autoptr (JsonObject) step = bfy_json_parse_object (line, length, NULL);

  g_assert_cmpuint (length, >, 0);
  g_assert_cmpuint (length, <=, LINE_BYTES_MAX);
  for (guint i = 0; step != NULL && i < G_N_ELEMENTS (views); i++)
    {
      g_autofree char *text = NULL;

      if (bfy_sign_in_judge (step, &views[i]) == BFY_URL_REFUSE)
        continue;
      text = bfy_sign_in_describe (step, &views[i]);
      check_text (text);
      if (bfy_sign_in_may_open (step, &views[i]))
        check_opened (bfy_field_text (step, "url"), views[i].allow_local);
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (BfyLines) lines = bfy_lines_new (LINE_BYTES_MAX, on_line, NULL);
  gsize cut = size / 3;

  if (bfy_lines_feed (lines, (const char *) data, cut, NULL) &&
      bfy_lines_feed (lines, (const char *) data + cut, size - cut, NULL))
    bfy_lines_finish (lines);

  return 0;
}
