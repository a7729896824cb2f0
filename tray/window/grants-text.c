/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/window/grants-text.h"

#include <glib/gi18n.h>
#include <string.h>

#include "client/fields.h"
#include "protocol/timestamp.h"
#include "tray/window/moment.h"

#define AGE_DAYS_MAX 7 /* then the date says more */

static gboolean
is_refusal (JsonObject *grant)
{
  return strcmp (bfy_field_text (grant, "effect"), "deny") == 0;
}

static char *
describe_who (JsonObject *grant)
{
  const char *client = bfy_field_text (grant, "client");
  gint64 pid = bfy_field_int (grant, "pid");

  return pid > 0 ? g_strdup_printf (_ ("%s (process %d)"), client, (int) MIN (pid, G_MAXINT))
                 : g_strdup (client);
}

char *
bfy_grants_text_title (JsonObject *grant)
{
  const char *tool = bfy_field_text (grant, "tool");
  const char *what = *tool != '\0' ? tool : bfy_field_text (grant, "method");
  g_autofree char *who = describe_who (grant);

  /* TRANSLATORS: a program, then what it does (“create_issue”), then a binding (“github”). */
  return g_strdup_printf (is_refusal (grant) ? _ ("%s may not use %s of %s")
                                             : _ ("%s may use %s of %s"),
                          who, what, bfy_field_text (grant, "binding"));
}

/* How it ends. */
static char *
describe_end (JsonObject *grant, gint64 now_s)
{
  gint64 ends_s = bfy_time_from_text (bfy_field_text (grant, "expires_at"));
  const char *scope = bfy_field_text (grant, "scope");
  g_autofree char *wait = bfy_moment_format_wait (ends_s - now_s);

  if (ends_s > 0)
    return g_strdup_printf (_ ("Ends %s."), wait);
  if (strcmp (scope, "once") == 0)
    return g_strdup (_ ("For one use."));
  if (strcmp (scope, "session") == 0)
    return g_strdup (bfy_field_int (grant, "pid") > 0 ? _ ("Until the program ends.")
                                                      : _ ("Until the agent ends."));
  if (strcmp (scope, "until_lock") == 0)
    return g_strdup (_ ("Until you lock."));

  return g_strdup (_ ("Until you revoke it."));
}

static char *
describe_uses (JsonObject *grant, gint64 now_s)
{
  gulong n = (gulong) MAX (0, bfy_field_int (grant, "uses"));
  g_autofree char *age = bfy_moment_format_age (
      bfy_time_from_text (bfy_field_text (grant, "last_used_at")), now_s, AGE_DAYS_MAX);

  if (n == 0)
    return g_strdup (_ ("Not used yet."));

  return g_strdup_printf (ngettext ("Used %lu time, %s.", "Used %lu times, last %s.", n), n, age);
}

char *
bfy_grants_text_details (JsonObject *grant, gint64 now_s)
{
  g_autofree char *end = describe_end (grant, now_s);
  g_autofree char *uses = is_refusal (grant) ? NULL : describe_uses (grant, now_s);
  const char *arguments =
      bfy_field_boolean (grant, "arguments") ? _ ("With these arguments only.") : NULL;
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) sentences = NULL;

  if (arguments != NULL)
    g_strv_builder_add (builder, arguments);
  g_strv_builder_add (builder, end);
  if (uses != NULL)
    g_strv_builder_add (builder, uses);
  sentences = g_strv_builder_end (builder);

  return g_strjoinv (" ", sentences);
}

gboolean
bfy_grants_text_is_live (JsonObject *grant, gint64 now_s)
{
  gint64 ends_s = bfy_time_from_text (bfy_field_text (grant, "expires_at"));

  return ends_s <= 0 || ends_s > now_s;
}

gint64
bfy_grants_text_next_change_s (JsonArray *grants, gint64 now_s)
{
  gint64 next_s = 0;

  for (guint i = 0; grants != NULL && i < json_array_get_length (grants); i++)
    {
      JsonNode *node = json_array_get_element (grants, i);
      gint64 ends_s =
          JSON_NODE_HOLDS_OBJECT (node)
              ? bfy_time_from_text (bfy_field_text (json_node_get_object (node), "expires_at"))
              : 0;
      gint64 change_s = ends_s > now_s ? bfy_moment_next_change_s (ends_s, now_s) : 0;

      if (change_s > 0 && (next_s == 0 || change_s < next_s))
        next_s = change_s;
    }

  return next_s;
}
