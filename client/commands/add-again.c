/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* ssh-add, given a key that the agent has, updates its lifetime and constraints. So do we when
 * nothing but these are given: a new credential in the place of the old one is `bindify login`, and
 * nobody should have to type the token again to say “only for eight hours”. */

#include <glib/gi18n-lib.h>

#include "client/commands/add.h"
#include "client/commands/commands.h"
#include "client/fields.h"
#include "protocol/upstream.h"

/* The same service, URL or name, and called as it was said. */
static gboolean
is_the_same (const BfyAdd *self, const char *uri, JsonObject *binding)
{
  const char *name = bfy_field_text (binding, "name");

  return (self->name == NULL || g_str_equal (name, self->name)) &&
         (g_str_equal (bfy_field_text (binding, "service"), self->target) ||
          g_str_equal (bfy_field_text (binding, "url"), uri) || g_str_equal (name, self->target));
}

/* @found: borrowed from @reply; NULL when there is none. FALSE when there are several. */
static gboolean
find_the_same (
    BfyCli *cli, const BfyAdd *self, JsonObject *reply, const char **found, GError **error)
{
  g_autoptr (BfyUpstream) upstream = bfy_upstream_parse (self->target, NULL);
  const char *uri = upstream != NULL ? upstream->uri : self->target;

  *found = NULL;
  for (guint i = 0; i < bfy_field_count (reply, "bindings"); i++)
    {
      JsonObject *binding = bfy_field_nth (reply, "bindings", i);

      if (!is_the_same (self, uri, binding))
        continue;
      if (*found != NULL)
        {
          bfy_cli_set_hint (cli, "bindify set %s …", *found);
          g_set_error (
              error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
              _ ("There are several bindings to that, such as “%s” and “%s”; say with --name "
                 "which one is meant, or what a new one is called"),
              *found, bfy_field_text (binding, "name"));
          return FALSE;
        }
      *found = bfy_field_text (binding, "name");
    }

  return TRUE;
}

static gboolean
gives_more (const BfyAdd *self)
{
  return bfy_add_is_credential_given (self) || bfy_sign_in_options_is_set (&self->sign_in) ||
         self->is_sealed || self->account != NULL || self->keyring != NULL ||
         self->place.mac != NULL || self->place.certificate != NULL || self->profile != NULL ||
         self->allow_tools != NULL || self->deny_tools != NULL;
}

gboolean
bfy_add_again (BfyCli *cli, const BfyAdd *self, gboolean *is_done, GError **error)
{
  g_autoptr (JsonObject) reply = NULL;
  JsonObject *change;
  const char *name;

  if (gives_more (self) || !bfy_condition_options_is_set (&self->conditions))
    return TRUE;
  reply = bfy_cli_call (cli, "GET", "/v1/bindings", NULL, error);
  if (reply == NULL || !find_the_same (cli, self, reply, &name, error))
    return FALSE;
  if (name == NULL)
    return TRUE;

  change = json_object_new ();
  bfy_condition_options_put (&self->conditions, change);
  *is_done = TRUE;

  return bfy_change_conditions (cli, name, change, self->is_quiet, error);
}
