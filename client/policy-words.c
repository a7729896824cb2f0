/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/policy-words.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "client/fields.h"
#include "client/usage-text.h"
#include "protocol/json.h"
#include "protocol/name.h"
#include "protocol/quota.h"

#define LINE_CHARACTERS_MAX 400

typedef struct
{
  const char *member;
  const char *words; /* what stands before the patterns */
} Subject;

static const Subject subjects[] = {
  { "tool", "tools" },          { "prompt", "prompts" },     { "resource", "resources" },
  { "method", "MCP requests" }, { "http", "HTTP requests" }, { "graphql", "GraphQL:" },
  { "capability", "" },         { "access", "whatever" },
};

static const struct
{
  const char *wire;
  const char *words;
} classes[] = {
  { "read", "only reads" },
  { "write", "writes" },
  { "danger", "cannot be taken back" },
};

static char *
name_class (const char *wire)
{
  for (guint i = 0; i < G_N_ELEMENTS (classes); i++)
    if (strcmp (classes[i].wire, wire) == 0)
      return g_strdup (classes[i].words);

  return g_strdup (wire);
}

/* "“Merge pull requests”"; what the catalogue does not know is shown by its id. */
static char *
name_capability (const char *id, JsonArray *capabilities)
{
  guint n = capabilities != NULL ? json_array_get_length (capabilities) : 0;

  if (strcmp (id, "*") == 0)
    return g_strdup (_ ("whatever the catalogue knows"));
  for (guint i = 0; i < n; i++)
    {
      JsonObject *capability = json_array_get_object_element (capabilities, i);

      if (strcmp (bfy_field_text (capability, "id"), id) == 0)
        return g_strdup_printf ("“%s”", bfy_field_text (capability, "name"));
    }

  return g_strdup_printf (_ ("“%s”, which the catalogue does not know"), id);
}

static char *
name_pattern (const char *member, const char *pattern, JsonArray *capabilities)
{
  if (strcmp (member, "access") == 0)
    return name_class (pattern);
  if (strcmp (member, "capability") == 0)
    return name_capability (pattern, capabilities);

  return g_strdup (pattern);
}

/* A pattern, or a list of them. */
static void
append_patterns (GString *line, const char *member, JsonNode *node, JsonArray *capabilities)
{
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  guint n = array != NULL ? json_array_get_length (array) : 1;

  for (guint i = 0; i < n; i++)
    {
      const char *pattern =
          array != NULL ? json_array_get_string_element (array, i) : json_node_get_string (node);
      g_autofree char *name = name_pattern (member, pattern, capabilities);
      const char *glue = i == 0 ? "" : i + 1 < n ? ", " : " or ";

      g_string_append_printf (line, "%s%s", glue, name);
    }
}

static void
append_subject (GString *line, JsonObject *rule, JsonArray *capabilities)
{
  for (guint i = 0; i < G_N_ELEMENTS (subjects); i++)
    {
      JsonNode *node = json_object_get_member (rule, subjects[i].member);

      if (node == NULL)
        continue;
      g_string_append_printf (line, "%s%s", subjects[i].words, *subjects[i].words ? " " : "");
      append_patterns (line, subjects[i].member, node, capabilities);
    }
}

static void append_condition (GString *line, JsonNode *node);

static void
append_json (GString *line, JsonNode *node)
{
  g_autofree char *text = bfy_json_node_to_text (node, NULL);

  g_string_append (line, text);
}

static void
append_test (GString *line, JsonObject *object)
{
  JsonNode *min = json_object_get_member (object, "min");
  JsonNode *max = json_object_get_member (object, "max");

  if (json_object_has_member (object, "not"))
    {
      g_string_append (line, "not ");
      append_condition (line, json_object_get_member (object, "not"));
      return;
    }
  if (json_object_has_member (object, "equals"))
    {
      append_json (line, json_object_get_member (object, "equals"));
      return;
    }
  if (min != NULL)
    {
      g_string_append (line, _ ("at least "));
      append_json (line, min);
    }
  if (max != NULL)
    {
      g_string_append (line, min != NULL ? _ (" and at most ") : _ ("at most "));
      append_json (line, max);
    }
}

static void
append_condition (GString *line, JsonNode *node)
{
  if (JSON_NODE_HOLDS_OBJECT (node))
    append_test (line, json_node_get_object (node));
  else if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    g_string_append_printf (line, "like %s", json_node_get_string (node));
  else
    append_json (line, node);
}

static void
append_arguments (GString *line, JsonObject *arguments)
{
  JsonObjectIter iter;
  const char *pointer;
  JsonNode *node;
  gboolean is_first = TRUE;

  if (arguments == NULL)
    return;
  json_object_iter_init_ordered (&iter, arguments);
  while (json_object_iter_next_ordered (&iter, &pointer, &node))
    {
      g_string_append_printf (line, "%s%s ", is_first ? " with " : " and ", pointer);
      append_condition (line, node);
      is_first = FALSE;
    }
}

/* How far a yes reaches, where the rule says so. */
static void
append_reach (GString *line, const char *reach)
{
  if (strcmp (reach, "once") == 0)
    g_string_append (line, _ (", each time"));
  else if (strcmp (reach, "arguments") == 0)
    g_string_append (line, _ (", for each set of arguments"));
  else if (strcmp (reach, "tool") == 0)
    g_string_append (line, _ (", whatever the arguments"));
}

static void
append_rule (GString *text, guint number, JsonObject *rule, JsonArray *capabilities)
{
  g_autoptr (GString) line = g_string_new (NULL);
  g_autofree char *shown = NULL;
  const char *name = bfy_field_text (rule, "name");

  g_string_append_printf (line, "%3u  %-5s  ", number, bfy_field_text (rule, "effect"));
  append_subject (line, rule, capabilities);
  append_arguments (line, bfy_field_object (rule, "arguments"));
  append_reach (line, bfy_field_text (rule, "grant"));
  if (*name != '\0')
    g_string_append_printf (line, "  “%s”", name);
  shown = bfy_text_to_line (line->str, LINE_CHARACTERS_MAX);
  g_string_append_printf (text, "%s\n", shown);
}

static void
append_member (GString *text, JsonObject *policy, const char *name)
{
  JsonObject *object = bfy_field_object (policy, name);
  g_autofree char *json = object != NULL ? bfy_json_object_to_text (object, NULL) : NULL;
  g_autofree char *shown = json != NULL ? bfy_text_to_line (json, LINE_CHARACTERS_MAX) : NULL;

  if (shown != NULL)
    g_string_append_printf (text, "%s: %s\n", name, shown);
}

/* "60 requests a minute, 4 requests at a time". */
static void
append_quota (GString *text, JsonObject *quota)
{
  static const char *const names[] = { "requests_per_minute", "requests_per_hour", "concurrent",
                                       "bytes_per_day" };
  const char *glue = "";

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      gint64 most = bfy_field_int (quota, names[i]);
      g_autofree char *limit = most > 0 ? bfy_quota_describe_limit (names[i], most) : NULL;

      if (limit == NULL)
        continue;
      g_string_append_printf (text, "%s%s", glue, limit);
      glue = ", ";
    }
}

/* @all: what is said of all clients together, in place of the limits themselves. */
static char *
format_limits (JsonObject *limits, const char *all)
{
  JsonObject *per_client = bfy_field_object (limits, "per_client");
  GString *text = g_string_new (all);

  if (all == NULL)
    append_quota (text, limits);
  if (per_client != NULL)
    {
      g_string_append (text, text->len > 0 ? _ ("; to each client ") : _ ("to each client "));
      append_quota (text, per_client);
    }

  return g_string_free (text, FALSE);
}

char *
bfy_policy_words_left (JsonObject *verdict)
{
  JsonObject *limits = bfy_field_object (verdict, "limits");
  g_autofree char *left = bfy_usage_text_left (verdict);
  g_autofree char *all = *left != '\0' ? g_strconcat (left, " left", NULL) : NULL;

  return limits != NULL ? format_limits (limits, all) : NULL;
}

static void
append_limits (GString *text, JsonObject *policy)
{
  JsonObject *limits = bfy_field_object (policy, "limits");
  g_autofree char *words = limits != NULL ? format_limits (limits, NULL) : NULL;

  if (words != NULL && *words != '\0')
    g_string_append_printf (text, "limits: %s\n", words);
}

char *
bfy_policy_words_format (JsonObject *policy, JsonArray *capabilities)
{
  guint n_rules = bfy_field_count (policy, "rules");
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < n_rules; i++)
    append_rule (text, i + 1, bfy_field_nth (policy, "rules", i), capabilities);
  g_string_append_printf (text, "     %-5s  %s\n", bfy_field_text (policy, "default"),
                          n_rules > 0 ? "everything else" : "everything");
  append_member (text, policy, "network");
  append_limits (text, policy);

  return g_string_free (text, FALSE);
}
