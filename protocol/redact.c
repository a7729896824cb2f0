/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Six passes, from what is certain to what is only likely (behaviour 20.2): client keys, values of
 * secret headers and auth schemes, parts of URLs, shapes of known vendors, long runs, and what is
 * left in the place of a key in paths of ours. Each pass leaves alone what an earlier one wrote. */

#include "protocol/redact.h"

#include "protocol/redact-private.h"
#include "protocol/secret.h"
#include "protocol/token-shape.h"

#define GROWTH 4 /* no replacement makes a line longer by more than this factor */
#define SHORTEST_BYTES 64

/* Made at the first replacement and large enough for all: a buffer that grows leaves copies. */
static void
flush (BfyRedactScan *scan)
{
  if (scan->out == NULL)
    scan->out = g_string_sized_new (scan->length * GROWTH + SHORTEST_BYTES);
  g_string_append_len (scan->out, scan->copied, scan->p - scan->copied);
}

void
bfy_redact_replace (BfyRedactScan *scan, gsize length, const char *text)
{
  flush (scan);
  g_string_append (scan->out, text);
  scan->p += length;
  scan->copied = scan->p;
}

void
bfy_redact_replace_counted (BfyRedactScan *scan, gsize length)
{
  flush (scan);
  g_string_append_printf (scan->out, "[REDACTED:%" G_GSIZE_FORMAT "chars]", length);
  scan->p += length;
  scan->copied = scan->p;
}

/* bnd_local_… and whatever else has our prefix; in the middle of a longer word it is chance. */
static gboolean
redact_client_key (BfyRedactScan *scan)
{
  static const char prefix[] = "bnd_";
  gsize length;

  if (!g_str_has_prefix (scan->p, prefix) ||
      (scan->p > scan->start && bfy_redact_is_key (scan->p[-1])))
    return FALSE;
  length = bfy_redact_span (scan->p + strlen (prefix), bfy_redact_is_key);
  if (length == 0)
    return FALSE;

  bfy_redact_replace (scan, strlen (prefix) + length, "bnd_" BFY_REDACTED);

  return TRUE;
}

static gboolean
redact_shape (BfyRedactScan *scan)
{
  char before = scan->p == scan->start ? ' ' : scan->p[-1];
  gsize length = 0;

  if (!bfy_redact_is_key (before) || !g_ascii_isxdigit (before))
    length = bfy_token_shape_span (scan->p, before);
  if (length == 0)
    return FALSE;
  bfy_redact_replace_counted (scan, length);

  return TRUE;
}

static gboolean
redact_run (BfyRedactScan *scan)
{
  gsize run_length = bfy_token_run_span (scan->p);
  gsize offset = 0;
  gsize length = bfy_token_run_find (scan->p, run_length, &offset);

  if (length > 0)
    {
      bfy_redact_keep (scan, offset);
      bfy_redact_replace_counted (scan, length);
      bfy_redact_keep (scan, run_length - offset - length);
      return TRUE;
    }

  bfy_redact_keep (scan, run_length);

  return run_length > 0;
}

typedef struct
{
  BfyRedactRule rule;
  gboolean (*begins) (char c); /* with what: all other bytes are passed over */
} Pass;

static gboolean
begins_client_key (char c)
{
  return c == 'b';
}

static gboolean
begins_value (char c)
{
  return g_ascii_isalpha (c);
}

static gboolean
begins_url (char c)
{
  return c == ':' || c == '?' || c == '#';
}

static gboolean
begins_shape (char c)
{
  return g_ascii_isgraph (c);
}

static gboolean
begins_run (char c)
{
  return bfy_redact_is_key (c) || c == '+' || c == '/' || c == '~' || c == '.' || c == '%';
}

static gboolean
begins_path (char c)
{
  return c == '/';
}

static const Pass passes[] = {
  { redact_client_key, begins_client_key },
  { bfy_redact_value, begins_value },
  { bfy_redact_url, begins_url },
  { redact_shape, begins_shape },
  { redact_run, begins_run },
  { bfy_redact_path_key, begins_path },
};

/* Which passes want a byte, a bit for each. */
static const guint8 *
peek_begins (void)
{
  static gsize is_made;
  static guint8 begins[256];

  if (g_once_init_enter (&is_made))
    {
      for (guint c = 0; c < G_N_ELEMENTS (begins); c++)
        {
          for (guint i = 0; i < G_N_ELEMENTS (passes); i++)
            begins[c] |= (guint8) (passes[i].begins ((char) c) ? 1u << i : 0);
        }
      begins[0] = (1u << G_N_ELEMENTS (passes)) - 1; /* all stop at the end */
      g_once_init_leave (&is_made, 1);
    }

  return begins;
}

/* NULL when nothing was found. */
static char *
apply (const char *text, guint n_pass)
{
  BfyRedactScan scan = { text, text, text, NULL, strlen (text) };
  const guint8 *begins = peek_begins ();
  const BfyRedactRule rule = passes[n_pass].rule;
  const guint8 bit = (guint8) (1u << n_pass);

  while (TRUE)
    {
      while ((begins[(guchar) *scan.p] & bit) == 0)
        scan.p++;
      if (*scan.p == '\0')
        break;
      if (!rule (&scan))
        scan.p++;
    }
  if (scan.out == NULL)
    return NULL;
  flush (&scan);

  return g_string_free (scan.out, FALSE);
}

char *
bfy_redact (const char *text)
{
  char *line = g_strdup (text != NULL ? text : "");

  for (guint i = 0; i < G_N_ELEMENTS (passes); i++)
    {
      char *cleaner = apply (line, i);

      if (cleaner == NULL)
        continue;
      bfy_wipe_free (line);
      line = cleaner;
    }

  return line;
}
