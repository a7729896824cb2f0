/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/grant/grants-private.h"
#include "agent/store/store-grants.h"

#define REVOKED_TEXT "Permission for this was taken back while it was under way"

void
bfy_grants_record (BfyGrants *self, const BfyGrant *grant, const char *type)
{
  BfyEvent *event = bfy_event_new (type, g_get_real_time () / 1000);

  event->binding = g_strdup (grant->binding);
  event->binding_id = g_strdup (grant->binding_id);
  event->client = g_strdup (grant->client);
  event->client_id = g_strdup (grant->client_id);
  event->method = g_strdup (grant->method);
  event->tool = g_strdup (grant->name);
  event->detail = g_strdup (grant->is_denial ? "denied" : bfy_grant_scope_to_wire (grant->scope));
  if (grant->is_denial)
    event->outcome = BFY_OUTCOME_BLOCKED;
  bfy_store_append_event (self->store, event, TRUE);
}

static void
forget_kept (BfyGrants *self, GPtrArray *entries)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < entries->len; i++)
    if (((BfyGrantEntry *) entries->pdata[i])->is_kept)
      g_ptr_array_add (ids, ((BfyGrantEntry *) entries->pdata[i])->grant->id);
  if (!bfy_store_remove_grants (self->store, ids, &error))
    g_warning ("Permissions that have ended cannot be removed from the disk for now: %s",
               error->message);
}

static BfyGrant *
take_out (BfyGrants *self, BfyGrantEntry *entry)
{
  BfyGrant *grant = bfy_grant_ref (entry->grant);

  bfy_grant_table_remove (self->table, entry);
  if (grant->pid > 0)
    bfy_programs_unwatch (self->programs, grant->pid, grant->started_at);

  return grant;
}

void
bfy_grants_remove (BfyGrants *self, GPtrArray *entries, BfyGrantsEnd how)
{
  gboolean is_revoked = how == BFY_GRANTS_REVOKED || how == BFY_GRANTS_ORPHANED;
  g_autoptr (GPtrArray) grants = NULL;

  if (entries->len == 0)
    return;
  if (how == BFY_GRANTS_ENDED || how == BFY_GRANTS_REVOKED)
    forget_kept (self, entries);
  grants = g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_grant_unref);
  for (guint i = 0; i < entries->len; i++)
    g_ptr_array_add (grants, take_out (self, entries->pdata[i]));
  bfy_grants_set_timer (self);

  for (guint i = 0; i < grants->len; i++)
    {
      BfyGrant *grant = grants->pdata[i];

      if (how == BFY_GRANTS_REVOKED)
        bfy_grants_record (self, grant, "approval_revoked");
      bfy_grants_emit_removed (self, grant, is_revoked);
      if (is_revoked)
        bfy_holds_end (self->holds, grant->id, REVOKED_TEXT);
    }
}

void
bfy_grants_remove_one (BfyGrants *self, BfyGrantEntry *entry, BfyGrantsEnd how)
{
  g_autoptr (GPtrArray) entries = g_ptr_array_new ();

  g_ptr_array_add (entries, entry);
  bfy_grants_remove (self, entries, how);
}

void
bfy_grants_set_timer (BfyGrants *self)
{
  BfyGrantEntry *first = bfy_grant_table_peek_first (self->table);

  if (self->timer == NULL)
    return;
  if (first != NULL)
    bfy_boot_timer_set (self->timer, MAX (0, first->ends_ms - self->clock ().boot_ms));
  else
    bfy_boot_timer_clear (self->timer);
}

void
bfy_grants_sweep (BfyGrants *self)
{
  gint64 now_ms = self->clock ().boot_ms;
  g_autoptr (GPtrArray) entries = bfy_grant_table_list_ended (self->table, now_ms);

  bfy_grants_remove (self, entries, BFY_GRANTS_ENDED);
  bfy_grants_set_timer (self);
}

void
bfy_grants_note_ended (int pid, guint64 started_at, gpointer user_data)
{
  BfyGrants *self = user_data;
  g_autoptr (GPtrArray) entries = bfy_grant_table_list (self->table, NULL);
  g_autoptr (GPtrArray) gone = g_ptr_array_new ();

  for (guint i = 0; i < entries->len; i++)
    {
      BfyGrantEntry *entry = entries->pdata[i];

      if (entry->grant->pid == pid && entry->grant->started_at == started_at)
        g_ptr_array_add (gone, entry);
    }
  bfy_grants_remove (self, gone, BFY_GRANTS_ENDED);
}

gboolean
bfy_grants_revoke (BfyGrants *self, const char *id)
{
  BfyGrantEntry *entry = bfy_grant_table_find_by_id (self->table, id);

  if (entry == NULL)
    return FALSE;
  bfy_grants_remove_one (self, entry, BFY_GRANTS_REVOKED);

  return TRUE;
}

static gboolean
is_meant (const BfyGrant *grant, const BfyGrantsFilter *filter)
{
  if (filter == NULL)
    return TRUE;

  return (filter->binding_id == NULL || g_str_equal (filter->binding_id, grant->binding_id)) &&
         (filter->client_id == NULL || g_strcmp0 (filter->client_id, grant->client_id) == 0) &&
         (filter->subject == NULL || g_str_equal (filter->subject, grant->subject));
}

guint
bfy_grants_revoke_all (BfyGrants *self, const BfyGrantsFilter *filter)
{
  g_autoptr (GPtrArray) entries =
      bfy_grant_table_list (self->table, filter != NULL ? filter->binding_id : NULL);
  g_autoptr (GPtrArray) meant = g_ptr_array_new ();

  for (guint i = 0; i < entries->len; i++)
    if (is_meant (((BfyGrantEntry *) entries->pdata[i])->grant, filter))
      g_ptr_array_add (meant, entries->pdata[i]);
  bfy_grants_remove (self, meant, BFY_GRANTS_REVOKED);

  return meant->len;
}

void
bfy_grants_note_locked (BfyGrants *self)
{
  g_autoptr (GPtrArray) entries = bfy_grant_table_list (self->table, NULL);
  g_autoptr (GPtrArray) gone = g_ptr_array_new ();

  for (guint i = 0; i < entries->len; i++)
    {
      BfyGrantEntry *entry = entries->pdata[i];

      if (!entry->grant->is_denial && entry->grant->scope == BFY_GRANT_UNTIL_LOCK)
        g_ptr_array_add (gone, entry);
    }
  bfy_grants_remove (self, gone, BFY_GRANTS_ENDED);
}
