/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Whatever stands around it, a secret that is a word of its own does not stay in the line, nor does
 * a word that starts like a client key. */

#include "protocol/redact.h"

#include <string.h>

#include "protocol/name.h"
#include "tests/fuzz/fuzz.h"

#define GROWTH_MAX 8 /* the line of one short word after another */
#define SHORTEST_BYTES 64
#define SECRET "-mJ0x1QvN_7uYbTqk3dRcWZsPf9aHgLE2o8iB5t6KX-" /* 32 bytes with difficult edges */

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
  check_keys (redacted);
  g_assert_cmpuint (strlen (redacted), <=, strlen (planted) * GROWTH_MAX + SHORTEST_BYTES);
  g_assert_true (g_utf8_validate (line, -1, NULL));
  g_assert_null (strpbrk (line, "\r\n\033"));

  return 0;
}
