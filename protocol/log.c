/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/log.h"

#include <string.h>

#include "protocol/redact.h"
#include "protocol/secret.h"

#define FIELDS_MAX 64
#define ID_LENGTH_MAX 8

/* Of the process, as GLib's writer is. */
static struct
{
  BfyLogKnown known; /* (nullable) */
  gpointer known_data;
  GLogWriterFunc output; /* (nullable) */
  gpointer output_data;
} sink;

char *
bfy_log_clean (const char *text)
{
  BfyLogKnown known = sink.known;
  g_auto (BfyWipedText) clean =
      known != NULL && text != NULL ? known (sink.known_data, text) : NULL;

  return bfy_redact (clean != NULL ? clean : text);
}

static gboolean
is_id (const char *key)
{
  return g_str_has_prefix (key, "BINDIFY_") && g_str_has_suffix (key, "_ID");
}

/* Bytes end at a NUL: what is behind it is no text. */
char *
bfy_log_clean_field (const GLogField *field)
{
  g_auto (BfyWipedText) text =
      field->length < 0 ? g_strdup (field->value) : g_strndup (field->value, (gsize) field->length);
  char *clean = bfy_log_clean (text);
  char *id;

  if (!is_id (field->key) || strlen (clean) <= ID_LENGTH_MAX)
    return clean;

  id = g_strdup_printf ("%.*s...", ID_LENGTH_MAX, clean);
  g_free (clean);

  return id;
}

static const char *
find_domain (const GLogField *fields, gsize n_fields)
{
  for (gsize i = 0; i < n_fields; i++)
    {
      if (g_str_equal (fields[i].key, "GLIB_DOMAIN") && fields[i].length < 0)
        return fields[i].value;
    }

  return NULL;
}

static GLogWriterOutput
write_clean (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  GLogWriterFunc output = sink.output != NULL ? sink.output : g_log_writer_default;
  GLogField copies[FIELDS_MAX] = { 0 };
  char *texts[FIELDS_MAX] = { 0 };
  gsize n = MIN (n_fields, FIELDS_MAX);
  GLogWriterOutput result;

  if (g_log_writer_default_would_drop (level, find_domain (fields, n_fields)))
    return G_LOG_WRITER_HANDLED;

  for (gsize i = 0; i < n; i++)
    {
      texts[i] = bfy_log_clean_field (&fields[i]);
      copies[i] = (GLogField){ fields[i].key, texts[i], -1 };
    }
  result = output (level, copies, n, sink.output_data);
  for (gsize i = 0; i < n; i++)
    g_free (texts[i]);

  return result;
}

void
bfy_log_init (void)
{
  g_log_set_writer_func (write_clean, NULL, NULL);
}

void
bfy_log_set_known (BfyLogKnown known, gpointer user_data)
{
  sink.known = known;
  sink.known_data = user_data;
}

void
bfy_log_set_output (GLogWriterFunc output, gpointer user_data)
{
  sink.output = output;
  sink.output_data = user_data;
}
