/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/policy-request.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "protocol/error.h"
#include "protocol/json.h"
#include "protocol/name.h"

#define SHOWN_CHARACTERS_MAX 200

typedef enum
{
  BY_NAME,
  BY_URI,
  BY_REFERENCE,
  BY_SUBSCRIPTION,
} Place;

/* Where a method says what it is about; all others say it in "name". */
static const struct
{
  const char *method;
  Place place;
} places[] = {
  { "resources/read", BY_URI },
  { "resources/subscribe", BY_URI },
  { "resources/unsubscribe", BY_URI },
  { "completion/complete", BY_REFERENCE },
  { "subscriptions/listen", BY_SUBSCRIPTION },
};

static Place
find_place (const char *method)
{
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    if (strcmp (places[i].method, method) == 0)
      return places[i].place;

  return BY_NAME;
}

static gboolean
is_http_method (const char *word)
{
  const char *p = word;

  while (g_ascii_isupper (*p))
    p++;

  return *p == '\0' && p > word;
}

static gboolean
check_words (const char *const *words, GError **error)
{
  for (guint i = 0; words[i] != NULL; i++)
    if (!g_utf8_validate (words[i], -1, NULL))
      {
        g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                             _ ("Methods and names are UTF-8"));
        return FALSE;
      }

  return TRUE;
}

/* A prompt by its name, or a resource by its URI, whichever it looks like. */
static JsonObject *
build_reference (const char *name)
{
  gboolean is_uri = strstr (name, "://") != NULL;
  JsonObject *reference = json_object_new ();

  json_object_set_string_member (reference, "type", is_uri ? "ref/resource" : "ref/prompt");
  json_object_set_string_member (reference, is_uri ? "uri" : "name", name);

  return reference;
}

static JsonObject *
build_subscription (const char *uri)
{
  JsonObject *notifications = json_object_new ();
  JsonArray *uris = json_array_new ();

  json_array_add_string_element (uris, uri);
  json_object_set_array_member (notifications, "resourceSubscriptions", uris);

  return notifications;
}

static void
set_subject (JsonObject *params, const char *method, const char *name)
{
  switch (find_place (method))
    {
    case BY_NAME:
      json_object_set_string_member (params, "name", name);
      break;
    case BY_URI:
      json_object_set_string_member (params, "uri", name);
      break;
    case BY_REFERENCE:
      json_object_set_object_member (params, "ref", build_reference (name));
      break;
    case BY_SUBSCRIPTION:
      json_object_set_object_member (params, "notifications", build_subscription (name));
      break;
    }
}

static JsonObject *
build_message (const char *const *words, GError **error)
{
  g_autoptr (JsonObject) wish = json_object_new ();
  JsonObject *message = json_object_new ();
  JsonObject *params = json_object_new ();
  JsonObject *arguments;

  json_object_set_string_member (message, "jsonrpc", "2.0");
  json_object_set_int_member (message, "id", 1);
  json_object_set_string_member (message, "method", words[0]);
  json_object_set_object_member (message, "params", params);
  json_object_set_object_member (wish, "message", message);
  if (words[1] == NULL)
    return g_steal_pointer (&wish);

  set_subject (params, words[0], words[1]);
  if (words[2] == NULL)
    return g_steal_pointer (&wish);
  arguments = bfy_json_parse_object (words[2], strlen (words[2]), error);
  if (arguments == NULL)
    return NULL;
  json_object_set_object_member (params, "arguments", arguments);

  return g_steal_pointer (&wish);
}

static JsonObject *
build_http (const char *const *words, GError **error)
{
  JsonObject *wish;
  JsonObject *http;

  if (words[1] == NULL || words[1][0] != '/')
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                           _ ("An HTTP request has a path that begins with “/”"));
      return NULL;
    }

  wish = json_object_new ();
  http = json_object_new ();
  json_object_set_string_member (http, "method", words[0]);
  json_object_set_string_member (http, "path", words[1]);
  if (words[2] != NULL)
    {
      json_object_set_string_member (http, "content_type", "application/json");
      json_object_set_string_member (http, "body", words[2]);
    }
  json_object_set_object_member (wish, "http", http);

  return wish;
}

JsonObject *
bfy_policy_request_build (const char *const *words, GError **error)
{
  JsonObject *wish;

  if (!check_words (words, error))
    return NULL;
  if (is_http_method (words[0]))
    return build_http (words, error);
  if (strstr (words[0], "://") == NULL)
    return build_message (words, error);
  if (words[1] != NULL)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                           _ ("A URL stands alone: it is asked whether a request may go there"));
      return NULL;
    }

  wish = json_object_new ();
  json_object_set_string_member (wish, "url", words[0]);

  return wish;
}

char *
bfy_policy_request_describe (const char *const *words)
{
  g_autofree char *text = g_strjoinv (" ", (char **) words);

  return bfy_text_to_line (text, SHOWN_CHARACTERS_MAX);
}
