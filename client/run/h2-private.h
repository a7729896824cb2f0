/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <nghttp2/nghttp2.h>

#include "client/run/h2.h"

/* What the two halves of a session share: h2.c reads requests, h2-answer.c writes answers. */
struct _BfyRunH2
{
  nghttp2_session *session; /* (owned) */
  GPtrArray *streams;       /* (owned) (element-type BfyRunStream) the oldest first */
  const BfyRunH2Events *events;
  gpointer user_data;
  gsize n_held; /* bytes of requests */
  guint n_resets;
  guint n_controls;
};
