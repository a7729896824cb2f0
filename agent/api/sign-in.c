/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* A sign-in as the one who asked for it sees it: one JSON object per line, as it happens. What is
 * wrong with the wish is an ordinary error; after that, an error is the last line. */

#include "agent/api/enrol.h"
#include "agent/api/work.h"
#include "protocol/json.h"

/* A dozen short lines at most, so nobody waits for a slow reader: the connection keeps them. */
static void
write_text (BfyWork *work, GString *text)
{
  g_autoptr (GBytes) bytes = NULL;

  g_string_append_c (text, '\n');
  bytes = g_bytes_new (text->str, text->len);
  bfy_request_write (work->request, bytes, NULL, NULL);
}

static void
on_begin (gpointer user_data)
{
  BfyWork *work = user_data;
  SoupMessageHeaders *headers = bfy_request_begin (work->request, 200, -1, TRUE);

  if (headers != NULL)
    soup_message_headers_replace (headers, "Content-Type", "application/x-ndjson");
  bfy_request_flush (work->request);
}

static void
on_step (JsonObject *step, gpointer user_data)
{
  g_autofree char *line = bfy_json_object_to_text (step, NULL);
  g_autoptr (GString) text = g_string_new (line);

  write_text (user_data, text);
}

static void
write_failed (BfyWork *work, const GError *error)
{
  BfyErrorCode code = bfy_error_code (error);
  g_autofree char *hint =
      bfy_error_format_hint (code, work->binding != NULL ? work->binding->name : NULL);
  g_autoptr (JsonObject) object = json_object_new ();

  json_object_set_string_member (object, "step", "failed");
  json_object_set_string_member (object, "error", bfy_error_to_wire (code));
  json_object_set_string_member (object, "message", error->message);
  if (hint != NULL)
    json_object_set_string_member (object, "hint", hint);
  on_step (object, work);
}

static void
write_done (BfyWork *work, const BfyBinding *binding, GAsyncResult *result, gboolean was_checked)
{
  const BfySealing *sealing = bfy_enrol_get_sealing (result);
  g_autoptr (JsonObject) object =
      bfy_api_describe_enrolled (work->agent, binding, result, was_checked);
  g_autoptr (GString) text = NULL;

  json_object_set_string_member (object, "step", "done");
  if (sealing == NULL || !sealing->is_new)
    {
      on_step (object, work);
      return;
    }
  text = bfy_api_format_with_key (object, "client_key", sealing->key);
  write_text (work, text);
  bfy_wipe (text->str, text->len);
}

static void
on_enrolled (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BfyWork) work = user_data;
  g_autoptr (GError) error = NULL;
  gboolean was_checked;
  g_autoptr (BfyBinding) binding = bfy_enrol_finish (result, &was_checked, &error);

  if (!bfy_request_has_begun (work->request))
    {
      bfy_api_fail (work->request, g_steal_pointer (&error),
                    work->binding != NULL ? work->binding->name : NULL);
      return;
    }

  if (binding != NULL)
    write_done (work, binding, result, was_checked);
  else
    write_failed (work, error);
  bfy_request_end (work->request);
}

void
bfy_api_sign_in (BfyAgent *agent, BfyRequest *request, BfyBinding *binding, BfyEnrolment *enrolment)
{
  BfyWork *work = bfy_work_new (agent, request, binding);

  enrolment->watch = (BfyEnrolWatch){ .begin = on_begin, .step = on_step, .user_data = work };
  if (binding == NULL)
    bfy_enrol_async (agent, enrolment, request, on_enrolled, work);
  else
    bfy_renew_async (agent, binding, enrolment, request, on_enrolled, work);
}
