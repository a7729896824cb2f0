/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/run/report.h"

#include "protocol/error.h"
#include "protocol/json.h"

struct _BfyRunReport
{
  BfyRemote *remote;         /* (owned) */
  GCancellable *cancellable; /* (owned) */
  char *path;                /* (owned) */
  guint64 n_refused[BFY_RUN_N_REFUSALS];
  gboolean is_telling;
};

/* Takes the numbers. */
static JsonObject *
build_body (BfyRunReport *self)
{
  JsonObject *body = json_object_new ();
  JsonObject *refused = json_object_new ();

  for (guint i = 0; i < BFY_RUN_N_REFUSALS; i++)
    {
      if (self->n_refused[i] > 0)
        json_object_set_int_member (refused, bfy_run_refusal_to_wire ((BfyRunRefusal) i),
                                    (gint64) self->n_refused[i]);
      self->n_refused[i] = 0;
    }
  json_object_set_object_member (body, "refused", refused);

  return body;
}

static void
on_told (GObject *source, GAsyncResult *result, gpointer user_data)
{
  BfyRunReport *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) reply = bfy_remote_call_finish (BFY_REMOTE (source), result, NULL, &error);

  if (g_error_matches (error, BFY_ERROR, BFY_ERROR_CANCELLED))
    return;

  self->is_telling = FALSE;
  if (reply == NULL)
    g_debug ("A refusal of this run is not on record: %s", error->message);
}

static void
tell (BfyRunReport *self)
{
  g_autoptr (JsonObject) body = build_body (self);
  gsize length;
  char *text = bfy_json_object_to_text (body, &length);
  g_autoptr (GBytes) bytes = g_bytes_new_take (text, length);
  const BfyCall call = { "POST", self->path, bytes };

  self->is_telling = TRUE;
  bfy_remote_call_async (self->remote, &call, self->cancellable, on_told, self);
}

void
bfy_run_report_add (BfyRunReport *self, BfyRunRefusal refusal)
{
  if (self == NULL)
    return;

  self->n_refused[refusal]++;
  if (!self->is_telling)
    tell (self);
}

JsonObject *
bfy_run_report_end (BfyRunReport *self, int status)
{
  JsonObject *body = build_body (self);

  json_object_set_int_member (body, "status", status);

  return body;
}

const char *
bfy_run_report_get_path (BfyRunReport *self)
{
  return self->path;
}

BfyRunReport *
bfy_run_report_new (BfyRemote *remote, const char *id)
{
  BfyRunReport *self = g_new0 (BfyRunReport, 1);
  g_autofree char *segment = g_uri_escape_string (id, NULL, FALSE);

  self->remote = g_object_ref (remote);
  self->cancellable = g_cancellable_new ();
  self->path = g_strdup_printf ("/v1/clients/%s/report", segment);

  return self;
}

void
bfy_run_report_free (BfyRunReport *self)
{
  if (self == NULL)
    return;

  g_cancellable_cancel (self->cancellable);
  g_object_unref (self->cancellable);
  g_object_unref (self->remote);
  g_free (self->path);
  g_free (self);
}
