/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/condition-options.h"

#include <glib/gi18n-lib.h>

#include "protocol/constraints.h"
#include "protocol/expiry.h"

void
bfy_condition_options_clear (BfyConditionOptions *self)
{
  g_clear_pointer (&self->lifetime, g_free);
  g_clear_pointer (&self->words, g_strfreev);
}

GOptionEntry *
bfy_condition_options_join (BfyConditionOptions *self, const GOptionEntry *entries)
{
  const GOptionEntry ours[] = {
    { "lifetime", 't', 0, G_OPTION_ARG_FILENAME, &self->lifetime,
      N_ ("Remove it after this time, such as 8h, 1h30m or 7d; 0: not by itself"), "LIFE" },
    { "confirm", 'c', 0, G_OPTION_ARG_NONE, &self->confirms, N_ ("Ask a person before each use"),
      NULL },
    { "allow-reveal", 0, 0, G_OPTION_ARG_NONE, &self->reveals,
      N_ ("Let a program have the credential itself when a person says yes, each time"), NULL },
    { "limit", 'h', 0, G_OPTION_ARG_FILENAME_ARRAY, &self->words,
      N_ ("Only for this host; or path=/PREFIX, tool=GLOB, client=LABEL (local: programs without a "
          "key), "
          "uses=N. Several limit it further"),
      "HOST" },
    G_OPTION_ENTRY_NULL,
  };

  return bfy_cli_join_entries (entries, ours);
}

GOptionEntry *
bfy_condition_options_join_all (BfyConditionOptions *self, const GOptionEntry *entries)
{
  const GOptionEntry ours[] = {
    { "no-end", 0, 0, G_OPTION_ARG_NONE, &self->no_end, N_ ("Do not remove it by itself"), NULL },
    { "no-confirm", 0, 0, G_OPTION_ARG_NONE, &self->no_confirm, N_ ("Do not ask before each use"),
      NULL },
    { "no-reveal", 0, 0, G_OPTION_ARG_NONE, &self->no_reveal,
      N_ ("Never give the credential itself to a program"), NULL },
    { "no-limits", 0, 0, G_OPTION_ARG_NONE, &self->no_limits, N_ ("Take all limits of -h away"),
      NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_autofree GOptionEntry *all = bfy_cli_join_entries (entries, ours);

  return bfy_condition_options_join (self, all);
}

gboolean
bfy_condition_options_is_set (const BfyConditionOptions *self)
{
  return self->lifetime != NULL || self->words != NULL || self->confirms || self->no_end ||
         self->no_confirm || self->no_limits || self->reveals || self->no_reveal;
}

/* NULL when there is a word that is not understood. */
static JsonObject *
build_constraints (const BfyConditionOptions *self, GError **error)
{
  g_autoptr (JsonObject) object = json_object_new ();

  for (guint i = 0; self->words != NULL && self->words[i] != NULL; i++)
    if (!bfy_constraints_add_word (object, self->words[i], error))
      return NULL;

  return g_steal_pointer (&object);
}

static gboolean
parse_lifetime (const BfyConditionOptions *self, gint64 *seconds, GError **error)
{
  *seconds = 0;

  return self->lifetime == NULL || g_str_equal (self->lifetime, "0") ||
         bfy_duration_parse (self->lifetime, seconds, error);
}

gboolean
bfy_condition_options_check (const BfyConditionOptions *self, GError **error)
{
  g_autoptr (JsonObject) constraints = NULL;
  const char *problem = NULL;
  gint64 seconds;

  if (self->lifetime != NULL && self->no_end)
    problem = _ ("-t and --no-end say two different things");
  else if (self->confirms && self->no_confirm)
    problem = _ ("-c and --no-confirm say two different things");
  else if (self->reveals && self->no_reveal)
    problem = _ ("--allow-reveal and --no-reveal say two different things");
  else if (self->words != NULL && self->no_limits)
    problem =
        _ ("-h and --no-limits say two different things; -h takes the place of the limits that "
           "were");
  if (problem != NULL)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, problem);
      return FALSE;
    }
  constraints = build_constraints (self, error);

  return constraints != NULL && parse_lifetime (self, &seconds, error);
}

void
bfy_condition_options_put (const BfyConditionOptions *self, JsonObject *request)
{
  gint64 seconds;

  if ((self->lifetime != NULL || self->no_end) && parse_lifetime (self, &seconds, NULL))
    json_object_set_int_member (request, "lifetime_s", seconds);
  if (self->confirms || self->no_confirm)
    json_object_set_boolean_member (request, "confirms", self->confirms);
  if (self->reveals || self->no_reveal)
    json_object_set_boolean_member (request, "reveals", self->reveals);
  if (self->words != NULL)
    json_object_set_object_member (request, "constraints", build_constraints (self, NULL));
  else if (self->no_limits)
    json_object_set_null_member (request, "constraints");
}
