/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/network/network.h"

#include <string.h>

#include "protocol/error.h"
#include "protocol/network-policy.h"

/* The connections of one binding to one origin, and what allowed them. */
typedef struct
{
  char *origin;      /* (owned) */
  char *own_url;     /* (owned) of the binding */
  BfyPolicy *policy; /* (owned) (nullable) */
  gboolean allow_local;
  BfyUpstreams *upstreams; /* (owned) */
  gint64 used_at_us;
} Kept;

struct _BfyNetwork
{
  BfyRegistry *registry; /* (owned) (nullable) */
  BfyProxies *proxies;   /* (owned) (nullable) */
  gboolean proxy_resolves;
  GHashTable *bindings; /* (owned) id → GPtrArray of Kept */
  GHashTable *cookies;  /* (owned) id → SoupCookieJar */
  guint n_kept;
  gulong changed_id;
  guint sweep_id;
};

const BfyNetworkPolicy *
bfy_network_policy_of (const BfyBinding *binding)
{
  return binding->policy != NULL ? bfy_policy_get_network (binding->policy) : NULL;
}

/* Idle connections close at once, whoever still has a request under way. */
static void
kept_free (gpointer data)
{
  Kept *kept = data;

  bfy_upstreams_renew (kept->upstreams);
  g_object_unref (kept->upstreams);
  bfy_policy_unref (kept->policy);
  g_free (kept->own_url);
  g_free (kept->origin);
  g_free (kept);
}

static void
forget_binding (BfyNetwork *self, const char *id)
{
  GPtrArray *kept = g_hash_table_lookup (self->bindings, id);

  if (kept == NULL)
    return;
  self->n_kept -= kept->len;
  g_hash_table_remove (self->bindings, id);
}

static gboolean
is_current (const Kept *kept, const BfyBinding *binding)
{
  return kept->policy == binding->policy && kept->allow_local == binding->allow_local &&
         g_str_equal (kept->own_url, binding->url);
}

/* Tokens that change and pauses that end are no reason to connect anew. */
static void
on_binding_changed (BfyRegistry *registry, BfyBinding *old, BfyBinding *now, gpointer user_data)
{
  BfyNetwork *self = user_data;
  GPtrArray *kept = old != NULL ? g_hash_table_lookup (self->bindings, old->id) : NULL;

  if (old != NULL &&
      (now == NULL || now->policy != old->policy || g_strcmp0 (now->url, old->url) != 0))
    g_hash_table_remove (self->cookies, old->id);
  if (kept == NULL)
    return;
  if (now == NULL || now->url == NULL || now->state == BFY_STATE_PAUSED ||
      !is_current (g_ptr_array_index (kept, 0), now))
    forget_binding (self, old->id);
}

BfyNetwork *
bfy_network_new (BfyRegistry *registry, BfyProxies *owned_proxies, gboolean proxy_resolves)
{
  BfyNetwork *self = g_new0 (BfyNetwork, 1);

  self->proxies = owned_proxies;
  self->proxy_resolves = proxy_resolves;
  self->bindings =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  self->cookies = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  if (registry != NULL)
    {
      self->registry = g_object_ref (registry);
      self->changed_id =
          g_signal_connect (registry, "binding-changed", G_CALLBACK (on_binding_changed), self);
    }

  return self;
}

void
bfy_network_renew (BfyNetwork *self)
{
  g_clear_handle_id (&self->sweep_id, g_source_remove);
  g_hash_table_remove_all (self->bindings);
  g_hash_table_remove_all (self->cookies);
  self->n_kept = 0;
}

void
bfy_network_free (BfyNetwork *self)
{
  if (self == NULL)
    return;

  if (self->registry != NULL)
    g_clear_signal_handler (&self->changed_id, self->registry);
  bfy_network_renew (self);
  g_hash_table_unref (self->bindings);
  g_hash_table_unref (self->cookies);
  g_clear_object (&self->registry);
  bfy_proxies_free (self->proxies);
  g_free (self);
}

/* --- Keeping --- */

static gboolean
drop_unused (gpointer id, gpointer value, gpointer user_data)
{
  BfyNetwork *self = user_data;
  gint64 before_us = g_get_monotonic_time () - BFY_NETWORK_KEPT_S * G_USEC_PER_SEC;
  GPtrArray *kept = value;

  for (guint i = kept->len; i > 0; i--)
    if (((Kept *) g_ptr_array_index (kept, i - 1))->used_at_us < before_us)
      {
        g_ptr_array_remove_index (kept, i - 1);
        self->n_kept--;
      }

  return kept->len == 0;
}

static gboolean
on_sweep (gpointer user_data)
{
  BfyNetwork *self = user_data;

  g_hash_table_foreach_remove (self->bindings, drop_unused, self);
  if (self->n_kept > 0)
    return G_SOURCE_CONTINUE;
  self->sweep_id = 0;

  return G_SOURCE_REMOVE;
}

/* Makes room: that of the binding which has been idle for longest goes. */
static void
drop_oldest (BfyNetwork *self)
{
  GHashTableIter iter;
  gpointer id, value;
  const char *oldest_id = NULL;
  gint64 oldest_us = G_MAXINT64;

  g_hash_table_iter_init (&iter, self->bindings);
  while (g_hash_table_iter_next (&iter, &id, &value))
    for (guint i = 0; i < ((GPtrArray *) value)->len; i++)
      {
        const Kept *kept = g_ptr_array_index ((GPtrArray *) value, i);

        if (kept->used_at_us < oldest_us)
          {
            oldest_us = kept->used_at_us;
            oldest_id = id;
          }
      }
  if (oldest_id != NULL)
    forget_binding (self, oldest_id);
}

static Kept *
keep (BfyNetwork *self, const BfyBinding *binding, const char *origin, BfyTarget *target)
{
  Kept *kept = g_new0 (Kept, 1);
  GPtrArray *of_binding;

  if (self->n_kept >= BFY_NETWORK_KEPT_MAX)
    drop_oldest (self);
  of_binding = g_hash_table_lookup (self->bindings, binding->id);
  if (of_binding == NULL)
    {
      of_binding = g_ptr_array_new_with_free_func (kept_free);
      g_hash_table_insert (self->bindings, g_strdup (binding->id), of_binding);
    }
  kept->origin = g_strdup (origin);
  kept->own_url = g_strdup (binding->url);
  kept->policy = binding->policy != NULL ? bfy_policy_ref (binding->policy) : NULL;
  kept->allow_local = binding->allow_local;
  kept->upstreams = bfy_upstreams_new (target);
  g_ptr_array_add (of_binding, kept);
  self->n_kept++;
  if (self->sweep_id == 0)
    self->sweep_id = g_timeout_add_seconds (BFY_NETWORK_KEPT_S, on_sweep, self);

  return kept;
}

/* Both canonical: no more needs to be read for each call. */
static gboolean
is_of_origin (const char *url, const char *origin)
{
  gsize length = strlen (origin);

  return strncmp (url, origin, length) == 0 && (url[length] == '/' || url[length] == '\0');
}

/* NULL when there is none, or not any more. */
static Kept *
find_kept (BfyNetwork *self, const BfyBinding *binding, const char *url)
{
  GPtrArray *of_binding = g_hash_table_lookup (self->bindings, binding->id);

  if (of_binding == NULL)
    return NULL;
  if (!is_current (g_ptr_array_index (of_binding, 0), binding))
    {
      forget_binding (self, binding->id);
      return NULL;
    }
  for (guint i = 0; i < of_binding->len; i++)
    if (is_of_origin (url, ((Kept *) g_ptr_array_index (of_binding, i))->origin))
      return g_ptr_array_index (of_binding, i);

  return NULL;
}

static BfyTarget *
new_target (BfyNetwork *self,
            const BfyUpstream *url,
            const BfyBinding *binding,
            const BfyErrandTerms *errand,
            GError **error)
{
  g_autoptr (BfyUpstream) own = NULL;
  BfyTerms terms = {
    .policy = binding != NULL ? bfy_network_policy_of (binding) : NULL,
    .proxies = self != NULL ? self->proxies : NULL,
    .proxy_resolves = self != NULL && self->proxy_resolves,
    .asks_link = binding != NULL && binding->type == BFY_BINDING_LOCAL_NETWORK,
  };

  if (errand != NULL)
    {
      terms.purpose = errand->purpose;
      terms.facts.own_origin = url != NULL ? url->origin : NULL;
      terms.facts.allow_local = errand->allow_local;
    }
  else
    {
      own = bfy_upstream_parse (binding->url, NULL);
      terms.purpose = BFY_NETWORK_FOR_CALL;
      terms.facts.own_origin = own != NULL ? own->origin : NULL;
      terms.facts.allow_local = binding->allow_local;
    }

  return bfy_target_new (url, &terms, error);
}

/* A certificate is trusted from the binding's own origin only. */
static const char *
find_pin (const BfyBinding *binding, const BfyUpstream *url)
{
  const char *print = bfy_network_policy_get_certificate (bfy_network_policy_of (binding));
  g_autoptr (BfyUpstream) own =
      print != NULL && binding->url != NULL ? bfy_upstream_parse (binding->url, NULL) : NULL;

  return own != NULL && url != NULL && g_str_equal (own->origin, url->origin) ? print : NULL;
}

BfyUpstreams *
bfy_network_find (BfyNetwork *self, const BfyBinding *binding, const char *text, GError **error)
{
  Kept *kept = find_kept (self, binding, text);
  g_autoptr (BfyUpstream) url = NULL;
  g_autoptr (BfyTarget) target = NULL;

  if (kept == NULL)
    {
      url = bfy_upstream_parse_plain (text, NULL);
      target = new_target (self, url, binding, NULL, error);
      if (target == NULL)
        return NULL;
      kept = keep (self, binding, url->origin, target);
      bfy_upstreams_set_pin (kept->upstreams, find_pin (binding, url));
    }
  kept->used_at_us = g_get_monotonic_time ();

  return kept->upstreams;
}

SoupCookieJar *
bfy_network_get_cookies (BfyNetwork *self, const BfyBinding *binding)
{
  SoupCookieJar *jar;

  if (!bfy_network_policy_keeps_cookies (bfy_network_policy_of (binding)))
    return NULL;
  jar = g_hash_table_lookup (self->cookies, binding->id);
  if (jar == NULL)
    {
      jar = soup_cookie_jar_new ();
      g_hash_table_insert (self->cookies, g_strdup (binding->id), jar);
    }

  return jar;
}

BfyUpstreams *
bfy_network_open (BfyNetwork *self,
                  const BfyUpstream *url,
                  const BfyErrandTerms *terms,
                  GError **error)
{
  g_autoptr (BfyTarget) target = new_target (self, url, terms->binding, terms, error);
  BfyUpstreams *upstreams = target != NULL ? bfy_upstreams_new (target) : NULL;

  if (upstreams != NULL && terms->binding != NULL)
    bfy_upstreams_set_pin (upstreams, find_pin (terms->binding, url));

  return upstreams;
}

/* --- What to say --- */

static char *
explain_denial (BfyNetworkVerdict verdict, const BfyBinding *binding)
{
  const char *remedy = bfy_network_verdict_get_remedy (verdict);
  const char *name = binding != NULL ? binding->name : "NAME";
  g_autofree char *start =
      g_strdup_printf ("This leads %s (%s)", bfy_network_verdict_describe (verdict),
                       bfy_network_verdict_to_slug (verdict));

  if (remedy == NULL)
    return g_strdup_printf ("%s, which the policy of “%s” does not permit; bindify policy show %s "
                            "says what it permits",
                            start, name, name);

  return g_strdup_printf ("%s, which the policy of “%s” does not permit; %s under “network” in it "
                          "would: bindify policy set %s FILE",
                          start, name, remedy, name);
}

/* The name in the URL, for it is what was asked for. */
static char *
explain_silence (const BfyBinding *binding)
{
  g_autoptr (BfyUpstream) url =
      binding != NULL && binding->url != NULL ? bfy_upstream_parse (binding->url, NULL) : NULL;

  return g_strdup_printf (
      "Nobody in the local network answers for %s: the device may be off, or in another network; "
      "with its address in place of its name it is found without: bindify-add URL --type "
      "local-network",
      url != NULL ? url->host : "this name");
}

GError *
bfy_network_explain (const GError *error, const BfyBinding *binding)
{
  g_autofree char *text = NULL;

  switch (error->code)
    {
    case BFY_NETWORK_ERROR_NO_NAME_BEHIND_PROXY:
      return g_error_new_literal (
          BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED,
          "The name of the service's host cannot be resolved on this computer; if only the proxy "
          "can, [network] proxy_resolves=true in bindify.conf leaves that to it, and the check of "
          "where names lead with it");
    case BFY_NETWORK_ERROR_NO_PROXY:
      return g_error_new_literal (BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED,
                                  "The name of the proxy cannot be resolved; [network] proxy=none "
                                  "in bindify.conf goes without");
    case BFY_NETWORK_ERROR_BAD_PROXY:
      return g_error_new_literal (BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED, error->message);
    case BFY_NETWORK_ERROR_NOBODY_ANSWERED:
      text = explain_silence (binding);
      return g_error_new_literal (BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED, text);
    default:
      text = explain_denial ((BfyNetworkVerdict) error->code, binding);
      return g_error_new_literal (BFY_ERROR, BFY_ERROR_DENIED, text);
    }
}

const char *
bfy_network_get_slug (const GError *error)
{
  return error->domain == BFY_NETWORK_ERROR && error->code < BFY_N_NETWORK_VERDICTS
             ? bfy_network_verdict_to_slug ((BfyNetworkVerdict) error->code)
             : NULL;
}
