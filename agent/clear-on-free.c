/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* A secret is a BfySecret as long as it is ours, but on its way it passes through buffers of
 * libraries: header blocks and I/O buffers of libsoup, strings of GUri, records of the TLS library,
 * messages of GDBus. They are on the ordinary heap and are freed as they are. So the program's own
 * free() and realloc() wipe whatever is given back, for all libraries alike; the C library's do the
 * rest. (Its M_PERTURB does not reach blocks that go into its per-thread cache, nor the last word
 * of a block.) GLib's slices, which would keep blocks away from free(), are switched off before any
 * library begins to work.
 *
 * What stays out of reach: memory still in use, the kernel's socket buffers, registers.
 *
 * Part of the program alone, and left out where a sanitizer replaces these functions itself. */

#include <errno.h>
#include <glib.h>
#include <malloc.h>
#include <string.h>

extern void __libc_free (void *block);
extern void *__libc_malloc (size_t length);

void free (void *block);
void *realloc (void *block, size_t length);

void
free (void *block)
{
  if (block == NULL)
    return;

  explicit_bzero (block, malloc_usable_size (block));
  __libc_free (block);
}

/* Never moved by the C library, which would leave the old place as it is. */
void *
realloc (void *block, size_t length)
{
  size_t usable = block != NULL ? malloc_usable_size (block) : 0;
  void *moved;

  if (block != NULL && length == 0)
    {
      free (block);
      return NULL;
    }
  if (block != NULL && length <= usable && length >= usable / 2)
    {
      explicit_bzero ((char *) block + length, usable - length);
      return block;
    }

  moved = __libc_malloc (length);
  if (moved == NULL || block == NULL)
    return moved;
  memcpy (moved, block, MIN (length, usable));
  free (block);

  return moved;
}

/* Runs before the constructors of all libraries: GLib's own already takes slices. */
static void
switch_slices_off (int argc, char **argv, char **environment)
{
  G_GNUC_BEGIN_IGNORE_DEPRECATIONS
  g_slice_set_config (G_SLICE_CONFIG_ALWAYS_MALLOC, TRUE);
  G_GNUC_END_IGNORE_DEPRECATIONS
}

__attribute__ ((section (".preinit_array"), used)) static void (*const before_libraries) (
    int, char **, char **) = switch_slices_off;
