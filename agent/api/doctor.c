/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The protection that is in force is told with the findings, honestly (craft 6): it is no finding,
 * because nothing is wrong with it. */

#include "agent/doctor/doctor.h"

#include "agent/api/api.h"
#include "agent/doctor/protection.h"
#include "agent/doctor/surroundings.h"
#include "agent/move.h"

typedef struct
{
  BfyAgent *agent;     /* borrowed */
  BfyRequest *request; /* (owned) */
  gboolean fixes;
  GPtrArray *found; /* (owned) (nullable) what is being repaired */
  GPtrArray *fixed; /* (owned) (element-type BfyFinding) borrowed from found */
  guint n_tried;
} Visit;

static void examine (Visit *visit);
static void fix_next (Visit *visit);

static void
finish (Visit *visit, GPtrArray *findings)
{
  JsonObject *protection = bfy_doctor_describe_protection (visit->agent);
  JsonObject *object = json_object_new ();

  bfy_agent_forget_if_locked (visit->agent);
  json_object_set_array_member (object, "findings", bfy_findings_to_json (findings));
  json_object_set_array_member (object, "fixed", bfy_findings_to_json (visit->fixed));
  json_object_set_object_member (object, "protection", protection);
  bfy_request_reply_json (visit->request, 200, object);
  bfy_request_unref (visit->request);
  g_ptr_array_unref (visit->fixed);
  g_clear_pointer (&visit->found, g_ptr_array_unref);
  g_free (visit);
}

/* Moving a binding to where it is removes the copies that are elsewhere. */
static void
on_moved (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Visit *visit = user_data;
  g_auto (BfyMove) move = { 0 };

  if (bfy_move_finish (result, &move, NULL) && move.n_cleaned > 0)
    g_ptr_array_add (visit->fixed, g_ptr_array_index (visit->found, visit->n_tried - 1));
  fix_next (visit);
}

/* TRUE when it is being done and goes on in on_moved(). */
static gboolean
begin_fix (Visit *visit, BfyFinding *finding)
{
  BfyBinding *binding;

  if (finding->path != NULL)
    {
      if (bfy_doctor_fix_mode (finding->path))
        g_ptr_array_add (visit->fixed, finding);
      return FALSE;
    }
  binding = finding->binding_id != NULL
                ? bfy_registry_find_by_id (visit->agent->registry, finding->binding_id)
                : NULL;
  if (binding == NULL)
    return FALSE;
  bfy_move_async (visit->agent, binding, binding->keyring, on_moved, visit);

  return TRUE;
}

static void
fix_next (Visit *visit)
{
  while (visit->n_tried < visit->found->len)
    {
      BfyFinding *finding = g_ptr_array_index (visit->found, visit->n_tried++);

      if (finding->is_fixable && begin_fix (visit, finding))
        return;
    }

  /* What is left is found by looking again, not by believing what was done. */
  visit->fixes = FALSE;
  examine (visit);
}

static void
on_examined (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Visit *visit = user_data;
  g_autoptr (GPtrArray) findings = bfy_doctor_examine_finish (result);

  if (!visit->fixes)
    {
      finish (visit, findings);
      return;
    }

  visit->found = g_steal_pointer (&findings);
  fix_next (visit);
}

static void
examine (Visit *visit)
{
  bfy_doctor_examine_async (visit->agent, on_examined, visit);
}

static void
begin (BfyAgent *agent, BfyRequest *request, gboolean fixes)
{
  Visit *visit = g_new0 (Visit, 1);

  visit->agent = agent;
  visit->request = bfy_request_ref (request);
  visit->fixes = fixes;
  visit->fixed = g_ptr_array_new ();
  examine (visit);
}

void
bfy_api_doctor (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  begin (agent, request, FALSE);
}

void
bfy_api_doctor_fix (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  begin (agent, request, TRUE);
}
