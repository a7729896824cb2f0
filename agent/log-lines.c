/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/log-lines.h"

#include <string.h>
#include <unistd.h>

#include "protocol/log-line.h"
#include "protocol/log.h"

/* One write: the lines of several threads do not mix. What cannot be written is lost, as with
 * GLib's own writer. A fatal one goes there too, because ending the process is that one's work. */
static GLogWriterOutput
write_line (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  const GLogLevelFlags always_fatal = (GLogLevelFlags) GPOINTER_TO_UINT (user_data);
  g_autofree char *line =
      bfy_log_line (level, fields, n_fields, g_get_real_time () / G_TIME_SPAN_MILLISECOND);
  gssize n = write (STDERR_FILENO, line, strlen (line));

  if (n >= 0 && (level & (always_fatal | G_LOG_FLAG_FATAL)) == 0)
    return G_LOG_WRITER_HANDLED;

  return g_log_writer_default (level, fields, n_fields, NULL);
}

void
bfy_log_lines_start (void)
{
  GLogLevelFlags always_fatal = g_log_set_always_fatal (G_LOG_FATAL_MASK);

  g_log_set_always_fatal (always_fatal);
  if (!g_log_writer_is_journald (STDERR_FILENO))
    bfy_log_set_output (write_line, GUINT_TO_POINTER ((guint) always_fatal));
}
