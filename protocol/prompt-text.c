/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* A question is put together from words of ours and from names that somebody else chose: a program
 * its path, a client its arguments, a server its tools. Such a name stands between “ and ”, and
 * cannot look like anything outside of them (prompt-quote.c). */

#include "protocol/prompt-text.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "protocol/name.h"
#include "protocol/translation.h"
#include "protocol/upstream.h"

#define NAME_CHARACTERS_MAX 40
#define TRANSLATED_CHARACTERS_MAX 60
#define THING_CHARACTERS_MAX 32 /* with three names the title still has its length */
#define SHORT_CHARACTERS_MAX 24
#define LONG_CHARACTERS_MAX 90
#define CHAIN_MAX 4

/* English: "Merge pull requests" in the middle of a sentence; "URLs" stay as they are. */
static char *
begin_small (const char *text)
{
  g_autofree char *inert = bfy_prompt_inert (text, NAME_CHARACTERS_MAX);

  if (g_ascii_isupper (inert[0]) && g_ascii_islower (inert[1]))
    inert[0] = g_ascii_tolower (inert[0]);

  return g_steal_pointer (&inert);
}

static char *
quote_client (const BfyCaller *caller, gsize n_max)
{
  g_autofree char *name = bfy_caller_dup_name (caller);

  if (caller->client_label == NULL && caller->sandbox_id == NULL && caller->program == NULL)
    return g_steal_pointer (&name);

  return bfy_prompt_quote (name, n_max);
}

/* A sentence of its own for each kind: what stands where differs between languages. */
static char *
ask_for_request (const BfyWish *wish, const char *client)
{
  g_autofree char *name =
      bfy_prompt_quote (wish->name != NULL ? wish->name : wish->method, THING_CHARACTERS_MAX);
  g_autofree char *binding = bfy_prompt_quote (wish->binding, SHORT_CHARACTERS_MAX);

  if (bfy_wish_is_reveal (wish))
    /* Translators: a program and a binding, and what it is for: “git: github.com”. */
    return g_strdup_printf (_ ("Give %s the credential of %s itself, for %s?"), client, binding,
                            name);

  switch (wish->kind)
    {
    case BFY_POLICY_TOOL:
      /* Translators: a program, a name and a binding, each between “ and ”. */
      return g_strdup_printf (_ ("Let %s use the tool %s of %s?"), client, name, binding);
    case BFY_POLICY_PROMPT:
      /* Translators: a program, a name and a binding, each between “ and ”. */
      return g_strdup_printf (_ ("Let %s get the prompt %s of %s?"), client, name, binding);
    case BFY_POLICY_RESOURCE:
      /* Translators: a program, a name and a binding, each between “ and ”. */
      return g_strdup_printf (_ ("Let %s read the resource %s of %s?"), client, name, binding);
    case BFY_POLICY_HTTP:
    case BFY_POLICY_GRAPHQL:
      /* Translators: a program, a name and a binding, each between “ and ”. */
      return g_strdup_printf (_ ("Let %s send the request %s to %s?"), client, name, binding);
    case BFY_POLICY_METHOD:
    case BFY_POLICY_CAPABILITY:
    case BFY_POLICY_ACCESS:
    case BFY_N_POLICY_KINDS:
      break;
    }

  /* Translators: a program, a name and a binding, each between “ and ”. */
  return g_strdup_printf (_ ("Let %s call the method %s of %s?"), client, name, binding);
}

/* What the catalogue has as a line of its own is part of a sentence in English only: elsewhere
 * verbs and capital letters would be in the way. */
static char *
ask_for_capability (const char *name, const char *client, const char *where)
{
  g_autofree char *phrase = NULL;

  if (bfy_translation_is_english ())
    {
      phrase = begin_small (name);
      return g_strdup_printf ("Let %s %s on %s?", client, phrase, where);
    }

  phrase = bfy_prompt_inert (bfy_translation_find (name), TRANSLATED_CHARACTERS_MAX);

  /* Translators: a program, a service, and what the program would do there, as a heading: "Let
   * “claude” do this on GitHub: Merge pull requests?" */
  return g_strdup_printf (_ ("Let %s do this on %s: %s?"), client, where, phrase);
}

char *
bfy_prompt_build_title (const BfyPromptFacts *facts)
{
  g_autofree char *client = quote_client (facts->caller, SHORT_CHARACTERS_MAX);
  g_autofree char *where = NULL;

  if (facts->wish->capability_name == NULL)
    return ask_for_request (facts->wish, client);

  where = facts->service != NULL ? bfy_prompt_inert (facts->service, SHORT_CHARACTERS_MAX)
                                 : bfy_prompt_quote (facts->wish->binding, SHORT_CHARACTERS_MAX);

  return ask_for_capability (facts->wish->capability_name, client, where);
}

static void G_GNUC_PRINTF (2, 3) add_line (GStrvBuilder *lines, const char *format, ...)
{
  g_autofree char *line = NULL;
  g_autofree char *short_line = NULL;
  va_list arguments;

  va_start (arguments, format);
  line = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  short_line = bfy_text_to_line (line, BFY_PROMPT_LINE_CHARACTERS_MAX - 1);
  g_strv_builder_add (lines, short_line);
}

/* (nullable) for what is not known */
static char *
quote_long (const char *text)
{
  return text != NULL ? bfy_prompt_quote (text, LONG_CHARACTERS_MAX) : NULL;
}

/* "claude ← zsh ← kitty": the arrows are ours. */
static char *
format_chain (const BfyCaller *caller)
{
  g_autoptr (GString) chain = g_string_new (NULL);

  for (guint i = 0; caller->chain != NULL && caller->chain[i] != NULL && i < CHAIN_MAX; i++)
    {
      g_autofree char *name = bfy_prompt_inert (caller->chain[i], SHORT_CHARACTERS_MAX - 4);

      g_string_append_printf (chain, "%s%s", i > 0 ? " ← " : "", name);
    }
  if (chain->len == 0 && caller->program != NULL)
    {
      g_autofree char *base = g_path_get_basename (caller->program);
      g_autofree char *name = bfy_prompt_inert (base, NAME_CHARACTERS_MAX);

      g_string_append (chain, name);
    }

  return g_string_free (g_steal_pointer (&chain), FALSE);
}

static void
add_program (GStrvBuilder *lines, const BfyCaller *caller)
{
  g_autofree char *chain = format_chain (caller);
  g_autofree char *via = caller->via != NULL ? bfy_prompt_quote (caller->via, 14) : NULL;

  if (*chain == '\0' && caller->client_label != NULL)
    return;
  /* Translators: the lines of a question are a label, a colon and a blank, and what is known. */
  if (*chain == '\0')
    add_line (lines, _ ("Program: cannot be identified"));
  else if (via != NULL && caller->is_verified)
    /* Translators: “claude ← zsh ← kitty”, and what stands between it and us. */
    add_line (lines, _ ("Program: “%s” (verified, through %s)"), chain, via);
  else if (via != NULL)
    /* Translators: “claude ← zsh ← kitty”, and what stands between it and us. */
    add_line (lines, _ ("Program: “%s” (unverified, through %s)"), chain, via);
  else if (caller->is_verified)
    add_line (lines, _ ("Program: “%s” (verified)"), chain);
  else
    add_line (lines, _ ("Program: “%s” (unverified)"), chain);
}

static void
add_file (GStrvBuilder *lines, const BfyCaller *caller)
{
  int pid = caller->program_pid > 0 ? caller->program_pid : caller->pid;
  g_autofree char *path =
      caller->program != NULL ? bfy_prompt_quote (caller->program, LONG_CHARACTERS_MAX - 10) : NULL;

  if (path != NULL && pid > 0 && caller->is_replaced)
    add_line (lines, _ ("File: %s (process %d, replaced since it started)"), path, pid);
  else if (path != NULL && pid > 0)
    add_line (lines, _ ("File: %s (process %d)"), path, pid);
  else if (path != NULL)
    add_line (lines, _ ("File: %s"), path);
  else if (pid > 0)
    add_line (lines, _ ("Process: %d"), pid);
}

static void
add_sandbox (GStrvBuilder *lines, const BfyCaller *caller)
{
  g_autofree char *id = caller->sandbox_id != NULL
                            ? bfy_prompt_quote (caller->sandbox_id, NAME_CHARACTERS_MAX)
                            : NULL;

  switch (caller->sandbox)
    {
    case BFY_SANDBOX_NONE:
      break;
    case BFY_SANDBOX_FLATPAK:
      if (id != NULL)
        add_line (lines, _ ("Sandbox: Flatpak %s"), id);
      else
        add_line (lines, _ ("Sandbox: Flatpak of an unknown application"));
      break;
    case BFY_SANDBOX_SNAP:
      if (id != NULL)
        add_line (lines, _ ("Sandbox: Snap %s"), id);
      else
        add_line (lines, _ ("Sandbox: Snap of an unknown application"));
      break;
    case BFY_SANDBOX_NAMESPACE:
      add_line (lines, _ ("Sandbox: a container; what it says of itself cannot be checked"));
      break;
    }
}

/* As the desktop has started it. Anybody can join a unit, so this is said to be what it is; that a
 * program was started in some session, or tab, tells nothing. */
static void
add_unit (GStrvBuilder *lines, const char *scope)
{
  g_autofree char *name = scope != NULL ? bfy_prompt_quote (scope, LONG_CHARACTERS_MAX - 40) : NULL;

  if (name == NULL || g_str_has_suffix (scope, ".scope"))
    return;
  if (g_str_has_suffix (scope, ".service"))
    add_line (lines, _ ("Started as: the service %s"), name);
  else
    add_line (lines, _ ("Started as: the application %s (a hint)"), name);
}

static void
add_client (GStrvBuilder *lines, const BfyCaller *caller)
{
  g_autofree char *label = caller->client_label != NULL
                               ? bfy_prompt_quote (caller->client_label, LONG_CHARACTERS_MAX - 30)
                               : NULL;
  g_autofree char *directory = quote_long (caller->directory);

  if (label != NULL)
    add_line (lines, _ ("Client: %s (known by its key)"), label);
  add_program (lines, caller);
  add_file (lines, caller);
  add_sandbox (lines, caller);
  if (caller->sandbox_id == NULL)
    add_unit (lines, caller->scope);
  if (directory != NULL)
    add_line (lines, _ ("Works in: %s"), directory);
}

static void
add_binding (GStrvBuilder *lines, const BfyPromptFacts *facts)
{
  g_autofree char *binding = bfy_prompt_quote (facts->wish->binding, 63);
  g_autofree char *account =
      facts->account != NULL ? bfy_prompt_quote (facts->account, SHORT_CHARACTERS_MAX) : NULL;

  if (account != NULL)
    add_line (lines, _ ("Binding: %s, account %s"), binding, account);
  else
    add_line (lines, _ ("Binding: %s"), binding);
}

static void
add_host (GStrvBuilder *lines, const char *ascii)
{
  g_autofree char *host = bfy_prompt_inert (ascii, LONG_CHARACTERS_MAX);

  switch (bfy_reach_of_host (ascii))
    {
    case BFY_REACH_EXTERNAL:
      add_line (lines, _ ("Goes to: %s (external)"), host);
      break;
    case BFY_REACH_LOOPBACK:
      add_line (lines, _ ("Goes to: %s (this machine)"), host);
      break;
    case BFY_REACH_PRIVATE:
      add_line (lines, _ ("Goes to: %s (local network)"), host);
      break;
    }
}

/* NULL for what is no name of a host. GLib reads beyond the end of what is not UTF-8. */
static char *
to_ascii (const char *host)
{
  return host != NULL && g_utf8_validate (host, -1, NULL) ? g_hostname_to_ascii (host) : NULL;
}

static void
add_target (GStrvBuilder *lines, const BfyPromptFacts *facts)
{
  g_autofree char *ascii = to_ascii (facts->host);
  g_autofree char *quoted = quote_long (facts->host);
  g_autofree char *program =
      facts->program != NULL ? bfy_prompt_quote (facts->program, LONG_CHARACTERS_MAX - 20) : NULL;

  if (ascii != NULL)
    add_host (lines, ascii);
  else if (quoted != NULL)
    add_line (lines, _ ("Goes to a host that is no proper name: %s"), quoted);
  else if (program != NULL)
    add_line (lines, _ ("Goes to: the program %s on this machine"), program);
}

static void
add_name (GStrvBuilder *lines, BfyPolicyKind kind, const char *name)
{
  switch (kind)
    {
    case BFY_POLICY_TOOL:
      add_line (lines, _ ("Tool: %s"), name);
      return;
    case BFY_POLICY_PROMPT:
      add_line (lines, _ ("Prompt: %s"), name);
      return;
    case BFY_POLICY_RESOURCE:
      add_line (lines, _ ("Resource: %s"), name);
      return;
    case BFY_POLICY_HTTP:
    case BFY_POLICY_GRAPHQL:
      add_line (lines, _ ("Request: %s"), name);
      return;
    case BFY_POLICY_METHOD:
    case BFY_POLICY_CAPABILITY:
    case BFY_POLICY_ACCESS:
    case BFY_N_POLICY_KINDS:
      break;
    }

  add_line (lines, _ ("Method: %s"), name);
}

static const char *
describe_effect (BfyAccess access)
{
  switch (access)
    {
    case BFY_ACCESS_READ:
      return _ ("Effect: only reads");
    case BFY_ACCESS_WRITE:
      return _ ("Effect: changes something");
    case BFY_ACCESS_DANGER:
      break;
    }

  return _ ("Effect: can’t be undone");
}

static void
add_wish (GStrvBuilder *lines, const BfyWish *wish)
{
  g_autofree char *name = quote_long (wish->name != NULL ? wish->name : wish->method);
  g_autofree char *arguments = quote_long (wish->arguments);

  if (bfy_wish_is_reveal (wish))
    {
      add_line (lines, _ ("Reveals: the credential itself, for %s"), name);
      add_line (lines, _ ("Effect: the program can keep it, and use it for anything"));
      return;
    }
  if (name != NULL)
    add_name (lines, wish->kind, name);
  if (arguments != NULL)
    /* Translators: the arguments of a tool. */
    add_line (lines, _ ("With: %s"), arguments);
  add_line (lines, "%s", describe_effect (wish->access));
}

static void
add_uses (GStrvBuilder *lines, guint n_uses)
{
  gulong n = n_uses;

  if (n == 0)
    add_line (lines, _ ("Today: not used yet"));
  else
    add_line (lines, ngettext ("Today: used %lu time", "Today: used %lu times", n), n);
}

GStrv
bfy_prompt_build_lines (const BfyPromptFacts *facts)
{
  g_autoptr (GStrvBuilder) lines = g_strv_builder_new ();

  add_client (lines, facts->caller);
  add_binding (lines, facts);
  add_target (lines, facts);
  add_wish (lines, facts->wish);
  add_uses (lines, facts->n_uses_today);

  return g_strv_builder_end (lines);
}
