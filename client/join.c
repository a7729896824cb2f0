/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/join.h"

#include <glib/gi18n-lib.h>

static void
take (char **list, char *joined)
{
  g_free (*list);
  *list = joined;
}

void
bfy_join_comma (char **list, const char *item)
{
  if (*list == NULL)
    *list = g_strdup (item);
  else
    /* Translators: a list and one more of it, as "a, b" and "c". */
    take (list, g_strdup_printf (C_ ("list", "%s, %s"), *list, item));
}

void
bfy_join_semicolon (char **list, const char *item)
{
  if (*list == NULL)
    *list = g_strdup (item);
  else
    /* Translators: a list and one more of it, as "a; b" and "c". */
    take (list, g_strdup_printf (C_ ("list", "%s; %s"), *list, item));
}

void
bfy_join_or (char **list, const char *item)
{
  if (*list == NULL)
    *list = g_strdup (item);
  else
    /* Translators: a list and one more of it, as "a or b" and "c". */
    take (list, g_strdup_printf (C_ ("list", "%s or %s"), *list, item));
}
