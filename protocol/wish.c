/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/wish.h"

#include <openssl/evp.h>
#include <string.h>

#include "protocol/name.h"
#include "protocol/redact.h"

/* What is larger must be repeated as it was written: putting deeply nested members in order takes
 * a pass for each level. */
#define CANONICAL_BYTES_MAX (256 * 1024)
#define LINE_CHARACTERS_MAX 120 /* of all arguments that are told */
#define VALUE_CHARACTERS_MAX 40 /* of one of them; what is longer is cut */
#define TOLD_BYTES_MAX 4096     /* what is longer tells nobody anything */
#define KEY_BYTES_MAX 40
#define TOLD_MAX 4 /* arguments */

typedef struct
{
  BfyJsonSlice key;
  BfyJsonSlice value;
} Member;

static int
compare_members (gconstpointer a, gconstpointer b)
{
  const BfyJsonSlice *left = &((const Member *) a)->key;
  const BfyJsonSlice *right = &((const Member *) b)->key;
  int order = memcmp (left->start, right->start, MIN (left->length, right->length));

  return order != 0 ? order : (left->length > right->length) - (left->length < right->length);
}

static gboolean
is_among (const BfyJsonSlice *key, const char *const *names)
{
  for (; names != NULL && *names != NULL; names++)
    if (bfy_json_slice_equals (key, *names))
      return TRUE;

  return FALSE;
}

/* Its members in the order of their names, without those in @left_out. */
static GArray *
sort_members (const BfyJsonSlice *object, const char *const *left_out)
{
  GArray *members = g_array_new (FALSE, FALSE, sizeof (Member));
  BfyJsonIter iter;
  Member member;

  bfy_json_iter_init (&iter, object);
  while (bfy_json_iter_next (&iter, &member.key, &member.value))
    if (!is_among (&member.key, left_out))
      g_array_append_val (members, member);
  g_array_sort (members, compare_members);

  return members;
}

/* Nothing may have the digest of another wish because memory has run out. */
static void
insist (int is_ok)
{
  if (is_ok != 1)
    g_abort ();
}

static void
hash (EVP_MD_CTX *sum, const char *bytes, gsize length)
{
  insist (EVP_DigestUpdate (sum, bytes, length));
}

static void hash_value (EVP_MD_CTX *sum, const BfyJsonSlice *value, const char *const *left_out);

static void
hash_object (EVP_MD_CTX *sum, const BfyJsonSlice *object, const char *const *left_out)
{
  g_autoptr (GArray) members = sort_members (object, left_out);

  for (guint i = 0; i < members->len; i++)
    {
      const Member *member = &g_array_index (members, Member, i);

      hash (sum, i == 0 ? "{" : ",", 1);
      hash (sum, member->key.start, member->key.length);
      hash (sum, ":", 1);
      hash_value (sum, &member->value, NULL);
    }
  hash (sum, members->len == 0 ? "{}" : "}", members->len == 0 ? 2 : 1);
}

static void
hash_array (EVP_MD_CTX *sum, const BfyJsonSlice *array)
{
  BfyJsonSlice element;
  BfyJsonIter iter;

  hash (sum, "[", 1);
  bfy_json_iter_init (&iter, array);
  while (bfy_json_iter_next (&iter, NULL, &element))
    {
      hash_value (sum, &element, NULL);
      hash (sum, ",", 1);
    }
  hash (sum, "]", 1);
}

/* How deep it goes was bounded by the check of the text (json.h). */
static void
hash_value (EVP_MD_CTX *sum, const BfyJsonSlice *value, const char *const *left_out)
{
  switch (value->type)
    {
    case BFY_JSON_OBJECT:
      hash_object (sum, value, left_out);
      break;
    case BFY_JSON_ARRAY:
      hash_array (sum, value);
      break;
    case BFY_JSON_STRING:
    case BFY_JSON_NUMBER:
    case BFY_JSON_TRUE:
    case BFY_JSON_FALSE:
    case BFY_JSON_NULL:
      hash (sum, value->start, value->length);
      break;
    }
}

/* With its end, so that two texts in a row cannot be read as two others. */
static void
hash_text (EVP_MD_CTX *sum, const char *text)
{
  hash (sum, text != NULL ? text : "", (text != NULL ? strlen (text) : 0) + 1);
}

/* All of params counts, for a server may look at any of it. Only what changes from one try of the
 * same request to the next does not: what goes with every message, and what a server has asked for
 * since and got (2026-07-28). */
static void
hash_params (EVP_MD_CTX *sum, const BfyJsonSlice *params)
{
  static const char *const fleeting[] = { "_meta", "inputResponses", "requestState", NULL };

  if (params->start == NULL)
    return;
  if (params->length <= CANONICAL_BYTES_MAX)
    {
      hash_value (sum, params, fleeting);
      return;
    }
  hash_text (sum, "as written");
  hash (sum, params->start, params->length);
}

/* Nothing is put in order: another spelling is another request. */
static void
hash_http (EVP_MD_CTX *sum, const BfyHttpMessage *http)
{
  if (http == NULL)
    return;
  hash_text (sum, http->target);
  hash_text (sum, http->content_type);
  if (http->body_length > 0)
    hash (sum, http->body, http->body_length);
}

/* Looked for once: that takes longer than it works. */
static const EVP_MD *
get_algorithm (void)
{
  static EVP_MD *algorithm;

  if (algorithm == NULL)
    algorithm = EVP_MD_fetch (NULL, "SHA256", NULL);

  return algorithm;
}

static void
take_digest (BfyWish *self, const BfyRpcMessage *message)
{
  EVP_MD_CTX *sum = EVP_MD_CTX_new ();

  insist (EVP_DigestInit_ex (sum, get_algorithm (), NULL));
  hash_text (sum, message->method);
  hash_text (sum, message->name);
  hash_text (sum, message->uri);
  hash_params (sum, &message->params);
  hash_http (sum, message->http);
  insist (EVP_DigestFinal_ex (sum, self->digest, NULL));
  EVP_MD_CTX_free (sum);
}

/* What of a value is told: a scalar, cut, or how much there is of something larger. It is redacted
 * before it is cut, for half a token is not recognised as one. */
static char *
tell_value (const BfyJsonSlice *value)
{
  g_autofree char *text = NULL;
  g_autofree char *clean = NULL;

  if (value->type == BFY_JSON_OBJECT)
    return g_strdup ("{…}");
  if (value->type == BFY_JSON_ARRAY)
    return g_strdup ("[…]");
  if (value->length > TOLD_BYTES_MAX)
    return g_strdup ("…");
  if (value->type != BFY_JSON_STRING)
    return g_strndup (value->start, MIN (value->length, VALUE_CHARACTERS_MAX));

  text = bfy_json_slice_dup_string (value);
  clean = bfy_redact (text);

  return bfy_text_to_line (clean, VALUE_CHARACTERS_MAX);
}

/* What is called a secret is not told, whatever it looks like. */
static gboolean
names_secret (const char *name)
{
  static const char *const words[] = { "password", "passwd",  "passphrase",
                                       "secret",   "token",   "credential",
                                       "apikey",   "api_key", "authorization" };
  g_autofree char *lower = g_ascii_strdown (name, -1);

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (strstr (lower, words[i]) != NULL)
      return TRUE;

  return FALSE;
}

static guint
append_told (GString *line, const BfyJsonSlice *key, const BfyJsonSlice *value)
{
  g_autofree char *name = NULL;
  g_autofree char *shown = NULL;
  g_autofree char *told = NULL;

  if (key->length > KEY_BYTES_MAX)
    return 0;
  name = bfy_json_slice_dup_string (key);
  shown = bfy_text_to_line (name, KEY_BYTES_MAX);
  told = names_secret (name) ? g_strdup ("…") : tell_value (value);
  g_string_append_printf (line, value->type == BFY_JSON_STRING ? "%s%s: “%s”" : "%s%s: %s",
                          line->len == 0 ? "" : ", ", shown, told);

  return 1;
}

/* Names by which people know what is about to happen, the most telling first. */
static const char *const telling[] = {
  "owner",   "repo",   "repository",  "project",      "title", "to",   "recipient", "recipients",
  "subject", "amount", "currency",    "path",         "file",  "url",  "uri",       "channel",
  "branch",  "number", "pull_number", "issue_number", "id",    "name", "query",     NULL,
};

/* Of several that are telling, the first ones. */
static guint
tell_by_name (GString *line, const BfyJsonSlice *object)
{
  guint n_told = 0;

  for (guint i = 0; telling[i] != NULL && n_told < TOLD_MAX; i++)
    {
      g_autofree char *quoted = g_strdup_printf ("\"%s\"", telling[i]);
      const BfyJsonSlice key = { BFY_JSON_STRING, quoted, strlen (quoted) };
      BfyJsonSlice value;

      if (bfy_json_slice_member (object, telling[i], &value))
        n_told += append_told (line, &key, &value);
    }

  return n_told;
}

static char *
tell_arguments (const BfyJsonSlice *object)
{
  g_autoptr (GString) line = g_string_new (NULL);
  g_autofree char *clean = NULL;
  BfyJsonSlice key, value;
  BfyJsonIter iter;
  guint n_members = 0;
  guint n_told;

  if (object->start == NULL || object->type != BFY_JSON_OBJECT)
    return NULL;
  n_told = tell_by_name (line, object);
  bfy_json_iter_init (&iter, object);
  for (; bfy_json_iter_next (&iter, &key, &value); n_members++)
    if (n_told < TOLD_MAX && !is_among (&key, telling))
      n_told += append_told (line, &key, &value);
  if (n_members == 0)
    return NULL;
  if (n_members > n_told)
    g_string_append (line, n_told == 0 ? "…" : ", …");
  clean = bfy_redact (line->str);

  return bfy_text_to_line (clean, LINE_CHARACTERS_MAX);
}

static BfyPolicyKind
kind_of (const BfyRpcMessage *message)
{
  static const struct
  {
    const char *method;
    BfyPolicyKind kind;
  } rows[] = {
    { "tools/call", BFY_POLICY_TOOL },
    { "prompts/get", BFY_POLICY_PROMPT },
    { "resources/read", BFY_POLICY_RESOURCE },
    { "resources/subscribe", BFY_POLICY_RESOURCE },
    { "resources/unsubscribe", BFY_POLICY_RESOURCE },
  };

  if (message->http != NULL)
    return BFY_POLICY_HTTP;
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (g_strcmp0 (message->method, rows[i].method) == 0)
      return rows[i].kind;

  return BFY_POLICY_METHOD;
}

BfyWish *
bfy_wish_new (const char *binding_id,
              const char *binding,
              const BfyRpcMessage *message,
              const BfyPolicyVerdict *verdict,
              const char *rule,
              BfyWishReach reach)
{
  BfyWish *self = g_new0 (BfyWish, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->binding_id = g_strdup (binding_id);
  self->binding = g_strdup (binding);
  self->method = g_strdup (message->method);
  self->kind = kind_of (message);
  self->name = g_strdup (message->name != NULL ? message->name : message->uri);
  self->access = verdict->access;
  if (verdict->capability != NULL)
    {
      self->capability = g_strdup (verdict->capability->id);
      self->capability_name = g_strdup (verdict->capability->name);
    }
  self->rule = g_strdup (rule);
  self->reach = reach;
  take_digest (self, message);

  return self;
}

BfyWish *
bfy_wish_new_reveal (const char *binding_id, const char *binding, const char *use, const char *host)
{
  g_autofree char *name = g_strdup_printf ("%s: %s", use, host);
  const BfyRpcMessage message = {
    .kind = BFY_RPC_REQUEST,
    .method = (char *) BFY_REVEAL_RULE,
    .name = name,
  };
  const BfyPolicyVerdict verdict = { .effect = BFY_POLICY_ASK, .access = BFY_ACCESS_DANGER };
  BfyWish *self =
      bfy_wish_new (binding_id, binding, &message, &verdict, BFY_REVEAL_RULE, BFY_WISH_ONCE);

  self->host = g_strdup (host);

  return self;
}

/* A client may call a method whatever it likes, but not what asked. */
gboolean
bfy_wish_is_reveal (const BfyWish *self)
{
  return g_strcmp0 (self->rule, BFY_REVEAL_RULE) == 0;
}

void
bfy_wish_tell_arguments (BfyWish *self, const BfyRpcMessage *message)
{
  g_free (self->arguments);
  self->arguments = tell_arguments (&message->arguments);
}

BfyWish *
bfy_wish_ref (BfyWish *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
bfy_wish_unref (BfyWish *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_free (self->binding_id);
  g_free (self->binding);
  g_free (self->method);
  g_free (self->name);
  g_free (self->capability);
  g_free (self->capability_name);
  g_free (self->arguments);
  g_free (self->rule);
  g_free (self->host);
  g_free (self);
}

char *
bfy_wish_format_digest (const BfyWish *self)
{
  GString *hex = g_string_sized_new (2 * BFY_WISH_DIGEST_BYTES);

  for (guint i = 0; i < BFY_WISH_DIGEST_BYTES; i++)
    g_string_append_printf (hex, "%02x", self->digest[i]);

  return g_string_free (hex, FALSE);
}

gboolean
bfy_wish_is_same (const BfyWish *self, const BfyWish *other)
{
  return g_str_equal (self->binding_id, other->binding_id) &&
         memcmp (self->digest, other->digest, sizeof self->digest) == 0;
}
