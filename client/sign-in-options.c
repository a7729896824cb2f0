/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/sign-in-options.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "client/secret-stdin.h"

/* An id or a list of scopes; the agent has limits of its own. */
#define TEXT_BYTES_MAX 4096

void
bfy_sign_in_options_clear (BfySignInOptions *self)
{
  g_clear_pointer (&self->client_id, g_free);
  g_clear_pointer (&self->scope, g_free);
  g_clear_pointer (&self->client_secret, bfy_secret_unref);
}

GOptionEntry *
bfy_sign_in_options_join (BfySignInOptions *self, const GOptionEntry *entries)
{
  const GOptionEntry ours[] = {
    { "oauth", 0, 0, G_OPTION_ARG_NONE, &self->is_asked, N_ ("Sign in with the browser"), NULL },
    { "device", 0, 0, G_OPTION_ARG_NONE, &self->is_device,
      N_ ("Sign in with a code, typed into any browser on any machine"), NULL },
    { "no-browser", 0, 0, G_OPTION_ARG_NONE, &self->no_browser,
      N_ ("Show the address of the sign-in page, and open no browser"), NULL },
    { "client-credentials", 0, 0, G_OPTION_ARG_NONE, &self->is_machine,
      N_ ("Sign in as the application itself, without a person (with --client-id)"), NULL },
    { "client-id", 0, 0, G_OPTION_ARG_FILENAME, &self->client_id,
      N_ ("Sign in as this application, which you have registered at the service"), "ID" },
    { "client-secret-stdin", 0, 0, G_OPTION_ARG_NONE, &self->is_secret_on_stdin,
      N_ ("Read the secret of that application from stdin"), NULL },
    { "scope", 0, 0, G_OPTION_ARG_FILENAME, &self->scope,
      N_ ("Ask for these rights instead of the usual ones"), "TEXT" },
    { "allow-no-pkce", 0, 0, G_OPTION_ARG_NONE, &self->allow_no_pkce,
      N_ ("Sign in though the server does not say that it protects the answer (PKCE)"), NULL },
    G_OPTION_ENTRY_NULL,
  };

  return bfy_cli_join_entries (entries, ours);
}

gboolean
bfy_sign_in_options_is_set (const BfySignInOptions *self)
{
  return self->is_asked || self->is_device || self->is_machine || self->no_browser ||
         self->allow_no_pkce || self->is_secret_on_stdin || self->client_id != NULL ||
         self->scope != NULL;
}

static gboolean
is_text (const char *text)
{
  return text == NULL || (*text != '\0' && strlen (text) <= TEXT_BYTES_MAX &&
                          g_utf8_validate (text, -1, NULL) && strpbrk (text, "\r\n\t") == NULL);
}

gboolean
bfy_sign_in_options_check (const BfySignInOptions *self, GError **error)
{
  const char *problem = NULL;

  if (self->is_machine && (self->is_device || self->no_browser))
    problem =
        _ ("--client-credentials signs in without a person: it goes with neither --device nor "
           "--no-browser");
  else if (self->is_secret_on_stdin && self->client_id == NULL)
    problem = _ ("--client-secret-stdin goes with --client-id, the application whose secret it is");
  else if (!is_text (self->client_id) || !is_text (self->scope))
    problem = _ ("--client-id and --scope take one line of text");

  if (problem == NULL)
    return TRUE;

  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, problem);
  return FALSE;
}

gboolean
bfy_sign_in_options_read_secret (BfyCli *cli, BfySignInOptions *self, GError **error)
{
  if (!self->is_secret_on_stdin)
    return TRUE;

  self->client_secret =
      bfy_secret_read_stdin (cli, "--client-secret-stdin", N_ ("client secret"), error);
  return self->client_secret != NULL;
}

BfySignInFields
bfy_sign_in_options_fields (const BfySignInOptions *self)
{
  return (BfySignInFields){
    .flow = self->is_device    ? "device"
            : self->is_machine ? "machine"
                               : "browser",
    .client_id = self->client_id,
    .scope = self->scope,
    .client_secret = self->client_secret,
    .allow_no_pkce = self->allow_no_pkce,
  };
}
