/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/token-owner.h"

#include <string.h>

#include "client/fields.h"
#include "protocol/token-pattern.h"
#include "protocol/upstream.h"

/* Of fewer characters many vendors have the same ("sk-"), so they accuse nobody. */
#define TELLING_PREFIX_MIN 4

/* The length of the longest prefix by which it is one of @service's, or 0. What a newer agent
 * describes in another way is passed over. */
static gsize
rate (JsonObject *service, const char *token, gsize length)
{
  g_autoptr (GPtrArray) patterns = NULL;
  gsize best = 0;

  if (bfy_field_array (service, "token_patterns") == NULL)
    return 0;
  patterns = bfy_token_patterns_read (service, NULL, NULL);
  for (guint i = 0; patterns != NULL && i < patterns->len; i++)
    {
      const BfyTokenPattern *pattern = g_ptr_array_index (patterns, i);

      if (length > 0 && bfy_token_pattern_span (pattern, token) == length)
        best = MAX (best, strlen (pattern->prefix));
    }

  return best;
}

static GPtrArray *
find_owners (JsonArray *services, const char *token, gsize length, gsize *best)
{
  GPtrArray *owners = g_ptr_array_new ();

  *best = 0;
  for (guint i = 0; i < json_array_get_length (services); i++)
    {
      JsonNode *node = json_array_get_element (services, i);
      JsonObject *service = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      gsize rating = service != NULL ? rate (service, token, length) : 0;

      if (rating > *best)
        g_ptr_array_set_size (owners, 0);
      if (rating > 0 && rating >= *best)
        g_ptr_array_add (owners, service);
      *best = MAX (*best, rating);
    }

  return owners;
}

GPtrArray *
bfy_token_owners (JsonArray *services, const char *token, gsize length)
{
  gsize best;

  return find_owners (services, token, length, &best);
}

/* Its MCP server, or one of its hosts; "*.example.com" is any below. */
static gboolean
is_at_home (JsonObject *service, const char *host)
{
  g_autoptr (BfyUpstream) upstream = bfy_upstream_parse (bfy_field_text (service, "mcp_url"), NULL);

  if (upstream != NULL && g_ascii_strcasecmp (upstream->host, host) == 0)
    return TRUE;
  for (guint i = 0; i < bfy_field_count (service, "hosts"); i++)
    {
      const char *name = bfy_field_text (bfy_field_nth (service, "hosts", i), "host");

      if (g_ascii_strcasecmp (name, host) == 0 ||
          (g_str_has_prefix (name, "*.") && g_str_has_suffix (host, name + 1)))
        return TRUE;
    }

  return FALSE;
}

JsonObject *
bfy_token_stranger (
    JsonArray *services, const char *id, const char *host, const char *token, gsize length)
{
  gsize best;
  g_autoptr (GPtrArray) owners = find_owners (services, token, length, &best);

  for (guint i = 0; i < owners->len; i++)
    {
      JsonObject *owner = g_ptr_array_index (owners, i);

      if (g_strcmp0 (bfy_field_text (owner, "id"), id) == 0 ||
          (host != NULL && is_at_home (owner, host)))
        return NULL;
    }

  return owners->len > 0 && best >= TELLING_PREFIX_MIN ? g_ptr_array_index (owners, 0) : NULL;
}
