/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* What a request does, by what is known of it: the catalogue first, then its name or method, and
 * what the server says itself only where that makes it worse. */

#include <string.h>

#include "protocol/method.h"
#include "protocol/policy-private.h"

const char *
bfy_fold (BfyFold *self, const char *text)
{
  gsize i;

  for (i = 0; i < BFY_FOLD_BYTES; i++)
    {
      if ((guchar) text[i] >= 0x80)
        break;
      self->small[i] = g_ascii_tolower (text[i]);
      if (text[i] == '\0')
        return self->small;
    }
  self->heap = g_utf8_casefold (text, -1);

  return self->heap;
}

void
bfy_fold_clear (BfyFold *self)
{
  g_clear_pointer (&self->heap, g_free);
}

GStrv
bfy_fold_words (const GStrv words)
{
  g_autoptr (GStrvBuilder) folded = g_strv_builder_new ();

  for (guint i = 0; words[i] != NULL; i++)
    {
      g_autofree char *text = g_utf8_casefold (words[i], -1);

      g_strv_builder_add (folded, text);
    }

  return g_strv_builder_end (folded);
}

/* A server may not tell cases apart, and a client that writes a name otherwise must not get rid of
 * what is known about the tool. Only a tool that is not listed comes to the loop. */
static const BfyToolHints *
find_hints (GHashTable *hints, const char *name, const char *folded_name)
{
  const BfyToolHints *found = g_hash_table_lookup (hints, name);
  gpointer key, value;
  GHashTableIter iter;

  if (found != NULL)
    return found;
  g_hash_table_iter_init (&iter, hints);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      g_auto (BfyFold) fold = { .heap = NULL };

      if (strcmp (bfy_fold (&fold, key), folded_name) == 0)
        return value;
    }

  return NULL;
}

/* A method of the catalogue does what its request does. */
gboolean
bfy_policy_subject_may_be (const BfyPolicySubject *self, const BfyCapability *capability)
{
  if (self->listed != NULL && bfy_capability_has_folded_http (capability, self->listed->folded_verb,
                                                              self->listed->folded_sample))
    return TRUE;

  return self->kind == BFY_POLICY_HTTP
             ? bfy_capability_has_folded_http (capability, self->folded_method, self->folded_name)
             : bfy_capability_has_folded_tool (capability, self->folded_name);
}

static gboolean
surely_is (const BfyPolicySubject *self, const BfyCapability *capability)
{
  if (self->listed != NULL &&
      bfy_capability_has_http (capability, self->listed->verb, self->listed->sample))
    return TRUE;

  return self->kind == BFY_POLICY_HTTP
             ? bfy_capability_has_http (capability, self->method, self->name)
             : bfy_capability_has_tool (capability, self->name);
}

/* The first capability that it surely is says what it does; without one, the first that it may be
 * taken for makes @access no looser. */
static void
classify_by_capabilities (BfyPolicySubject *self, GPtrArray *capabilities, BfyAccess access)
{
  self->access = access;
  self->capability = NULL;
  self->n_taken_for = 0;
  for (guint i = 0; capabilities != NULL && i < capabilities->len; i++)
    {
      const BfyCapability *capability = g_ptr_array_index (capabilities, i);

      if (!bfy_policy_subject_may_be (self, capability))
        continue;
      if (self->n_taken_for < BFY_TAKEN_FOR_MAX)
        self->taken_for[self->n_taken_for] = capability;
      self->n_taken_for++;
      if (self->capability == NULL && surely_is (self, capability))
        self->capability = capability;
    }
  if (self->capability != NULL)
    self->access = self->capability->access;
  else if (self->n_taken_for > 0)
    self->access = MAX (access, self->taken_for[0]->access);
}

static void
classify_tool (BfyPolicySubject *self, GPtrArray *capabilities)
{
  if (self->facts != NULL)
    self->listed = bfy_methods_find (self->facts->methods, self->name);
  classify_by_capabilities (self, capabilities,
                            self->listed != NULL ? self->listed->access
                                                 : bfy_access_of_tool_name (self->name));
  /* The strictest that is known of it. */
  if (self->listed != NULL)
    self->access = MAX (self->access, self->listed->access);
  if (self->facts != NULL && self->facts->hints != NULL)
    self->access = bfy_access_tighten (
        self->access, find_hints (self->facts->hints, self->name, self->folded_name));
}

static BfyAccess
access_of_operations (BfyGraphql operations)
{
  return (operations & BFY_GRAPHQL_MUTATION) != 0 ? BFY_ACCESS_WRITE : BFY_ACCESS_READ;
}

/* Git reads by a POST, too: what it fetches it asks for in a body (gitprotocol-http(5)). */
static gboolean
is_git_fetch (const BfyPolicySubject *self)
{
  return self->is_git_fetch_type && strcmp (self->method, "POST") == 0 &&
         g_str_has_suffix (self->name, "/git-upload-pack");
}

static void
classify_http (BfyPolicySubject *self, GPtrArray *capabilities)
{
  BfyGraphql operations = self->graphql.operations;
  gboolean is_by_operation = self->graphql.is_endpoint && operations != BFY_GRAPHQL_NONE &&
                             strcmp (self->method, "POST") == 0;

  classify_by_capabilities (self, capabilities,
                            is_by_operation || is_git_fetch (self)
                                ? BFY_ACCESS_READ
                                : bfy_access_of_http_method (self->method));
  self->access = MAX (self->access, access_of_operations (operations));
}

void
bfy_policy_subject_classify (BfyPolicySubject *self)
{
  GPtrArray *capabilities = self->facts != NULL ? self->facts->capabilities : NULL;

  self->access = BFY_ACCESS_READ;
  switch (self->kind)
    {
    case BFY_POLICY_TOOL:
      classify_tool (self, capabilities);
      break;
    case BFY_POLICY_HTTP:
      classify_http (self, capabilities);
      break;
    case BFY_POLICY_METHOD:
      /* Of a call that was let through. */
      if (!g_str_has_prefix (self->method, "tasks/"))
        self->access = BFY_ACCESS_WRITE;
      break;
    case BFY_POLICY_PROMPT:
    case BFY_POLICY_RESOURCE:
    case BFY_POLICY_GRAPHQL:
    case BFY_POLICY_CAPABILITY:
    case BFY_POLICY_ACCESS:
    case BFY_N_POLICY_KINDS:
      break;
    }
}
