/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/moment.h"

#include <string.h>

#include "agent/boot-timer.h"

#define BOOT_ID_FILE "/proc/sys/kernel/random/boot_id"

/* It stays the same as long as we can live. */
static const char *
get_boot_id (void)
{
  static char *boot_id;

  if (g_once_init_enter (&boot_id))
    {
      g_autofree char *text = NULL;

      /* Without one, the wall clock decides (expiry.h). */
      if (!g_file_get_contents (BOOT_ID_FILE, &text, NULL, NULL))
        g_warning ("%s cannot be read; ends are reckoned by the wall clock", BOOT_ID_FILE);
      g_once_init_leave (&boot_id, g_strndup (text != NULL ? g_strchomp (text) : "",
                                              sizeof ((BfyExpiry *) NULL)->boot_id - 1));
    }

  return boot_id;
}

BfyMoment
bfy_moment_now (void)
{
  BfyMoment now = { .boot_id = get_boot_id (),
                    .boot_ms = bfy_boot_timer_now_ms (),
                    .wall_s = g_get_real_time () / G_USEC_PER_SEC };

  return now;
}
