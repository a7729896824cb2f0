/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/store/registry.h"

/* What the two halves of the registry share. */

struct _BfyRegistry
{
  GObject parent_instance;

  BfyStore *store;      /* (owned) */
  GHashTable *by_id;    /* (owned) (element-type utf8 BfyBinding) */
  GHashTable *by_name;  /* (owned) (element-type utf8 BfyBinding) borrows from by_id */
  GPtrArray *clients;   /* (owned) (element-type BfyStoredClient) by label */
  BfySecret *no_key;    /* (owned) hashed in place of a key that is not there */
  guint n_bindings_max; /* 0: any number */
};

/* registry-clients.c */
BfyStoredClient *bfy_registry_find_stored (BfyRegistry *self, const char *id);
/* A limitation follows a name that changes (@new_name) or goes (NULL). */
void bfy_registry_rename_in_clients (BfyRegistry *self, const char *old_name, const char *new_name);
