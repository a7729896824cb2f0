/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/binding.h"
#include "protocol/error.h"
#include "protocol/json.h"

typedef struct
{
  const char *name;
  gsize offset; /* of a gint64 in BfyLimits */
  gint64 preset;
  gint64 ceiling;
} LimitRow;

static const LimitRow rows[] = {
  { "request_bytes_max", G_STRUCT_OFFSET (BfyLimits, request_bytes_max), BFY_REQUEST_BYTES_DEFAULT,
    BFY_REQUEST_BYTES_CEILING },
  { "response_bytes_max", G_STRUCT_OFFSET (BfyLimits, response_bytes_max),
    BFY_RESPONSE_BYTES_DEFAULT, BFY_RESPONSE_BYTES_CEILING },
  { "connect_timeout_ms", G_STRUCT_OFFSET (BfyLimits, connect_timeout_ms),
    BFY_CONNECT_TIMEOUT_MS_DEFAULT, BFY_TIMEOUT_MS_CEILING },
  { "response_timeout_ms", G_STRUCT_OFFSET (BfyLimits, response_timeout_ms),
    BFY_RESPONSE_TIMEOUT_MS_DEFAULT, BFY_TIMEOUT_MS_CEILING },
};

static gint64 *
field (BfyLimits *limits, const LimitRow *row)
{
  return G_STRUCT_MEMBER_P (limits, row->offset);
}

static gint64
value_of (const BfyLimits *limits, const LimitRow *row)
{
  return G_STRUCT_MEMBER (gint64, limits, row->offset);
}

BfyLimits
bfy_limits_effective (const BfyLimits *self)
{
  BfyLimits limits = *self;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      if (*field (&limits, &rows[i]) == 0)
        *field (&limits, &rows[i]) = rows[i].preset;
    }

  return limits;
}

gboolean
bfy_limits_check (const BfyLimits *self, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      gint64 value = value_of (self, &rows[i]);

      if (value >= 0 && value <= rows[i].ceiling)
        continue;
      g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                   "%s must lie between 0, which means %" G_GINT64_FORMAT ", and %" G_GINT64_FORMAT,
                   rows[i].name, rows[i].preset, rows[i].ceiling);
      return FALSE;
    }

  return TRUE;
}

JsonObject *
bfy_limits_to_json (const BfyLimits *self)
{
  JsonObject *object = json_object_new ();

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    json_object_set_int_member (object, rows[i].name, value_of (self, &rows[i]));

  return object;
}

gboolean
bfy_limits_from_json (JsonObject *object, BfyLimits *limits, GError **error)
{
  BfyLimits read = *limits;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      if (!bfy_json_get_int (object, rows[i].name, field (&read, &rows[i]), error))
        return FALSE;
    }
  if (!bfy_limits_check (&read, error))
    return FALSE;
  *limits = read;

  return TRUE;
}
