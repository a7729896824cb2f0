/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/policy-words.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "client/fields.h"
#include "client/join.h"
#include "client/usage-text.h"
#include "protocol/json.h"
#include "protocol/name.h"
#include "protocol/quota.h"
#include "protocol/translation.h"

#define LINE_CHARACTERS_MAX 400

static const struct
{
  const char *wire;
  const char *words;
} classes[] = {
  { "read", N_ ("only reads") },
  { "write", N_ ("writes") },
  { "danger", N_ ("cannot be taken back") },
};

static char *
name_class (const char *wire)
{
  for (guint i = 0; i < G_N_ELEMENTS (classes); i++)
    if (strcmp (classes[i].wire, wire) == 0)
      return g_strdup (_ (classes[i].words));

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
        return g_strdup_printf (C_ ("name", "“%s”"),
                                bfy_translation_find (bfy_field_text (capability, "name")));
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
static char *
join_patterns (const char *member, JsonNode *node, JsonArray *capabilities)
{
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  guint n = array != NULL ? json_array_get_length (array) : 1;
  g_autofree char *list = NULL;

  for (guint i = 0; i < n; i++)
    {
      const char *pattern =
          array != NULL ? json_array_get_string_element (array, i) : json_node_get_string (node);
      g_autofree char *name = name_pattern (member, pattern, capabilities);

      if (i + 1 == n && list != NULL)
        bfy_join_or (&list, name);
      else
        bfy_join_comma (&list, name);
    }

  return list != NULL ? g_steal_pointer (&list) : g_strdup ("");
}

/* What a rule is about, of one kind. */
static char *
format_subject (const char *member, const char *patterns)
{
  /* Translators: in these, %s are names or patterns of names. */
  if (strcmp (member, "tool") == 0)
    return g_strdup_printf (_ ("tools %s"), patterns);
  if (strcmp (member, "prompt") == 0)
    return g_strdup_printf (_ ("prompts %s"), patterns);
  if (strcmp (member, "resource") == 0)
    return g_strdup_printf (_ ("resources %s"), patterns);
  if (strcmp (member, "method") == 0)
    return g_strdup_printf (_ ("MCP requests %s"), patterns);
  if (strcmp (member, "http") == 0)
    return g_strdup_printf (_ ("HTTP requests %s"), patterns);
  if (strcmp (member, "graphql") == 0)
    return g_strdup_printf ("GraphQL: %s", patterns);
  if (strcmp (member, "access") == 0)
    /* Translators: %s is "only reads", "writes", or "cannot be taken back". */
    return g_strdup_printf (_ ("whatever %s"), patterns);

  return g_strdup (patterns);
}

static char *
describe_subject (JsonObject *rule, JsonArray *capabilities)
{
  static const char *const members[] = { "tool", "prompt",  "resource",   "method",
                                         "http", "graphql", "capability", "access" };
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    {
      JsonNode *node = json_object_get_member (rule, members[i]);
      g_autofree char *patterns =
          node != NULL ? join_patterns (members[i], node, capabilities) : NULL;
      g_autofree char *subject = node != NULL ? format_subject (members[i], patterns) : NULL;

      if (subject != NULL)
        g_string_append (out, subject);
    }

  return g_string_free (out, FALSE);
}

static char *describe_condition (JsonNode *node);

static char *
describe_range (JsonNode *min, JsonNode *max)
{
  g_autofree char *least = min != NULL ? bfy_json_node_to_text (min, NULL) : NULL;
  g_autofree char *most = max != NULL ? bfy_json_node_to_text (max, NULL) : NULL;

  if (least != NULL && most != NULL)
    return g_strdup_printf (_ ("at least %s and at most %s"), least, most);
  if (least != NULL)
    return g_strdup_printf (_ ("at least %s"), least);
  if (most != NULL)
    return g_strdup_printf (_ ("at most %s"), most);

  return g_strdup ("");
}

static char *
describe_test (JsonObject *object)
{
  JsonNode *unwanted = json_object_get_member (object, "not");
  JsonNode *wanted = json_object_get_member (object, "equals");
  g_autofree char *condition = unwanted != NULL ? describe_condition (unwanted) : NULL;

  if (condition != NULL)
    /* Translators: of the value of an argument; %s is a value, or a condition again. */
    return g_strdup_printf (_ ("not %s"), condition);
  if (wanted != NULL)
    return bfy_json_node_to_text (wanted, NULL);

  return describe_range (json_object_get_member (object, "min"),
                         json_object_get_member (object, "max"));
}

static char *
describe_condition (JsonNode *node)
{
  if (JSON_NODE_HOLDS_OBJECT (node))
    return describe_test (json_node_get_object (node));
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    /* Translators: of the value of an argument; %s is a pattern. */
    return g_strdup_printf (_ ("like %s"), json_node_get_string (node));

  return bfy_json_node_to_text (node, NULL);
}

/* "with /a like x* and /b at most 3", or NULL. */
static char *
describe_arguments (JsonObject *arguments)
{
  JsonObjectIter iter;
  const char *pointer;
  JsonNode *node;
  char *line = NULL;

  if (arguments == NULL)
    return NULL;
  json_object_iter_init_ordered (&iter, arguments);
  while (json_object_iter_next_ordered (&iter, &pointer, &node))
    {
      g_autofree char *condition = describe_condition (node);
      g_autofree char *before = line;

      /* Translators: an argument, and a condition such as "at most 3"; then one more of them. */
      line = before == NULL ? g_strdup_printf (_ ("with %s %s"), pointer, condition)
                            : /* Translators: what there is, an argument, and a condition. */
                 g_strdup_printf (_ ("%s and %s %s"), before, pointer, condition);
    }

  return line;
}

/* How far a yes reaches, where the rule says so; NULL where it does not. */
static const char *
describe_reach (const char *reach)
{
  if (strcmp (reach, "once") == 0)
    return _ ("each time");
  if (strcmp (reach, "arguments") == 0)
    return _ ("for each set of arguments");
  if (strcmp (reach, "tool") == 0)
    return _ ("whatever the arguments");

  return NULL;
}

static char *
describe_rule (JsonObject *rule, JsonArray *capabilities)
{
  g_autofree char *line = describe_subject (rule, capabilities);
  g_autofree char *arguments = describe_arguments (bfy_field_object (rule, "arguments"));
  const char *reach = describe_reach (bfy_field_text (rule, "grant"));

  if (arguments != NULL)
    {
      g_autofree char *before = g_steal_pointer (&line);

      /* Translators: what a rule is about, and "with" its arguments. */
      line = g_strdup_printf (C_ ("rule", "%s %s"), before, arguments);
    }
  if (reach != NULL)
    bfy_join_comma (&line, reach);

  return g_steal_pointer (&line);
}

static void
append_rule (GString *text, guint number, JsonObject *rule, JsonArray *capabilities)
{
  const char *name = bfy_field_text (rule, "name");
  g_autofree char *words = describe_rule (rule, capabilities);
  g_autoptr (GString) line = g_string_new (NULL);
  g_autofree char *shown = NULL;

  g_string_append_printf (line, "%3u  %-5s  %s", number, bfy_field_text (rule, "effect"), words);
  if (*name != '\0')
    {
      g_string_append (line, "  ");
      g_string_append_printf (line, C_ ("name", "“%s”"), name);
    }
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

/* "60 requests a minute, 4 requests at a time", or NULL. */
static char *
format_quota (JsonObject *quota)
{
  static const char *const names[] = { "requests_per_minute", "requests_per_hour", "concurrent",
                                       "bytes_per_day" };
  char *text = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      gint64 most = bfy_field_int (quota, names[i]);
      g_autofree char *part = most > 0 ? bfy_quota_describe_limit (names[i], most) : NULL;

      if (part != NULL)
        bfy_join_comma (&text, part);
    }

  return text;
}

/* @all: what is said of all clients together, in place of the limits themselves. */
static char *
format_limits (JsonObject *limits, const char *all)
{
  JsonObject *per_client = bfy_field_object (limits, "per_client");
  g_autofree char *quota = per_client != NULL ? format_quota (per_client) : NULL;
  g_autofree char *each = NULL;
  char *text = all != NULL ? g_strdup (all) : format_quota (limits);

  if (per_client != NULL)
    {
      /* Translators: %s is such as "60 requests a minute, 4 at a time". */
      each = g_strdup_printf (_ ("to each client %s"), quota != NULL ? quota : "");
      bfy_join_semicolon (&text, each);
    }

  return text != NULL ? text : g_strdup ("");
}

char *
bfy_policy_words_left (JsonObject *verdict)
{
  JsonObject *limits = bfy_field_object (verdict, "limits");
  g_autofree char *left = bfy_usage_text_left (verdict);
  /* Translators: %s is such as "58 of 60 requests this minute". */
  g_autofree char *all = *left != '\0' ? g_strdup_printf (_ ("%s left"), left) : NULL;

  return limits != NULL ? format_limits (limits, all) : NULL;
}

static void
append_limits (GString *text, JsonObject *policy)
{
  JsonObject *limits = bfy_field_object (policy, "limits");
  g_autofree char *words = limits != NULL ? format_limits (limits, NULL) : NULL;

  if (words != NULL && *words != '\0')
    g_string_append_printf (text, _ ("limits: %s\n"), words);
}

char *
bfy_policy_words_format (JsonObject *policy, JsonArray *capabilities)
{
  guint n_rules = bfy_field_count (policy, "rules");
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < n_rules; i++)
    append_rule (text, i + 1, bfy_field_nth (policy, "rules", i), capabilities);
  g_string_append_printf (text, "     %-5s  %s\n", bfy_field_text (policy, "default"),
                          n_rules > 0 ? _ ("everything else") : _ ("everything"));
  append_member (text, policy, "network");
  append_limits (text, policy);

  return g_string_free (text, FALSE);
}
