/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* How much of the past is kept (behaviour 21.10): settings of the store. */
typedef struct
{
  gint64 events_per_binding;
  gint64 events; /* of no binding; and of all bindings that are gone, taken together */
  gint64 days;   /* 0 = whatever their age */
} BfyRetention;

#define BFY_RETENTION_EVENTS_PER_BINDING 200
#define BFY_RETENTION_EVENTS 20000
#define BFY_RETENTION_EVENTS_LIMIT 1000000 /* more is not asked of SQLite */
#define BFY_RETENTION_DAYS_LIMIT 36500
