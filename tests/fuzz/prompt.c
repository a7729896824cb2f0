/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Whatever names a caller, a client and a server have: a question stays within its lines, and no
 * name gets out of its quotation marks. */

#include <string.h>

#include "protocol/prompt-text.h"
#include "tests/fuzz/fuzz.h"

#define QUOTED_MAX 40

static void
check_line (const char *line)
{
  g_assert_true (g_utf8_validate (line, -1, NULL));
  g_assert_cmpint (g_utf8_strlen (line, -1), <=, BFY_PROMPT_LINE_CHARACTERS_MAX);
  for (const char *p = line; *p != '\0'; p = g_utf8_next_char (p))
    {
      GUnicodeType type = g_unichar_type (g_utf8_get_char (p));

      g_assert_true (type != G_UNICODE_CONTROL && type != G_UNICODE_FORMAT &&
                     type != G_UNICODE_LINE_SEPARATOR && type != G_UNICODE_PARAGRAPH_SEPARATOR);
    }
}

/* Our marks stand at both ends only. */
static void
check_quoted (const char *text)
{
  g_autofree char *quoted = bfy_prompt_quote (text, QUOTED_MAX);

  check_line (quoted);
  g_assert_true (g_str_has_prefix (quoted, "“"));
  g_assert_true (strstr (quoted, "”") == quoted + strlen (quoted) - strlen ("”"));
  g_assert_null (strstr (quoted + strlen ("“"), "“"));
  g_assert_cmpint (g_utf8_strlen (quoted, -1), <=, QUOTED_MAX + 3);
}

static void
check_question (char *text, guint8 choice)
{
  char *chain[] = { text, text, text, text, text, NULL };
  BfyCaller caller = { .client_label = (choice & 1) != 0 ? text : NULL,
                       .program = (choice & 2) != 0 ? text : NULL,
                       .pid = 1,
                       .directory = text,
                       .chain = (choice & 4) != 0 ? chain : NULL,
                       .via = (choice & 8) != 0 ? text : NULL,
                       .sandbox = (choice & 16) != 0 ? BFY_SANDBOX_FLATPAK : BFY_SANDBOX_NONE,
                       .sandbox_id = (choice & 16) != 0 ? text : NULL };
  BfyWish wish = { .binding = text,
                   .method = text,
                   .kind = (BfyPolicyKind) (choice % BFY_N_POLICY_KINDS),
                   .name = text,
                   .access = BFY_ACCESS_WRITE,
                   .capability_name = (choice & 32) != 0 ? text : NULL,
                   .arguments = text };
  const BfyPromptFacts facts = { .caller = &caller,
                                 .wish = &wish,
                                 .service = (choice & 64) != 0 ? text : NULL,
                                 .host = (choice & 128) != 0 ? text : NULL,
                                 .account = text,
                                 .program = text };
  g_autofree char *title = bfy_prompt_build_title (&facts);
  g_auto (GStrv) lines = bfy_prompt_build_lines (&facts);

  check_line (title);
  g_assert_cmpuint (g_strv_length (lines), <=, BFY_PROMPT_LINES_MAX);
  for (guint i = 0; lines[i] != NULL; i++)
    check_line (lines[i]);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);

  check_quoted (text);
  check_question (text, size > 0 ? data[size - 1] : 0);

  return 0;
}
