/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* A question is put together from words of ours and from names that somebody else chose: a program
 * its path, a client its arguments, a server its tools. Such a name stands between “ and ”, and
 * cannot look like anything outside of them (prompt-quote.c). */

#include "protocol/prompt-text.h"

#include <gio/gio.h>
#include <string.h>

#include "protocol/name.h"
#include "protocol/upstream.h"

#define NAME_CHARACTERS_MAX 40
#define THING_CHARACTERS_MAX 32 /* with three names the title still has its length */
#define SHORT_CHARACTERS_MAX 24
#define LONG_CHARACTERS_MAX 90
#define CHAIN_MAX 4

/* "Merge pull requests" in the middle of a sentence; "URLs" stay as they are. */
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

/* "use the tool “create_issue” of “linear”" */
static char *
describe_request (const BfyWish *wish)
{
  g_autofree char *name =
      bfy_prompt_quote (wish->name != NULL ? wish->name : wish->method, THING_CHARACTERS_MAX);
  g_autofree char *binding = bfy_prompt_quote (wish->binding, SHORT_CHARACTERS_MAX);
  const char *verb = "call the method";
  const char *preposition = "of";

  switch (wish->kind)
    {
    case BFY_POLICY_TOOL:
      verb = "use the tool";
      break;
    case BFY_POLICY_PROMPT:
      verb = "get the prompt";
      break;
    case BFY_POLICY_RESOURCE:
      verb = "read the resource";
      break;
    case BFY_POLICY_HTTP:
    case BFY_POLICY_GRAPHQL:
      verb = "send the request";
      preposition = "to";
      break;
    case BFY_POLICY_METHOD:
    case BFY_POLICY_CAPABILITY:
    case BFY_POLICY_ACCESS:
    case BFY_N_POLICY_KINDS:
      break;
    }

  return g_strjoin (" ", verb, name, preposition, binding, NULL);
}

char *
bfy_prompt_build_title (const BfyPromptFacts *facts)
{
  g_autofree char *client = quote_client (facts->caller, SHORT_CHARACTERS_MAX);
  g_autofree char *capability = NULL;
  g_autofree char *where = NULL;
  g_autofree char *request = NULL;

  if (facts->wish->capability_name == NULL)
    {
      request = describe_request (facts->wish);
      return g_strdup_printf ("Let %s %s?", client, request);
    }

  capability = begin_small (facts->wish->capability_name);
  where = facts->service != NULL ? bfy_prompt_inert (facts->service, SHORT_CHARACTERS_MAX)
                                 : bfy_prompt_quote (facts->wish->binding, SHORT_CHARACTERS_MAX);

  return g_strdup_printf ("Let %s %s on %s?", client, capability, where);
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

static void
add_quoted (GStrvBuilder *lines, const char *label, const char *text)
{
  g_autofree char *quoted = text != NULL ? bfy_prompt_quote (text, LONG_CHARACTERS_MAX) : NULL;

  if (quoted != NULL)
    add_line (lines, "%s: %s", label, quoted);
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
  const char *trust = caller->is_verified ? "verified" : "unverified";

  if (*chain == '\0' && caller->client_label != NULL)
    return;
  if (*chain == '\0')
    add_line (lines, "Program: cannot be identified");
  else if (via != NULL)
    add_line (lines, "Program: “%s” (%s, through %s)", chain, trust, via);
  else
    add_line (lines, "Program: “%s” (%s)", chain, trust);
}

static void
add_file (GStrvBuilder *lines, const BfyCaller *caller)
{
  int pid = caller->program_pid > 0 ? caller->program_pid : caller->pid;
  g_autofree char *path =
      caller->program != NULL ? bfy_prompt_quote (caller->program, LONG_CHARACTERS_MAX - 10) : NULL;

  if (path != NULL && pid > 0)
    add_line (lines, "File: %s (process %d%s)", path, pid,
              caller->is_replaced ? ", replaced since it started" : "");
  else if (path != NULL)
    add_line (lines, "File: %s", path);
  else if (pid > 0)
    add_line (lines, "Process: %d", pid);
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
      add_line (lines, "Sandbox: Flatpak %s", id != NULL ? id : "of an unknown application");
      break;
    case BFY_SANDBOX_SNAP:
      add_line (lines, "Sandbox: Snap %s", id != NULL ? id : "of an unknown application");
      break;
    case BFY_SANDBOX_NAMESPACE:
      add_line (lines, "Sandbox: a container; what it says of itself cannot be checked");
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
    add_line (lines, "Started as: the service %s", name);
  else
    add_line (lines, "Started as: the application %s (a hint)", name);
}

static void
add_client (GStrvBuilder *lines, const BfyCaller *caller)
{
  g_autofree char *label = caller->client_label != NULL
                               ? bfy_prompt_quote (caller->client_label, LONG_CHARACTERS_MAX - 30)
                               : NULL;

  if (label != NULL)
    add_line (lines, "Client: %s (known by its key)", label);
  add_program (lines, caller);
  add_file (lines, caller);
  add_sandbox (lines, caller);
  if (caller->sandbox_id == NULL)
    add_unit (lines, caller->scope);
  add_quoted (lines, "Works in", caller->directory);
}

static void
add_binding (GStrvBuilder *lines, const BfyPromptFacts *facts)
{
  g_autofree char *binding = bfy_prompt_quote (facts->wish->binding, 63);
  g_autofree char *account =
      facts->account != NULL ? bfy_prompt_quote (facts->account, SHORT_CHARACTERS_MAX) : NULL;

  if (account != NULL)
    add_line (lines, "Binding: %s, account %s", binding, account);
  else
    add_line (lines, "Binding: %s", binding);
}

static const char *
describe_reach (const char *host)
{
  switch (bfy_reach_of_host (host))
    {
    case BFY_REACH_EXTERNAL:
      return "external";
    case BFY_REACH_LOOPBACK:
      return "this machine";
    case BFY_REACH_PRIVATE:
      return "local network";
    }

  return "external";
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
  g_autofree char *host = ascii != NULL ? bfy_prompt_inert (ascii, LONG_CHARACTERS_MAX) : NULL;
  g_autofree char *program =
      facts->program != NULL ? bfy_prompt_quote (facts->program, LONG_CHARACTERS_MAX - 20) : NULL;

  if (host != NULL)
    add_line (lines, "Goes to: %s (%s)", host, describe_reach (ascii));
  else if (facts->host != NULL)
    add_quoted (lines, "Goes to a host that is no proper name", facts->host);
  else if (program != NULL)
    add_line (lines, "Goes to: the program %s on this machine", program);
}

static const char *
label_of (BfyPolicyKind kind)
{
  switch (kind)
    {
    case BFY_POLICY_TOOL:
      return "Tool";
    case BFY_POLICY_PROMPT:
      return "Prompt";
    case BFY_POLICY_RESOURCE:
      return "Resource";
    case BFY_POLICY_HTTP:
    case BFY_POLICY_GRAPHQL:
      return "Request";
    case BFY_POLICY_METHOD:
    case BFY_POLICY_CAPABILITY:
    case BFY_POLICY_ACCESS:
    case BFY_N_POLICY_KINDS:
      break;
    }

  return "Method";
}

static void
add_wish (GStrvBuilder *lines, const BfyWish *wish)
{
  static const char *const effects[] = {
    [BFY_ACCESS_READ] = "only reads",
    [BFY_ACCESS_WRITE] = "changes something",
    [BFY_ACCESS_DANGER] = "can’t be undone",
  };

  add_quoted (lines, label_of (wish->kind), wish->name != NULL ? wish->name : wish->method);
  add_quoted (lines, "With", wish->arguments);
  add_line (lines, "Effect: %s", effects[wish->access]);
}

GStrv
bfy_prompt_build_lines (const BfyPromptFacts *facts)
{
  g_autoptr (GStrvBuilder) lines = g_strv_builder_new ();

  add_client (lines, facts->caller);
  add_binding (lines, facts);
  add_target (lines, facts);
  add_wish (lines, facts->wish);
  if (facts->n_uses_today == 0)
    add_line (lines, "Today: not used yet");
  else
    add_line (lines, "Today: used %u time%s", facts->n_uses_today,
              facts->n_uses_today == 1 ? "" : "s");

  return g_strv_builder_end (lines);
}

static const char *
describe_reach_of_grant (const BfyWish *wish)
{
  switch (wish->reach)
    {
    case BFY_WISH_ANY_ARGUMENTS:
      return "with any arguments";
    case BFY_WISH_SAME_ARGUMENTS:
    case BFY_WISH_ONCE:
    case BFY_N_WISH_REACHES:
      break;
    }

  return "with the same arguments only";
}

char *
bfy_prompt_describe_scope (const BfyPrompt *self, BfyGrantScope scope)
{
  const char *until = "";

  switch (scope)
    {
    case BFY_GRANT_ONCE:
      return g_strdup ("this one request");
    case BFY_GRANT_TEN_MINUTES:
      until = "for 10 minutes";
      break;
    case BFY_GRANT_SESSION:
      until = self->caller->client_id != NULL ? "until the agent ends" : "until this program ends";
      break;
    case BFY_GRANT_UNTIL_LOCK:
      until = "until the agent or the screen is locked";
      break;
    case BFY_GRANT_ALWAYS:
      until = "until you take it back";
      break;
    case BFY_N_GRANT_SCOPES:
      break;
    }

  return g_strdup_printf ("the same again %s, %s", describe_reach_of_grant (self->wish), until);
}
