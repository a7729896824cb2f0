/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* What signing in (OAuth) adds to bindify-add and bindify login: when it is done, and what a person
 * is told who would have to register an application first. */

#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>

#include "client/binding-text.h"
#include "client/commands/add.h"
#include "client/fields.h"
#include "client/sign-in.h"
#include "protocol/name.h"

gboolean
bfy_add_is_credential_given (const BfyAdd *self)
{
  return self->is_token_on_stdin || self->username != NULL || self->header != NULL ||
         self->prefix != NULL || self->query != NULL || bfy_add_place_is_set (&self->place);
}

BfyAddWay
bfy_add_choose_way (const BfyAdd *self, const BfyAddOffer *offer)
{
  if (self->wants_key || bfy_add_is_credential_given (self))
    return offer->has_key ? BFY_ADD_KEY : BFY_ADD_NO_KEY;
  if (bfy_sign_in_options_is_set (&self->sign_in))
    return BFY_ADD_SIGN_IN;
  if (offer->has_key && (!offer->has_oauth || offer->wants_own_app))
    return BFY_ADD_KEY;

  return BFY_ADD_SIGN_IN;
}

gboolean
bfy_add_check_sign_in (const BfyAdd *self, gboolean is_command, GError **error)
{
  gboolean is_sign_in = bfy_sign_in_options_is_set (&self->sign_in);
  const char *problem = NULL;

  if (is_command && (is_sign_in || self->wants_key))
    problem = _ ("--command takes a secret that is typed: it goes with no option of a sign-in");
  else if (is_sign_in && (self->wants_key || bfy_add_is_credential_given (self)))
    problem = _ ("A sign-in needs no token: --api-key, --token-stdin, --basic, --header and the "
                 "others that say where a token goes do not go with it");
  else if (self->sign_in.is_secret_on_stdin && self->key.on_stdin)
    problem = _ ("Only one of client secret and key can come on stdin; the key may be in a file "
                 "(--key-file)");

  if (problem == NULL)
    return bfy_sign_in_options_check (&self->sign_in, error);

  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, problem);
  return FALSE;
}

/* Adding has a target, logging in has none. */
static char *
dup_command (BfyCli *cli, const BfyAdd *self, const char *options)
{
  if (self->target == NULL)
    return g_strdup_printf ("%s %s %s", cli->title, self->name, options);
  if (self->is_url)
    return g_strdup_printf (_ ("the same with %s"), options);

  return g_strdup_printf ("%s %s %s", cli->title, self->target, options);
}

/* The other way is told in one line to whoever may not know of it. */
static void
announce (BfyCli *cli, const BfyAdd *self)
{
  gboolean is_login = self->target == NULL;
  gboolean has_key =
      !is_login && (self->is_url || bfy_field_boolean (self->service, "supports_api_key"));
  g_autofree char *name = bfy_text_to_line (
      self->service != NULL ? bfy_field_text (self->service, "name") : self->name, 60);
  g_autofree char *instead = dup_command (cli, self, "--api-key");

  if (self->is_quiet)
    return;

  fprintf (stderr, is_login ? _ ("Signing in to %s again.\n") : _ ("Signing in to %s.\n"), name);
  if (has_key && !bfy_sign_in_options_is_set (&self->sign_in))
    fprintf (stderr, _ ("(With an API key instead: %s)\n"), instead);
}

/* The server has no registration of its own, so the person has to do it. That is what it is when
 * the agent's sentence names the option. */
static gboolean
wants_own_app (const BfyAdd *self, const GError *problem)
{
  return g_error_matches (problem, BFY_ERROR, BFY_ERROR_UNSUPPORTED) &&
         self->sign_in.client_id == NULL && strstr (problem->message, "--client-id") != NULL;
}

/* The sentence says what to do, the record of the service where. */
static void
explain_own_app (BfyCli *cli, const BfyAdd *self)
{
  const char *app_url = self->service != NULL ? bfy_field_text (self->service, "app_url") : "";
  g_autofree char *where = bfy_text_to_line (app_url, 400);
  g_autofree char *command = dup_command (cli, self, "--client-id ID");

  if (*where != '\0')
    fprintf (stderr, _ ("You register an application of your own at\n  %s\n"), where);
  bfy_cli_set_hint (cli, "%s", command);
}

/* What would help: to try again when it was for a person to act; the table of hints knows only what
 * may be wrong with a binding that is there. */
static void
replace_hint (BfyCli *cli, const BfyAdd *self, const GError *problem)
{
  BfyErrorCode code = bfy_error_code (problem);
  g_autofree char *command = self->is_url && self->target != NULL ? g_strdup (_ ("the same again"))
                                                                  : dup_command (cli, self, "");

  if (code == BFY_ERROR_DENIED || code == BFY_ERROR_UPSTREAM_TIMEOUT)
    bfy_cli_set_hint (cli, "%s", g_strchomp (command));
  else if (code == BFY_ERROR_UPSTREAM_FAILED)
    g_clear_pointer (&cli->hint, g_free);
  else if (wants_own_app (self, problem))
    explain_own_app (cli, self);
}

void
bfy_add_report_expiry (JsonObject *binding)
{
  g_autofree char *expiry = bfy_binding_text_expiry (binding, g_get_real_time () / G_USEC_PER_SEC);
  g_autofree char *line = bfy_text_to_line (expiry, 200);

  if (*line != '\0' && !bfy_field_boolean (binding, "can_refresh"))
    /* Translators: %s is such as "in 8 h; then type: bindify login NAME". */
    bfy_cli_print (_ ("Its token ends %s\n"), line);
}

JsonObject *
bfy_add_sign_in (BfyCli *cli, BfyAdd *self, const char *path, JsonObject *taken, GError **error)
{
  g_autoptr (JsonObject) open_part = taken;
  g_autofree char *device_command = dup_command (cli, self, "--device");
  g_autofree char *kept = self->target != NULL
                              ? g_strdup (_ ("Nothing was added."))
                              : g_strdup_printf (_ ("“%s” is as it was."), self->name);
  g_autoptr (GBytes) body = NULL;
  g_autoptr (GError) problem = NULL;
  BfySignIn sign_in = { .path = path,
                        .no_browser = self->sign_in.no_browser,
                        .allow_local = self->allow_local,
                        .is_quiet = self->is_quiet,
                        .device_command = device_command,
                        .kept = kept };
  JsonObject *done;

  if (!bfy_sign_in_options_read_secret (cli, &self->sign_in, error))
    return NULL;

  announce (cli, self);
  sign_in.body = body = bfy_add_join_credential (self, g_steal_pointer (&open_part));
  done = bfy_sign_in_run (cli, &sign_in, &problem);
  if (done != NULL)
    return done;

  replace_hint (cli, self, problem);
  g_propagate_error (error, g_steal_pointer (&problem));
  return NULL;
}
