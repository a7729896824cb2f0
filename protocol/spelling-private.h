/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/secret-writer.h"

/* One way to write bytes: each escaped, or as it is. What a style does not change is not built. */
typedef struct _BfyStyle BfyStyle;

/* Writes what begins at @bytes[@at]; how many bytes that were. */
typedef gsize (*BfyStyleUnit) (
    const BfyStyle *style, const guint8 *bytes, gsize length, gsize at, BfySecretWriter *writer);

struct _BfyStyle
{
  BfyStyleUnit unit;
  const char *extra;   /* percent: what stays as it is; JSON: what becomes \uXXXX as well */
  const char *between; /* hex: what stands between two bytes */
  guint flags;
  const char *const *names; /* HTML: what "&<>\"'/`=" become; NULL: as it is */
};

enum
{
  BFY_STYLE_ALL = 1,       /* nothing stays as it is */
  BFY_STYLE_PLUS = 2,      /* percent: a blank is "+" */
  BFY_STYLE_LOWER = 4,     /* percent: small hex digits, where case matters */
  BFY_STYLE_SLASH = 8,     /* JSON: "\/" */
  BFY_STYLE_ASCII = 16,    /* JSON: \uXXXX for what is not ASCII */
  BFY_STYLE_NO_NAMES = 32, /* JSON: \u000a instead of \n */
};

gsize bfy_style_percent (
    const BfyStyle *style, const guint8 *bytes, gsize length, gsize at, BfySecretWriter *writer);
gsize bfy_style_json (
    const BfyStyle *style, const guint8 *bytes, gsize length, gsize at, BfySecretWriter *writer);
gsize bfy_style_html (
    const BfyStyle *style, const guint8 *bytes, gsize length, gsize at, BfySecretWriter *writer);
gsize bfy_style_hex (
    const BfyStyle *style, const guint8 *bytes, gsize length, gsize at, BfySecretWriter *writer);
