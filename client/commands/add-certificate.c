/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* A device in the local network has made its certificate itself. A person can know it, as one knows
 * the key of a host the first time ssh(1) meets it; from then on it is that one or none. */

#include <glib/gi18n-lib.h>
#include <stdio.h>

#include "client/commands/add.h"
#include "protocol/certificate-print.h"

static gboolean
ask (BfyCli *cli, const char *target, const char *print)
{
  g_autoptr (BfyTerminal) terminal = bfy_terminal_open ();

  if (terminal == NULL)
    return FALSE;
  fprintf (stderr,
           _ ("No authority vouches for the certificate that %s presents:\n\n  %s\n\n"
              "Compare it with what the device shows of itself, if it does.\n"),
           target, print);

  return bfy_add_ask_yes (cli, terminal, _ ("Trust this certificate, for this binding alone?"));
}

gboolean
bfy_add_trust_certificate (BfyCli *cli, BfyAdd *self, gboolean is_sure, const GError *problem)
{
  g_autofree char *print = NULL;

  if (g_strcmp0 (self->type, "local-network") != 0 || self->place.certificate != NULL ||
      cli->signal_number != 0 || !g_error_matches (problem, BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED))
    return FALSE;
  print = bfy_certificate_print_find (problem->message);
  if (print == NULL)
    return FALSE;
  if (is_sure || !ask (cli, self->target, print))
    {
      bfy_cli_set_hint (cli, "%s %s --type local-network --certificate %s", cli->title,
                        self->target, print);
      return FALSE;
    }
  g_clear_pointer (&cli->hint, g_free);
  self->place.certificate = g_steal_pointer (&print);

  return TRUE;
}
