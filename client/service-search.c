/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/service-search.h"

#include <string.h>

#include "client/fields.h"

#define WORDS_MAX 16 /* more say nothing more */

/* How near a word is to what it was found in. */
enum
{
  NEAR_NOT = 0,
  NEAR_HOST = 10,
  NEAR_INSIDE = 20,
  NEAR_START_OF_KEYWORD = 30,
  NEAR_KEYWORD = 40,
  NEAR_START = 60,
  NEAR_SAME = 100,
};

typedef struct
{
  JsonObject *service; /* borrowed */
  guint score;
} Hit;

static guint
rate (const char *text, const char *word)
{
  g_autofree char *folded = g_utf8_casefold (text, -1);

  if (g_str_equal (folded, word))
    return NEAR_SAME;
  if (g_str_has_prefix (folded, word))
    return NEAR_START;

  return strstr (folded, word) != NULL ? NEAR_INSIDE : NEAR_NOT;
}

static guint
rate_keyword (const char *keyword, const char *word)
{
  if (g_str_equal (keyword, word))
    return NEAR_KEYWORD;

  return g_str_has_prefix (keyword, word) ? NEAR_START_OF_KEYWORD : NEAR_NOT;
}

static guint
rate_keywords (JsonObject *service, const char *word)
{
  JsonArray *keywords = bfy_field_array (service, "keywords");
  guint best = NEAR_NOT;

  for (guint i = 0; keywords != NULL && i < json_array_get_length (keywords); i++)
    {
      JsonNode *node = json_array_get_element (keywords, i);

      if (json_node_get_value_type (node) == G_TYPE_STRING)
        best = MAX (best, rate_keyword (json_node_get_string (node), word));
    }

  return best;
}

static guint
rate_hosts (JsonObject *service, const char *word)
{
  for (guint i = 0; i < bfy_field_count (service, "hosts"); i++)
    {
      const char *host = bfy_field_text (bfy_field_nth (service, "hosts", i), "host");

      if (strstr (host, word) != NULL)
        return NEAR_HOST;
    }

  return NEAR_NOT;
}

static guint
rate_word (JsonObject *service, const char *word)
{
  guint best = rate (bfy_field_text (service, "id"), word);

  best = MAX (best, rate (bfy_field_text (service, "name"), word));
  best = MAX (best, rate_keywords (service, word));

  return MAX (best, rate_hosts (service, word));
}

/* 0 when one of the words is nowhere in it. */
static guint
rate_words (JsonObject *service, const GStrv words)
{
  guint sum = 1;

  for (guint i = 0; words[i] != NULL; i++)
    {
      guint score = *words[i] != '\0' ? rate_word (service, words[i]) : NEAR_SAME;

      if (score == NEAR_NOT)
        return 0;
      sum += score;
    }

  return sum;
}

static int
compare_hits (gconstpointer a, gconstpointer b)
{
  const Hit *first = a;
  const Hit *second = b;

  if (first->score != second->score)
    return first->score > second->score ? -1 : 1;

  return strcmp (bfy_field_text (first->service, "id"), bfy_field_text (second->service, "id"));
}

GPtrArray *
bfy_service_search (JsonArray *services, const char *words)
{
  g_autofree char *folded = g_utf8_casefold (words, -1);
  g_auto (GStrv) list = g_strsplit_set (folded, " \t\n,", WORDS_MAX);
  g_autoptr (GArray) hits = g_array_new (FALSE, FALSE, sizeof (Hit));
  GPtrArray *found = g_ptr_array_new ();

  for (guint i = 0; i < json_array_get_length (services); i++)
    {
      JsonNode *node = json_array_get_element (services, i);
      Hit hit = { NULL, 0 };

      if (!JSON_NODE_HOLDS_OBJECT (node))
        continue;
      hit.service = json_node_get_object (node);
      hit.score = rate_words (hit.service, list);
      if (hit.score > 0)
        g_array_append_val (hits, hit);
    }

  g_array_sort (hits, compare_hits);
  for (guint i = 0; i < hits->len; i++)
    g_ptr_array_add (found, g_array_index (hits, Hit, i).service);

  return found;
}
