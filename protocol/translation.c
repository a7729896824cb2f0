/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/translation.h"

#include <libintl.h>

gboolean
bfy_translation_is_english (void)
{
  /* The translation of nothing is the head of the catalogue. */
  return *dgettext (GETTEXT_PACKAGE, "") == '\0';
}

const char *
bfy_translation_find (const char *text)
{
  return *text != '\0' ? dgettext (GETTEXT_PACKAGE, text) : text;
}
