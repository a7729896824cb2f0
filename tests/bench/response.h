/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

#define BENCH_HEAD_MAX 16384

typedef enum
{
  BENCH_RESPONSE_HEAD,
  BENCH_RESPONSE_COUNTED,
  BENCH_RESPONSE_CHUNK_SIZE,
  BENCH_RESPONSE_CHUNK_DATA,
  BENCH_RESPONSE_CHUNK_END,
  BENCH_RESPONSE_LAST,
  BENCH_RESPONSE_DONE,
  BENCH_RESPONSE_BROKEN,
} BenchResponseState;

typedef void (*BenchBodyFunc) (const char *bytes, gsize length, gpointer user_data);

/* The answer of an HTTP server as it arrives: takes the framing off and hands the body on at once,
 * without keeping it, so that the measuring costs little beside what is measured. */
typedef struct
{
  BenchResponseState state;
  guint status;
  gboolean closes; /* the server will close the connection after this answer */
  guint64 n_left;
  guint n_marks; /* of the line end that is being read */
  char head[BENCH_HEAD_MAX];
  gsize n_head;
} BenchResponse;

void bench_response_init (BenchResponse *self);
/* Takes all @bytes, or less when the answer ends before. @func may be NULL. */
gsize bench_response_feed (
    BenchResponse *self, const char *bytes, gsize length, BenchBodyFunc func, gpointer user_data);
