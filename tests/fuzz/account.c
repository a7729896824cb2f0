/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The first line is a JSON pointer, the rest what a service answered. What comes of it is a label.
 */

#include "protocol/account.h"

#include <string.h>

#include "protocol/name.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  const guint8 *end = size > 0 ? memchr (data, '\n', size) : NULL;
  gsize length = end != NULL ? (gsize) (end - data) : 0;
  g_autofree char *pointer = g_strndup ((const char *) data, length);
  const char *const pointers[] = { pointer, "/login", NULL };
  g_autofree char *account = NULL;
  g_autofree char *label = NULL;

  if (end == NULL)
    return 0;
  account = bfy_account_find ((const char *) end + 1, size - length - 1, pointers, NULL);
  if (account == NULL)
    return 0;
  label = bfy_label_normalize (account, NULL);
  g_assert_cmpstr (label, ==, account);

  return 0;
}
