/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* ssh-add, given a key that the agent has, updates its lifetime and constraints. So do we when
 * nothing but these are given: a new credential in the place of the old one is `bindify login`, and
 * nobody should have to type the token again to say “only for eight hours”. */

#include "client/commands/add.h"
#include "client/commands/commands.h"
#include "client/fields.h"
#include "protocol/name.h"

/* By the name that adding it would give it; of a URL nobody knows that before it is asked. */
static const char *
find_name (const BfyAdd *self)
{
  if (self->name != NULL)
    return self->name;

  return bfy_name_check (self->target, NULL) ? self->target : NULL;
}

static gboolean
is_the_same (const BfyAdd *self, JsonObject *binding)
{
  return g_str_equal (bfy_field_text (binding, "service"), self->target) ||
         g_str_equal (bfy_field_text (binding, "url"), self->target) ||
         g_str_equal (bfy_field_text (binding, "name"), self->target);
}

static gboolean
gives_more (const BfyAdd *self)
{
  return bfy_add_is_credential_given (self) || bfy_sign_in_options_is_set (&self->sign_in) ||
         self->is_sealed || self->account != NULL || self->keyring != NULL ||
         self->profile != NULL || self->allow_tools != NULL || self->deny_tools != NULL;
}

gboolean
bfy_add_again (BfyCli *cli, const BfyAdd *self, gboolean *is_done, GError **error)
{
  const char *name = find_name (self);
  g_autofree char *path = NULL;
  g_autoptr (JsonObject) reply = NULL;
  JsonObject *change;

  if (name == NULL || gives_more (self) || !bfy_condition_options_is_set (&self->conditions))
    return TRUE;
  path = bfy_cli_path ("bindings", name);
  reply = bfy_cli_call (cli, "GET", path, NULL, NULL);
  g_clear_pointer (&cli->hint, g_free);
  /* What is wrong is told by adding it. */
  if (reply == NULL || !is_the_same (self, bfy_field_object (reply, "binding")))
    return TRUE;

  change = json_object_new ();
  bfy_condition_options_put (&self->conditions, change);
  *is_done = TRUE;

  return bfy_change_conditions (cli, name, change, self->is_quiet, error);
}
