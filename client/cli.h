/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

#include "client/browser.h"
#include "client/remote.h"
#include "protocol/error.h"
#include "protocol/paths.h"

/* What every command works with. A command runs from top to bottom, so here, and only here, an
 * asynchronous call is waited for; Ctrl-C cancels it, the command cleans up, and the program ends
 * with 130. */
typedef struct _BfyCli BfyCli;
typedef struct _BfyCommand BfyCommand;
typedef struct _BfyRehearsal BfyRehearsal;

typedef enum
{
  BFY_COMMAND_PLAIN = 0,
  BFY_COMMAND_JSON = 1 << 0,   /* takes --json */
  BFY_COMMAND_HIDDEN = 1 << 1, /* not in the list of commands */
  BFY_COMMAND_STRICT = 1 << 2, /* options end at the first word that is none */
} BfyCommandFlags;

struct _BfyCommand
{
  const char *name;
  const char *arguments; /* as usage shows them */
  guint n_min;           /* words that are no options */
  guint n_max;
  BfyCommandFlags flags;
  const char *summary;
  /* FALSE with an error, or TRUE and possibly cli->exit_status. @words starts with the name. */
  gboolean (*run) (BfyCli *cli, GStrv words, GError **error);
};

#define BFY_COMMAND_END                                                                            \
  {                                                                                                \
    NULL, NULL, 0, 0, BFY_COMMAND_PLAIN, NULL, NULL                                                \
  }

struct _BfyCli
{
  const BfyEnvironment *environment;
  const BfyDesktop *desktop;
  gboolean run_user_is_ours;
  const BfyCommand *command; /* the one that runs */
  const char *title;         /* its name as typed: "bindify list", "bindify-add" */
  char *socket_option;       /* (owned) (nullable) --socket */
  BfyRehearsal *rehearsal;   /* (nullable) nothing is done then */
  BfyRemote *remote;         /* (owned) (nullable) */
  GCancellable *cancellable; /* (owned) cancelled by Ctrl-C */
  GMainLoop *loop;           /* (owned) */
  GAsyncResult *result;      /* (owned) (nullable) of the call that was waited for */
  char *hint;                /* (owned) (nullable) what to type next if this fails */
  int signal_number;         /* that ended a wait or a prompt; 0 = none */
  int exit_status;           /* of a command that did not fail */
  gboolean is_json;
};

/* The whole program. @words is the command line, with the name it was called by. */
int bfy_cli_main (const BfyEnvironment *environment,
                  const BfyDesktop *desktop,
                  gboolean run_user_is_ours,
                  GStrv words);
/* Runs one of the commands as if typed behind @title. */
gboolean bfy_cli_run (
    BfyCli *cli, const BfyCommand *commands, const char *title, GStrv words, GError **error);

/* There is no @word among @commands: the error, and as the hint the nearest one, or else @help. */
void bfy_cli_refuse_unknown (BfyCli *cli,
                             const BfyCommand *commands,
                             const char *title,
                             const char *word,
                             const char *help,
                             GError **error);

/* Reads options, among them those every command has, and returns the other words (free with
 * g_strfreev()). NULL with BFY_ERROR_INVALID_ARGUMENT. Strings land as typed (FILENAME). */
GStrv bfy_cli_parse (BfyCli *cli, const GOptionEntry *entries, GStrv words, GError **error);
/* @entries with @more behind them; free with g_free(). */
GOptionEntry *bfy_cli_join_entries (const GOptionEntry *entries, const GOptionEntry *more);
void bfy_cli_set_hint (BfyCli *cli, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* The agent; nothing is sent. Borrowed. */
BfyRemote *bfy_cli_connect (BfyCli *cli, GError **error);
/* The socket's path by option and environment. Free with g_free(). */
char *bfy_cli_dup_socket_path (BfyCli *cli, GError **error);

/* Waiting: start a call with bfy_cli_on_ready and the cli as user data, then take its result. */
void bfy_cli_on_ready (GObject *source, GAsyncResult *result, gpointer cli);
GAsyncResult *bfy_cli_wait (BfyCli *cli);
/* The same for things that are no GAsyncResult: bfy_cli_wait() returns NULL. */
void bfy_cli_wake (BfyCli *cli);

/* One control request; @body is NULL or JSON. Keeps the hint. */
JsonObject *
bfy_cli_call (BfyCli *cli, const char *method, const char *path, GBytes *body, GError **error);
/* The same with an object as body, which it takes. */
JsonObject *bfy_cli_call_json (
    BfyCli *cli, const char *method, const char *path, JsonObject *body, GError **error);
/* "/v1/bindings/NAME" with any name made safe for a path. Free with g_free(). */
char *bfy_cli_path (const char *collection, const char *name);

/* One more parameter of the query in @path; none for a @value of NULL. */
void bfy_cli_append_parameter (GString *path, const char *name, const char *value);
/* Does something to several things by name, one after the other: one that fails does not keep the
 * others, and the first error is the one that is told at the end. Ctrl-C ends it. */
typedef gboolean (*BfyCliEachFunc) (BfyCli *cli,
                                    const char *name,
                                    gconstpointer user_data,
                                    GError **error);
gboolean bfy_cli_each (BfyCli *cli,
                       const char *const *names,
                       BfyCliEachFunc func,
                       gconstpointer user_data,
                       GError **error);

/* Output. Text goes out as it is: callers make foreign text safe. */
void bfy_cli_print (const char *format, ...) G_GNUC_PRINTF (1, 2);
void bfy_cli_print_json (JsonNode *node);
/* A member of a reply as JSON. */
void bfy_cli_print_member (JsonObject *reply, const char *name);
/* For stderr: "bindify: …". */
void bfy_cli_warn (const char *format, ...) G_GNUC_PRINTF (1, 2);
