/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <glib/gi18n-lib.h>

#include "client/commands/policy.h"
#include "protocol/json.h"
#include "protocol/policy-edit.h"

/* What takes the place of a file: where to start from, and what comes before it. */
typedef struct
{
  char *profile;     /* (owned) (nullable) */
  GStrv tools[3];    /* (owned) (nullable) by BfyPolicyEffect */
  GStrv subjects[3]; /* (owned) (nullable) "KIND=PATTERN" */
} Wish;

static void
wish_clear (Wish *wish)
{
  g_free (wish->profile);
  for (guint i = 0; i < G_N_ELEMENTS (wish->tools); i++)
    {
      g_strfreev (wish->tools[i]);
      g_strfreev (wish->subjects[i]);
    }
}

static gboolean
is_empty (const Wish *wish)
{
  gboolean is_empty = wish->profile == NULL;

  for (guint i = 0; i < G_N_ELEMENTS (wish->tools); i++)
    is_empty = is_empty && wish->tools[i] == NULL && wish->subjects[i] == NULL;

  return is_empty;
}

/* The strictest first: what is denied is denied whatever else is said in the same breath. */
static JsonArray *
build_rules (const Wish *wish, GError **error)
{
  g_autoptr (JsonArray) rules = json_array_new ();

  for (int i = BFY_POLICY_DENY; i >= BFY_POLICY_ALLOW; i--)
    {
      const char *effect = bfy_policy_effect_to_wire ((BfyPolicyEffect) i);
      const char *const *tools = (const char *const *) wish->tools[i];
      const char *const *subjects = (const char *const *) wish->subjects[i];

      if (!bfy_policy_add_rules (rules, "tool", tools, effect, error) ||
          !bfy_policy_add_rules (rules, NULL, subjects, effect, error))
        return NULL;
    }

  return g_steal_pointer (&rules);
}

/* The profile, or what is in force. */
static BfyPolicy *
find_base (BfyCli *cli, const char *name, const Wish *wish, GError **error)
{
  g_autoptr (JsonObject) reply = NULL;
  BfyPolicy *base = NULL;

  if (wish->profile == NULL)
    {
      reply = bfy_policy_fetch (cli, name, &base, error);
      return base;
    }

  base = bfy_policy_new_profile (wish->profile);
  if (base == NULL)
    (void) bfy_policy_refuse_profile (error);

  return base;
}

static GBytes *
build_policy (BfyCli *cli, const char *name, const Wish *wish, GError **error)
{
  g_autoptr (JsonArray) rules = build_rules (wish, error);
  g_autoptr (BfyPolicy) base = NULL;
  g_autoptr (BfyPolicy) policy = NULL;
  const char *text;

  if (rules == NULL)
    return NULL;
  base = find_base (cli, name, wish, error);
  if (base == NULL)
    return NULL;
  policy = bfy_policy_with_rules (base, rules, error);
  if (policy == NULL)
    return NULL;
  text = bfy_policy_peek_text (policy);

  return g_bytes_new (text, strlen (text));
}

static gboolean
check_wish (BfyCli *cli, const char *file, const Wish *wish, GError **error)
{
  if ((file != NULL) != is_empty (wish))
    {
      bfy_cli_set_hint (cli, "bindify policy set --help");
      g_set_error_literal (
          error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
          _ ("Give either a file with a policy, or options that say what to change"));
      return FALSE;
    }

  return TRUE;
}

static gboolean
set (BfyCli *cli, const GStrv others, const Wish *wish, GError **error)
{
  g_autoptr (GBytes) text = NULL;
  g_autoptr (JsonObject) reply = NULL;

  if (!check_wish (cli, others[1], wish, error))
    return FALSE;
  text = others[1] != NULL ? bfy_policy_read_file (cli, others[1], error)
                           : build_policy (cli, others[0], wish, error);
  if (text != NULL)
    reply = bfy_policy_call (cli, "PUT", others[0], NULL, text, error);
  if (reply == NULL)
    return FALSE;

  bfy_cli_print (_ ("The policy of %s is in force.\n"), others[0]);

  return TRUE;
}

gboolean
bfy_policy_set (BfyCli *cli, GStrv words, GError **error)
{
  Wish wish = { 0 };
  const GOptionEntry entries[] = {
    { "profile", 0, 0, G_OPTION_ARG_FILENAME, &wish.profile,
      N_ ("Start from reads-flow, read-only or open instead of what is in force"), "PROFILE" },
    { "allow-tool", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &wish.tools[BFY_POLICY_ALLOW],
      N_ ("Before all other rules: allow tools of this name (“*”: any characters)"), "GLOB" },
    { "ask-tool", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &wish.tools[BFY_POLICY_ASK],
      N_ ("… have a person asked about them"), "GLOB" },
    { "deny-tool", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &wish.tools[BFY_POLICY_DENY],
      N_ ("… deny them"), "GLOB" },
    { "allow", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &wish.subjects[BFY_POLICY_ALLOW],
      N_ ("The same for any kind of rule: capability=merge-pull-requests, access=write, …"),
      "KIND=PATTERN" },
    { "ask", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &wish.subjects[BFY_POLICY_ASK],
      N_ ("… ask about it"), "KIND=PATTERN" },
    { "deny", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &wish.subjects[BFY_POLICY_DENY], N_ ("… deny it"),
      "KIND=PATTERN" },
    G_OPTION_ENTRY_NULL,
  };
  g_auto (GStrv) others = bfy_cli_parse (cli, entries, words, error);
  gboolean is_ok = others != NULL && set (cli, others, &wish, error);

  wish_clear (&wish);

  return is_ok;
}
