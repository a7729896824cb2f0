/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/language.h"

#include <glib.h>
#include <libintl.h>
#include <locale.h>

#include "bfy-config.h"

static char *
find_translations (void)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = program != NULL ? g_path_get_dirname (program) : NULL;
  g_autofree char *beside =
      folder != NULL ? g_build_filename (folder, "..", "share", "locale", NULL) : NULL;

  if (beside != NULL && g_file_test (beside, G_FILE_TEST_IS_DIR))
    return g_steal_pointer (&beside);

  return g_strdup (BFY_LOCALE_DIR);
}

void
bfy_language_init (void)
{
  g_autofree char *translations = find_translations ();

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, translations);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
}

void
bfy_language_leave (void)
{
  setlocale (LC_MESSAGES, "C");
}

void
bfy_language_return (void)
{
  setlocale (LC_MESSAGES, "");
}
