/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/child/local.h"

#include <openssl/rand.h>

#include "agent/child/local-private.h"

#define SESSION_ID_BYTES 20 /* printed as 40 characters */
#define SWEEP_S 300

BfyLocal *
bfy_local_new (BfyChildren *children, BfyBinding *binding)
{
  BfyLocal *self = g_new0 (BfyLocal, 1);

  self->children = children;
  self->binding = bfy_binding_ref (binding);
  self->tail = bfy_tail_new ();
  self->sessions =
      g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) bfy_session_free);
  self->askers = g_array_new (FALSE, FALSE, sizeof (BfyLocalAsker));
  self->tools = bfy_tool_headers_new ();

  return self;
}

static void
drop_sweep (BfyLocal *self)
{
  if (self->sweep != NULL)
    g_source_destroy (self->sweep);
  g_clear_pointer (&self->sweep, g_source_unref);
}

void
bfy_local_free_session (BfyLocal *self, BfySession *session)
{
  if (session == self->shared)
    self->shared = NULL;
  if (bfy_session_get_id (session) != NULL)
    g_hash_table_steal (self->sessions, bfy_session_get_id (session));
  bfy_session_free (session);
}

void
bfy_local_stop (BfyLocal *self)
{
  g_autoptr (GList) sessions = g_hash_table_get_values (self->sessions);

  if (self->shared != NULL)
    bfy_local_free_session (self, self->shared);
  for (GList *link = sessions; link != NULL; link = link->next)
    if (g_hash_table_contains (self->sessions, bfy_session_get_id (link->data)))
      bfy_local_free_session (self, link->data);
  drop_sweep (self);
  self->n_failures = 0;
  self->not_before_us = 0;
}

void
bfy_local_free (BfyLocal *self)
{
  if (self == NULL)
    return;

  bfy_local_stop (self);
  g_clear_pointer (&self->probe, bfy_local_probe_free);
  g_hash_table_unref (self->sessions);
  g_array_unref (self->askers);
  g_free (self->versions);
  bfy_tool_headers_free (self->tools);
  bfy_tail_free (self->tail);
  bfy_binding_unref (self->binding);
  g_free (self);
}

void
bfy_local_drop_owner (BfyLocal *self, const char *owner)
{
  g_autoptr (GList) sessions = g_hash_table_get_values (self->sessions);

  for (GList *link = sessions; link != NULL; link = link->next)
    if (g_strcmp0 (bfy_session_get_owner (link->data), owner) == 0)
      bfy_local_free_session (self, link->data);
}

static void
set_policy (BfyLocal *self)
{
  BfyAgent *agent = bfy_local_get_agent (self);
  GHashTableIter iter;
  gpointer session;

  g_hash_table_iter_init (&iter, self->sessions);
  while (g_hash_table_iter_next (&iter, NULL, &session))
    bfy_session_set_binding (session, agent, self->binding);
  if (self->shared != NULL)
    bfy_session_set_binding (self->shared, agent, self->binding);
}

void
bfy_local_set_binding (BfyLocal *self, BfyBinding *binding)
{
  gboolean is_same = bfy_program_equal (self->binding->program, binding->program);
  gboolean has_moved = !g_str_equal (self->binding->keyring, binding->keyring);

  if (!is_same || has_moved || binding->state == BFY_STATE_PAUSED)
    bfy_local_stop (self);
  if (!is_same)
    {
      self->era = BFY_LOCAL_UNKNOWN;
      g_clear_pointer (&self->versions, g_free);
      bfy_tool_headers_free (self->tools);
      self->tools = bfy_tool_headers_new ();
    }
  bfy_binding_unref (self->binding);
  self->binding = bfy_binding_ref (binding);
  set_policy (self);
}

BfyBinding *
bfy_local_get_binding (BfyLocal *self)
{
  return self->binding;
}

BfyAgent *
bfy_local_get_agent (BfyLocal *self)
{
  return bfy_children_get_agent (self->children);
}

BfyTail *
bfy_local_get_tail (BfyLocal *self)
{
  return self->tail;
}

guint
bfy_local_n_running (BfyLocal *self)
{
  return g_hash_table_size (self->sessions) + (self->shared != NULL ? 1 : 0);
}

const char *
bfy_local_get_versions (BfyLocal *self)
{
  return self->versions;
}

void
bfy_local_learn_tools (BfyLocal *self, const char *text, gsize length)
{
  g_autofree char *complaint = NULL;
  GString *offered = bfy_tool_headers_learn (self->tools, text, length, &complaint);

  /* Tools with declarations that break the rules are for clients to leave away. */
  if (offered != NULL)
    g_string_free (offered, TRUE);
}

const BfyToolHeaders *
bfy_local_get_tools (BfyLocal *self)
{
  return self->tools;
}

/* A server that ends before it has answered anything will probably do so again. */
static void
note_end (BfyLocal *self, BfySession *session)
{
  guint wait_s;

  if (bfy_session_has_answered (session))
    {
      self->n_failures = 0;
      return;
    }
  self->n_failures++;
  if (self->n_failures < 2)
    return;
  wait_s = MIN (1u << MIN (self->n_failures - 2, 5), BFY_LOCAL_BACKOFF_MAX_S);
  self->not_before_us = g_get_monotonic_time () + (gint64) wait_s * G_USEC_PER_SEC;
}

static void
on_session_ended (BfySession *session, gpointer user_data)
{
  BfyLocal *self = user_data;

  note_end (self, session);
  bfy_local_free_session (self, session);
}

static gboolean
is_unused (BfySession *session)
{
  gint64 idle_us = g_get_monotonic_time () - bfy_session_get_used_us (session);

  return !bfy_session_is_busy (session) && idle_us > (gint64) BFY_LOCAL_IDLE_S * G_USEC_PER_SEC;
}

static gboolean
on_sweep (gpointer user_data)
{
  BfyLocal *self = user_data;
  g_autoptr (GList) sessions = g_hash_table_get_values (self->sessions);

  for (GList *link = sessions; link != NULL; link = link->next)
    if (is_unused (link->data))
      bfy_local_free_session (self, link->data);
  if (self->shared != NULL && self->probe == NULL && is_unused (self->shared))
    bfy_local_free_session (self, self->shared);
  if (bfy_local_n_running (self) > 0)
    return G_SOURCE_CONTINUE;
  drop_sweep (self);

  return G_SOURCE_REMOVE;
}

static void
begin_sweep (BfyLocal *self)
{
  if (self->sweep != NULL)
    return;
  self->sweep = g_timeout_source_new_seconds (SWEEP_S);
  g_source_set_callback (self->sweep, on_sweep, self, NULL);
  g_source_attach (self->sweep, g_main_context_get_thread_default ());
}

static gboolean
check_backoff (BfyLocal *self, GError **error)
{
  gint64 left_us = self->not_before_us - g_get_monotonic_time ();

  if (self->n_failures < 2 || left_us <= 0)
    return TRUE;

  g_set_error (error, BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED,
               "The program behind “%s” has ended at once %u times in a row and is tried again in "
               "%d s; bindify log %s --stderr shows what it said",
               self->binding->name, self->n_failures, (int) (left_us / G_USEC_PER_SEC) + 1,
               self->binding->name);

  return FALSE;
}

/* @secret: (nullable) borrowed; NULL for a program that needs none. */
static gboolean
find_secret (BfyLocal *self, BfySecret **secret, GError **error)
{
  BfyAgent *agent = bfy_local_get_agent (self);
  BfyCredential *credential;

  *secret = NULL;
  if (self->binding->program->delivery == BFY_DELIVER_NOTHING)
    return TRUE;
  credential = bfy_credentials_peek (agent->credentials, self->binding);
  if (credential != NULL)
    {
      *secret = credential->secret;
      return TRUE;
    }

  g_set_error (error, BFY_ERROR, BFY_ERROR_CREDENTIAL_MISSING, "“%s” has no credential",
               self->binding->name);

  return FALSE;
}

static gboolean
start (BfyLocal *self, BfySession *session, GError **error)
{
  BfyProgram *program = self->binding->program;
  BfyLimits limits = bfy_agent_limits (bfy_local_get_agent (self), self->binding);
  BfySecret *secret;
  g_autoptr (BfySecretFile) file = NULL;
  BfyPlace place;
  BfyChildSetup setup;
  BfyChild *child;

  if (!bfy_credentials_check_unlocked (bfy_local_get_agent (self)->credentials, error) ||
      !check_backoff (self, error) || !find_secret (self, &secret, error) ||
      !bfy_children_fill_place (self->children, self->binding, &place, error))
    return FALSE;
  if (program->delivery == BFY_DELIVER_FILE)
    {
      file = bfy_secret_file_new (bfy_children_get_secret_base (self->children), secret, error);
      if (file == NULL)
        return FALSE;
      place.secret_dir = bfy_secret_file_get_dir (file);
    }

  setup = (BfyChildSetup){ program, &place, secret, (gsize) limits.response_bytes_max, self->tail };
  child = bfy_child_start (&setup, &bfy_session_child_events, session, error);
  if (child == NULL)
    return FALSE;
  bfy_session_take_child (session, child, g_steal_pointer (&file));
  begin_sweep (self);

  return TRUE;
}

static BfySession *
make_session (BfyLocal *self, const char *id, const char *owner, GError **error)
{
  g_autoptr (BfySession) session = bfy_session_new (id, owner, on_session_ended, self);

  bfy_session_set_binding (session, bfy_local_get_agent (self), self->binding);

  return start (self, session, error) ? g_steal_pointer (&session) : NULL;
}

/* Makes room by ending the one that nobody has used for longest. */
static gboolean
make_room (BfyLocal *self, GError **error)
{
  BfySession *oldest = NULL;
  GHashTableIter iter;
  gpointer value;

  if (g_hash_table_size (self->sessions) < BFY_LOCAL_SESSIONS_MAX)
    return TRUE;
  g_hash_table_iter_init (&iter, self->sessions);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (!bfy_session_is_busy (value) &&
        (oldest == NULL || bfy_session_get_used_us (value) < bfy_session_get_used_us (oldest)))
      oldest = value;
  if (oldest != NULL)
    {
      bfy_local_free_session (self, oldest);
      return TRUE;
    }

  g_set_error (error, BFY_ERROR, BFY_ERROR_RATE_LIMITED,
               "“%s” has %d sessions, and all of them are in use; end one of them",
               self->binding->name, BFY_LOCAL_SESSIONS_MAX);

  return FALSE;
}

static char *
make_id (void)
{
  guint8 bytes[SESSION_ID_BYTES];
  GString *text = g_string_new (NULL);

  if (RAND_bytes (bytes, sizeof bytes) != 1)
    g_critical ("No random bytes");
  for (guint i = 0; i < sizeof bytes; i++)
    g_string_append_printf (text, "%02x", bytes[i]);

  return g_string_free (text, FALSE);
}

BfySession *
bfy_local_begin_session (BfyLocal *self, const char *owner, GError **error)
{
  g_autofree char *id = NULL;
  BfySession *session;

  if (!make_room (self, error))
    return NULL;
  id = make_id ();
  session = make_session (self, id, owner, error);
  if (session != NULL)
    g_hash_table_insert (self->sessions, (gpointer) bfy_session_get_id (session), session);

  return session;
}

BfySession *
bfy_local_find_session (BfyLocal *self, const char *id, const char *owner)
{
  BfySession *session = g_hash_table_lookup (self->sessions, id);

  return session != NULL && g_strcmp0 (bfy_session_get_owner (session), owner) == 0 ? session
                                                                                    : NULL;
}

void
bfy_local_end_session (BfyLocal *self, BfySession *session)
{
  bfy_local_free_session (self, session);
}

BfySession *
bfy_local_get_shared (BfyLocal *self, GError **error)
{
  if (self->shared == NULL)
    self->shared = make_session (self, NULL, NULL, error);

  return self->shared;
}
