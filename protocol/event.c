/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/event.h"

#include "protocol/error.h"
#include "protocol/event-text.h"
#include "protocol/json.h"
#include "protocol/name.h"
#include "protocol/timestamp.h"

static const char *const outcome_names[] = {
  [BFY_OUTCOME_SUCCESS] = "success",
  [BFY_OUTCOME_FAILURE] = "failure",
  [BFY_OUTCOME_BLOCKED] = "blocked",
  [BFY_OUTCOME_PENDING] = "pending",
};

typedef struct
{
  const char *name;
  gsize offset;
} FieldRow;

static const FieldRow texts[] = {
  { "type", G_STRUCT_OFFSET (BfyEvent, type) },
  { "category", G_STRUCT_OFFSET (BfyEvent, category) },
  { "binding", G_STRUCT_OFFSET (BfyEvent, binding) },
  { "binding_id", G_STRUCT_OFFSET (BfyEvent, binding_id) },
  { "client", G_STRUCT_OFFSET (BfyEvent, client) },
  { "client_id", G_STRUCT_OFFSET (BfyEvent, client_id) },
  { "method", G_STRUCT_OFFSET (BfyEvent, method) },
  { "tool", G_STRUCT_OFFSET (BfyEvent, tool) },
  { "host", G_STRUCT_OFFSET (BfyEvent, host) },
  { "path", G_STRUCT_OFFSET (BfyEvent, path) },
  { "peer", G_STRUCT_OFFSET (BfyEvent, peer) },
  { "detail", G_STRUCT_OFFSET (BfyEvent, detail) },
};

static const FieldRow counts[] = {
  { "sequence", G_STRUCT_OFFSET (BfyEvent, sequence) },
  { "bytes_up", G_STRUCT_OFFSET (BfyEvent, bytes_up) },
  { "bytes_down", G_STRUCT_OFFSET (BfyEvent, bytes_down) },
  { "duration_ms", G_STRUCT_OFFSET (BfyEvent, duration_ms) },
};

static char **
text_field (BfyEvent *self, const FieldRow *row)
{
  return G_STRUCT_MEMBER_P (self, row->offset);
}

BfyEvent *
bfy_event_new (const char *type, gint64 time_ms)
{
  BfyEvent *self = g_new0 (BfyEvent, 1);

  self->type = g_strdup (type);
  self->time_ms = time_ms;

  return self;
}

void
bfy_event_free (BfyEvent *self)
{
  if (self == NULL)
    return;

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_free (*text_field (self, &texts[i]));
  g_free (self);
}

void
bfy_event_clean (BfyEvent *self, GHashTable *known, BfyEventCleaner clean, gpointer user_data)
{
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      char **text = text_field (self, &texts[i]);
      char *cleaned = *text != NULL ? bfy_event_text_clean (*text, known, clean, user_data) : NULL;

      if (cleaned == NULL)
        continue;
      g_free (*text);
      *text = cleaned;
    }
}

JsonObject *
bfy_event_to_json (const BfyEvent *self)
{
  JsonObject *object = json_object_new ();
  g_autofree char *time = bfy_time_ms_to_text (self->time_ms);

  if (time != NULL)
    json_object_set_string_member (object, "time", time);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      const char *text = G_STRUCT_MEMBER (const char *, self, texts[i].offset);

      if (text != NULL)
        json_object_set_string_member (object, texts[i].name, text);
    }
  json_object_set_string_member (object, "outcome", outcome_names[self->outcome]);
  if (self->status != 0)
    json_object_set_int_member (object, "status", self->status);
  for (guint i = 0; i < G_N_ELEMENTS (counts); i++)
    {
      gint64 count = G_STRUCT_MEMBER (gint64, self, counts[i].offset);

      if (count != 0)
        json_object_set_int_member (object, counts[i].name, count);
    }

  return object;
}

static gboolean
refuse (GError **error, const char *name)
{
  g_set_error (error, BFY_ERROR, BFY_ERROR_BAD_REQUEST,
               "The event lacks “%s”, or it cannot be read", name);

  return FALSE;
}

static gboolean
read_texts (JsonObject *object, BfyEvent *self, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      const char *text = NULL;

      if (!bfy_json_get_string (object, texts[i].name, &text, error))
        return FALSE;
      *text_field (self, &texts[i]) = g_strdup (text);
    }

  return self->type != NULL || refuse (error, "type");
}

static gboolean
read_counts (JsonObject *object, BfyEvent *self, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (counts); i++)
    {
      gint64 *count = G_STRUCT_MEMBER_P (self, counts[i].offset);

      if (!bfy_json_get_int (object, counts[i].name, count, error))
        return FALSE;
      if (*count < 0)
        return refuse (error, counts[i].name);
    }

  return TRUE;
}

static gboolean
read_rest (JsonObject *object, BfyEvent *self, GError **error)
{
  const char *time = NULL;
  const char *outcome = NULL;
  gint64 status = 0;

  if (!bfy_json_get_string (object, "time", &time, error) ||
      !bfy_json_get_string (object, "outcome", &outcome, error) ||
      !bfy_json_get_int (object, "status", &status, error))
    return FALSE;
  self->time_ms = bfy_time_ms_from_text (time);
  if (time != NULL && self->time_ms == 0)
    return refuse (error, "time");
  if (!bfy_outcome_from_wire (outcome, &self->outcome))
    return refuse (error, "outcome");
  if (status < 0 || status > 999)
    return refuse (error, "status");
  self->status = (guint) status;

  return TRUE;
}

BfyEvent *
bfy_event_from_json (JsonObject *object, GError **error)
{
  g_autoptr (BfyEvent) self = bfy_event_new (NULL, 0);

  if (!read_texts (object, self, error) || !read_counts (object, self, error) ||
      !read_rest (object, self, error))
    return NULL;

  return g_steal_pointer (&self);
}

const char *
bfy_outcome_to_wire (BfyOutcome outcome)
{
  return outcome_names[outcome];
}

gboolean
bfy_outcome_from_wire (const char *wire, BfyOutcome *outcome)
{
  guint index;

  if (!bfy_name_find (outcome_names, G_N_ELEMENTS (outcome_names), wire, &index))
    return FALSE;
  *outcome = index;

  return TRUE;
}
