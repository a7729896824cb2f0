/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/uses.h"

#include <string.h>

#define LISTEN_METHOD "subscriptions/listen"

struct _BfyUses
{
  GObject parent_instance;

  GHashTable *counts; /* (owned) (element-type utf8 guint) requests by id of a binding */
};

G_DEFINE_FINAL_TYPE (BfyUses, bfy_uses, G_TYPE_OBJECT)

static guint changed_signal;

typedef struct
{
  BfyUses *uses; /* (owned) */
  char *id;      /* (owned) of a binding */
} Use;

/* TRUE when it is now used at all, or not at all any more. */
static gboolean
add (BfyUses *self, const char *id, int difference)
{
  guint before = GPOINTER_TO_UINT (g_hash_table_lookup (self->counts, id));
  guint now = before + (guint) difference;

  if (now > 0)
    g_hash_table_insert (self->counts, g_strdup (id), GUINT_TO_POINTER (now));
  else
    g_hash_table_remove (self->counts, id);

  return (before == 0) != (now == 0);
}

static void
on_over (gpointer user_data)
{
  Use *use = user_data;

  if (add (use->uses, use->id, -1))
    g_signal_emit (use->uses, changed_signal, 0);
  g_object_unref (use->uses);
  g_free (use->id);
  g_free (use);
}

/* Of the eras that there are, one listens by GET and one by a message. */
static gboolean
only_listens (BfyRequest *request, const BfyRpc *rpc)
{
  const BfyRpcMessage *message =
      rpc != NULL && !bfy_rpc_is_batch (rpc) ? bfy_rpc_message (rpc, 0) : NULL;

  if (message != NULL && message->http != NULL)
    return FALSE;

  return !g_str_equal (bfy_request_get_method (request), "POST") ||
         (message != NULL && g_strcmp0 (message->method, LISTEN_METHOD) == 0);
}

void
bfy_uses_note (BfyUses *self, BfyRequest *request, const BfyBinding *binding, const BfyRpc *rpc)
{
  Use *use;

  if (only_listens (request, rpc) || bfy_request_is_over (request))
    return;

  use = g_new0 (Use, 1);
  use->uses = g_object_ref (self);
  use->id = g_strdup (binding->id);
  bfy_request_add_over_func (request, on_over, use);
  if (add (self, binding->id, 1))
    g_signal_emit (self, changed_signal, 0);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

GStrv
bfy_uses_list (BfyUses *self, BfyRegistry *registry)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer id;

  g_hash_table_iter_init (&iter, self->counts);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    {
      const BfyBinding *binding = bfy_registry_find_by_id (registry, id);

      if (binding != NULL)
        g_ptr_array_add (names, g_strdup (binding->name));
    }
  g_ptr_array_sort (names, compare_names);
  g_ptr_array_add (names, NULL);

  return (GStrv) g_ptr_array_free (g_steal_pointer (&names), FALSE);
}

BfyUses *
bfy_uses_new (void)
{
  return g_object_new (BFY_TYPE_USES, NULL);
}

static void
bfy_uses_finalize (GObject *object)
{
  BfyUses *self = BFY_USES (object);

  g_hash_table_unref (self->counts);
  G_OBJECT_CLASS (bfy_uses_parent_class)->finalize (object);
}

static void
bfy_uses_class_init (BfyUsesClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = bfy_uses_finalize;
  changed_signal = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
}

static void
bfy_uses_init (BfyUses *self)
{
  self->counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}
