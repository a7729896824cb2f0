/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

#include "client/commands/add.h"
#include "client/fields.h"
#include "client/guide.h"
#include "client/nearest.h"
#include "protocol/database.h"
#include "protocol/name.h"
#include "protocol/redact.h"
#include "protocol/upstream.h"

/* What a server says about itself when asked without credential (behaviour 17.2). */
typedef enum
{
  AUTH_NONE,
  AUTH_BEARER,
  AUTH_BASIC,
  AUTH_OAUTH,
  AUTH_UNKNOWN,
} Auth;

static const char *const auth_names[] = { "none", "bearer", "basic", "oauth" };

JsonObject *
bfy_add_find_service (JsonArray *services, const char *id)
{
  for (guint i = 0; i < json_array_get_length (services); i++)
    {
      JsonNode *node = json_array_get_element (services, i);
      JsonObject *service = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;

      if (service != NULL && strcmp (bfy_field_text (service, "id"), id) == 0)
        return service;
    }

  return NULL;
}

/* The word may be a token that was typed in the wrong place: never repeat one. */
static void
refuse_service (BfyCli *cli, JsonArray *services, const char *word, GError **error)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new ();
  g_autofree char *redacted = bfy_redact (word);
  g_autofree char *shown = bfy_text_to_line (redacted, 60);
  const char *near;

  for (guint i = 0; i < json_array_get_length (services); i++)
    {
      JsonNode *node = json_array_get_element (services, i);

      if (JSON_NODE_HOLDS_OBJECT (node))
        g_ptr_array_add (ids, (gpointer) bfy_field_text (json_node_get_object (node), "id"));
    }
  g_ptr_array_add (ids, NULL);

  near = bfy_nearest (word, (const char *const *) ids->pdata);
  if (near != NULL)
    bfy_cli_set_hint (cli, "%s %s", cli->title, near);
  else if (strchr (word, '.') != NULL)
    bfy_cli_set_hint (cli, "%s https://%s", cli->title, shown);
  else
    bfy_cli_set_hint (cli, "bindify services");
  g_set_error (error, BFY_ERROR, BFY_ERROR_NO_SERVICE, _ ("There is no service called “%s”"),
               shown);
}

static gboolean
apply_service (BfyCli *cli, BfyAdd *self, GError **error)
{
  const BfyAddOffer offer = {
    .has_key = bfy_field_boolean (self->service, "supports_api_key"),
    .has_oauth = bfy_field_boolean (self->service, "supports_oauth"),
    .wants_own_app = g_str_equal (bfy_field_text (self->service, "oauth_client"), "own"),
  };
  BfyAddWay way = bfy_add_choose_way (self, &offer);

  if (way == BFY_ADD_NO_KEY)
    {
      bfy_cli_set_hint (cli, "%s %s", cli->title, self->target);
      g_set_error (error, BFY_ERROR, BFY_ERROR_UNSUPPORTED,
                   _ ("%s takes no tokens, only a sign-in with the browser"),
                   bfy_field_text (self->service, "name"));
      return FALSE;
    }

  self->signs_in = way == BFY_ADD_SIGN_IN;
  self->needs_credential = way == BFY_ADD_KEY;
  return TRUE;
}

/* With git the token is a password, and the service says to which name. */
static void
take_git_user (BfyAdd *self)
{
  JsonObject *git = bfy_field_object (self->service, "git");

  if (g_strcmp0 (self->type, "git") != 0 || git == NULL || self->username != NULL)
    return;
  self->username = g_strdup (bfy_field_text (git, "username"));
}

static gboolean
resolve_service (BfyCli *cli, BfyAdd *self, GError **error)
{
  JsonObject *service;

  if (!bfy_add_load_services (cli, self, error))
    return FALSE;
  service = bfy_add_find_service (self->services, self->target);
  if (service == NULL)
    {
      refuse_service (cli, self->services, self->target, error);
      return FALSE;
    }

  self->service = json_object_ref (service);
  take_git_user (self);
  if (self->name == NULL)
    self->name = g_strdup (self->target);
  return apply_service (cli, self, error);
}

static gboolean
confirm_local (BfyCli *cli, BfyAdd *self, const BfyUpstream *upstream, GError **error)
{
  g_autoptr (BfyTerminal) terminal = isatty (STDIN_FILENO) ? bfy_terminal_open () : NULL;
  g_autofree char *host = bfy_text_to_line (upstream->host, 100);
  gboolean is_here = upstream->reach == BFY_REACH_LOOPBACK;
  g_autofree char *question =
      is_here ? g_strdup_printf (_ ("%s is on your own machine. Use it?"), host)
              : g_strdup_printf (_ ("%s is in a private network. Use it?"), host);

  if (terminal != NULL && bfy_add_ask_yes (cli, terminal, question))
    {
      self->allow_local = TRUE;
      return TRUE;
    }

  if (terminal == NULL)
    bfy_cli_set_hint (cli, _ ("the same with --allow-local"));
  g_set_error (error, BFY_ERROR, BFY_ERROR_LOCAL_ADDRESS,
               is_here ? _ ("%s is on your own machine") : _ ("%s is in a private network"), host);
  return FALSE;
}

static gboolean
probe (BfyCli *cli, const BfyAdd *self, Auth *auth, GError **error)
{
  JsonObject *request = json_object_new ();
  g_autoptr (JsonObject) reply = NULL;
  const char *wire;

  json_object_set_string_member (request, "url", self->target);
  json_object_set_boolean_member (request, "allow_local", self->allow_local);
  reply = bfy_cli_call_json (cli, "POST", "/v1/probe", request, error);
  if (reply == NULL)
    return FALSE;

  wire = bfy_field_text (reply, "auth");
  *auth = AUTH_NONE;
  while (*auth < AUTH_UNKNOWN && strcmp (auth_names[*auth], wire) != 0)
    (*auth)++;

  return TRUE;
}

/* The agent knows more than we do: a name may lead to a private address. */
static gboolean
probe_with_consent (
    BfyCli *cli, BfyAdd *self, const BfyUpstream *upstream, Auth *auth, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  BfyUpstream inside = *upstream;

  if (upstream->reach != BFY_REACH_EXTERNAL && !self->allow_local &&
      !confirm_local (cli, self, upstream, error))
    return FALSE;
  if (probe (cli, self, auth, &local_error))
    return TRUE;

  if (g_error_matches (local_error, BFY_ERROR, BFY_ERROR_LOCAL_ADDRESS) && !self->allow_local)
    {
      inside.reach = BFY_REACH_PRIVATE;
      return confirm_local (cli, self, &inside, error) && probe (cli, self, auth, error);
    }
  if (g_error_matches (local_error, BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED) ||
      g_error_matches (local_error, BFY_ERROR, BFY_ERROR_UPSTREAM_TIMEOUT))
    {
      /* Whoever does not want a check may add a server that is down. */
      *auth = AUTH_UNKNOWN;
      if (self->skips_check)
        return TRUE;
      bfy_cli_set_hint (cli, _ ("the same with --no-check, to add it unseen"));
    }

  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

/* Remarks for somebody who is about to type. */
static void
remark_on_auth (const BfyAdd *self, Auth auth)
{
  if (self->is_quiet || self->is_token_on_stdin || self->signs_in)
    return;

  switch (auth)
    {
    case AUTH_NONE:
      if (!self->needs_credential)
        bfy_cli_print (_ ("The server asks for no credential.\n"));
      break;
    case AUTH_BEARER:
      break;
    case AUTH_BASIC:
      bfy_cli_print (_ ("The server asks for a user name and a password.\n"));
      break;
    case AUTH_OAUTH:
      bfy_cli_print (_ ("A token works here if the service issues them.\n"));
      break;
    case AUTH_UNKNOWN:
      bfy_cli_print (_ ("The server does not say what credential it wants; a bearer token is the "
                        "usual thing.\n"));
      break;
    }
}

static void
apply_auth (BfyAdd *self, Auth auth)
{
  const BfyAddOffer offer = { .has_key = TRUE, .has_oauth = auth == AUTH_OAUTH };

  self->signs_in = bfy_add_choose_way (self, &offer) == BFY_ADD_SIGN_IN;
  self->needs_credential = !self->signs_in && (auth != AUTH_NONE || self->wants_key ||
                                               bfy_add_is_credential_given (self));
  /* An empty user name means: ask for it. */
  if (auth == AUTH_BASIC && self->needs_credential && !bfy_add_is_credential_given (self))
    self->username = g_strdup ("");
  remark_on_auth (self, auth);
}

/* Only an MCP server says what it wants; a REST service is taken at its owner's word. */
static gboolean
look_at (BfyCli *cli, BfyAdd *self, const BfyUpstream *upstream, Auth *auth, GError **error)
{
  gboolean is_mcp = self->type == NULL || g_str_equal (self->type, "mcp");

  if (is_mcp)
    return probe_with_consent (cli, self, upstream, auth, error);
  self->allow_local |= g_str_equal (self->type, "local-network");
  *auth = self->has_no_token ? AUTH_NONE : AUTH_BEARER;

  return upstream->reach == BFY_REACH_EXTERNAL || self->allow_local ||
         confirm_local (cli, self, upstream, error);
}

static gboolean
resolve_url (BfyCli *cli, BfyAdd *self, GError **error)
{
  g_autoptr (BfyUpstream) upstream = bfy_upstream_parse (self->target, error);
  Auth auth = AUTH_UNKNOWN;

  if (upstream == NULL || !look_at (cli, self, upstream, &auth, error))
    return FALSE;

  self->is_url = TRUE;
  /* A server of one's own may take whatever token it passes on. */
  if (!self->allow_local && upstream->reach == BFY_REACH_EXTERNAL)
    self->host = g_strdup (upstream->host);
  if (self->name == NULL)
    self->name = bfy_name_from_host (upstream->host);
  apply_auth (self, auth);
  return TRUE;
}

/* With whose account it is, there is a name to propose. */
static void
hint_at_another_name (BfyCli *cli, const BfyAdd *self)
{
  const char *const names[] = { self->name, NULL };
  g_autofree char *proposed = bfy_guide_suggest_name (self->name, self->account, names);

  if (self->account == NULL || self->service == NULL)
    bfy_cli_set_hint (cli, _ ("bindify show %s, or add it under another name: --name NAME"),
                      self->name);
  else
    bfy_cli_set_hint (cli, "%s %s --name %s", cli->title, self->target, proposed);
}

gboolean
bfy_add_check_name_is_free (BfyCli *cli, BfyAdd *self, GError **error)
{
  g_autofree char *path = bfy_cli_path ("bindings", self->name);
  g_autoptr (GError) local_error = NULL;
  g_autoptr (JsonObject) reply = bfy_cli_call (cli, "GET", path, NULL, &local_error);

  if (reply != NULL)
    {
      hint_at_another_name (cli, self);
      g_set_error (error, BFY_ERROR, BFY_ERROR_EXISTS, _ ("There is a binding called “%s” already"),
                   self->name);
      return FALSE;
    }
  if (g_error_matches (local_error, BFY_ERROR, BFY_ERROR_NOT_FOUND))
    {
      g_clear_pointer (&cli->hint, g_free);
      return TRUE;
    }

  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

/* Its user is in the URL, and who has one has a password; only a file has neither. */
static gboolean
resolve_database (BfyCli *cli, BfyAdd *self, GError **error)
{
  g_autoptr (BfyDatabase) database = bfy_database_parse (self->target, error);
  BfyUpstream place = { 0 };

  if (database == NULL)
    {
      bfy_cli_set_hint (cli, "%s --database postgres://USER@HOST/NAME --token-stdin", cli->title);
      return FALSE;
    }
  place.host = database->host;
  place.reach = database->reach;
  if (database->reach != BFY_REACH_EXTERNAL && !self->allow_local &&
      !confirm_local (cli, self, &place, error))
    return FALSE;
  self->is_url = TRUE;
  self->needs_credential = database->kind == BFY_DATABASE_POSTGRES && !self->has_no_token;
  g_free (self->username);
  self->username = self->needs_credential ? g_strdup (database->user) : NULL;
  if (self->name == NULL)
    self->name = g_strdup ("database");

  return TRUE;
}

gboolean
bfy_add_resolve (BfyCli *cli, BfyAdd *self, GError **error)
{
  if (g_strcmp0 (self->type, "database") == 0)
    return resolve_database (cli, self, error) && bfy_add_check_name_is_free (cli, self, error);

  gboolean is_url = strstr (self->target, "://") != NULL;
  gboolean is_ok = is_url ? resolve_url (cli, self, error) : resolve_service (cli, self, error);

  return is_ok && bfy_add_check_name_is_free (cli, self, error);
}
