/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* What a yes would mean: whole phrases, since what goes with what differs between languages. */

#include <glib/gi18n-lib.h>

#include "protocol/prompt-text.h"

static const char *
describe_any_arguments (const BfyCaller *caller, BfyGrantScope scope)
{
  switch (scope)
    {
    case BFY_GRANT_TEN_MINUTES:
      return _ ("the same again with any arguments, for 10 minutes");
    case BFY_GRANT_SESSION:
      return caller->client_id != NULL
                 ? _ ("the same again with any arguments, until the agent ends")
                 : _ ("the same again with any arguments, until this program ends");
    case BFY_GRANT_UNTIL_LOCK:
      return _ ("the same again with any arguments, until the agent or the screen is locked");
    case BFY_GRANT_ALWAYS:
      return _ ("the same again with any arguments, until you take it back");
    case BFY_GRANT_ONCE:
    case BFY_N_GRANT_SCOPES:
      break;
    }

  return _ ("this one request");
}

static const char *
describe_same_arguments (const BfyCaller *caller, BfyGrantScope scope)
{
  switch (scope)
    {
    case BFY_GRANT_TEN_MINUTES:
      return _ ("the same again with the same arguments only, for 10 minutes");
    case BFY_GRANT_SESSION:
      return caller->client_id != NULL
                 ? _ ("the same again with the same arguments only, until the agent ends")
                 : _ ("the same again with the same arguments only, until this program ends");
    case BFY_GRANT_UNTIL_LOCK:
      return _ ("the same again with the same arguments only, until the agent or the screen is "
                "locked");
    case BFY_GRANT_ALWAYS:
      return _ ("the same again with the same arguments only, until you take it back");
    case BFY_GRANT_ONCE:
    case BFY_N_GRANT_SCOPES:
      break;
    }

  return _ ("this one request");
}

char *
bfy_prompt_describe_scope (const BfyCaller *caller, const BfyWish *wish, BfyGrantScope scope)
{
  return g_strdup (wish->reach == BFY_WISH_ANY_ARGUMENTS ? describe_any_arguments (caller, scope)
                                                         : describe_same_arguments (caller, scope));
}
