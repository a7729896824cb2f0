/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* What the binding of a REST service may ask for beside the rest: cookies that stay here, and links
 * that lead back to us. */

#include "agent/http/cookies.h"
#include "agent/http/headers.h"
#include "agent/network/network.h"
#include "agent/proxy/exchange-private.h"
#include "protocol/network-policy.h"

void
bfy_exchange_put_cookies (BfyExchange *self)
{
  SoupCookieJar *jar = bfy_network_get_cookies (self->agent->network, self->binding);

  if (jar != NULL)
    bfy_cookies_put (jar, self->url, bfy_leg_get_request_headers (self->leg));
}

/* Not of a binding that has changed meanwhile: its cookies have just been forgotten. */
void
bfy_exchange_take_cookies (BfyExchange *self)
{
  BfyBinding *now = bfy_registry_find_by_id (self->agent->registry, self->binding->id);
  gboolean is_same = now != NULL && now->policy == self->binding->policy &&
                     g_strcmp0 (now->url, self->binding->url) == 0;
  SoupCookieJar *jar =
      is_same ? bfy_network_get_cookies (self->agent->network, self->binding) : NULL;

  if (jar != NULL)
    bfy_cookies_take (jar, self->url, bfy_leg_get_response_headers (self->leg));
}

/* The door as the client has used it, with the key that it has put there. */
static char *
format_door (BfyRequest *request)
{
  const BfyRoute *route = bfy_request_get_route (request);

  return g_strconcat ("/http/", route->name, route->presented != NULL ? "/~" : NULL,
                      route->presented != NULL ? bfy_secret_peek_text (route->presented) : NULL,
                      NULL);
}

void
bfy_exchange_copy_rest_down (BfyExchange *self, SoupMessageHeaders *to)
{
  SoupMessageHeaders *from = bfy_leg_get_response_headers (self->leg);
  g_autofree char *door = format_door (self->request);
  const BfyLinkPlace place = { self->binding->url, self->url, door };
  gboolean rewrites = bfy_network_policy_rewrites_links (bfy_network_policy_of (self->binding));

  bfy_http_headers_copy_down (from, to, rewrites ? &place : NULL);
}
