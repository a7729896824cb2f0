/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/sign-in-text.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "client/age.h"
#include "client/fields.h"
#include "protocol/name.h"

#define TEXT_CHARACTERS_MAX 200
#define CODE_CHARACTERS_MAX 60

static const char *const names[BFY_STEP_UNKNOWN] = {
  [BFY_STEP_DISCOVERED] = "discovered", [BFY_STEP_AUTHORIZE] = "authorize",
  [BFY_STEP_DEVICE] = "device",         [BFY_STEP_EXCHANGING] = "exchanging",
  [BFY_STEP_STORING] = "storing",       [BFY_STEP_DONE] = "done",
  [BFY_STEP_FAILED] = "failed",
};

BfySignInStep
bfy_sign_in_step (JsonObject *step)
{
  const char *name = bfy_field_text (step, "step");
  BfySignInStep i = 0;

  while (i < BFY_STEP_UNKNOWN && strcmp (names[i], name) != 0)
    i++;

  return i;
}

static BfyUrlVerdict
judge_device (JsonObject *step, gboolean allow_local)
{
  const char *complete = bfy_field_text (step, "verification_uri_complete");

  if (*complete != '\0' && bfy_browser_judge (complete, allow_local) == BFY_URL_REFUSE)
    return BFY_URL_REFUSE;

  return bfy_browser_judge (bfy_field_text (step, "verification_uri"), allow_local);
}

BfyUrlVerdict
bfy_sign_in_judge (JsonObject *step, const BfySignInView *view)
{
  switch (bfy_sign_in_step (step))
    {
    case BFY_STEP_AUTHORIZE:
      return bfy_browser_judge (bfy_field_text (step, "url"), view->allow_local);
    case BFY_STEP_DEVICE:
      return judge_device (step, view->allow_local);
    case BFY_STEP_DISCOVERED:
    case BFY_STEP_EXCHANGING:
    case BFY_STEP_STORING:
    case BFY_STEP_DONE:
    case BFY_STEP_FAILED:
    case BFY_STEP_UNKNOWN:
      break;
    }

  return BFY_URL_OPEN;
}

gboolean
bfy_sign_in_may_open (JsonObject *step, const BfySignInView *view)
{
  return bfy_sign_in_step (step) == BFY_STEP_AUTHORIZE && view->place == BFY_BROWSER_HERE &&
         bfy_sign_in_judge (step, view) == BFY_URL_OPEN;
}

static void
append_discovered (GString *out, JsonObject *step)
{
  g_autofree char *issuer = bfy_text_to_line (bfy_field_text (step, "issuer"), TEXT_CHARACTERS_MAX);
  g_autofree char *scope = bfy_text_to_line (bfy_field_text (step, "scope"), TEXT_CHARACTERS_MAX);

  g_string_append_printf (out, _ ("The sign-in is at %s.\n"), issuer);
  if (*scope != '\0')
    g_string_append_printf (out, _ ("These rights are asked for: %s\n"), scope);
}

static void
append_wait (GString *out, JsonObject *step)
{
  gint64 expires_in_s = bfy_field_int (step, "expires_in");
  g_autofree char *span = bfy_span_format (expires_in_s);

  if (expires_in_s > 0)
    g_string_append_printf (
        out, _ ("Waiting for you to finish there, for %s at most. Ctrl-C cancels.\n"), span);
  else
    g_string_append (out, _ ("Waiting for you to finish there. Ctrl-C cancels.\n"));
}

/* The port of the listener, for whoever has to forward it; 0 when there is none in it. */
static int
port_of (const char *redirect_uri)
{
  g_autoptr (GUri) uri = g_uri_parse (redirect_uri, G_URI_FLAGS_NONE, NULL);

  return uri != NULL ? MAX (g_uri_get_port (uri), 0) : 0;
}

/* The answer of the sign-in page goes to a listener on this machine's loopback address. */
static void
append_far_away (GString *out, JsonObject *step, const char *why, const BfySignInView *view)
{
  int port = port_of (bfy_field_text (step, "redirect_uri"));
  const char *url = bfy_field_text (step, "url");

  g_string_append_printf (out, "%s ", why);
  if (port > 0)
    g_string_append_printf (
        out,
        /* Translators: HOST is what a person replaces by the name of the machine. */
        _ ("Open this address in a browser on this machine, or in one that reaches\n"
           "its 127.0.0.1 through a tunnel (ssh -L %d:127.0.0.1:%d HOST):\n\n  %s\n\n"),
        port, port, url);
  else
    g_string_append_printf (
        out,
        _ ("Open this address in a browser on this machine, or in one that reaches\n"
           "its 127.0.0.1 through a tunnel:\n\n  %s\n\n"),
        url);
  /* Translators: %s is a command. */
  g_string_append_printf (out, _ ("If that is not possible: Ctrl-C, and %s\n"),
                          view->device_command);
}

static void
append_authorize (GString *out, JsonObject *step, const BfySignInView *view)
{
  const char *url = bfy_field_text (step, "url");

  if (view->is_quiet)
    {
      g_string_append_printf (out, "%s\n", url);
      return;
    }

  switch (view->place)
    {
    case BFY_BROWSER_HERE:
    case BFY_BROWSER_UNWANTED:
      g_string_append_printf (out, "%s\n\n  %s\n\n",
                              bfy_sign_in_may_open (step, view)
                                  ? _ ("Opening your browser. If nothing appears, open this "
                                       "address yourself:")
                                  : _ ("Open this address in a browser on this machine:"),
                              url);
      break;
    case BFY_BROWSER_REMOTE:
      append_far_away (out, step, _ ("This is an SSH session."), view);
      break;
    case BFY_BROWSER_NONE:
      append_far_away (out, step, _ ("There is no display here."), view);
      break;
    }
  append_wait (out, step);
}

static void
append_device (GString *out, JsonObject *step, const BfySignInView *view)
{
  const char *complete = bfy_field_text (step, "verification_uri_complete");
  g_autofree char *code =
      bfy_text_to_line (bfy_field_text (step, "user_code"), CODE_CHARACTERS_MAX);

  if (view->is_quiet)
    {
      g_string_append_printf (out, "%s %s\n", bfy_field_text (step, "verification_uri"), code);
      return;
    }

  g_string_append_printf (out,
                          _ ("Open this address in any browser, on any machine:\n\n  %s\n\n"
                             "and enter this code, or compare it: %s\n"),
                          bfy_field_text (step, "verification_uri"), code);
  if (*complete != '\0')
    g_string_append_printf (out, _ ("(With the code filled in: %s)\n"), complete);
  append_wait (out, step);
}

char *
bfy_sign_in_describe (JsonObject *step, const BfySignInView *view)
{
  GString *out = g_string_new (NULL);
  gboolean is_quiet = view->is_quiet;

  switch (bfy_sign_in_step (step))
    {
    case BFY_STEP_DISCOVERED:
      if (!is_quiet)
        append_discovered (out, step);
      break;
    case BFY_STEP_AUTHORIZE:
      append_authorize (out, step, view);
      break;
    case BFY_STEP_DEVICE:
      append_device (out, step, view);
      break;
    case BFY_STEP_EXCHANGING:
      g_string_append (out, is_quiet ? "" : _ ("Getting the tokens.\n"));
      break;
    case BFY_STEP_STORING:
      g_string_append (out, is_quiet ? "" : _ ("Storing them in the keyring.\n"));
      break;
    case BFY_STEP_DONE:
    case BFY_STEP_FAILED:
    case BFY_STEP_UNKNOWN:
      break;
    }

  return g_string_free (out, FALSE);
}
