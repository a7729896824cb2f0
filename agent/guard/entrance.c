/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/guard/entrance.h"

#include <string.h>

#include "agent/guard/alarm.h"
#include "agent/guard/guard.h"
#include "agent/guard/watch.h"
#include "agent/proxy/quota-gate.h"
#include "agent/proxy/refusal.h"
#include "protocol/client-key.h"

#define KEY_TEXT                                                                                   \
  "The request holds a key of a client of bindify, which is for bindify alone; it was not sent. "  \
  "bindify client list shows the keys, bindify client remove revokes one"
#define KEYS_MAX 16 /* that look like a client key and are tried, in one body */

/* What was found, and where. */
typedef struct
{
  guint tag;
  const char *where;
} Finding;

static gboolean
find_in_text (const BfyLeakSet *set, const char *text, const char *where, Finding *finding)
{
  BfyLeak leak;

  if (text == NULL || !bfy_leak_set_find (set, text, strlen (text), 0, &leak))
    return FALSE;
  *finding = (Finding){ leak.tag, where };

  return TRUE;
}

static gboolean
find_in_headers (const BfyLeakSet *set, BfyRequest *request, Finding *finding)
{
  SoupMessageHeaders *headers = bfy_request_get_headers (request);
  SoupMessageHeadersIter iter;
  const char *name, *value;

  if (headers == NULL)
    return FALSE;
  soup_message_headers_iter_init (&iter, headers);
  while (soup_message_headers_iter_next (&iter, &name, &value))
    if (find_in_text (set, value, "header", finding))
      return TRUE;

  return FALSE;
}

static gboolean
find_in_head (const BfyLeakSet *set, BfyRequest *request, Finding *finding)
{
  return find_in_text (set, bfy_request_get_path (request), "path", finding) ||
         find_in_text (set, bfy_request_get_query (request), "query", finding) ||
         find_in_headers (set, request, finding);
}

static gboolean
find_in_body (const BfyLeakSet *set, BfyRequest *request, Finding *finding)
{
  GBytes *body = bfy_request_get_body (request);
  gsize length = 0;
  const char *text = body != NULL ? g_bytes_get_data (body, &length) : NULL;
  BfyLeak leak;

  if (length == 0 || !bfy_leak_set_find (set, text, length, 0, &leak))
    return FALSE;
  *finding = (Finding){ leak.tag, "body" };

  return TRUE;
}

static gboolean
is_decoy (BfyAgent *agent, const Finding *finding)
{
  return bfy_guard_find_owner (agent->guard, finding->tag).kind == BFY_GUARD_DECOY;
}

gboolean
bfy_entrance_admit_head (BfyAgent *agent, BfyRequest *request)
{
  Finding finding;

  if (!bfy_guard_has_decoys (agent->guard) ||
      !find_in_head (bfy_guard_peek_set (agent->guard), request, &finding) ||
      !is_decoy (agent, &finding))
    return TRUE;
  bfy_alarm_stray (agent, request, NULL, finding.tag, finding.where);

  return FALSE;
}

gboolean
bfy_entrance_admit_body (BfyAgent *agent, BfyRequest *request)
{
  Finding finding;

  if (!bfy_guard_has_decoys (agent->guard) ||
      !find_in_body (bfy_guard_peek_set (agent->guard), request, &finding) ||
      !is_decoy (agent, &finding))
    return TRUE;
  bfy_alarm_stray (agent, request, NULL, finding.tag, finding.where);

  return FALSE;
}

/* Somebody's key as it is printed, or the one of this request as it is in its path. */
static gboolean
holds_client_key (BfyAgent *agent, BfyRequest *request)
{
  const gsize n_printed = strlen (BFY_CLIENT_KEY_PREFIX) + BFY_CLIENT_KEY_TEXT_LENGTH;
  const BfySecret *presented = bfy_request_get_route (request)->presented;
  gsize length, n_presented = 0;
  const char *text = g_bytes_get_data (bfy_request_get_body (request), &length);
  const char *at = text;
  gconstpointer key = presented != NULL ? bfy_secret_peek (presented, &n_presented) : NULL;

  if (length > 0 && n_presented > 0 && memmem (text, length, key, n_presented) != NULL)
    return TRUE;

  for (guint i = 0; i < KEYS_MAX && length > 0; i++)
    {
      g_autoptr (BfySecret) parsed = NULL;

      at = memmem (at, length - (gsize) (at - text), BFY_CLIENT_KEY_PREFIX,
                   strlen (BFY_CLIENT_KEY_PREFIX));
      if (at == NULL || length - (gsize) (at - text) < n_printed)
        return FALSE;
      parsed = bfy_client_key_parse (at, n_printed);
      if (parsed != NULL && bfy_registry_authenticate (agent->registry, parsed) != NULL)
        return TRUE;
      at++;
    }

  return FALSE;
}

/* The same text for a decoy as for what it stands for: nobody is told that it is one. */
static char *
explain (BfyAgent *agent, const BfyBinding *binding, const Finding *finding)
{
  BfyGuardOwner owner = bfy_guard_find_owner (agent->guard, finding->tag);

  if (owner.kind == BFY_GUARD_CREDENTIAL && strcmp (owner.id, binding->id) == 0)
    return g_strdup_printf (
        "The request holds the credential of “%s” itself, which no program should have; it was "
        "not sent. Make a new one where this one comes from, then: bindify login %s",
        binding->name, binding->name);

  return g_strdup_printf (
      "The request holds a secret that does not belong to “%s” (secret_elsewhere); it was not "
      "sent. bindify log --binding %s says whose it is",
      binding->name, binding->name);
}

static gboolean
refuse (BfyAgent *agent,
        BfyRequest *request,
        const BfyBinding *binding,
        const BfyRpc *rpc,
        const Finding *finding)
{
  g_autofree char *text = explain (agent, binding, finding);

  bfy_alarm_stray (agent, request, binding, finding->tag, finding->where);
  bfy_quota_gate_withdraw (request);
  bfy_refuse (request, rpc, BFY_ERROR_DENIED, text);

  return FALSE;
}

char *
bfy_entrance_report (BfyAgent *agent, BfyRequest *request, const BfyBinding *binding, guint tag)
{
  const Finding finding = { tag, "body" };

  bfy_alarm_stray (agent, request, binding, tag, finding.where);

  return explain (agent, binding, &finding);
}

char *
bfy_entrance_report_key (BfyAgent *agent, BfyRequest *request, const BfyBinding *binding)
{
  bfy_alarm_key (agent, request, binding);

  return g_strdup (KEY_TEXT);
}

gboolean
bfy_entrance_admit (BfyAgent *agent,
                    BfyRequest *request,
                    const BfyBinding *binding,
                    const BfyRpc *rpc)
{
  const BfyLeakSet *set = bfy_guard_peek_set (agent->guard);
  Finding finding;

  if (!bfy_leak_set_is_empty (set) &&
      (find_in_head (set, request, &finding) || find_in_body (set, request, &finding)))
    return refuse (agent, request, binding, rpc, &finding);
  if (!holds_client_key (agent, request))
    return TRUE;

  bfy_alarm_key (agent, request, binding);
  bfy_refuse (request, rpc, BFY_ERROR_DENIED, KEY_TEXT);

  return FALSE;
}

gboolean
bfy_entrance_admit_sealed (BfyAgent *agent,
                           BfyRequest *request,
                           const BfyBinding *binding,
                           const BfyRpc *rpc)
{
  const BfyLeakSet *set = bfy_watch_peek_sealed (request);
  Finding finding;

  return set == NULL || bfy_leak_set_is_empty (set) ||
         (!find_in_head (set, request, &finding) && !find_in_body (set, request, &finding)) ||
         refuse (agent, request, binding, rpc, &finding);
}
