/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/proxy/meter.h"

void
bfy_meter_init (BfyMeter *self, gint64 bytes_max, gboolean is_event_stream)
{
  *self = (BfyMeter){ .bytes_max = bytes_max, .is_event_stream = is_event_stream };
  self->at_line_start = TRUE;
}

/* An empty line, ended by LF, CR or CR LF, ends an event. */
static void
count_byte (BfyMeter *self, char byte)
{
  gboolean is_second_half = self->after_cr && byte == '\n';

  self->after_cr = byte == '\r';
  self->n_bytes++;
  if (is_second_half)
    return;
  if (byte != '\n' && byte != '\r')
    {
      self->at_line_start = FALSE;
      return;
    }
  if (self->at_line_start)
    self->n_bytes = 0;
  self->at_line_start = TRUE;
}

gboolean
bfy_meter_count (BfyMeter *self, const char *bytes, gsize length)
{
  if (!self->is_event_stream)
    {
      self->n_bytes += (gint64) length;
      return self->n_bytes <= self->bytes_max;
    }

  for (gsize i = 0; i < length; i++)
    {
      count_byte (self, bytes[i]);
      if (self->n_bytes > self->bytes_max)
        return FALSE;
    }

  return TRUE;
}
