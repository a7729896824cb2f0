/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Grants go with what they are about, and follow what changes its name. */

#include <string.h>

#include "agent/grant/grants-private.h"

#define CONFIRM_RULE "confirm" /* of the binding itself, not of its policy (wish.h) */

static gboolean
is_of_binding (const char *rule)
{
  return strcmp (rule, CONFIRM_RULE) == 0 || strcmp (rule, BFY_REVEAL_RULE) == 0;
}

void
bfy_grants_note_policy (BfyGrants *self, const char *binding_id, const BfyPolicy *policy)
{
  g_autoptr (GPtrArray) entries = bfy_grant_table_list (self->table, binding_id);
  g_autoptr (GPtrArray) gone = g_ptr_array_new ();

  for (guint i = 0; i < entries->len; i++)
    {
      const char *rule = ((BfyGrantEntry *) entries->pdata[i])->grant->rule;

      if (!is_of_binding (rule) && !bfy_policy_asks_by (policy, rule))
        g_ptr_array_add (gone, entries->pdata[i]);
    }
  bfy_grants_remove (self, gone, BFY_GRANTS_REVOKED);
}

static void
rename_all (BfyGrants *self, const BfyBinding *binding)
{
  g_autoptr (GPtrArray) entries = bfy_grant_table_list (self->table, binding->id);

  for (guint i = 0; i < entries->len; i++)
    {
      BfyGrantEntry *entry = entries->pdata[i];
      g_autoptr (BfyGrant) renamed = bfy_grant_copy_renamed (entry->grant, binding->name);

      bfy_grant_table_replace (self->table, entry, renamed);
    }
}

static void
on_binding_changed (BfyRegistry *registry, BfyBinding *old, BfyBinding *now, gpointer user_data)
{
  BfyGrants *self = user_data;
  g_autoptr (GPtrArray) orphans = NULL;

  if (now == NULL)
    {
      orphans = bfy_grant_table_list (self->table, old->id);
      bfy_grants_remove (self, orphans, BFY_GRANTS_ORPHANED);
      return;
    }
  if (old == NULL)
    return;

  if (now->policy != old->policy)
    bfy_grants_note_policy (self, now->id, now->policy);
  if (strcmp (old->name, now->name) != 0)
    rename_all (self, now);
}

static void
on_client_removed (BfyRegistry *registry, BfyClient *removed, gpointer user_data)
{
  BfyGrants *self = user_data;
  g_autoptr (GPtrArray) entries = bfy_grant_table_list (self->table, NULL);
  g_autoptr (GPtrArray) orphans = g_ptr_array_new ();

  for (guint i = 0; i < entries->len; i++)
    if (g_strcmp0 (((BfyGrantEntry *) entries->pdata[i])->grant->client_id, removed->id) == 0)
      g_ptr_array_add (orphans, entries->pdata[i]);
  bfy_grants_remove (self, orphans, BFY_GRANTS_ORPHANED);
}

void
bfy_grants_follow (BfyGrants *self, BfyRegistry *registry)
{
  g_autoptr (GPtrArray) bindings = bfy_registry_bindings (registry);

  for (guint i = 0; i < bindings->len; i++)
    {
      const BfyBinding *binding = bindings->pdata[i];

      bfy_grants_note_policy (self, binding->id, binding->policy);
    }
  self->registry = g_object_ref (registry);
  g_signal_connect (registry, "binding-changed", G_CALLBACK (on_binding_changed), self);
  g_signal_connect (registry, "client-removed", G_CALLBACK (on_client_removed), self);
}
