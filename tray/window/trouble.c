/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/window/trouble.h"

#include <glib/gi18n.h>
#include <string.h>

#include "protocol/error.h"
#include "protocol/name.h"

#define MESSAGE_CHARACTERS_MAX 500

/* What can be done here about it. */
static const char *
get_advice (BfyErrorCode code)
{
  static const struct
  {
    BfyErrorCode code;
    const char *text;
  } rows[] = {
    { BFY_ERROR_NO_AGENT, N_ ("Start the agent, then try again.") },
    { BFY_ERROR_LOCKED, N_ ("Unlock it on the page “Keyring”, then try again.") },
    { BFY_ERROR_KEYRING_UNAVAILABLE,
      N_ ("The page “Keyring” shows where credentials can be kept and what is missing.") },
    { BFY_ERROR_VAULT_DAMAGED, N_ ("The page “Keyring” tells how to repair the vault.") },
    { BFY_ERROR_FROZEN, N_ ("Let requests go on with the button above, then try again.") },
    { BFY_ERROR_PAUSED, N_ ("Resume it, then try again.") },
    { BFY_ERROR_NEEDS_LOGIN, N_ ("Sign in again: the service refuses the stored credential.") },
    { BFY_ERROR_CREDENTIAL_MISSING, N_ ("Sign in again: its credential is not in the keyring.") },
    { BFY_ERROR_CREDENTIAL_DAMAGED, N_ ("Sign in again: its credential cannot be read.") },
    { BFY_ERROR_CREDENTIAL_REFUSED,
      N_ ("Check that it was copied whole and has not ended, then try again.") },
    { BFY_ERROR_UPSTREAM_FAILED, N_ ("Check the address and the network, then try again.") },
    { BFY_ERROR_UPSTREAM_TIMEOUT, N_ ("Check the network, or try again later.") },
    { BFY_ERROR_EXISTS, N_ ("Choose another name.") },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      if (rows[i].code == code)
        return gettext (rows[i].text);
    }

  return NULL;
}

/* What is said for a sentence that is about an option of a command. */
static const char *
replace_whole (const char *message)
{
  static const struct
  {
    const char *option, *text;
  } rows[] = {
    { "--client-id",
      N_ ("This service wants an application of your own. Register one there, for the redirect "
          "address http://127.0.0.1/callback, and type its ID below.") },
    { "--allow-no-pkce",
      N_ ("The server does not say that it protects sign-ins with PKCE, so this window does not "
          "sign in there. In a terminal, bindify-add --allow-no-pkce does, if you accept that.") },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      if (strstr (message, rows[i].option) != NULL)
        return gettext (rows[i].text);
    }

  return NULL;
}

/* The last place before @end where a sentence or half of one begins; where there is none, after a
 * comma. */
static const char *
find_clause (const char *text, const char *end)
{
  const char *half = g_strrstr_len (text, end - text, "; ");
  const char *sentence = g_strrstr_len (text, end - text, ". ");

  if (half == NULL && sentence == NULL)
    return g_strrstr_len (text, end - text, ", ");

  return half > sentence ? half : sentence;
}

/* Takes out of @message the first clause with an option of a command, up to the next sentence. */
static char *
drop_option (const char *message)
{
  const char *option = strstr (message, " --");
  const char *start = option != NULL ? find_clause (message, option) : NULL;
  const char *next;

  if (start == NULL)
    return g_strdup (message);
  next = strstr (option, ". ");

  return g_strdup_printf ("%.*s%s", (int) (start - message), message, next != NULL ? next : "");
}

gboolean
bfy_trouble_wants_client_id (const GError *error)
{
  return strstr (error->message, "--client-id") != NULL;
}

char *
bfy_trouble_describe (const GError *error)
{
  const char *whole = replace_whole (error->message);
  const char *advice = get_advice (bfy_error_code (error));
  g_autofree char *kept = drop_option (error->message);
  g_autofree char *message = bfy_text_to_line (kept, MESSAGE_CHARACTERS_MAX);

  if (whole != NULL)
    return g_strdup (whole);
  if (advice == NULL)
    return g_steal_pointer (&message);

  /* TRANSLATORS: what went wrong, then what to do about it. */
  return g_strdup_printf (_ ("%s. %s"), message, advice);
}
