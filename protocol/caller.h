/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

/* Who asks, as far as it can be known. The user is the boundary; everything else about a local
 * process is a hint for a person (craft 1.5): the same user can make programs look alike. */
typedef enum
{
  BFY_SANDBOX_NONE,
  BFY_SANDBOX_FLATPAK,
  BFY_SANDBOX_SNAP,
  BFY_SANDBOX_NAMESPACE, /* another PID namespace than ours: what /proc says may mean others */
} BfySandbox;

/* Immutable once shared. */
typedef struct
{
  gatomicrefcount ref_count;
  char *client_id;    /* (owned) (nullable) of the client key */
  char *client_label; /* (owned) (nullable) what the person calls that client */
  guint uid;
  int pid;            /* of the process that connected; 0 = not known */
  guint64 started_at; /* of that process, clock ticks since boot; 0 = not known */
  int program_pid;    /* of the program that counts: behind our own bridge and CLI */
  guint64 program_started_at;
  char *program;          /* (owned) (nullable) its path */
  guint64 program_device; /* st_dev and st_ino of it */
  guint64 program_inode;
  gboolean is_replaced; /* the file at that path is another one by now, as after an upgrade */
  char *script;         /* (owned) (nullable) what an interpreter says that it runs */
  char *directory;      /* (owned) (nullable) where it works */
  GStrv chain;          /* (owned) (nullable) names of it and its ancestors: "claude", "zsh" */
  char *scope;          /* (owned) (nullable) systemd scope or application */
  char *via;            /* (owned) (nullable) what stands between: "bindify-mcp" */
  BfySandbox sandbox;
  char *sandbox_id;     /* (owned) (nullable) "org.example.App" */
  gboolean is_verified; /* the kernel pinned the process while it was looked at */
} BfyCaller;

/* Empty, with one reference; the caller fills it. */
BfyCaller *bfy_caller_new (void);
/* To add to. */
BfyCaller *bfy_caller_copy (const BfyCaller *self);
BfyCaller *bfy_caller_ref (BfyCaller *self);
void bfy_caller_unref (BfyCaller *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyCaller, bfy_caller_unref)

/* Whose grants count for it: "client:ID", "flatpak:ID", "snap:ID", "program:/usr/bin/claude". NULL
 * when it cannot be recognised another time: then nothing is remembered for it. Free with g_free().
 */
char *bfy_caller_dup_subject (const BfyCaller *self);
/* One line for a person: its label, else the name of its program, else "an unidentified program".
 * From outside; shown quoted. Free with g_free(). */
char *bfy_caller_dup_name (const BfyCaller *self);
/* "claude ← zsh ← kitty", or NULL. Free with g_free(). */
char *bfy_caller_dup_chain (const BfyCaller *self);

/* name, client_id, client, uid, pid, program, replaced, script, directory, chain, scope, via,
 * sandbox, sandbox_id, verified; absent values are left out. Every text has become one harmless
 * line. */
JsonObject *bfy_caller_to_json (const BfyCaller *self);
