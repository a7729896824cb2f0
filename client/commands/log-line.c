/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/commands/log-line.h"

#include "client/commands/commands.h"
#include "client/fields.h"
#include "protocol/event-type.h"
#include "protocol/name.h"

#define CHARACTERS_MAX 400

static const struct
{
  const char *mark;
  const char *begin; /* of its colour */
} weights[] = {
  [BFY_EVENT_PLAIN] = { " ", "" },
  [BFY_EVENT_NOTICE] = { "?", "\x1b[1;33m" },
  [BFY_EVENT_LOUD] = { "!", "\x1b[1;31m" },
};

char *
bfy_log_line_format (JsonObject *event, gboolean has_color)
{
  static const char *const members[] = { "binding", "client",  "type",     "method",
                                         "tool",    "outcome", "category", "detail" };
  BfyEventWeight weight = bfy_event_type_get_weight (bfy_field_text (event, "type"));
  gboolean is_colored = has_color && weight != BFY_EVENT_PLAIN;
  g_autofree char *time = bfy_log_format_time (bfy_field_text (event, "time"));
  g_autoptr (GString) line = g_string_new (time);
  g_autofree char *shown = NULL;
  gboolean is_first = TRUE;

  g_string_append_printf (line, " %s", weights[weight].mark);
  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    {
      const char *value = bfy_field_text (event, members[i]);

      if (*value != '\0')
        g_string_append_printf (line, "%s%s", is_first ? " " : "  ", value);
      is_first = is_first && *value == '\0';
    }
  shown = bfy_text_to_line (line->str, CHARACTERS_MAX);

  return g_strconcat (is_colored ? weights[weight].begin : "", shown, is_colored ? "\x1b[0m" : "",
                      NULL);
}
