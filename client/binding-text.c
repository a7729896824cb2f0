/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/binding-text.h"

#include "client/age.h"
#include "client/fields.h"
#include "protocol/binding.h"

/* 0 for a credential that does not end. */
static gint64
expiry_of (JsonObject *binding)
{
  return bfy_time_from_text (bfy_field_text (binding, "expires_at"));
}

static char *
describe_usable (JsonObject *binding, const char *state, gint64 now_s)
{
  gint64 expires_at_s = expiry_of (binding);
  g_autofree char *span = bfy_span_format (expires_at_s - now_s);

  if (expires_at_s == 0 || bfy_field_boolean (binding, "can_refresh"))
    return g_strdup (state);
  if (expires_at_s <= now_s)
    return g_strdup_printf ("expired: bindify login %s", bfy_field_text (binding, "name"));

  return g_strdup_printf ("expires in %s", span);
}

char *
bfy_binding_text_state (JsonObject *binding, gint64 now_s)
{
  const char *wire = bfy_field_text (binding, "state");
  BfyBindingState state;

  if (!bfy_binding_state_from_wire (wire, &state))
    return g_strdup (wire);

  switch (state)
    {
    case BFY_STATE_OK:
    case BFY_STATE_EXPIRING:
      return describe_usable (binding, wire, now_s);
    case BFY_STATE_NEEDS_LOGIN:
      return g_strdup_printf ("needs login: bindify login %s", bfy_field_text (binding, "name"));
    case BFY_STATE_LOCKED:
    case BFY_STATE_PAUSED:
    case BFY_STATE_UNSAVED:
      break;
    case BFY_STATE_ERROR:
      return g_strdup_printf ("error: bindify log %s", bfy_field_text (binding, "name"));
    }

  return g_strdup (wire);
}

char *
bfy_binding_text_expiry (JsonObject *binding, gint64 now_s)
{
  gint64 expires_at_s = expiry_of (binding);
  gboolean can_refresh = bfy_field_boolean (binding, "can_refresh");
  const char *name = bfy_field_text (binding, "name");
  g_autofree char *span = bfy_span_format (expires_at_s - now_s);
  g_autofree char *age = bfy_age_format (expires_at_s, now_s);

  if (expires_at_s == 0)
    return g_strdup ("");
  if (expires_at_s > now_s)
    return can_refresh ? g_strdup_printf ("in %s; renewed by itself before", span)
                       : g_strdup_printf ("in %s; then type: bindify login %s", span, name);

  return can_refresh ? g_strdup_printf ("%s; renewed when it is used", age)
                     : g_strdup_printf ("%s; type: bindify login %s", age, name);
}
