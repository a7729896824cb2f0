/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/log.h"

#include <glib.h>

#include "protocol/redact.h"

#define FIELDS_MAX 32

static char *
field_to_text (const GLogField *field)
{
  return field->length < 0 ? g_strdup (field->value)
                           : g_strndup (field->value, (gsize) field->length);
}

/* All text fields, not only the message: there are no exempt ones (behaviour 20.3). Chains up, so
 * that fatal warnings stay fatal. */
static GLogWriterOutput
write_redacted (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  GLogField copies[FIELDS_MAX] = { 0 };
  char *texts[FIELDS_MAX] = { 0 };
  gsize n = MIN (n_fields, FIELDS_MAX);
  GLogWriterOutput output;

  for (gsize i = 0; i < n; i++)
    {
      g_autofree char *text = field_to_text (&fields[i]);

      texts[i] = bfy_redact (text);
      copies[i] = (GLogField){ fields[i].key, texts[i], -1 };
    }
  output = g_log_writer_default (level, copies, n, user_data);
  for (gsize i = 0; i < n; i++)
    g_free (texts[i]);

  return output;
}

void
bfy_log_init (void)
{
  g_log_set_writer_func (write_redacted, NULL, NULL);
}
