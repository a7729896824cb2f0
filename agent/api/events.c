/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/api/api.h"
#include "agent/api/events-follow.h"
#include "agent/lock/lock.h"
#include "protocol/event-type.h"
#include "protocol/json.h"

#define LIMIT_MAX 10000

static gboolean
parse_number (const char *text, gint64 max, gint64 *value, GError **error)
{
  if (text == NULL)
    return TRUE;
  if (g_ascii_string_to_signed (text, 10, 0, max, value, NULL))
    return TRUE;

  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_BAD_REQUEST,
                       "since_ms, after, before and limit are whole numbers");

  return FALSE;
}

static void
append_line (GString *text, const BfyEvent *event)
{
  g_autoptr (JsonObject) object = bfy_event_to_json (event);
  g_autofree char *line = bfy_json_object_to_text (object, NULL);

  g_string_append_printf (text, "%s\n", line);
}

static void
reply_history (BfyAgent *agent, BfyRequest *request, const BfyEventFilter *filter)
{
  GError *error = NULL;
  g_autoptr (GPtrArray) events = bfy_store_query_events (agent->store, filter, &error);
  g_autoptr (GString) text = g_string_new (NULL);

  if (events == NULL)
    {
      bfy_api_fail (request, error, NULL);
      return;
    }

  for (guint i = 0; i < events->len; i++)
    append_line (text, g_ptr_array_index (events, i));
  bfy_request_reply (request, 200, "application/x-ndjson", text->str, (gssize) text->len);
}

static gboolean
check_words (const BfyEventFilter *filter, GError **error)
{
  BfyOutcome known;

  if (filter->outcome != NULL && !bfy_outcome_from_wire (filter->outcome, &known))
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_BAD_REQUEST,
                           "outcome is success, failure, blocked or pending");
      return FALSE;
    }
  if (filter->type != NULL && !bfy_event_type_check_pattern (filter->type, error))
    return FALSE;

  return TRUE;
}

/* What a reader that comes back has seen says its Last-Event-ID, which wins over the address. */
static BfyFollowFrom
find_beginning (BfyRequest *request, const char *after, BfyEventFilter *filter)
{
  const char *seen = bfy_request_get_header (request, "Last-Event-ID");
  gint64 sequence;

  if (seen != NULL && g_ascii_string_to_signed (seen, 10, 0, G_MAXINT64, &sequence, NULL))
    filter->after = sequence;
  else if (after == NULL)
    return filter->limit > 0 || filter->since_ms > 0 ? BFY_FOLLOW_FROM_NEWEST : BFY_FOLLOW_FROM_NOW;

  return BFY_FOLLOW_FROM_AFTER;
}

static gboolean
parse_flag (const char *text, gboolean *value, GError **error)
{
  *value = g_strcmp0 (text, "true") == 0;
  if (text == NULL || *value || g_str_equal (text, "false"))
    return TRUE;

  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_BAD_REQUEST, "in_use is true or false");

  return FALSE;
}

/* What has been is for who knows the passphrase of the lock. */
static gboolean
check_past (BfyAgent *agent, GError **error)
{
  return bfy_lock_get_state (agent->lock) != BFY_LOCK_PASSPHRASE ||
         bfy_credentials_check_unlocked (agent->credentials, error);
}

void
bfy_api_events (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  g_autofree char *binding = bfy_api_get_parameter (request, "binding");
  g_autofree char *client = bfy_api_get_parameter (request, "client");
  g_autofree char *outcome = bfy_api_get_parameter (request, "outcome");
  g_autofree char *type = bfy_api_get_parameter (request, "type");
  g_autofree char *since = bfy_api_get_parameter (request, "since_ms");
  g_autofree char *after = bfy_api_get_parameter (request, "after");
  g_autofree char *before = bfy_api_get_parameter (request, "before");
  g_autofree char *limit = bfy_api_get_parameter (request, "limit");
  g_autofree char *in_use = bfy_api_get_parameter (request, "in_use");
  const char *accept = bfy_request_get_header (request, "Accept");
  BfyEventFilter filter = {
    .binding = binding, .client = client, .outcome = outcome, .type = type
  };
  BfyFollowWish wish = { .filter = &filter };
  gboolean is_past;
  GError *error = NULL;
  gint64 n = 0;

  if (!parse_flag (in_use, &wish.tells_uses, &error) ||
      !parse_number (since, G_MAXINT64, &filter.since_ms, &error) ||
      !parse_number (after, G_MAXINT64, &filter.after, &error) ||
      !parse_number (before, G_MAXINT64, &filter.before, &error) ||
      !parse_number (limit, LIMIT_MAX, &n, &error) || !check_words (&filter, &error))
    {
      bfy_api_fail (request, error, NULL);
      return;
    }

  filter.limit = (guint) n;
  is_past = accept == NULL || strstr (accept, "text/event-stream") == NULL;
  if (!is_past)
    wish.from = find_beginning (request, after, &filter);
  if ((is_past || wish.from != BFY_FOLLOW_FROM_NOW) && !check_past (agent, &error))
    {
      bfy_api_fail (request, error, NULL);
    }
  else if (is_past)
    {
      reply_history (agent, request, &filter);
    }
  else
    {
      filter.before = 0; /* whoever follows looks ahead */
      bfy_api_follow_events (agent, request, &wish);
    }
}
