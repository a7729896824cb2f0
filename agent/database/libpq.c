/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/database/libpq.h"

#include <dlfcn.h>

#include "protocol/error.h"

/* The name that goes with the headers we are built with; another one is another interface. */
#define FILE_NAME "libpq.so.5"

BfyLibpq bfy_libpq;

#define ROW(name) { #name, G_STRUCT_OFFSET (BfyLibpq, name) },

static const struct
{
  const char *name;
  gsize offset;
} functions[] = { BFY_LIBPQ_FUNCTIONS (ROW) };

/* FALSE when one of them is missing. */
static gboolean
find_functions (void *library, BfyLibpq *found)
{
  for (guint i = 0; i < G_N_ELEMENTS (functions); i++)
    {
      void *function = dlsym (library, functions[i].name);

      if (function == NULL)
        return FALSE;
      *(void **) G_STRUCT_MEMBER_P (found, functions[i].offset) = function;
    }

  return TRUE;
}

/* It is not closed again: what it has loaded does not take that well. libpq and OpenSSL each begin
 * by themselves, and once, whoever else in the process uses OpenSSL. */
gboolean
bfy_libpq_load (GError **error)
{
  static void *library;
  BfyLibpq found;

  if (library != NULL)
    return TRUE;
  library = dlopen (FILE_NAME, RTLD_NOW | RTLD_LOCAL);
  if (library == NULL || !find_functions (library, &found))
    {
      g_clear_pointer (&library, dlclose);
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_UNSUPPORTED,
                           "PostgreSQL databases need the library libpq, which is not installed, "
                           "or too old; apt install libpq5 installs it");
      return FALSE;
    }
  bfy_libpq = found;

  return TRUE;
}
