/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/doctor/token-findings.h"

#define S_PER_HOUR 3600
#define HOURS_PER_DAY 24
#define CLOCK_SLACK_S 300 /* small steps are what time servers do */
#define HOURS_MAX 48      /* more are told in days */

static gboolean
is_looked_at (const BfyBinding *binding)
{
  return g_str_equal (binding->auth_type, "oauth") && !binding->is_sealed &&
         binding->state != BFY_STATE_PAUSED;
}

static char *
login (const BfyBinding *binding)
{
  return g_strdup_printf ("bindify login %s", binding->name);
}

/* "30 hours", "5 days" */
static char *
format_span (gint64 seconds)
{
  gint64 hours = seconds / S_PER_HOUR;

  return hours <= HOURS_MAX ? g_strdup_printf ("%" G_GINT64_FORMAT " hours", hours)
                            : g_strdup_printf ("%" G_GINT64_FORMAT " days", hours / HOURS_PER_DAY);
}

void
bfy_token_findings_of_record (GPtrArray *findings,
                              const BfyBinding *binding,
                              const BfyRhythm *rhythm,
                              gint64 now_s)
{
  g_autofree char *span = NULL;

  if (!is_looked_at (binding))
    return;
  if (!binding->can_refresh && binding->expires_at_s > 0 && binding->expires_at_s <= now_s)
    {
      bfy_findings_add (findings, "token_expired", binding,
                        g_strdup_printf ("The token of “%s” has expired, and there is nothing to "
                                         "renew it with",
                                         binding->name),
                        login (binding));
      return;
    }
  if (!bfy_schedule_is_stale (binding, rhythm, now_s))
    return;

  span = format_span (now_s - binding->refreshed_at_s);
  bfy_findings_add (
      findings, "refresh_overdue", binding,
      g_strdup_printf ("The tokens of “%s” were last renewed %s ago, although that "
                       "is due more often",
                       binding->name, span),
      g_strdup_printf ("bindify test %s, which says what is in the way", binding->name));
}

void
bfy_token_findings_of_clock (GPtrArray *findings, GPtrArray *bindings, gint64 now_s)
{
  for (guint i = 0; i < bindings->len; i++)
    {
      const BfyBinding *binding = g_ptr_array_index (bindings, i);

      if (MAX (binding->refreshed_at_s, binding->created_at_s) <= now_s + CLOCK_SLACK_S)
        continue;
      bfy_findings_add (findings, "clock_behind", NULL,
                        g_strdup_printf ("The clock is behind: “%s” was made or renewed later than "
                                         "now, so tokens may be believed that have ended",
                                         binding->name),
                        g_strdup ("timedatectl set-ntp true"));
      return;
    }
}

/* One that was given by hand and never ends needs nothing (behaviour 7.1). */
void
bfy_token_findings_of_credential (GPtrArray *findings,
                                  const BfyBinding *binding,
                                  const BfyCredential *credential)
{
  if (!is_looked_at (binding) || credential->source != NULL ||
      (credential->expires_at_s == 0 && credential->refresh == NULL))
    return;

  bfy_findings_add (findings, "token_without_source", binding,
                    g_strdup_printf ("The token of “%s” was given by hand: when it ends, bindify "
                                     "does not know where to get the next one",
                                     binding->name),
                    login (binding));
}

static const BfyBinding *
find_binding (GPtrArray *bindings, const char *id)
{
  for (guint i = 0; i < bindings->len; i++)
    {
      const BfyBinding *binding = g_ptr_array_index (bindings, i);

      if (g_str_equal (binding->id, id))
        return binding;
    }

  return NULL;
}

static void
add_orphan (GPtrArray *findings, const char *directory, const char *id)
{
  g_autofree char *path = g_build_filename (directory, id, NULL);
  g_autofree char *quoted = g_shell_quote (path);

  bfy_findings_add (findings, "recovery_record", NULL,
                    g_strdup_printf ("Tokens of a binding that is not there any more (%s) wait, "
                                     "encrypted, to be put into a keyring",
                                     id),
                    g_strdup_printf ("rm %s", quoted));
}

void
bfy_token_findings_of_recovery (GPtrArray *findings,
                                const char *directory,
                                const char *const *ids,
                                GPtrArray *bindings)
{
  for (; ids != NULL && *ids != NULL; ids++)
    {
      const BfyBinding *binding = find_binding (bindings, *ids);

      if (binding != NULL)
        bfy_findings_add (findings, "recovery_record", binding,
                          g_strdup_printf ("New tokens of “%s” could not be put into the keyring "
                                           "and wait, encrypted, beside it",
                                           binding->name),
                          g_strdup_printf ("bindify test %s, when the keyring can be written to "
                                           "again",
                                           binding->name));
      else
        add_orphan (findings, directory, *ids);
    }
}
