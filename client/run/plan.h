/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* The sandbox of `bindify run`, worked out from what was asked for and what this machine is like:
 * which folders it shows, which variables, and the words that tell bubblewrap so. Pure. */

typedef enum
{
  BFY_RUN_NET_NONE,     /* as the next one: where no binding is named there is no door either */
  BFY_RUN_NET_BINDINGS, /* a network of its own with nothing in it but the door */
  BFY_RUN_NET_HOST,     /* that of the machine */
} BfyRunNet;

gboolean bfy_run_net_from_text (const char *text, BfyRunNet *net);

/* What was asked for. Borrowed; lists end with NULL. */
typedef struct
{
  const char *const *bindings;
  BfyRunNet net;
  gboolean has_bus;            /* for notifications */
  const char *const *shown;    /* folders to read, real paths */
  const char *const *writable; /* folders to write into, real paths */
  const char *const *command;
  const char *const *tunnels; /* hosts that its proxy leads to besides */
  gboolean is_proxied;
} BfyRunWish;

/* Something that is there and that no sandbox gets to see. */
typedef struct
{
  char *path; /* (owned) real */
  gboolean is_folder;
} BfyRunHidden;

void bfy_run_hidden_free (BfyRunHidden *self);

/* A folder in the root of the file system that may be a link. */
typedef struct
{
  const char *path;
  char *target; /* (owned) (nullable) where the link leads; NULL: no link */
} BfyRunRoot;

#define BFY_RUN_ROOTS 6

/* What the machine is like. */
typedef struct
{
  char *bwrap;                     /* (owned) (nullable) */
  char *bus_proxy;                 /* (owned) (nullable) xdg-dbus-proxy */
  char *self;                      /* (owned) what starts in the sandbox: inside.h */
  char *home;                      /* (owned) (nullable) real */
  char *directory;                 /* (owned) (nullable) where we work; real */
  GPtrArray *hidden;               /* (owned) (element-type BfyRunHidden) */
  BfyRunRoot roots[BFY_RUN_ROOTS]; /* of the system's programs and libraries */
  const char *const *variables;    /* borrowed: the environment */
  char *authorities;               /* (owned) (nullable) the file of those that the system trusts */
  const char *architecture;        /* (nullable) of the filter; NULL: none */
  int landlock;                    /* version; 0: none */
} BfyRunMachine;

/* What a run has besides. */
typedef struct
{
  int line;   /* descriptor, see inside.h */
  int filter; /* descriptor, or -1 */
  int watch;  /* descriptor of the filter for the command alone, or -1 */
  int python; /* descriptors with the modules for scripts, or -1 */
  int javascript;
  int authority; /* descriptors with what is trusted besides, for the proxy's sake, or -1 */
  int authority_again;
  guint16 port;                 /* of the door; 0: none */
  guint16 proxy;                /* port; 0: none */
  const char *bus;              /* (nullable) socket outside */
  const char *key;              /* (nullable) client key of the run */
  const char *const *variables; /* (nullable) "NAME=VALUE" of its bindings; others come first */
} BfyRunParts;

/* Where scripts find the modules that know bindings. */
#define BFY_RUN_MODULES "/run/bindify/clients"
#define BFY_RUN_AUTHORITY "/run/bindify/authority.pem"
#define BFY_RUN_BUS "/run/bindify/bus"
#define BFY_RUN_SELF "/run/bindify/bindify"

/* Whether what was asked for may be had: no folder that is hidden, is within one, or has too much
 * in it. BFY_ERROR_DENIED. */
gboolean bfy_run_check (const BfyRunWish *wish,
                        const BfyRunMachine *machine,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Whether the folder that we work in is shown (read-only) without having been asked for: not the
 * home itself, and nothing that has it or others' files in it. */
gboolean bfy_run_shows_directory (const BfyRunWish *wish, const BfyRunMachine *machine);

/* The arguments of bubblewrap, without its name and without the command; among them is the key.
 * (element-type utf8) */
GPtrArray *
bfy_run_plan (const BfyRunWish *wish, const BfyRunMachine *machine, const BfyRunParts *parts);
/* The command that bubblewrap runs: this program, and behind it what was asked for. */
GStrv bfy_run_plan_command (const BfyRunWish *wish,
                            const BfyRunMachine *machine,
                            const BfyRunParts *parts);
/* "NAME=VALUE" of all that is passed on or set. Free with g_strfreev(). */
GStrv bfy_run_plan_environment (const BfyRunWish *wish,
                                const BfyRunMachine *machine,
                                const BfyRunParts *parts);
