/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/api/api.h"
#include "agent/ties.h"
#include "protocol/json.h"

/* What `bindify run` tells of a run: numbers only, so that nothing that a command says can become a
 * line of the log. */

#define NUMBER_MAX 1000000000
#define STATUS_MAX 255

static gboolean
get_number (JsonObject *object, const char *name, gint64 most, gint64 *value, GError **error)
{
  if (!bfy_json_get_int (object, name, value, error))
    return FALSE;
  if (*value >= -1 && *value <= most)
    return TRUE;

  g_set_error (error, BFY_ERROR, BFY_ERROR_BAD_REQUEST, "“%s” is out of range", name);

  return FALSE;
}

static gboolean
read_refused (JsonObject *body, guint64 *n_refused, GError **error)
{
  const char *const *names = bfy_run_refusal_names ();
  JsonObject *object = NULL;

  if (!bfy_json_get_object (body, "refused", &object, error))
    return FALSE;
  if (object == NULL)
    return TRUE;
  if (!bfy_json_refuse_unknown (object, names, error))
    return FALSE;

  for (guint i = 0; i < BFY_RUN_N_REFUSALS; i++)
    {
      gint64 n = 0;

      if (!get_number (object, names[i], NUMBER_MAX, &n, error))
        return FALSE;
      n_refused[i] = (guint64) MAX (n, 0);
    }

  return TRUE;
}

static gboolean
report (BfyAgent *agent, BfyRequest *request, const char *client, GError **error)
{
  static const char *const known[] = { "refused", "status", NULL };
  guint64 n_refused[BFY_RUN_N_REFUSALS] = { 0 };
  g_autoptr (JsonObject) body = bfy_api_read_body (request, error);
  gint64 status = -1;

  if (body == NULL || !bfy_json_refuse_unknown (body, known, error) ||
      !read_refused (body, n_refused, error) ||
      !get_number (body, "status", STATUS_MAX, &status, error))
    return FALSE;

  return bfy_ties_report (agent->ties, request, client, n_refused, (int) status, error);
}

void
bfy_api_report_run (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  GError *error = NULL;

  if (report (agent, request, argument, &error))
    bfy_request_reply_empty (request, 204);
  else
    bfy_api_fail (request, error, NULL);
}
