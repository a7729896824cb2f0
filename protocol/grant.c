/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/grant.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "protocol/json.h"
#include "protocol/name.h"
#include "protocol/process-text.h"
#include "protocol/timestamp.h"

#define TEXT_MAX 120 /* characters shown of anything from outside */
#define PROGRAM_PREFIX "program:"

typedef struct
{
  const char *wire;
  const char *name;
  const char *description;
} ScopeRow;

static const ScopeRow scopes[BFY_N_GRANT_SCOPES] = {
  [BFY_GRANT_ONCE] = { "once", N_ ("once"), N_ ("once") },
  [BFY_GRANT_TEN_MINUTES] = { "10min", N_ ("10 minutes"), N_ ("for 10 minutes") },
  [BFY_GRANT_SESSION] = { "session", N_ ("this session"), N_ ("for this session") },
  [BFY_GRANT_UNTIL_LOCK] = { "until_lock", N_ ("until lock"), N_ ("until the agent is locked") },
  [BFY_GRANT_ALWAYS] = { "always", N_ ("always"), N_ ("always") },
};

const char *
bfy_grant_scope_to_wire (BfyGrantScope scope)
{
  return scopes[scope].wire;
}

gboolean
bfy_grant_scope_from_wire (const char *wire, BfyGrantScope *scope)
{
  for (guint i = 0; wire != NULL && i < BFY_N_GRANT_SCOPES; i++)
    {
      if (strcmp (scopes[i].wire, wire) != 0)
        continue;
      *scope = i;
      return TRUE;
    }

  return FALSE;
}

const char *
bfy_grant_scope_describe (BfyGrantScope scope)
{
  return _ (scopes[scope].description);
}

const char *
bfy_grant_scope_name (BfyGrantScope scope)
{
  return _ (scopes[scope].name);
}

/* The process whose end is the end of a session: the program behind our own bridge, else whoever
 * connected. FALSE when it is not known for sure which one that was. */
static gboolean
find_process (const BfyCaller *caller, int *pid, guint64 *started_at)
{
  gboolean has_program = caller->program_pid > 0;

  *pid = has_program ? caller->program_pid : caller->pid;
  *started_at = has_program ? caller->program_started_at : caller->started_at;

  return *pid > 0 && *started_at > 0;
}

/* What is one program to the kernel and many to a person: whatever it runs would share what was
 * permitted to one of them. */
static gboolean
is_shared (const BfyCaller *caller)
{
  return caller->client_id == NULL && caller->sandbox == BFY_SANDBOX_NONE &&
         caller->program != NULL && bfy_process_is_interpreter (caller->program);
}

guint
bfy_grant_scopes_for (const BfyCaller *caller, const BfyWish *wish)
{
  g_autofree char *subject = bfy_caller_dup_subject (caller);
  guint set = 1u << BFY_GRANT_ONCE;
  gboolean has_process;
  guint64 started_at;
  int pid;

  has_process = find_process (caller, &pid, &started_at);
  if (subject == NULL || wish->reach == BFY_WISH_ONCE || (is_shared (caller) && !has_process))
    return set;

  set |= 1u << BFY_GRANT_TEN_MINUTES | 1u << BFY_GRANT_UNTIL_LOCK;
  if (caller->client_id != NULL || has_process)
    set |= 1u << BFY_GRANT_SESSION;
  if (wish->access != BFY_ACCESS_DANGER && !is_shared (caller))
    set |= 1u << BFY_GRANT_ALWAYS;

  return set;
}

static BfyGrant *
alloc_grant (const BfyCaller *caller, const BfyWish *wish)
{
  BfyGrant *self = g_new0 (BfyGrant, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->id = g_uuid_string_random ();
  self->subject = bfy_caller_dup_subject (caller);
  if (self->subject == NULL)
    self->subject = g_strdup ("");
  self->client = bfy_caller_dup_name (caller);
  self->client_id = g_strdup (caller->client_id);
  self->binding_id = g_strdup (wish->binding_id);
  self->binding = g_strdup (wish->binding);
  self->method = g_strdup (wish->method);
  self->kind = wish->kind;
  self->name = g_strdup (wish->name);
  self->access = wish->access;
  self->capability = g_strdup (wish->capability);
  self->rule = g_strdup (wish->rule);
  memcpy (self->digest, wish->digest, sizeof self->digest);

  return self;
}

static void
bind_to_process (BfyGrant *self, const BfyCaller *caller)
{
  if (find_process (caller, &self->pid, &self->started_at))
    return;
  self->pid = 0;
  self->started_at = 0;
}

BfyGrant *
bfy_grant_new (const BfyCaller *caller, const BfyWish *wish, BfyGrantScope scope)
{
  BfyGrant *self = alloc_grant (caller, wish);

  self->scope = scope;
  self->has_digest = scope == BFY_GRANT_ONCE || wish->reach != BFY_WISH_ANY_ARGUMENTS;
  if ((scope == BFY_GRANT_SESSION && caller->client_id == NULL) || is_shared (caller))
    bind_to_process (self, caller);

  return self;
}

BfyGrant *
bfy_grant_new_denial (const BfyCaller *caller, const BfyWish *wish)
{
  BfyGrant *self = alloc_grant (caller, wish);

  self->is_denial = TRUE;
  self->has_digest = wish->reach != BFY_WISH_ANY_ARGUMENTS;
  if (is_shared (caller))
    bind_to_process (self, caller);

  return self;
}

BfyGrant *
bfy_grant_copy_renamed (const BfyGrant *self, const char *binding)
{
  BfyGrant *copy = g_memdup2 (self, sizeof *self);

  g_atomic_ref_count_init (&copy->ref_count);
  copy->id = g_strdup (self->id);
  copy->subject = g_strdup (self->subject);
  copy->client = g_strdup (self->client);
  copy->client_id = g_strdup (self->client_id);
  copy->binding_id = g_strdup (self->binding_id);
  copy->binding = g_strdup (binding);
  copy->method = g_strdup (self->method);
  copy->name = g_strdup (self->name);
  copy->capability = g_strdup (self->capability);
  copy->rule = g_strdup (self->rule);

  return copy;
}

BfyGrant *
bfy_grant_ref (BfyGrant *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
bfy_grant_unref (BfyGrant *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_free (self->id);
  g_free (self->subject);
  g_free (self->client);
  g_free (self->client_id);
  g_free (self->binding_id);
  g_free (self->binding);
  g_free (self->method);
  g_free (self->name);
  g_free (self->capability);
  g_free (self->rule);
  g_free (self);
}

/* What has become more dangerous since, or is bound to its arguments now, is another thing. */
static gboolean
is_no_wider (const BfyGrant *self, const BfyWish *wish)
{
  if (self->has_digest)
    return memcmp (self->digest, wish->digest, sizeof self->digest) == 0;

  return wish->reach == BFY_WISH_ANY_ARGUMENTS;
}

gboolean
bfy_grant_covers (const BfyGrant *self, const char *subject, const BfyWish *wish)
{
  return subject != NULL && *subject != '\0' && strcmp (self->subject, subject) == 0 &&
         strcmp (self->binding_id, wish->binding_id) == 0 &&
         strcmp (self->method, wish->method) == 0 && self->kind == wish->kind &&
         g_strcmp0 (self->name, wish->name) == 0 && strcmp (self->rule, wish->rule) == 0 &&
         self->access == wish->access && is_no_wider (self, wish);
}

static void
set_who (JsonObject *object, const BfyGrant *self)
{
  bfy_json_set_line (object, "client", self->client, TEXT_MAX);
  bfy_json_set_line (object, "client_id", self->client_id, TEXT_MAX);
  if (g_str_has_prefix (self->subject, PROGRAM_PREFIX))
    bfy_json_set_line (object, "program", self->subject + strlen (PROGRAM_PREFIX), TEXT_MAX);
  if (self->pid > 0)
    json_object_set_int_member (object, "pid", self->pid);
}

JsonObject *
bfy_grant_to_json (const BfyGrant *self)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "id", self->id);
  set_who (object, self);
  bfy_json_set_line (object, "binding", self->binding, TEXT_MAX);
  bfy_json_set_line (object, "method", self->method, TEXT_MAX);
  json_object_set_string_member (object, "kind", bfy_policy_kind_to_wire (self->kind));
  bfy_json_set_line (object, "tool", self->name, TEXT_MAX);
  json_object_set_string_member (object, "access", bfy_access_to_wire (self->access));
  bfy_json_set_line (object, "capability", self->capability, TEXT_MAX);
  bfy_json_set_line (object, "rule", self->rule, TEXT_MAX);
  json_object_set_boolean_member (object, "arguments", self->has_digest);
  json_object_set_string_member (object, "effect", self->is_denial ? "deny" : "allow");
  if (self->is_denial)
    json_object_set_null_member (object, "scope");
  else
    json_object_set_string_member (object, "scope", bfy_grant_scope_to_wire (self->scope));
  bfy_time_set_member (object, "created_at", self->created_at_s);
  bfy_time_set_member (object, "expires_at", self->expiry.wall_s);
  bfy_time_set_member (object, "last_used_at", self->last_used_at_s);
  json_object_set_int_member (object, "uses", (gint64) self->n_uses);

  return object;
}
