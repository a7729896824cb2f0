/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/binding-text.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "client/age.h"
#include "client/fields.h"
#include "client/join.h"
#include "protocol/binding.h"
#include "protocol/policy-edit.h"

/* 0 for a credential that does not end. */
static gint64
expiry_of (JsonObject *binding)
{
  return bfy_time_from_text (bfy_field_text (binding, "expires_at"));
}

static const char *
name_state (BfyBindingState state)
{
  switch (state)
    {
    case BFY_STATE_OK:
      return C_ ("state of a binding", "ok");
    case BFY_STATE_EXPIRING:
      return C_ ("state of a binding", "expiring");
    case BFY_STATE_PAUSED:
      return C_ ("state of a binding", "paused");
    case BFY_STATE_LOCKED:
      return C_ ("state of a binding", "locked");
    case BFY_STATE_UNSAVED:
      return C_ ("state of a binding", "unsaved");
    case BFY_STATE_NEEDS_LOGIN:
    case BFY_STATE_ERROR:
      break;
    }

  return bfy_binding_state_to_wire (state);
}

static char *
describe_usable (JsonObject *binding, BfyBindingState state, gint64 now_s)
{
  gint64 expires_at_s = expiry_of (binding);
  g_autofree char *span = bfy_span_format_to_come (expires_at_s - now_s);

  if (expires_at_s == 0 || bfy_field_boolean (binding, "can_refresh"))
    return g_strdup (name_state (state));
  if (expires_at_s <= now_s)
    return g_strdup_printf (_ ("expired: bindify login %s"), bfy_field_text (binding, "name"));

  /* Translators: %s is "in 3 days" or the like. */
  return g_strdup_printf (_ ("expires %s"), span);
}

static char *
describe_paused (JsonObject *binding, gint64 now_s)
{
  gint64 resumes_at_s = bfy_time_from_text (bfy_field_text (binding, "resumes_at"));
  g_autofree char *span = bfy_span_format_to_come (resumes_at_s - now_s);

  /* Translators: %s is "in 3 days" or the like. */
  return resumes_at_s > now_s ? g_strdup_printf (_ ("paused, goes on %s"), span)
                              : g_strdup (name_state (BFY_STATE_PAUSED));
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
      return describe_usable (binding, state, now_s);
    case BFY_STATE_NEEDS_LOGIN:
      return g_strdup_printf (_ ("needs login: bindify login %s"),
                              bfy_field_text (binding, "name"));
    case BFY_STATE_PAUSED:
      return describe_paused (binding, now_s);
    case BFY_STATE_LOCKED:
    case BFY_STATE_UNSAVED:
      break;
    case BFY_STATE_ERROR:
      return g_strdup_printf (_ ("error: bindify log %s"), bfy_field_text (binding, "name"));
    }

  return g_strdup (name_state (state));
}

char *
bfy_binding_text_expiry (JsonObject *binding, gint64 now_s)
{
  gint64 expires_at_s = expiry_of (binding);
  gboolean can_refresh = bfy_field_boolean (binding, "can_refresh");
  const char *name = bfy_field_text (binding, "name");
  g_autofree char *span = bfy_span_format_to_come (expires_at_s - now_s);
  g_autofree char *age = bfy_age_format (expires_at_s, now_s);

  if (expires_at_s == 0)
    return g_strdup ("");
  if (expires_at_s > now_s)
    return can_refresh
               /* Translators: %s is "in 3 days" or the like. */
               ? g_strdup_printf (_ ("%s; renewed by itself before"), span)
               /* Translators: the first %s is "in 3 days" or the like. */
               : g_strdup_printf (_ ("%s; then type: bindify login %s"), span, name);

  /* Translators: the first %s is "3 days ago" or the like. */
  return can_refresh ? g_strdup_printf (_ ("%s; renewed when it is used"), age)
                     : g_strdup_printf (_ ("%s; type: bindify login %s"), age, name);
}

const char *
bfy_keyring_state_text (const char *wire)
{
  static const struct
  {
    const char *wire, *text;
  } states[] = {
    { "ready", NC_ ("state of a keyring", "ready") },
    { "locked", NC_ ("state of a keyring", "locked") },
    { "absent", NC_ ("state of a keyring", "absent") },
    { "damaged", NC_ ("state of a keyring", "damaged") },
  };

  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    if (strcmp (states[i].wire, wire) == 0)
      return g_dpgettext2 (GETTEXT_PACKAGE, "state of a keyring", states[i].text);

  return wire;
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

  /* Translators: a policy of its own, where others have one of ours by its name. */
  return bfy_field_boolean (binding, "has_policy") ? _ ("own") : BFY_POLICY_OPEN;
}

static void
take_part (char **out, char *part)
{
  bfy_join_comma (out, part);
  g_free (part);
}

static void
add_end (char **out, JsonObject *binding, gint64 now_s)
{
  gint64 ends_at_s = bfy_time_from_text (bfy_field_text (binding, "ends_at"));
  g_autofree char *span = bfy_span_format_to_come (ends_at_s - now_s);

  if (ends_at_s > now_s)
    /* Translators: %s is "in 3 days" or the like. */
    take_part (out, g_strdup_printf (_ ("ends %s"), span));
  else if (ends_at_s > 0)
    bfy_join_comma (out, _ ("has ended, and goes as soon as its keyring can be opened"));
}

/* A client that has been removed is nobody. */
static void
add_clients (char **out, JsonObject *binding, JsonObject *constraints)
{
  JsonArray *ids = bfy_field_array (constraints, "clients");
  g_autofree char *clients = NULL;

  for (guint i = 0; i < bfy_field_count (binding, "constraint_clients"); i++)
    bfy_join_or (&clients,
                 bfy_field_text (bfy_field_nth (binding, "constraint_clients", i), "label"));
  for (guint i = 0; ids != NULL && i < json_array_get_length (ids); i++)
    {
      JsonNode *node = json_array_get_element (ids, i);

      if (json_node_get_value_type (node) == G_TYPE_STRING &&
          g_str_equal (json_node_get_string (node), BFY_CONSTRAINTS_LOCAL))
        bfy_join_or (&clients, _ ("programs without a client key"));
    }
  if (ids != NULL && clients != NULL)
    /* Translators: %s are clients, joined by "or". */
    take_part (out, g_strdup_printf (_ ("only for %s"), clients));
  else if (ids != NULL)
    bfy_join_comma (out, _ ("only for clients that have been removed"));
}

static void
add_uses (char **out, JsonObject *binding, JsonObject *constraints)
{
  gint64 uses_max = bfy_field_int (constraints, "uses");
  gulong n_left = (gulong) MAX (uses_max - bfy_field_int (binding, "n_uses"), 0);
  gulong n_max = (gulong) MAX (uses_max, 0);

  if (n_max > 0)
    /* Translators: how many are left, and of how many; the second number decides the form. */
    take_part (out,
               g_strdup_printf (ngettext ("%lu of %lu uses left", "%lu of %lu uses left", n_max),
                                n_left, n_max));
}

static void
add_places (char **out, JsonObject *constraints)
{
  const char *host = bfy_field_text (constraints, "host");
  const char *path = bfy_field_text (constraints, "path");
  guint n_tools = bfy_field_count (constraints, "tools");
  g_autofree char *tools = NULL;

  if (*host != '\0')
    take_part (out, g_strdup_printf (_ ("only host %s"), host));
  if (*path != '\0')
    take_part (out, g_strdup_printf (_ ("only path %s"), path));
  for (guint i = 0; i < n_tools; i++)
    {
      JsonNode *node = json_array_get_element (bfy_field_array (constraints, "tools"), i);

      if (json_node_get_value_type (node) == G_TYPE_STRING)
        bfy_join_or (&tools, json_node_get_string (node));
    }
  if (tools != NULL)
    /* Translators: %s are names of tools, joined by "or". */
    take_part (out, g_strdup_printf (_ ("only tool %s"), tools));
}

char *
bfy_binding_text_conditions (JsonObject *binding, gint64 now_s)
{
  JsonObject *constraints = bfy_field_object (binding, "constraints");
  char *out = NULL;

  add_end (&out, binding, now_s);
  if (bfy_field_boolean (binding, "confirms"))
    bfy_join_comma (&out, _ ("asks each time"));
  if (bfy_field_boolean (binding, "reveals"))
    /* Translators: a condition of a binding, beside "asks each time". */
    bfy_join_comma (&out, _ ("its credential may be revealed to a program"));
  if (constraints != NULL)
    {
      add_places (&out, constraints);
      add_clients (&out, binding, constraints);
      add_uses (&out, binding, constraints);
    }

  return out != NULL ? out : g_strdup ("");
}

char *
bfy_binding_text_injection (JsonObject *injection)
{
  BfyInjectKind kind;

  if (injection == NULL || !bfy_inject_kind_from_wire (bfy_field_text (injection, "kind"), &kind))
    return g_strdup ("");

  switch (kind)
    {
    case BFY_INJECT_NONE:
      return g_strdup ("");
    case BFY_INJECT_HEADER:
      /* Translators: the name of a header of HTTP, and how its value begins. */
      return g_strdup_printf (_ ("header %s: %s…"), bfy_field_text (injection, "name"),
                              bfy_field_text (injection, "prefix"));
    case BFY_INJECT_BASIC:
      return g_strdup (_ ("header Authorization: Basic …"));
    case BFY_INJECT_QUERY:
      return g_strdup_printf (_ ("parameter ?%s=…"), bfy_field_text (injection, "name"));
    case BFY_INJECT_PATH:
      /* Translators: %s is such as /bot{token}. */
      return g_strdup_printf (_ ("part of the path, %s"), bfy_field_text (injection, "name"));
    case BFY_INJECT_BODY:
      return g_strdup_printf (_ ("field “%s” of the body"), bfy_field_text (injection, "name"));
    case BFY_INJECT_SIGV4:
      /* Translators: %s is such as eu-central-1/s3. */
      return g_strdup_printf (_ ("AWS signature for %s"), bfy_field_text (injection, "name"));
    }

  return g_strdup ("");
}
