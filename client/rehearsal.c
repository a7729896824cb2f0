/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/rehearsal.h"

BfyRehearsal *
bfy_rehearsal_new (const BfyCli *cli, const BfyCommand *command, const char *const *words)
{
  BfyRehearsal *self = g_new0 (BfyRehearsal, 1);
  g_auto (GStrv) copy = g_strdupv ((GStrv) words);
  g_autoptr (GError) error = NULL;
  BfyCli other = { .environment = cli->environment,
                   .desktop = cli->desktop,
                   .command = command,
                   .title = command->name,
                   .rehearsal = self };

  self->options = g_array_new (TRUE, TRUE, sizeof (GOptionEntry));
  (void) command->run (&other, copy, &error);
  g_free (other.socket_option);
  g_free (other.hint);

  return self;
}

void
bfy_rehearsal_add_options (BfyRehearsal *self, const GOptionEntry *entries)
{
  for (; entries != NULL && entries->long_name != NULL; entries++)
    {
      if (*entries->long_name != '\0')
        g_array_append_val (self->options, *entries);
    }
}

void
bfy_rehearsal_free (BfyRehearsal *self)
{
  g_array_unref (self->options);
  g_free (self);
}
