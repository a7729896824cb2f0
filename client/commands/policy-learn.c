/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <glib/gi18n-lib.h>

#include "client/age.h"
#include "client/commands/policy.h"
#include "client/event-reader.h"
#include "client/policy-lesson.h"

#define SINCE_DEFAULT "7d" /* the option says it, too */
#define EVENTS_MAX 10000

static gboolean
take_event (JsonObject *event, gpointer user_data)
{
  bfy_policy_lesson_take (user_data, event);

  return TRUE;
}

static gboolean
read_events (
    BfyCli *cli, BfyPolicyLesson *lesson, const char *name, gint64 since_ms, GError **error)
{
  g_autofree char *path = g_strdup_printf (
      "/v1/events?binding=%s&since_ms=%" G_GINT64_FORMAT "&limit=%d", name, since_ms, EVENTS_MAX);

  return bfy_events_read (cli, path, take_event, lesson, error);
}

static gboolean
propose (BfyCli *cli, const char *name, BfyPolicyLesson *lesson, GError **error)
{
  g_auto (GStrv) notes = bfy_policy_lesson_notes (lesson);
  g_autoptr (JsonNode) node = NULL;

  for (guint i = 0; notes[i] != NULL; i++)
    bfy_cli_warn ("%s", notes[i]);
  if (bfy_policy_lesson_n_uses (lesson) == 0)
    {
      bfy_cli_set_hint (cli, "bindify log --binding %s", name);
      g_set_error (error, BFY_ERROR, BFY_ERROR_NOT_FOUND,
                   _ ("The log says of no use of “%s” in that time"), name);
      return FALSE;
    }
  node = json_node_new (JSON_NODE_OBJECT);
  json_node_take_object (node, bfy_policy_lesson_propose (lesson));
  bfy_cli_print_json (node);

  return TRUE;
}

/* A name that is no binding's would only ever have no events. */
static gboolean
check_binding (BfyCli *cli, const char *name, GError **error)
{
  g_autoptr (JsonObject) reply = bfy_policy_call (cli, "GET", name, NULL, NULL, error);

  return reply != NULL;
}

gboolean
bfy_policy_learn (BfyCli *cli, GStrv words, GError **error)
{
  g_autofree char *since = NULL;
  const GOptionEntry entries[] = {
    { "since", 0, 0, G_OPTION_ARG_FILENAME, &since,
      N_ ("From what was done since then: 2h, 3d, a date (default: 7d)"), "TIME" },
    G_OPTION_ENTRY_NULL,
  };
  g_auto (GStrv) others = bfy_cli_parse (cli, entries, words, error);
  g_autoptr (BfyPolicyLesson) lesson = bfy_policy_lesson_new ();
  gint64 since_ms;

  return others != NULL &&
         bfy_since_parse (since != NULL ? since : SINCE_DEFAULT, g_get_real_time () / 1000,
                          &since_ms, error) &&
         check_binding (cli, others[0], error) &&
         read_events (cli, lesson, others[0], since_ms, error) &&
         propose (cli, others[0], lesson, error);
}
