/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/icon/theme.h"

#include <gio/gio.h>

#define PROBE "hicolor/symbolic/apps/io.bindify.Tray-symbolic.svg"

/* From the folder of the program. */
static const char *const places[] = {
  "../share/icons",      /* installed, under any prefix */
  "../../data/icons",    /* build/tray */
  "../../../data/icons", /* .check/gcc/tray */
};

char *
bfy_icon_theme_find (void)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = program != NULL ? g_path_get_dirname (program) : NULL;

  for (guint i = 0; folder != NULL && i < G_N_ELEMENTS (places); i++)
    {
      g_autofree char *path = g_canonicalize_filename (places[i], folder);
      g_autofree char *probe = g_build_filename (path, PROBE, NULL);

      if (g_file_test (probe, G_FILE_TEST_EXISTS))
        return g_steal_pointer (&path);
    }

  return g_strdup ("");
}
