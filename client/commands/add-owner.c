/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Whose a token is, told by its look (client/token-owner.h): what is added when nothing but a token
 * came, and a word of warning before one service’s token is sent to another. */

#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

#include "client/commands/add.h"
#include "client/fields.h"
#include "client/guide.h"
#include "client/join.h"
#include "client/secret-stdin.h"
#include "client/token-owner.h"
#include "protocol/name.h"

#define SHOWN_MAX 60

BfyTerminal *
bfy_add_open_terminal (gboolean is_sure)
{
  return !is_sure && isatty (STDERR_FILENO) ? bfy_terminal_open () : NULL;
}

gboolean
bfy_add_ask_yes (BfyCli *cli, BfyTerminal *terminal, const char *question)
{
  /* Translators: y and yes are taken in every language, and beside them what you say below. */
  g_autofree char *prompt = g_strdup_printf (_ ("%s [y/N] "), question);
  g_autofree char *answer = bfy_terminal_ask_answer (terminal, prompt, &cli->signal_number, NULL);

  return answer != NULL && bfy_terminal_is_yes (answer);
}

gboolean
bfy_add_load_services (BfyCli *cli, BfyAdd *self, GError **error)
{
  g_autoptr (JsonObject) reply = NULL;
  JsonArray *services;

  if (self->services != NULL)
    return TRUE;
  reply = bfy_cli_call (cli, "GET", "/v1/services", NULL, error);
  if (reply == NULL)
    return FALSE;
  services = bfy_field_array (reply, "services");
  self->services = services != NULL ? json_array_ref (services) : json_array_new ();

  return TRUE;
}

static char *
dup_name (JsonObject *service)
{
  return bfy_text_to_line (bfy_field_text (service, "name"), SHOWN_MAX);
}

/* Those that take tokens, and that bindify can add. (transfer container) */
static GPtrArray *
find_candidates (const BfyAdd *self)
{
  gsize length;
  const guint8 *token = bfy_secret_peek (self->credential, &length);
  g_autoptr (GPtrArray) owners = bfy_token_owners (self->services, (const char *) token, length);
  GPtrArray *candidates = g_ptr_array_new ();

  for (guint i = 0; i < owners->len; i++)
    {
      JsonObject *owner = g_ptr_array_index (owners, i);

      if (bfy_guide_can_add (owner) && bfy_field_boolean (owner, "supports_api_key"))
        g_ptr_array_add (candidates, owner);
    }

  return candidates;
}

static gboolean
refuse_candidates (BfyCli *cli, const GPtrArray *candidates, GError **error)
{
  g_autofree char *ids = NULL;

  bfy_cli_set_hint (cli, "%s SERVICE --token-stdin", cli->title);
  for (guint i = 0; i < candidates->len; i++)
    bfy_join_comma (&ids, bfy_field_text (g_ptr_array_index (candidates, i), "id"));
  if (ids == NULL)
    g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                         _ ("No service that can be added has tokens that look like that, so say "
                            "which one it is for"));
  else
    /* Translators: %s is a list of services. */
    g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                 _ ("The token may be one of several services, so say which one it is for: %s"),
                 ids);

  return FALSE;
}

static gboolean
confirm_candidate (BfyCli *cli, JsonObject *service, gboolean is_sure, GError **error)
{
  g_autoptr (BfyTerminal) terminal = bfy_add_open_terminal (is_sure);
  g_autofree char *name = dup_name (service);
  /* Translators: a service, and what the binding will be called. */
  g_autofree char *question = g_strdup_printf (_ ("This looks like a token of %s. Add it as %s?"),
                                               name, bfy_field_text (service, "id"));

  if (terminal == NULL || bfy_add_ask_yes (cli, terminal, question))
    return TRUE;

  bfy_cli_set_hint (cli, "%s SERVICE --token-stdin", cli->title);
  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_CANCELLED, _ ("Cancelled: nothing was stored"));
  return FALSE;
}

gboolean
bfy_add_find_owner (BfyCli *cli, BfyAdd *self, gboolean is_sure, GError **error)
{
  g_autoptr (GPtrArray) candidates = NULL;
  JsonObject *service;

  self->credential = bfy_secret_read_stdin (cli, "--token-stdin", N_ ("token"), error);
  if (self->credential == NULL || !bfy_add_load_services (cli, self, error))
    return FALSE;
  candidates = find_candidates (self);
  if (candidates->len != 1)
    return refuse_candidates (cli, candidates, error);

  service = g_ptr_array_index (candidates, 0);
  if (!confirm_candidate (cli, service, is_sure, error))
    return FALSE;
  self->target = g_strdup (bfy_field_text (service, "id"));

  return TRUE;
}

/* “That looks like a token of Linear, not of GitHub”. */
static char *
describe_stranger (const BfyAdd *self, JsonObject *stranger)
{
  g_autofree char *owner = dup_name (stranger);
  g_autofree char *chosen = self->service != NULL ? dup_name (self->service) : NULL;

  if (chosen != NULL)
    return g_strdup_printf (_ ("That looks like a token of %s, not of %s"), owner, chosen);

  /* Translators: a service, and a host. */
  return g_strdup_printf (_ ("That looks like a token of %s, and it would be sent to %s"), owner,
                          self->host);
}

static JsonObject *
find_stranger (BfyCli *cli, BfyAdd *self)
{
  const char *id = self->service != NULL ? bfy_field_text (self->service, "id") : NULL;
  const guint8 *token;
  gsize length;

  if (self->skips_check || self->is_free_form || self->credential == NULL ||
      (id == NULL && self->host == NULL) || !bfy_add_load_services (cli, self, NULL))
    return NULL;
  token = bfy_secret_peek (self->credential, &length);

  return bfy_token_stranger (self->services, id, self->host, (const char *) token, length);
}

gboolean
bfy_add_check_owner (BfyCli *cli, BfyAdd *self, gboolean is_sure, GError **error)
{
  JsonObject *stranger = find_stranger (cli, self);
  g_autoptr (BfyTerminal) terminal = NULL;
  g_autofree char *sentence = NULL;

  if (stranger == NULL)
    return TRUE;
  sentence = describe_stranger (self, stranger);
  terminal = bfy_add_open_terminal (is_sure);
  if (terminal != NULL)
    {
      bfy_cli_warn ("%s", sentence);
      if (bfy_add_ask_yes (cli, terminal, _ ("Use it all the same?")))
        return TRUE;
    }

  if (bfy_guide_can_add (stranger))
    bfy_cli_set_hint (cli, _ ("bindify-add %s, or the same with --no-check"),
                      bfy_field_text (stranger, "id"));
  else
    bfy_cli_set_hint (cli, _ ("the same with --no-check"));
  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, sentence);
  return FALSE;
}
