/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/toolbox/sdk-answer.h"

#include <libsoup/soup.h>

#include "protocol/json.h"
#include "protocol/name.h"

#define REASON_LENGTH_MAX 300 /* characters */

static const char *
peek_text (JsonObject *object, const char *name)
{
  const char *text = NULL;

  return bfy_json_get_string (object, name, &text, NULL) && text != NULL && *text != '\0' ? text
                                                                                          : NULL;
}

/* {"message": …}, {"error": "…"}, {"error": {"message": …}}, and their like. */
static const char *
find_reason (JsonObject *object)
{
  static const char *const names[] = { "message", "error_description", "detail", "error", "title" };
  JsonObject *inner = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      const char *text = peek_text (object, names[i]);

      if (text != NULL)
        return text;
    }

  return bfy_json_get_object (object, "error", &inner, NULL) && inner != NULL
             ? peek_text (inner, "message")
             : NULL;
}

static JsonNode *
refuse (const BfySdkAnswer *self, const char *name, GError **error)
{
  g_autoptr (JsonObject) object = bfy_json_parse_object (self->body->str, self->body->len, NULL);
  const char *reason = object != NULL ? find_reason (object) : NULL;
  g_autofree char *shown = reason != NULL ? bfy_text_to_line (reason, REASON_LENGTH_MAX) : NULL;
  BfyErrorCode code =
      self->status == SOUP_STATUS_UNAUTHORIZED ? BFY_ERROR_NEEDS_LOGIN : BFY_ERROR_UPSTREAM_FAILED;

  g_set_error (error, BFY_ERROR, code, "The service behind “%s” answered HTTP %u%s%s", name,
               self->status, shown != NULL ? ": " : "", shown != NULL ? shown : "");

  return NULL;
}

static JsonNode *
repeat (const BfySdkAnswer *self, GError **error)
{
  g_autoptr (JsonObject) object = bfy_json_parse_object (self->body->str, self->body->len, NULL);
  const char *wire = object != NULL ? peek_text (object, "error") : NULL;
  const char *message = object != NULL ? peek_text (object, "message") : NULL;
  BfyErrorCode code = BFY_ERROR_FAILED;

  if (wire != NULL)
    (void) bfy_error_from_wire (wire, &code);
  g_set_error_literal (error, BFY_ERROR, code,
                       message != NULL ? message : "The request could not be sent");

  return NULL;
}

JsonNode *
bfy_sdk_answer_read (const BfySdkAnswer *self, const char *name, GError **error)
{
  g_autoptr (JsonNode) node = NULL;

  if (self->is_own)
    return repeat (self, error);
  if (!SOUP_STATUS_IS_SUCCESSFUL (self->status))
    return refuse (self, name, error);
  if (self->body->len == 0)
    {
      node = json_node_new (JSON_NODE_OBJECT);
      json_node_take_object (node, json_object_new ());
      return g_steal_pointer (&node);
    }
  node = bfy_json_parse (self->body->str, self->body->len, NULL);
  if (node != NULL)
    return g_steal_pointer (&node);
  if (g_utf8_validate_len (self->body->str, self->body->len, NULL))
    return json_node_init_string (json_node_alloc (), self->body->str);
  g_set_error (error, BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED,
               "The service behind “%s” answered with something that is no text", name);

  return NULL;
}
