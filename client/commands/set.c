/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <glib/gi18n-lib.h>

#include "client/binding-text.h"
#include "client/commands/commands.h"
#include "client/condition-options.h"
#include "client/fields.h"
#include "protocol/mac.h"
#include "protocol/name.h"

gboolean
bfy_change_conditions (
    BfyCli *cli, const char *name, JsonObject *change, gboolean is_quiet, GError **error)
{
  g_autofree char *path = bfy_cli_path ("bindings", name);
  g_autoptr (JsonObject) reply = bfy_cli_call_json (cli, "PATCH", path, change, error);
  JsonObject *binding = reply != NULL ? bfy_field_object (reply, "binding") : NULL;
  g_autofree char *conditions = NULL;
  g_autofree char *shown = NULL;

  if (reply == NULL)
    return FALSE;
  if (is_quiet || binding == NULL)
    return TRUE;

  conditions = bfy_binding_text_conditions (binding, g_get_real_time () / G_USEC_PER_SEC);
  shown = bfy_text_to_line (conditions, 1000);
  /* Translators: a binding, and its conditions. */
  bfy_cli_print (_ ("Changed %s, and left its credential alone: %s.\n"), name,
                 *shown != '\0' ? shown : _ ("no end, no limits, and nobody is asked"));
  return TRUE;
}

#define NO_MAC "none"

static gboolean
check_mac (BfyCli *cli, const char *name, const char *text, GError **error)
{
  BfyMac mac;

  if (text == NULL || g_str_equal (text, NO_MAC) || bfy_mac_parse (text, &mac, error))
    return TRUE;
  bfy_cli_set_hint (cli, "bindify set %s --mac 52:54:00:12:34:56", name);

  return FALSE;
}

static void
put_mac (const char *text, JsonObject *change)
{
  if (text == NULL)
    return;
  if (g_str_equal (text, NO_MAC))
    json_object_set_null_member (change, "mac");
  else
    json_object_set_string_member (change, "mac", text);
}

gboolean
bfy_command_set (BfyCli *cli, GStrv words, GError **error)
{
  g_autofree char *mac = NULL;
  const GOptionEntry ours[] = {
    { "mac", 0, 0, G_OPTION_ARG_FILENAME, &mac,
      N_ ("The MAC address of a device in the local network, which its method “wake” turns on; or "
          "none"),
      "ADDRESS" },
    G_OPTION_ENTRY_NULL,
  };
  BfyConditionOptions options = { 0 };
  g_autofree GOptionEntry *entries = bfy_condition_options_join_all (&options, ours);
  g_auto (GStrv) others = bfy_cli_parse (cli, entries, words, error);
  JsonObject *change;
  gboolean is_ok = others != NULL && bfy_name_check (others[0], error) &&
                   bfy_condition_options_check (&options, error) &&
                   check_mac (cli, others[0], mac, error);

  if (is_ok && mac == NULL && !bfy_condition_options_is_set (&options))
    {
      bfy_cli_set_hint (cli, _ ("bindify set %s -t 8h, or bindify set --help"), others[0]);
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                           _ ("Say what is to be changed: -t, -c, -h, --mac, --allow-reveal, "
                              "--no-end, --no-confirm, --no-reveal or --no-limits"));
      is_ok = FALSE;
    }
  if (is_ok)
    {
      change = json_object_new ();
      bfy_condition_options_put (&options, change);
      put_mac (mac, change);
      is_ok = bfy_change_conditions (cli, others[0], change, FALSE, error);
    }

  bfy_condition_options_clear (&options);
  return is_ok;
}
