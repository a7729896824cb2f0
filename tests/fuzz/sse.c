/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* However a stream is cut, the same events and the same end come out, and no event is larger than
 * the limit; without a limit they are those of a naive reading of the standard. */

#include "protocol/sse.h"

#include <string.h>

#include "protocol/error.h"
#include "tests/fuzz/fuzz.h"

#define N_RANDOM_CUTS 4
#define PIECE_BYTES_MAX 12

static const gsize limits[] = { 0, 7, 32, G_MAXSIZE };

typedef struct
{
  GString *seen; /* (owned) all events in one unambiguous text */
  gsize event_bytes_max;
} Log;

static void
append_event (GString *seen, const BfySseEvent *event)
{
  g_string_append_printf (seen, "<%s|%s|%" G_GINT64_FORMAT "|%" G_GSIZE_FORMAT "|", event->type,
                          event->id != NULL ? event->id : "", event->retry_ms, event->length);
  g_string_append_len (seen, event->data, (gssize) event->length);
}

static void
on_event (const BfySseEvent *event, gpointer user_data)
{
  Log *log = user_data;

  g_assert_cmpuint (event->length, <=, log->event_bytes_max);
  g_assert_null (strpbrk (event->type, "\r\n"));
  g_assert_true (event->id == NULL || (*event->id != '\0' && strpbrk (event->id, "\r\n") == NULL));
  g_assert_true (event->length == 0 || memchr (event->data, '\r', event->length) == NULL);
  g_assert_cmpint (event->retry_ms, >=, -1);
  g_assert_cmpint (event->retry_ms, <=, G_MAXINT32);
  append_event (log->seen, event);
}

/* With a GRand of its own pieces are cut at random, without byte by byte if @cut, else whole. */
static GString *
parse (const char *bytes, gsize length, gsize event_bytes_max, gboolean cut, GRand *random)
{
  Log log = { g_string_new (NULL), event_bytes_max };
  g_autoptr (BfySseParser) parser = bfy_sse_parser_new (event_bytes_max, on_event, &log);
  gsize start = 0;

  while (start < length)
    {
      gsize wanted = random != NULL ? (gsize) g_rand_int_range (random, 0, PIECE_BYTES_MAX) : 1;
      gsize n_bytes = cut ? MIN (wanted, length - start) : length;
      g_autoptr (GError) error = NULL;

      if (!bfy_sse_parser_feed (parser, bytes + start, n_bytes, &error))
        {
          g_assert_error (error, BFY_ERROR, BFY_ERROR_RESPONSE_TOO_LARGE);
          g_string_append (log.seen, "too large");
          break;
        }
      g_assert_no_error (error);
      start += n_bytes;
    }

  return log.seen;
}

static void
check_cuts (const char *bytes, gsize length, gsize event_bytes_max)
{
  g_autoptr (GString) whole = parse (bytes, length, event_bytes_max, FALSE, NULL);
  g_autoptr (GString) singly = parse (bytes, length, event_bytes_max, TRUE, NULL);
  GRand *random = g_rand_new_with_seed ((guint32) length);

  g_assert_true (g_string_equal (whole, singly));
  for (guint i = 0; i < N_RANDOM_CUTS; i++)
    {
      g_autoptr (GString) cut = parse (bytes, length, event_bytes_max, TRUE, random);

      g_assert_true (g_string_equal (whole, cut));
    }
  g_rand_free (random);
}

/* --- The naive reading: all at once, every line copied --- */

typedef struct
{
  GString *seen; /* (owned) */
  GString *data; /* (owned) */
  char *type;    /* (owned) */
  char *id;      /* (owned) */
  gint64 retry_ms;
  gboolean has_data;
  gboolean has_id;
} Model;

static gint64
model_retry (const char *value)
{
  guint64 retry_ms;

  if (*value == '\0' || strspn (value, "0123456789") != strlen (value))
    return -1;
  retry_ms = g_ascii_strtoull (value, NULL, 10);

  return (gint64) MIN (retry_ms, G_MAXINT32);
}

static void
model_dispatch (Model *model)
{
  BfySseEvent event = { *model->type != '\0' ? model->type : "message", model->data->str,
                        model->data->len, *model->id != '\0' ? model->id : NULL, model->retry_ms };

  if (model->has_data || model->has_id || model->retry_ms >= 0)
    append_event (model->seen, &event);
  g_string_truncate (model->data, 0);
  g_free (model->type);
  model->type = g_strdup ("");
  model->retry_ms = -1;
  model->has_data = FALSE;
  model->has_id = FALSE;
}

static void
model_field (Model *model, const char *name, const char *value, gsize length)
{
  gboolean has_nul = strlen (value) != length;

  if (strcmp (name, "data") == 0)
    {
      if (model->has_data)
        g_string_append_c (model->data, '\n');
      g_string_append_len (model->data, value, (gssize) length);
      model->has_data = TRUE;
    }
  else if (strcmp (name, "event") == 0 && !has_nul)
    {
      g_free (model->type);
      model->type = g_strdup (value);
    }
  else if (strcmp (name, "id") == 0 && !has_nul)
    {
      g_free (model->id);
      model->id = g_strdup (value);
      model->has_id = TRUE;
    }
  else if (strcmp (name, "retry") == 0 && !has_nul && model_retry (value) >= 0)
    {
      model->retry_ms = model_retry (value);
    }
}

static void
model_line (Model *model, const char *line, gsize length)
{
  g_autofree char *copy = g_strndup (line, length); /* pads with NUL */
  char *colon;

  memcpy (copy, line, length);
  colon = memchr (copy, ':', length);
  if (length == 0)
    model_dispatch (model);
  else if (colon == NULL && strlen (copy) == length)
    model_field (model, copy, "", 0);
  else if (colon != NULL && strlen (copy) > (gsize) (colon - copy))
    {
      const char *value = colon + 1;

      *colon = '\0';
      value += *value == ' ';
      model_field (model, copy, value, length - (gsize) (value - copy));
    }
}

static GString *
model_parse (const char *bytes, gsize length)
{
  Model model = {
    g_string_new (NULL), g_string_new (NULL), g_strdup (""), g_strdup (""), -1, FALSE, FALSE
  };
  gsize at = length >= 3 && memcmp (bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
  gsize start = at;

  for (; at < length; at++)
    {
      gboolean is_cr = bytes[at] == '\r';

      if (!is_cr && bytes[at] != '\n')
        continue;
      model_line (&model, bytes + start, at - start);
      at += is_cr && at + 1 < length && bytes[at + 1] == '\n';
      start = at + 1;
    }
  g_string_free (model.data, TRUE);
  g_free (model.type);
  g_free (model.id);

  return model.seen;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  const char *bytes = (const char *) data;
  g_autoptr (GString) want = model_parse (bytes, size);
  g_autoptr (GString) got = parse (bytes, size, G_MAXSIZE, FALSE, NULL);

  g_assert_cmpmem (got->str, got->len, want->str, want->len);
  for (gsize i = 0; i < G_N_ELEMENTS (limits); i++)
    check_cuts (bytes, size, limits[i]);

  return 0;
}
