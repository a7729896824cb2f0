/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/policy-hint.h"

#include <string.h>

#include "protocol/name.h"

#define WORD_BYTES_MAX 200
#define NAME_SHOWN_MAX 80

/* None of these means anything to a shell or in a pattern. */
static gboolean
is_plain (const char *word)
{
  if (word == NULL || *word == '\0' || *word == '-' || strlen (word) > WORD_BYTES_MAX)
    return FALSE;
  for (const char *p = word; *p != '\0'; p++)
    if (!g_ascii_isalnum (*p) && strchr ("._/:@-", *p) == NULL)
      return FALSE;

  return TRUE;
}

static char *
format (const char *binding, const char *option, const char *word)
{
  return is_plain (word)
             ? g_strdup_printf ("bindify policy set %s --allow%s%s", binding, option, word)
             : NULL;
}

char *
bfy_policy_hint_for_message (const char *binding, const BfyRpcMessage *message)
{
  const char *method = message->method != NULL ? message->method : "";
  const char *blank;
  g_autofree char *verb = NULL;

  if (message->http != NULL)
    {
      blank = strchr (message->name, ' ');
      verb = g_strndup (message->name, (gsize) (blank - message->name));
      return bfy_policy_hint_for_http (binding, verb, blank + 1);
    }
  if (g_str_equal (method, "tools/call"))
    return format (binding, "-tool ", message->name);
  if (g_str_equal (method, "prompts/get"))
    return format (binding, " prompt=", message->name);
  if (g_str_has_prefix (method, "resources/"))
    return format (binding, " resource=", message->uri);
  if (message->name != NULL || message->uri != NULL || message->subscriptions != NULL)
    return NULL;

  return format (binding, " method=", method);
}

char *
bfy_policy_hint_for_http (const char *binding, const char *method, const char *path)
{
  if (!is_plain (method) || !is_plain (path))
    return NULL;

  return g_strdup_printf ("bindify policy set %s --allow 'http=%s %s'", binding, method, path);
}

char *
bfy_policy_hint_reason (const BfyPolicyVerdict *verdict)
{
  g_autofree char *name = NULL;

  switch (verdict->reason)
    {
    case BFY_POLICY_BY_RULE:
      if (verdict->rule_name == NULL)
        return g_strdup_printf ("rule %u", verdict->rule);
      name = bfy_text_to_line (verdict->rule_name, NAME_SHOWN_MAX);
      return g_strdup_printf ("rule %u, “%s”", verdict->rule, name);
    case BFY_POLICY_BY_DEFAULT:
      return g_strdup ("no rule fits, so the default decides");
    case BFY_POLICY_BY_PROTOCOL:
      return g_strdup ("every client needs it, so it always passes");
    case BFY_POLICY_UNCLEAR:
      return g_strdup ("it does not say clearly what it is about");
    }

  return NULL;
}
