/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* The head of an HTTP/1.x request, line by line (RFC 9112, 2–6). Where two readers of the same
 * bytes could disagree, the head is refused: one line ending, one Host, one length, no folding,
 * path form only, no second copy of a header we decide on (craft J25–J28). Pure. */

#define BFY_HEAD_BYTES_MAX (32 * 1024) /* request line and all fields */
#define BFY_TARGET_BYTES_MAX (8 * 1024)
#define BFY_HEADER_FIELDS_MAX 100

/* Why a request is refused, and with what status: 400, 408, 413, 414, 431 or 505. */
typedef struct
{
  guint status;
  const char *message; /* static */
} BfyFramingFault;

/* What matters of the fields for finding the end of the body. */
typedef struct
{
  gboolean is_1_0;
  guint n_host;
  guint n_length;
  guint n_coding;
  guint64 length; /* bytes, when n_length is 1 */
} BfyHead;

/* @head ends with the empty line. FALSE with @fault set when it is not fit to be read further. */
gboolean bfy_head_check (const char *head, gsize length, BfyHead *facts, BfyFramingFault *fault);
