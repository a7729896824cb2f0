/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <glib/gi18n-lib.h>

#include "client/commands/commands.h"
#include "protocol/json.h"
#include "protocol/name.h"

/* `bindify logout NAME`: the tokens are revoked and forgotten, the binding stays: its name, its
 * endpoint, its client keys and its policy (behaviour 17.12). */

/* Whether the service has heard of it: "revoked" is null when it has no way to be told. */
static const char *
describe_revocation (JsonObject *reply)
{
  JsonNode *node = json_object_get_member (reply, "revoked");
  gboolean is_revoked = FALSE;

  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return _ ("The service cannot be told, so there it is good until it ends or you revoke it.");

  return bfy_json_get_boolean (reply, "revoked", &is_revoked, NULL) && is_revoked
             ? _ ("The service has revoked it.")
             : _ ("The service could not be told: to be sure, revoke it in its settings.");
}

gboolean
bfy_command_logout (BfyCli *cli, GStrv words, GError **error)
{
  g_auto (GStrv) others = bfy_cli_parse (cli, NULL, words, error);
  g_autoptr (JsonObject) reply = NULL;
  g_autofree char *binding = NULL;
  g_autofree char *path = NULL;

  if (others == NULL || !bfy_name_check (others[0], error))
    return FALSE;

  binding = bfy_cli_path ("bindings", others[0]);
  path = g_strconcat (binding, "/logout", NULL);
  reply = bfy_cli_call (cli, "POST", path, NULL, error);
  if (reply == NULL)
    return FALSE;

  bfy_cli_print (_ ("The credential of %s is gone from the keyring. %s\n"
                    "The binding itself stays: bindify login %s opens it again, bindify remove %s "
                    "removes it.\n"),
                 others[0], describe_revocation (reply), others[0], others[0]);
  return TRUE;
}
