/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Escapes that only differ in the case of their digits are one spelling, because all but Base64 is
 * compared without regard to case. A spelling that comes out the same as another is kept once: most
 * tokens are letters and digits, and to them nearly all styles are the same. */

#include "protocol/spelling.h"

#include <string.h>

#include "protocol/spelling-private.h"

#define BASE64_OFFSETS 3 /* how a secret can lie in groups of three bytes */
#define JSON_DEPTH 3     /* JSON in a string of JSON, and once more: tools answer with such texts */

typedef struct
{
  BfySecret *text; /* (owned) */
  gboolean minds_case;
} Draft;

typedef struct
{
  gsize start;
  gsize length;
  gboolean minds_case;
} Item;

struct _BfySpellings
{
  BfySecret *block; /* (owned) all of them, one behind the other */
  GArray *items;    /* (owned) (element-type Item) */
};

/* Reserved characters are kept by some: those of a form (RFC 6749, B, and the URL standard), of
 * encodeURIComponent(), of a path segment, of quote() in Python, of encodeURI(). */
static const BfyStyle percents[] = {
  { .unit = bfy_style_percent, .extra = "-._~" },
  { .unit = bfy_style_percent, .extra = "", .flags = BFY_STYLE_ALL },
  { .unit = bfy_style_percent, .extra = "-._~", .flags = BFY_STYLE_PLUS },
  { .unit = bfy_style_percent, .extra = "-._*", .flags = BFY_STYLE_PLUS },
  { .unit = bfy_style_percent, .extra = "-._~!'()*" },
  { .unit = bfy_style_percent, .extra = "-._~!$&'()*+,;=:@" },
  { .unit = bfy_style_percent, .extra = "-._~/" },
  { .unit = bfy_style_percent, .extra = "-._~!'()*;,/?:@&=+$#" },
};

/* JSON.stringify() and most others; PHP with and without its flags; Python, Ruby; Go; Gson; .NET
 * and Rails; our own. */
static const BfyStyle jsons[] = {
  { .unit = bfy_style_json, .extra = "" },
  { .unit = bfy_style_json, .extra = "", .flags = BFY_STYLE_SLASH | BFY_STYLE_ASCII },
  { .unit = bfy_style_json, .extra = "", .flags = BFY_STYLE_SLASH },
  { .unit = bfy_style_json, .extra = "", .flags = BFY_STYLE_ASCII },
  { .unit = bfy_style_json, .extra = "<>&" },
  { .unit = bfy_style_json, .extra = "<>&='" },
  { .unit = bfy_style_json, .extra = "<>&'\"+`\x7f", .flags = BFY_STYLE_ASCII },
  { .unit = bfy_style_json, .extra = "<>&", .flags = BFY_STYLE_ASCII },
  { .unit = bfy_style_json, .extra = "\x7f", .flags = BFY_STYLE_NO_NAMES },
};

static const BfyStyle json_all = { .unit = bfy_style_json, .extra = "", .flags = BFY_STYLE_ALL };

/* "&<>\"'/`=" of PHP, Python, Go, the XML entities, only what must be, mustache and handlebars. */
static const char *const html_php[] = { "&amp;",  "&lt;", "&gt;", "&quot;",
                                        "&#039;", NULL,   NULL,   NULL };
static const char *const html_short[] = { "&amp;", "&lt;", "&gt;", "&quot;",
                                          "&#39;", NULL,   NULL,   NULL };
static const char *const html_python[] = { "&amp;",  "&lt;", "&gt;", "&quot;",
                                           "&#x27;", NULL,   NULL,   NULL };
static const char *const html_go[] = {
  "&amp;", "&lt;", "&gt;", "&#34;", "&#39;", NULL, NULL, NULL
};
static const char *const html_xml[] = { "&amp;",  "&lt;", "&gt;", "&quot;",
                                        "&apos;", NULL,   NULL,   NULL };
static const char *const html_text[] = { "&amp;", "&lt;", "&gt;", NULL, NULL, NULL, NULL, NULL };
static const char *const html_quoted[] = {
  "&amp;", "&lt;", "&gt;", "&quot;", NULL, NULL, NULL, NULL
};
static const char *const html_mustache[] = { "&amp;", "&lt;",   "&gt;",   "&quot;",
                                             "&#39;", "&#x2F;", "&#x60;", "&#x3D;" };
static const char *const html_handlebars[] = { "&amp;",  "&lt;", "&gt;",   "&quot;",
                                               "&#x27;", NULL,   "&#x60;", "&#x3D;" };

static const BfyStyle htmls[] = {
  { .unit = bfy_style_html, .names = html_php },
  { .unit = bfy_style_html, .names = html_short },
  { .unit = bfy_style_html, .names = html_python },
  { .unit = bfy_style_html, .names = html_go },
  { .unit = bfy_style_html, .names = html_xml },
  { .unit = bfy_style_html, .names = html_text },
  { .unit = bfy_style_html, .names = html_quoted },
  { .unit = bfy_style_html, .names = html_mustache },
  { .unit = bfy_style_html, .names = html_handlebars },
};

static const BfyStyle hexes[] = {
  { .unit = bfy_style_hex, .between = "" },
  { .unit = bfy_style_hex, .between = ":" },
  { .unit = bfy_style_hex, .between = " " },
  { .unit = bfy_style_hex, .between = "-" },
};

/* Around Base64, where case matters. */
static const BfyStyle wraps[] = {
  { .unit = bfy_style_percent, .extra = "-._~" },
  { .unit = bfy_style_percent, .extra = "-._~", .flags = BFY_STYLE_LOWER },
  { .unit = bfy_style_json, .extra = "", .flags = BFY_STYLE_SLASH },
  { .unit = bfy_style_json, .extra = "+" },
};

static const char base64_standard[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char base64_url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

typedef struct
{
  const guint8 *bytes;
  gsize length;
  const BfyStyle *style;
} Job;

typedef struct
{
  const guint8 *bytes;
  gsize length;
  const char *alphabet;
  guint offset; /* bytes that stand before the secret in its first group */
} Base64;

static void
fill_style (BfySecretWriter *writer, gconstpointer data)
{
  const Job *job = data;

  for (gsize at = 0; at < job->length;)
    at += job->style->unit (job->style, job->bytes, job->length, at, writer);
}

/* Only the characters that depend on the secret alone: the first and last of a group may hold bits
 * of what stands beside it. */
static void
fill_base64 (BfySecretWriter *writer, gconstpointer data)
{
  const Base64 *form = data;
  gsize n_bits = form->length * 8;
  gsize bit = (6 - form->offset * 8 % 6) % 6;

  for (; bit + 6 <= n_bits; bit += 6)
    {
      guint16 pair = (guint16) (form->bytes[bit / 8] << 8);

      if (bit / 8 + 1 < form->length)
        pair |= form->bytes[bit / 8 + 1];
      bfy_secret_writer_append_byte (writer,
                                     (guint8) form->alphabet[(pair >> (10 - bit % 8)) & 63]);
    }
}

static void
fill_block (BfySecretWriter *writer, gconstpointer data)
{
  const GArray *drafts = data;

  for (guint i = 0; i < drafts->len; i++)
    bfy_secret_writer_append_secret (writer, g_array_index (drafts, Draft, i).text);
}

static void
draft_clear (gpointer data)
{
  Draft *draft = data;

  bfy_secret_unref (draft->text);
}

static gboolean
is_known (const GArray *drafts, const BfySecret *text)
{
  for (guint i = 0; i < drafts->len; i++)
    if (bfy_secret_equal (g_array_index (drafts, Draft, i).text, text))
      return TRUE;

  return FALSE;
}

static void
add (GArray *drafts, BfySecret *text, gboolean minds_case)
{
  Draft draft = { text, minds_case };

  if (is_known (drafts, text))
    return;
  bfy_secret_ref (text);
  g_array_append_val (drafts, draft);
}

static BfySecret *
spell (const BfySecret *text, const BfyStyle *style)
{
  Job job = { .style = style };

  job.bytes = bfy_secret_peek (text, &job.length);

  return bfy_secret_build (fill_style, &job);
}

static void
add_styles (
    GArray *drafts, const BfySecret *text, const BfyStyle *styles, gsize n, gboolean minds_case)
{
  for (gsize i = 0; i < n; i++)
    {
      g_autoptr (BfySecret) spelled = spell (text, &styles[i]);

      add (drafts, spelled, minds_case);
    }
}

/* @style over itself, and the plainest style over each of these. */
static void
add_nested (GArray *drafts, const BfySecret *secret, const BfyStyle *style)
{
  g_autoptr (BfySecret) inner = spell (secret, style);

  for (guint depth = 1; depth <= JSON_DEPTH && !bfy_secret_equal (inner, secret); depth++)
    {
      g_autoptr (BfySecret) outer = bfy_secret_ref (inner);
      BfySecret *deeper;

      for (guint i = depth; i < JSON_DEPTH; i++)
        {
          BfySecret *next;

          add (drafts, outer, FALSE);
          next = spell (outer, &jsons[0]);
          bfy_secret_unref (outer);
          outer = next;
        }
      add (drafts, outer, FALSE);
      deeper = spell (inner, style);
      bfy_secret_unref (inner);
      inner = deeper;
    }
}

static void
add_jsons (GArray *drafts, const BfySecret *secret)
{
  g_autoptr (BfySecret) all = spell (secret, &json_all);
  g_autoptr (BfySecret) nested = spell (all, &jsons[0]);

  for (gsize i = 0; i < G_N_ELEMENTS (jsons); i++)
    add_nested (drafts, secret, &jsons[i]);
  add (drafts, all, FALSE);
  add (drafts, nested, FALSE);
}

static void
add_percents (GArray *drafts, const BfySecret *secret)
{
  g_autoptr (BfySecret) once = spell (secret, &percents[0]);

  add_styles (drafts, secret, percents, G_N_ELEMENTS (percents), FALSE);
  add_styles (drafts, once, percents, 1, FALSE); /* a URL within a URL */
}

static void
add_base64 (GArray *drafts, const BfySecret *secret, const char *alphabet)
{
  Base64 form = { .alphabet = alphabet };

  form.bytes = bfy_secret_peek (secret, &form.length);
  for (form.offset = 0; form.offset < BASE64_OFFSETS; form.offset++)
    {
      g_autoptr (BfySecret) text = bfy_secret_build (fill_base64, &form);

      add (drafts, text, TRUE);
      if (alphabet == base64_standard)
        add_styles (drafts, text, wraps, G_N_ELEMENTS (wraps), TRUE);
    }
}

static BfySpellings *
pack (const GArray *drafts)
{
  BfySpellings *self = g_new0 (BfySpellings, 1);
  Item item = { 0 };

  self->block = bfy_secret_build (fill_block, drafts);
  self->items = g_array_sized_new (FALSE, FALSE, sizeof (Item), drafts->len);
  for (guint i = 0; i < drafts->len; i++)
    {
      const Draft *draft = &g_array_index (drafts, Draft, i);

      item.length = bfy_secret_length (draft->text);
      item.minds_case = draft->minds_case;
      g_array_append_val (self->items, item);
      item.start += item.length;
    }

  return self;
}

BfySpellings *
bfy_spellings_new (const BfySecret *secret)
{
  g_autoptr (GArray) drafts = g_array_new (FALSE, FALSE, sizeof (Draft));
  g_autoptr (BfySecret) raw = NULL;
  gsize length;
  const guint8 *bytes = bfy_secret_peek (secret, &length);

  raw = bfy_secret_new (bytes, length);
  g_array_set_clear_func (drafts, draft_clear);
  add (drafts, raw, FALSE);
  add_percents (drafts, secret);
  add_jsons (drafts, secret);
  add_styles (drafts, secret, htmls, G_N_ELEMENTS (htmls), FALSE);
  add_styles (drafts, secret, hexes, G_N_ELEMENTS (hexes), FALSE);
  add_base64 (drafts, secret, base64_standard);
  add_base64 (drafts, secret, base64_url);

  return pack (drafts);
}

void
bfy_spellings_free (BfySpellings *self)
{
  if (self == NULL)
    return;

  bfy_secret_unref (self->block);
  g_array_unref (self->items);
  g_free (self);
}

guint
bfy_spellings_get_n (const BfySpellings *self)
{
  return self->items->len;
}

BfySpelling
bfy_spellings_get (const BfySpellings *self, guint i)
{
  const Item *item = &g_array_index (self->items, Item, i);
  BfySpelling spelling = { bfy_secret_peek (self->block, NULL) + item->start, item->length,
                           item->minds_case };

  return spelling;
}
