/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

#include "agent/agent.h"
#include "agent/child/launch.h"

/* The local servers of all custom bindings: started when they are needed, stopped when their
 * binding changes, is paused or goes, and with the agent. */
typedef struct _BfyChildren BfyChildren;
typedef struct _BfyLocal BfyLocal;

/* Where things are; copied. */
typedef struct
{
  const char *const *environment; /* the agent's */
  const char *home;
  const char *state_dir;   /* private homes are made below it */
  const char *runtime_dir; /* (nullable) secret files are made below it, else below state_dir */
  const char *config_dir;
  const char *credentials_dir; /* (nullable) systemd's for the agent */
  const char *vault_key_file;  /* (nullable) if it is not beside the vault */
  const char *own_unit;        /* (nullable) of systemd, which then starts the servers */
} BfyChildrenSetup;

BfyChildren *bfy_children_new (BfyAgent *agent, const BfyChildrenSetup *setup);
void bfy_children_free (BfyChildren *self);
/* Tells all servers to end; requests start new ones. */
void bfy_children_end_all (BfyChildren *self);
/* The same, and runs the main context until they have or @patience_ms is over; what
 * is left then ends with the agent. */
void bfy_children_stop (BfyChildren *self, guint patience_ms);

/* Of a custom binding; borrowed, lives as long as the binding. */
BfyLocal *bfy_children_get (BfyChildren *self, BfyBinding *binding);
BfyAgent *bfy_children_get_agent (BfyChildren *self);
/* Its servers end; the next request starts new ones. For a new credential. */
void bfy_children_restart (BfyChildren *self, const char *binding_id);
/* {"lines":[…],"dropped":n,"running":n} (transfer full) */
JsonObject *bfy_children_describe (BfyChildren *self, BfyBinding *binding);

/* For BfyLocal. @place is filled with borrowed values; private home made when missing. */
gboolean bfy_children_fill_place (BfyChildren *self,
                                  const BfyBinding *binding,
                                  BfyPlace *place,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
const char *bfy_children_get_secret_base (BfyChildren *self);
/* Of a binding that did not come to be. */
void bfy_children_remove_home (BfyChildren *self, const char *id);
