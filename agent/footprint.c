/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/footprint.h"

#include <link.h>
#include <malloc.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "protocol/secret.h"

#define STACK_CLEARED_BYTES (256 * 1024) /* deeper than the calls of a request go */

/* Segments that are never writable hold exactly what is in the file; relocated data is in the
 * others and must not be touched. */
static int
drop_clean_segments (struct dl_phdr_info *object, size_t size, void *user_data)
{
  uintptr_t page = *(const uintptr_t *) user_data;

  for (int i = 0; i < object->dlpi_phnum; i++)
    {
      const ElfW (Phdr) *segment = &object->dlpi_phdr[i];
      uintptr_t begin = (object->dlpi_addr + segment->p_vaddr + page - 1) & ~(page - 1);
      uintptr_t end = (object->dlpi_addr + segment->p_vaddr + segment->p_memsz) & ~(page - 1);

      if (segment->p_type == PT_LOAD && (segment->p_flags & PF_W) == 0 && begin < end)
        (void) madvise ((void *) begin, end - begin, MADV_DONTNEED);
    }

  return 0;
}

void
bfy_footprint_trim (void)
{
  uintptr_t page = (uintptr_t) sysconf (_SC_PAGESIZE);

  malloc_trim (0);
  dl_iterate_phdr (drop_clean_segments, &page);
}

void
bfy_footprint_clear_stack (void)
{
  guint8 below[STACK_CLEARED_BYTES];

  /* The compiler keeps it, although nobody reads it. */
  bfy_wipe (below, sizeof below);
}
