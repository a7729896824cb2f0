/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/run/request.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "client/base-urls.h"
#include "client/cli.h"
#include "protocol/json.h"

/* Of this hop, and about whom the request seems to come from. What is the agent's to judge goes
 * on. */
static const char *const kept_up[] = {
  "authorization", "connection", "content-length",    "expect",  "forwarded", "host",
  "keep-alive",    "origin",     "proxy-connection",  "referer", "te",        "trailer",
  "upgrade",       "via",        "transfer-encoding", NULL,
};

static const char *const kept_down[] = {
  "connection", "content-length",    "date",    "keep-alive", "proxy-connection",
  "trailer",    "transfer-encoding", "upgrade", NULL,
};

const BfyRunFault bfy_run_fault_no_agent = { SOUP_STATUS_BAD_GATEWAY, "no_agent",
                                             "The agent does not answer" };
const BfyRunFault bfy_run_fault_too_large = { SOUP_STATUS_REQUEST_ENTITY_TOO_LARGE, "too_large",
                                              "The body is longer than the proxy of a run takes" };
static const BfyRunFault misdirected = { SOUP_STATUS_MISDIRECTED_REQUEST, "bad_request",
                                         "This connection is for another host" };
static const BfyRunFault nobodys = { SOUP_STATUS_FORBIDDEN, "denied",
                                     "No binding of this run has this address" };
static const BfyRunFault strangers = {
  SOUP_STATUS_FORBIDDEN, "denied", "The placeholder of another binding belongs to its own host only"
};

char *
bfy_run_request_format_error (const char *error, const char *message, const char *hint)
{
  g_autoptr (JsonObject) object = json_object_new ();

  json_object_set_string_member (object, "error", error);
  json_object_set_string_member (object, "message", message);
  if (hint != NULL)
    json_object_set_string_member (object, "hint", hint);

  return bfy_json_object_to_text (object, NULL);
}

static void
copy_headers (SoupMessageHeaders *from, SoupMessageHeaders *to, const char *const *kept)
{
  SoupMessageHeadersIter iter;
  const char *name, *value;

  soup_message_headers_iter_init (&iter, from);
  while (soup_message_headers_iter_next (&iter, &name, &value))
    {
      g_autofree char *lower = g_ascii_strdown (name, -1);

      if (!g_strv_contains (kept, lower) &&
          !soup_message_headers_header_contains (from, "Connection", name))
        soup_message_headers_append (to, name, value);
    }
}

void
bfy_run_request_copy_answer (SoupMessageHeaders *from, SoupMessageHeaders *to)
{
  copy_headers (from, to, kept_down);
}

static SoupMessage *
build (const BfyRunPlace *place,
       const BfyRunRequest *request,
       const BfyRunOffer *offer,
       const char *rest)
{
  g_autofree char *path =
      g_strdup_printf ("/http/%s/~%s%s", offer->name, bfy_base_urls_bare_key (place->key), rest);
  g_autoptr (GUri) uri = g_uri_build (SOUP_HTTP_URI_FLAGS, "http", NULL, "127.0.0.1", place->port,
                                      path, g_uri_get_query (request->uri), NULL);
  SoupMessage *message = soup_message_new_from_uri (request->method, uri);

  soup_message_set_flags (message, SOUP_MESSAGE_NO_REDIRECT);
  if (g_bytes_get_size (request->body) > 0)
    soup_message_set_request_body_from_bytes (message, NULL, request->body);
  copy_headers (request->headers, soup_message_get_request_headers (message), kept_up);

  return message;
}

static const BfyRunOffer *
find_in_headers (GPtrArray *offers, const BfyRunOffer *own, SoupMessageHeaders *headers)
{
  SoupMessageHeadersIter iter;
  const BfyRunOffer *found = NULL;
  const char *name, *value;

  soup_message_headers_iter_init (&iter, headers);
  while (found == NULL && soup_message_headers_iter_next (&iter, &name, &value))
    {
      found = bfy_run_find_foreign_placeholder (offers, own, value, strlen (value));
      if (found == NULL)
        found = bfy_run_find_foreign_placeholder (offers, own, name, strlen (name));
    }

  return found;
}

static const BfyRunOffer *
find_stranger (const BfyRunPlace *place, const BfyRunRequest *request, const BfyRunOffer *own)
{
  g_autofree char *uri = g_uri_to_string (request->uri);
  const BfyRunOffer *found =
      bfy_run_find_foreign_placeholder (place->offers, own, uri, strlen (uri));

  if (found == NULL)
    found = find_in_headers (place->offers, own, request->headers);
  if (found == NULL)
    found = bfy_run_find_foreign_placeholder (place->offers, own,
                                              g_bytes_get_data (request->body, NULL),
                                              g_bytes_get_size (request->body));

  return found;
}

/* In the connection for one host nobody speaks to another one. */
static gboolean
is_for (const BfyRunSite *site, const BfyRunRequest *request)
{
  const char *asked = g_uri_get_host (request->uri);
  BfyRunTarget target;

  return request->host != NULL && asked != NULL &&
         g_ascii_strcasecmp (asked, site->target.host) == 0 &&
         bfy_run_target_parse (request->host, strlen (request->host), 443, &target) &&
         strcmp (target.host, site->target.host) == 0 && target.port == site->target.port;
}

/* For the command, and for the record. */
static SoupMessage *
refuse (const BfyRunPlace *place,
        BfyRunRefusal reason,
        const BfyRunFault *fault,
        const BfyRunFault **given)
{
  bfy_run_report_add (*place->report, reason);
  *given = fault;

  return NULL;
}

SoupMessage *
bfy_run_request_judge (const BfyRunPlace *place,
                       const BfyRunRequest *request,
                       const BfyRunFault **fault)
{
  const BfyRunOffer *offer, *stranger;
  const char *rest = NULL;

  if (!is_for (place->site, request))
    return refuse (place, BFY_RUN_REFUSED_ADDRESS, &misdirected, fault);
  offer = bfy_run_site_choose (place->site, g_uri_get_path (request->uri), &rest);
  if (offer == NULL)
    return refuse (place, BFY_RUN_REFUSED_ADDRESS, &nobodys, fault);
  stranger = find_stranger (place, request, offer);
  if (stranger == NULL)
    return build (place, request, offer, rest);

  bfy_cli_warn (_ ("The command sent the placeholder for “%s” to %s; the request was refused"),
                stranger->name, place->site->target.host);

  return refuse (place, BFY_RUN_REFUSED_PLACEHOLDER, &strangers, fault);
}
