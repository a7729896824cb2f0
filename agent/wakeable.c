/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/wakeable.h"

#include "protocol/error.h"
#include "protocol/mac.h"

gboolean
bfy_wakeable_set (BfyBinding *binding, const char *text, GError **error)
{
  BfyMac mac;

  if (text != NULL && binding->type != BFY_BINDING_LOCAL_NETWORK)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                           "A MAC address goes with the type local-network only");
      return FALSE;
    }
  if (text != NULL && !bfy_mac_parse (text, &mac, error))
    return FALSE;
  g_free (binding->mac);
  binding->mac = text != NULL ? bfy_mac_format (&mac) : NULL;

  return TRUE;
}
