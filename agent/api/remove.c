/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/api/work.h"
#include "agent/footprint.h"
#include "agent/oauth/refresher.h"
#include "agent/oauth/revocation.h"

static void
on_credential_removed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BfyWork) work = user_data;
  GError *error = NULL;
  BfyEvent *event;

  if (!bfy_credentials_remove_finish (BFY_CREDENTIALS (source), result, &error))
    {
      g_prefix_error (
          &error, "The credential could not be removed, so “%s” is kept: ", work->binding->name);
      bfy_api_fail (work->request, error, work->binding->name);
      return;
    }
  event = bfy_agent_new_event ("removed", work->binding, work->request);
  if (!bfy_registry_remove (work->agent->registry, work->binding->name, &error))
    {
      bfy_event_free (event);
      bfy_api_fail (work->request, error, work->binding->name);
      return;
    }

  bfy_store_append_event (work->agent->store, event, TRUE);
  bfy_footprint_clear_stack ();
  bfy_request_reply_empty (work->request, 204);
}

/* Revoked or not, it is removed (behaviour 17.12). The credential goes first: a record without one
 * says so, a credential without a record is lost from sight. */
static void
on_revoked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  BfyWork *work = user_data;

  (void) bfy_revoke_finish (result);
  bfy_credentials_remove_async (work->agent->credentials, work->binding, on_credential_removed,
                                work);
}

void
bfy_api_remove_binding (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  BfyBinding *binding = bfy_api_find_binding (agent, request, argument);

  if (binding == NULL)
    return;
  if (agent->refresher != NULL)
    bfy_refresher_forget (agent->refresher, binding);
  bfy_revoke_async (agent, binding, FALSE, on_revoked, bfy_work_new (agent, request, binding));
}
