/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/binding-text.h"

#include "client/age.h"
#include "client/fields.h"
#include "protocol/binding.h"
#include "protocol/policy-edit.h"

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

static char *
describe_paused (JsonObject *binding, const char *state, gint64 now_s)
{
  gint64 resumes_at_s = bfy_time_from_text (bfy_field_text (binding, "resumes_at"));
  g_autofree char *span = bfy_span_format (resumes_at_s - now_s);

  return resumes_at_s > now_s ? g_strdup_printf ("%s, goes on in %s", state, span)
                              : g_strdup (state);
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
    case BFY_STATE_PAUSED:
      return describe_paused (binding, wire, now_s);
    case BFY_STATE_LOCKED:
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

BfyProgram *
bfy_binding_text_read_program (JsonObject *binding)
{
  JsonObject *command = bfy_field_object (binding, "command");

  return command != NULL ? bfy_program_from_json (command, NULL) : NULL;
}

const char *
bfy_binding_text_policy (JsonObject *binding)
{
  const char *profile = bfy_field_text (binding, "profile");

  if (*profile != '\0')
    return profile;

  return bfy_field_boolean (binding, "has_policy") ? "own" : BFY_POLICY_OPEN;
}

static void G_GNUC_PRINTF (2, 3) add_part (GString *out, const char *format, ...)
{
  va_list arguments;

  if (out->len > 0)
    g_string_append (out, ", ");
  va_start (arguments, format);
  g_string_append_vprintf (out, format, arguments);
  va_end (arguments);
}

static void
add_end (GString *out, JsonObject *binding, gint64 now_s)
{
  gint64 ends_at_s = bfy_time_from_text (bfy_field_text (binding, "ends_at"));
  g_autofree char *span = bfy_span_format (ends_at_s - now_s);

  if (ends_at_s > now_s)
    add_part (out, "ends in %s", span);
  else if (ends_at_s > 0)
    add_part (out, "has ended, and goes as soon as its keyring can be opened");
}

/* A client that has been removed is nobody. */
static void
add_clients (GString *out, JsonObject *binding, JsonObject *constraints)
{
  JsonArray *ids = bfy_field_array (constraints, "clients");
  g_autoptr (GString) line = g_string_new (NULL);

  for (guint i = 0; i < bfy_field_count (binding, "constraint_clients"); i++)
    g_string_append_printf (
        line, "%s%s", line->len > 0 ? " or " : "",
        bfy_field_text (bfy_field_nth (binding, "constraint_clients", i), "label"));
  for (guint i = 0; ids != NULL && i < json_array_get_length (ids); i++)
    {
      JsonNode *node = json_array_get_element (ids, i);

      if (json_node_get_value_type (node) == G_TYPE_STRING &&
          g_str_equal (json_node_get_string (node), BFY_CONSTRAINTS_LOCAL))
        g_string_append_printf (line, "%sprograms without a client key",
                                line->len > 0 ? " or " : "");
    }
  if (ids != NULL)
    add_part (out, "only for %s", line->len > 0 ? line->str : "clients that have been removed");
}

char *
bfy_binding_text_conditions (JsonObject *binding, gint64 now_s)
{
  JsonObject *constraints = bfy_field_object (binding, "constraints");
  g_autofree char *tools =
      constraints != NULL ? bfy_field_join (constraints, "tools", " or ") : NULL;
  GString *out = g_string_new (NULL);
  gint64 uses_max;

  add_end (out, binding, now_s);
  if (bfy_field_boolean (binding, "confirms"))
    add_part (out, "asks each time");
  if (constraints == NULL)
    return g_string_free (out, FALSE);

  if (*bfy_field_text (constraints, "host") != '\0')
    add_part (out, "only host %s", bfy_field_text (constraints, "host"));
  if (*bfy_field_text (constraints, "path") != '\0')
    add_part (out, "only path %s", bfy_field_text (constraints, "path"));
  if (*tools != '\0')
    add_part (out, "only tool %s", tools);
  add_clients (out, binding, constraints);
  uses_max = bfy_field_int (constraints, "uses");
  if (uses_max > 0)
    add_part (out, "%" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " uses left",
              MAX (uses_max - bfy_field_int (binding, "n_uses"), 0), uses_max);

  return g_string_free (out, FALSE);
}
