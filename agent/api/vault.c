/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/api/api.h"
#include "agent/api/vault-private.h"
#include "protocol/name.h"

/* The vault as a whole: its key slots, data keys, copies (`bindify vault`). Deriving a slot's key
 * from a passphrase takes half a second and is the client's work: what comes here is the key. */

void
bfy_api_show_vault (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  bfy_request_reply_json (request, 200, bfy_vault_describe (bfy_vault_of (agent)));
  /* One that opens by itself has just done so. */
  bfy_agent_forget_if_locked (agent);
}

/* One change on its way through the vault's line. */
typedef struct
{
  BfyAgent *agent;     /* borrowed */
  BfyRequest *request; /* (owned) */
  BfyVaultOp op;
  gboolean has_key; /* the client sent one */
  char *detail;     /* (owned) (nullable) of the event */
} Change;

static void
change_free (Change *self)
{
  bfy_request_unref (self->request);
  g_free (self->detail);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Change, change_free)

static const char *const event_types[] = {
  [BFY_VAULT_INIT] = "vault_created",
  [BFY_VAULT_ADD_SLOT] = "vault_slot_added",
  [BFY_VAULT_REPLACE_SLOT] = "vault_slot_changed",
  [BFY_VAULT_REMOVE_SLOT] = "vault_slot_removed",
  [BFY_VAULT_ROTATE] = "vault_rotated",
  [BFY_VAULT_REMOVE_KEY] = "vault_key_removed",
  [BFY_VAULT_RESTORE] = "vault_restored",
};

/* What is remembered of a vault that is another one now. */
static void
forget_credentials (BfyAgent *agent)
{
  g_autoptr (GPtrArray) bindings = bfy_registry_bindings (agent->registry);

  for (guint i = 0; i < bindings->len; i++)
    {
      const BfyBinding *binding = g_ptr_array_index (bindings, i);

      if (g_str_equal (binding->keyring, BFY_KEYRING_VAULT))
        bfy_credentials_forget (agent->credentials, binding);
    }
}

static void
reply_slot (BfyRequest *request, guint status, guint slot)
{
  JsonObject *object = json_object_new ();

  json_object_set_int_member (object, "slot", slot);
  bfy_request_reply_json (request, status, object);
}

static void
reply_changed (Change *change, guint slot)
{
  switch (change->op)
    {
    case BFY_VAULT_INIT:
    case BFY_VAULT_ADD_SLOT:
      reply_slot (change->request, 201, slot);
      return;
    case BFY_VAULT_REPLACE_SLOT:
      reply_slot (change->request, 200, slot);
      return;
    case BFY_VAULT_REMOVE_SLOT:
    case BFY_VAULT_REMOVE_KEY:
      bfy_request_reply_empty (change->request, 204);
      return;
    case BFY_VAULT_ROTATE:
    case BFY_VAULT_RESTORE:
      bfy_request_reply_json (change->request, 200,
                              bfy_vault_describe (bfy_vault_of (change->agent)));
      return;
    }
}

/* Takes @error. A file that was sound when its slots were read, and that nobody gave a key for,
 * lacks its key file. */
static void
fail_change (const Change *change, GError *error)
{
  if (change->op != BFY_VAULT_RESTORE || change->has_key ||
      !g_error_matches (error, BFY_ERROR, BFY_ERROR_VAULT_DAMAGED))
    {
      bfy_vault_fail (change->request, error);
      return;
    }

  g_error_free (error);
  bfy_request_reply_error_status (
      change->request, bfy_error_to_http_status (BFY_ERROR_VAULT_DAMAGED), BFY_ERROR_VAULT_DAMAGED,
      "That file opens only with the key file of the vault that it comes from, and that is not "
      "here: nothing was changed; put that key file where this machine’s is or would be, or make "
      "an export there (bindify vault export --encrypted FILE)");
}

static void
on_changed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Change) change = user_data;
  GError *error = NULL;
  guint slot = 0;

  if (!bfy_vault_change_finish (BFY_VAULT (source), result, &slot, &error))
    {
      bfy_agent_forget_if_locked (change->agent);
      fail_change (change, error);
      return;
    }

  if (change->op == BFY_VAULT_RESTORE)
    forget_credentials (change->agent);
  if (slot != 0 && change->detail == NULL)
    change->detail = g_strdup_printf ("slot %u", slot);
  bfy_vault_record (change->agent, change->request, event_types[change->op], change->detail);
  reply_changed (change, slot);
  /* It may have been locked while this was going on. */
  bfy_agent_forget_if_locked (change->agent);
}

/* Takes @detail. A change that has begun is carried to its end, whoever goes away. */
static void
begin_change (BfyAgent *agent, BfyRequest *request, const BfyVaultChange *change, char *detail)
{
  Change *closure = g_new0 (Change, 1);

  closure->agent = agent;
  closure->request = bfy_request_ref (request);
  closure->op = change->op;
  closure->has_key = change->slot_key != NULL;
  closure->detail = detail;
  bfy_vault_change_async (bfy_vault_of (agent), change, NULL, on_changed, closure);
}

static void
make_slot (BfyAgent *agent, BfyRequest *request, BfyVaultOp op)
{
  g_auto (BfyVaultRequest) parsed = { 0 };
  BfyVaultChange change = { .op = op };

  if (!bfy_vault_parse_or_fail (request, BFY_VAULT_REQUEST_SLOT, &parsed))
    return;
  change.kind = parsed.kind;
  change.kdf = parsed.kdf;
  change.slot_key = parsed.key;
  begin_change (agent, request, &change, g_strdup (bfy_vault_slot_kind_to_wire (parsed.kind)));
}

void
bfy_api_make_vault (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  make_slot (agent, request, BFY_VAULT_INIT);
}

void
bfy_api_add_vault_slot (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  make_slot (agent, request, BFY_VAULT_ADD_SLOT);
}

/* 0 after having answered. */
static guint
slot_or_fail (BfyRequest *request, const char *text)
{
  guint64 number;

  if (text != NULL && g_ascii_string_to_unsigned (text, 10, 1, BFY_VAULT_SLOTS_MAX, &number, NULL))
    return (guint) number;

  bfy_vault_fail (request,
                  g_error_new (BFY_ERROR, BFY_ERROR_NOT_FOUND,
                               "Key slots have numbers from 1 to %d; see: bindify vault status",
                               BFY_VAULT_SLOTS_MAX));

  return 0;
}

void
bfy_api_change_vault_slot (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  g_auto (BfyVaultRequest) parsed = { 0 };
  BfyVaultChange change = { .op = BFY_VAULT_REPLACE_SLOT };

  change.slot = slot_or_fail (request, argument);
  if (change.slot == 0 || !bfy_vault_parse_or_fail (request, BFY_VAULT_REQUEST_REPLACE, &parsed))
    return;
  change.kdf = parsed.kdf;
  change.slot_key = parsed.key;
  begin_change (agent, request, &change, NULL);
}

void
bfy_api_remove_vault_slot (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  BfyVaultChange change = { .op = BFY_VAULT_REMOVE_SLOT };

  change.slot = slot_or_fail (request, argument);
  if (change.slot != 0)
    begin_change (agent, request, &change, g_strdup_printf ("slot %u", change.slot));
}

void
bfy_api_remove_vault_key (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  const BfyVaultChange change = { .op = BFY_VAULT_REMOVE_KEY, .fingerprint = argument };

  begin_change (agent, request, &change, bfy_text_to_line (argument, 40));
}

void
bfy_api_rotate_vault (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  g_auto (BfyVaultRequest) parsed = { 0 };
  BfyVaultChange change = { .op = BFY_VAULT_ROTATE };

  if (!bfy_vault_parse_or_fail (request, BFY_VAULT_REQUEST_EXPECTED, &parsed))
    return;
  change.expected = (const char *const *) parsed.expected;
  begin_change (agent, request, &change, NULL);
}

void
bfy_api_unlock_vault (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  g_auto (BfyVaultRequest) parsed = { 0 };
  GError *error = NULL;
  BfyEvent *event;
  gboolean is_ok;

  if (!bfy_vault_parse_or_fail (request, BFY_VAULT_REQUEST_UNLOCK, &parsed))
    return;

  is_ok = bfy_vault_unlock (bfy_vault_of (agent), parsed.slot, parsed.key, &error);
  /* A key that does not fit is worth a line of the record, too. */
  event = bfy_agent_new_event ("vault_unlocked", NULL, request);
  event->detail = g_strdup_printf ("slot %u", parsed.slot);
  event->outcome = is_ok ? BFY_OUTCOME_SUCCESS : BFY_OUTCOME_BLOCKED;
  bfy_store_append_event (agent->store, event, TRUE);
  if (is_ok)
    bfy_request_reply_empty (request, 204);
  else
    bfy_vault_fail (request, error);
}

void
bfy_api_restore_vault (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  g_auto (BfyVaultRequest) parsed = { 0 };
  g_autofree char *slot = bfy_api_get_parameter (request, "slot");
  g_autofree char *force = bfy_api_get_parameter (request, "force");
  BfyVaultChange change = { .op = BFY_VAULT_RESTORE };

  if (!bfy_vault_parse_or_fail (request, BFY_VAULT_REQUEST_FILE, &parsed))
    return;
  if (parsed.key != NULL)
    {
      change.slot = slot_or_fail (request, slot);
      if (change.slot == 0)
        return;
    }
  change.slot_key = parsed.key;
  change.bytes = parsed.file;
  change.force = g_strcmp0 (force, "true") == 0;
  begin_change (agent, request, &change, change.force ? g_strdup ("forced") : NULL);
}
