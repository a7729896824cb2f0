/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/policy/hints.h"

#include "agent/database/toolbox.h"
#include "agent/toolbox/wake.h"

struct _BfyHints
{
  BfyRegistry *registry;  /* (owned) */
  GHashTable *by_binding; /* (owned) (element-type utf8 GHashTable) by id */
  gulong changed_id;
};

static gboolean
leads_elsewhere (const BfyBinding *old, const BfyBinding *now)
{
  return g_strcmp0 (old->url, now->url) != 0 || (old->program != NULL && now->program != NULL &&
                                                 !bfy_program_equal (old->program, now->program));
}

static void
on_binding_changed (BfyRegistry *registry, BfyBinding *old, BfyBinding *now, gpointer user_data)
{
  BfyHints *self = user_data;

  if (old != NULL && (now == NULL || leads_elsewhere (old, now)))
    g_hash_table_remove (self->by_binding, old->id);
}

BfyHints *
bfy_hints_new (BfyRegistry *registry)
{
  BfyHints *self = g_new0 (BfyHints, 1);

  self->registry = g_object_ref (registry);
  self->by_binding =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_hash_table_unref);
  self->changed_id =
      g_signal_connect (registry, "binding-changed", G_CALLBACK (on_binding_changed), self);

  return self;
}

void
bfy_hints_free (BfyHints *self)
{
  if (self == NULL)
    return;

  g_clear_signal_handler (&self->changed_id, self->registry);
  g_object_unref (self->registry);
  g_hash_table_unref (self->by_binding);
  g_free (self);
}

GHashTable *
bfy_hints_get (BfyHints *self, const char *binding_id)
{
  GHashTable *tools = g_hash_table_lookup (self->by_binding, binding_id);

  if (tools == NULL)
    {
      tools = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
      g_hash_table_insert (self->by_binding, g_strdup (binding_id), tools);
    }

  return tools;
}

static void
add (GHashTable *tools, const char *name, const BfyToolHints *hints)
{
  BfyToolHints *known = g_hash_table_lookup (tools, name);

  if (known == NULL)
    {
      if (g_hash_table_size (tools) < BFY_HINTS_TOOLS_MAX)
        g_hash_table_insert (tools, g_strdup (name), g_memdup2 (hints, sizeof *hints));
      return;
    }

  known->says_it_writes = known->says_it_writes || hints->says_it_writes;
  known->says_it_destroys = known->says_it_destroys || hints->says_it_destroys;
}

void
bfy_hints_learn (BfyHints *self, const char *binding_id, const BfyJsonSlice *tools)
{
  GHashTable *known = bfy_hints_get (self, binding_id);
  BfyJsonSlice tool, slice;
  BfyJsonIter iter;

  bfy_json_iter_init (&iter, tools);
  while (bfy_json_iter_next (&iter, NULL, &tool))
    {
      BfyToolHints hints = bfy_tool_hints_read (&tool);
      g_autofree char *name = NULL;

      if ((!hints.says_it_writes && !hints.says_it_destroys) ||
          !bfy_json_slice_member (&tool, "name", &slice) || slice.length > BFY_HINTS_NAME_BYTES_MAX)
        continue;
      name = bfy_json_slice_dup_string (&slice);
      if (name != NULL)
        add (known, name, &hints);
    }
}

static void
on_tools (const BfyJsonSlice *tools, gpointer user_data)
{
  BfyHintsPlace *place = user_data;

  bfy_hints_learn (place->agent->hints, place->binding->id, tools);
}

BfyListViewSetup
bfy_hints_list_setup (BfyHintsPlace *place)
{
  return (BfyListViewSetup){
    .policy = place->binding->policy,
    .constraints = place->binding->constraints,
    .facts = bfy_hints_facts (place->agent, place->binding),
    .learn = on_tools,
    .user_data = place,
  };
}

gboolean
bfy_hints_view_is_needed (const BfyBinding *binding, const BfyRpc *rpc)
{
  const BfyListViewSetup setup = { .policy = binding->policy, .constraints = binding->constraints };

  return (setup.policy != NULL || setup.constraints != NULL) &&
         bfy_list_view_is_needed (&setup, rpc);
}

BfyPolicyFacts
bfy_hints_facts (BfyAgent *agent, const BfyBinding *binding)
{
  BfyService *service =
      binding->service != NULL ? bfy_services_find (agent->services, binding->service) : NULL;

  return (BfyPolicyFacts){
    .capabilities = binding->type == BFY_BINDING_DATABASE     ? bfy_database_capabilities ()
                    : binding->mac != NULL && service == NULL ? bfy_wake_capabilities ()
                    : service != NULL                         ? service->capabilities
                                                              : NULL,
    .methods = service != NULL && binding->type == BFY_BINDING_SDK
                   ? bfy_service_get_methods (service)
                   : NULL,
    .hints = bfy_hints_get (agent->hints, binding->id),
  };
}
