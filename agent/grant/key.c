/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/grant/key.h"

#include <openssl/crypto.h>
#include <string.h>

char *
bfy_grant_dup_who (const BfyCaller *caller)
{
  char *subject = bfy_caller_dup_subject (caller);

  if (subject != NULL)
    return subject;
  if (caller->pid > 0 && caller->started_at > 0)
    return g_strdup_printf ("process:%d:%" G_GUINT64_FORMAT, caller->pid, caller->started_at);

  return g_strdup_printf ("connection:%p", (const void *) caller);
}

static guint
mix (guint hash, guint more)
{
  return (hash ^ more) * 0x01000193u + (hash >> 15);
}

static guint
hash_thing (const BfyGrantKey *key)
{
  guint hash = g_str_hash (key->who);

  hash = mix (hash, g_str_hash (key->binding_id));
  hash = mix (hash, g_str_hash (key->method));
  hash = mix (hash, key->name != NULL ? g_str_hash (key->name) : 1);
  hash = mix (hash, g_str_hash (key->rule));

  return mix (hash, (guint) key->kind * 8 + (guint) key->access);
}

BfyGrantKey
bfy_grant_key_narrow (const BfyGrantKey *self, const guint8 *digest, int pid, guint64 started_at)
{
  BfyGrantKey key = *self;
  guint word = 0;

  if (digest != NULL)
    memcpy (&word, digest, sizeof word);
  key.digest = digest;
  key.pid = pid;
  key.started_at = started_at;
  key.hash = mix (self->hash, digest != NULL ? word : 2);
  key.hash = mix (key.hash, (guint) pid * 31 + (guint) started_at);

  return key;
}

BfyGrantKey
bfy_grant_key_of (const BfyGrant *grant, const char *who)
{
  BfyGrantKey key = {
    .who = who,
    .binding_id = grant->binding_id,
    .method = grant->method,
    .name = grant->name,
    .rule = grant->rule,
    .kind = grant->kind,
    .access = grant->access,
  };

  key.hash = hash_thing (&key);

  return bfy_grant_key_narrow (&key, grant->has_digest ? grant->digest : NULL, grant->pid,
                               grant->started_at);
}

BfyGrantKey
bfy_grant_key_begin (const BfyWish *wish, const char *who)
{
  BfyGrantKey key = {
    .who = who,
    .binding_id = wish->binding_id,
    .method = wish->method,
    .name = wish->name,
    .rule = wish->rule,
    .kind = wish->kind,
    .access = wish->access,
  };

  key.hash = hash_thing (&key);

  return key;
}

guint
bfy_grant_key_hash (gconstpointer key)
{
  return ((const BfyGrantKey *) key)->hash;
}

static gboolean
is_same_digest (const guint8 *one, const guint8 *other)
{
  if (one == NULL || other == NULL)
    return one == other;

  return CRYPTO_memcmp (one, other, BFY_WISH_DIGEST_BYTES) == 0;
}

/* About the same thing of the same client, arguments and process aside. */
static gboolean
is_alike (const BfyGrantKey *self, const BfyGrantKey *other)
{
  return self->kind == other->kind && self->access == other->access &&
         strcmp (self->who, other->who) == 0 && strcmp (self->binding_id, other->binding_id) == 0 &&
         strcmp (self->method, other->method) == 0 && g_strcmp0 (self->name, other->name) == 0 &&
         strcmp (self->rule, other->rule) == 0;
}

gboolean
bfy_grant_key_equal (gconstpointer a, gconstpointer b)
{
  const BfyGrantKey *one = a, *other = b;

  return one->hash == other->hash && one->pid == other->pid &&
         one->started_at == other->started_at && is_same_digest (one->digest, other->digest) &&
         is_alike (one, other);
}

gboolean
bfy_grant_key_includes (const BfyGrantKey *self, const BfyGrantKey *other)
{
  return is_alike (self, other) &&
         (self->digest == NULL || is_same_digest (self->digest, other->digest)) &&
         (self->pid == 0 || (self->pid == other->pid && self->started_at == other->started_at));
}
