/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/commands/run-access.h"

#include <glib/gi18n-lib.h>

#include "client/commands/run-offers.h"
#include "client/fields.h"
#include "client/run/offer.h"
#include "protocol/json.h"
#include "protocol/name.h"

#define SHOWN_CHARACTERS_MAX 200

void
bfy_run_grant_clear (BfyRunGrant *self)
{
  g_clear_pointer (&self->proxy, bfy_run_proxy_free);
  g_clear_pointer (&self->bus, bfy_run_bus_free);
  g_clear_pointer (&self->report, bfy_run_report_free);
  g_clear_pointer (&self->offers, g_ptr_array_unref);
  g_free (self->id);
  g_free (self->key);
  g_strfreev (self->variables);
}

static char *
make_label (const BfyRunWish *wish)
{
  g_autofree char *name = g_path_get_basename (wish->command[0]);
  g_autofree char *line = bfy_text_to_line (name, 60);

  return g_strconcat ("run: ", line, NULL);
}

static JsonObject *
build_request (const BfyRunWish *wish)
{
  g_autofree char *label = make_label (wish);
  JsonObject *request = json_object_new ();
  JsonArray *names = json_array_new ();

  for (guint i = 0; wish->bindings[i] != NULL; i++)
    json_array_add_string_element (names, wish->bindings[i]);
  json_object_set_string_member (request, "label", label);
  json_object_set_array_member (request, "bindings", names);
  json_object_set_boolean_member (request, "while_runs", TRUE);

  return request;
}

void
bfy_run_grant_give_back (BfyCli *cli, const BfyRunGrant *grant)
{
  g_autofree char *path = grant->id != NULL ? bfy_cli_path ("clients", grant->id) : NULL;
  g_autoptr (JsonObject) reply = NULL;

  if (path != NULL)
    reply = bfy_cli_call (cli, "DELETE", path, NULL, NULL);
  g_clear_pointer (&cli->hint, g_free);
}

void
bfy_run_grant_end (BfyCli *cli, const BfyRunGrant *grant, int status)
{
  g_autoptr (JsonObject) reply = NULL;

  if (grant->report != NULL)
    reply = bfy_cli_call_json (cli, "POST", bfy_run_report_get_path (grant->report),
                               bfy_run_report_end (grant->report, status), NULL);
  if (reply == NULL)
    bfy_run_grant_give_back (cli, grant);
  g_clear_pointer (&cli->hint, g_free);
}

/* Nobody is there to open a sealed binding while a script runs. */
static gboolean
check_sealed (BfyCli *cli, JsonObject *reply, GError **error)
{
  g_autofree char *names = bfy_field_join (reply, "cannot_open", ", ");
  g_autofree char *shown = bfy_text_to_line (names, SHOWN_CHARACTERS_MAX);

  if (*shown == '\0')
    return TRUE;

  g_set_error (error, BFY_ERROR, BFY_ERROR_UNSUPPORTED,
               _ ("Sealed bindings open with the key of one client only, and cannot be used in a "
                  "run: %s"),
               shown);

  return FALSE;
}

static gboolean
check_port (const BfyRunGrant *grant, GError **error)
{
  if (grant->port != 0)
    return TRUE;

  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_UNSUPPORTED,
                       _ ("The agent has no TCP door, through which a run uses bindings: start it "
                          "with a port"));

  return FALSE;
}

/* A program that is led nowhere by a variable takes a placeholder for its token, and the proxy the
 * placeholder. */
static gboolean
open_proxy (const BfyRunWish *wish, BfyRunGrant *grant, GError **error)
{
  gboolean is_on_host = wish->net == BFY_RUN_NET_HOST;
  BfyRunTunnels *tunnels = NULL;

  if (is_on_host || wish->tunnels[0] != NULL)
    {
      tunnels = bfy_run_tunnels_new (is_on_host ? NULL : wish->tunnels, error);
      if (tunnels == NULL)
        return FALSE;
    }
  grant->proxy = bfy_run_proxy_new (grant->offers, grant->key, grant->port, tunnels, error);
  if (grant->proxy == NULL)
    return FALSE;
  bfy_run_proxy_set_report (grant->proxy, grant->report);

  return !is_on_host || bfy_run_proxy_open (grant->proxy, error);
}

static gboolean
get_variables (BfyCli *cli, const BfyRunWish *wish, BfyRunGrant *grant, GError **error)
{
  grant->offers = bfy_run_offers_load (cli, wish->bindings, error);
  if (grant->offers == NULL)
    return FALSE;

  for (guint i = 0; wish->is_proxied && i < grant->offers->len; i++)
    bfy_run_offer_make_placeholder (grant->offers->pdata[i]);
  grant->variables = bfy_run_offers_list (grant->offers, grant->port, grant->key, NULL);
  if (!wish->is_proxied)
    return TRUE;
  if (!open_proxy (wish, grant, error))
    return FALSE;
  grant->variables =
      bfy_run_proxy_append_variables (grant->proxy, grant->variables, BFY_RUN_AUTHORITY);

  return TRUE;
}

gboolean
bfy_run_grant_get (BfyCli *cli, const BfyRunWish *wish, BfyRunGrant *grant, GError **error)
{
  g_autoptr (JsonObject) reply = NULL;
  g_autoptr (GUri) uri = NULL;

  if (wish->bindings[0] == NULL)
    return TRUE;
  reply = bfy_cli_call_json (cli, "POST", "/v1/clients", build_request (wish), error);
  if (reply == NULL)
    return FALSE;

  grant->id = g_strdup (bfy_field_text (reply, "id"));
  grant->report = bfy_run_report_new (cli->remote, grant->id);
  grant->key = g_strdup (bfy_field_text (reply, "key"));
  uri = g_uri_parse (bfy_field_text (reply, "url_example"), G_URI_FLAGS_NONE, NULL);
  if (uri != NULL && g_uri_get_port (uri) > 0)
    grant->port = (guint16) g_uri_get_port (uri);
  if (check_sealed (cli, reply, error) && check_port (grant, error) &&
      get_variables (cli, wish, grant, error))
    return TRUE;
  bfy_run_grant_give_back (cli, grant);

  return FALSE;
}
