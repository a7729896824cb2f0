/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/facts.h"

#include <glib/gi18n.h>

#include "client/fields.h"
#include "protocol/binding.h"
#include "protocol/name.h"
#include "protocol/prompt-text.h"
#include "protocol/timestamp.h"

#define NAME_CHARACTERS_MAX 48
#define DETAIL_CHARACTERS_MAX 100

void
bfy_tray_facts_take_status (BfyTrayFacts *facts, JsonObject *status)
{
  JsonObject *lock = status != NULL ? bfy_field_object (status, "lock") : NULL;

  facts->lock = lock != NULL ? bfy_field_text (lock, "state") : "open";
  facts->is_frozen = lock != NULL && bfy_field_boolean (lock, "frozen");
}

static void
count_binding (BfyTrayFacts *facts, JsonObject *binding)
{
  gint64 resumes_at_s = bfy_time_from_text (bfy_field_text (binding, "resumes_at"));
  BfyBindingState state;

  facts->n_bindings++;
  if (!bfy_binding_state_from_wire (bfy_field_text (binding, "state"), &state))
    return;
  switch (state)
    {
    case BFY_STATE_NEEDS_LOGIN:
      if (facts->n_needs_login++ == 0)
        facts->needs_login = bfy_field_text (binding, "name");
      break;
    case BFY_STATE_LOCKED:
      facts->n_keyring_locked++;
      break;
    case BFY_STATE_PAUSED:
      facts->n_paused++;
      if (resumes_at_s > 0 && (facts->resumes_at_s == 0 || resumes_at_s < facts->resumes_at_s))
        facts->resumes_at_s = resumes_at_s;
      break;
    case BFY_STATE_OK:
    case BFY_STATE_EXPIRING:
    case BFY_STATE_UNSAVED:
    case BFY_STATE_ERROR:
      break;
    }
}

void
bfy_tray_facts_take_bindings (BfyTrayFacts *facts, JsonObject *bindings)
{
  guint n = bindings != NULL ? bfy_field_count (bindings, "bindings") : 0;

  for (guint i = 0; i < n; i++)
    count_binding (facts, bfy_field_nth (bindings, "bindings", i));
}

/* Programs may have any name that they like. */
static char *
name_client (JsonObject *event)
{
  const char *client = bfy_field_text (event, "client");

  return *client != '\0' ? bfy_prompt_quote (client, NAME_CHARACTERS_MAX)
                         : g_strdup (_ ("A program"));
}

/* "the credential of “github” in the body of an answer" */
static char *
describe_detail (JsonObject *event)
{
  const char *detail = bfy_field_text (event, "detail");

  return bfy_text_to_line (*detail != '\0' ? detail : "?", DETAIL_CHARACTERS_MAX);
}

char *
bfy_tray_describe_alarm (JsonObject *event)
{
  g_autofree char *client = NULL;
  g_autofree char *detail = NULL;

  if (g_strcmp0 (bfy_field_text (event, "type"), "security_violation") != 0)
    return NULL;
  client = name_client (event);
  detail = describe_detail (event);
  if (g_str_equal (bfy_field_text (event, "category"), "decoy"))
    return g_strdup_printf (_ ("%s used a decoy, which only somebody has who looked into files "
                               "where it was laid out (%s)."),
                            client, detail);

  return g_strdup_printf (_ ("A secret was about to reach %s, and was masked (%s)."), client,
                          detail);
}
