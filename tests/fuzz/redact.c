/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Whatever stands around it, a secret of any shape that is a word of its own does not stay in the
 * line, nor does a word that starts like a client key. What comes out of the sink is one line of
 * JSON. */

#include "protocol/redact.h"

#include <string.h>

#include "protocol/log-line.h"
#include "protocol/log.h"
#include "protocol/name.h"
#include "tests/fuzz/fuzz.h"

#define GROWTH_MAX 8 /* the line of one short word after another */
#define SHORTEST_BYTES 64
#define SECRET "-mJ0x1QvN_7uYbTqk3dRcWZsPf9aHgLE2o8iB5t6KX-" /* 32 bytes with difficult edges */

/* What may stand in a log, and the part of it that is secret. */
static const struct
{
  const char *text, *secret;
} planted_secrets[] = {
  { SECRET, SECRET },
  { "ghp_16C7e42F292c6912E7710c838347Ae178B4a", "16C7e42F292c6912E7710c838347Ae178B4a" },
  { "github_pat_11ABCDEFG0abcdefgh", "11ABCDEFG0abcdefgh" },
  { "lin_api_AbCdEfGh1234", "AbCdEfGh1234" },
  { "figd_AbC-dEfG_h12", "AbC-dEfG_h12" },
  { "ATATT3xFfGF0abcd=1A2B3C4D", "3xFfGF0abcd" },
  { "ntn_12345678901", "12345678901" },
  { "sk-ant-api03-abcdefghij0123456789", "abcdefghij0123456789" },
  { "0123456789abcdef0123456789ABCDEF01234567", "0123456789abcdef0123456789ABCDEF01234567" },
  { "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dozjgNryP4J3jVmNHl0w5N", "dozjgNryP4J3jVmNHl0w5N" },
  { "Bearer q7~+/=", "q7~+/=" },
  { "Basic dTpwYXNzd29yZA==", "dTpwYXNzd29yZA==" },
  { "https://u:pa55word@h.example/x?k=v4lue", "pa55word" },
  { "https://u:pa55word@h.example/x?k=v4lue", "v4lue" },
  { "http://127.0.0.1:1/mcp/a/m1styped", "m1styped" },
};

static void
check_planted (const char *text)
{
  for (guint i = 0; i < G_N_ELEMENTS (planted_secrets); i++)
    {
      g_autofree char *line = g_strconcat (text, " ", planted_secrets[i].text, " ", text, NULL);
      const GLogField field = { "MESSAGE", line, -1 };
      g_autofree char *clean = bfy_log_clean_field (&field);
      const GLogField fields[] = { { "MESSAGE", clean, -1 }, { "BINDIFY_X", clean, -1 } };
      g_autofree char *json = bfy_log_line (G_LOG_LEVEL_INFO, fields, G_N_ELEMENTS (fields), 1);

      g_assert_cmpuint (strlen (clean), <=, strlen (line) * GROWTH_MAX + SHORTEST_BYTES);
      g_assert_true (g_utf8_validate (json, -1, NULL));
      g_assert_cmpuint (strcspn (json, "\n"), ==, strlen (json) - 1);
      if (strstr (text, planted_secrets[i].secret) == NULL)
        g_assert_null (strstr (clean, planted_secrets[i].secret));
    }
}

static void
check_keys (const char *line)
{
  const char *key = line;

  while ((key = strstr (key, "bnd_local_")) != NULL)
    {
      g_assert_true (key > line && (g_ascii_isalnum (key[-1]) || key[-1] == '_' || key[-1] == '-'));
      key++;
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autofree char *planted = g_strconcat (text, " " SECRET " ", text, NULL);
  g_autofree char *redacted = bfy_redact (planted);
  g_autofree char *line = bfy_text_to_line (text, size);

  g_assert_null (strstr (redacted, SECRET));
  check_planted (text);
  check_keys (redacted);
  g_assert_cmpuint (strlen (redacted), <=, strlen (planted) * GROWTH_MAX + SHORTEST_BYTES);
  g_assert_true (g_utf8_validate (line, -1, NULL));
  g_assert_null (strpbrk (line, "\r\n\033"));

  return 0;
}
