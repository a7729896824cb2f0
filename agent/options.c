/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/options.h"

#include "protocol/error.h"
#include "protocol/expiry.h"

static const char *const keyrings[] = { "auto", "secret-service", "vault", "memory", NULL };

static const char summary[] =
    "Keeps API credentials in the keyring and puts them into requests, so that the programs that\n"
    "make the requests never see them. Runs in the foreground; started by systemd through\n"
    "bindify.socket, or by hand. bindify-add adds a credential, bindify status shows the state.";

void
bfy_options_free (BfyOptions *self)
{
  g_free (self->socket);
  g_free (self->state_dir);
  g_free (self->config);
  g_free (self->keyring);
  g_free (self->services_dir);
  g_free (self);
}

static gboolean
check (BfyOptions *self, int argc, char **argv, GError **error)
{
  if (argc > 1)
    g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                 "“%s” is one argument too many; see bindify-agent --help", argv[1]);
  else if (self->port < -1 || self->port > G_MAXUINT16)
    g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                         "--port takes a number from 0 (any free port) to 65535");
  else if (self->keyring != NULL && !g_strv_contains (keyrings, self->keyring))
    g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                         "--keyring takes auto, secret-service, vault or memory");
  else
    return TRUE;

  return FALSE;
}

static gboolean
take_lifetime (BfyOptions *self, const char *text, GError **error)
{
  self->lifetime_s = -1;
  if (text != NULL && g_str_equal (text, "0"))
    self->lifetime_s = 0;

  return text == NULL || self->lifetime_s == 0 ||
         bfy_duration_parse (text, &self->lifetime_s, error);
}

BfyOptions *
bfy_options_parse (int *argc, char ***argv, GError **error)
{
  g_autoptr (BfyOptions) self = g_new0 (BfyOptions, 1);
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) local_error = NULL;
  g_autofree char *lifetime = NULL;
  const GOptionEntry entries[] = {
    { "socket", 0, 0, G_OPTION_ARG_FILENAME, &self->socket, "Listen on this UNIX socket", "PATH" },
    { "port", 0, 0, G_OPTION_ARG_INT, &self->port, "Listen on this loopback port; 0: any", "N" },
    { "state-dir", 0, 0, G_OPTION_ARG_FILENAME, &self->state_dir, "Keep state here", "DIR" },
    { "config", 0, 0, G_OPTION_ARG_FILENAME, &self->config, "Read this bindify.conf", "FILE" },
    { "keyring", 0, 0, G_OPTION_ARG_STRING, &self->keyring,
      "For new bindings: auto, secret-service, vault or memory", "NAME" },
    { "lifetime", 't', 0, G_OPTION_ARG_STRING, &lifetime,
      "How long new bindings last that are added without -t, such as 8h; 0: until they are removed",
      "LIFE" },
    { "services-dir", 0, 0, G_OPTION_ARG_FILENAME, &self->services_dir,
      "Read the installed service records here", "DIR" },
    { "ready-fd", 0, 0, G_OPTION_ARG_INT, &self->ready_fd,
      "Write one line here when both doors answer", "N" },
    { "session", 0, 0, G_OPTION_ARG_NONE, &self->in_session,
      "End with the desktop session, and at once when an agent is there already", NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, &self->wants_version, "Show the version and exit", NULL },
    G_OPTION_ENTRY_NULL,
  };

  self->port = -1;
  self->ready_fd = -1;
  g_option_context_set_summary (context, summary);
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, &local_error))
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, "%s; see bindify-agent --help",
                   local_error->message);
      return NULL;
    }

  return take_lifetime (self, lifetime, error) && check (self, *argc, *argv, error)
             ? g_steal_pointer (&self)
             : NULL;
}
