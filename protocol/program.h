/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

/* The local program behind a binding of type custom: what is run, how it gets the secret, and what
 * it may see of the machine. Never contains the secret. The command is a vector from the moment the
 * binding is made: no shell ever reads it again. */
typedef enum
{
  BFY_DELIVER_NOTHING, /* the program needs no secret */
  BFY_DELIVER_ENV,     /* in a variable */
  BFY_DELIVER_FILE,    /* in a file that vanishes; a variable has its path */
  BFY_DELIVER_FD,      /* on a pipe; a variable has its number */
} BfyDelivery;

#define BFY_PROGRAM_WORDS_MAX 256         /* of the command */
#define BFY_PROGRAM_BYTES_MAX (64 * 1024) /* of all words together */
#define BFY_PROGRAM_LIST_MAX 64           /* variables passed on, folders shared */

typedef struct
{
  GStrv argv; /* (owned) at least one word */
  BfyDelivery delivery;
  char *variable;       /* (owned) (nullable) NULL for BFY_DELIVER_NOTHING only */
  GStrv pass;           /* (owned) variables of the agent's environment that the program gets */
  GStrv share;          /* (owned) "DIR" or "DIR:rw", absolute */
  gboolean has_sandbox; /* bubblewrap */
  gboolean has_network;
} BfyProgram;

/* Sandbox and network on, nothing else set. */
BfyProgram *bfy_program_new (void);
BfyProgram *bfy_program_copy (const BfyProgram *self);
void bfy_program_free (BfyProgram *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyProgram, bfy_program_free)

gboolean bfy_program_equal (const BfyProgram *a, const BfyProgram *b);
/* BFY_ERROR_INVALID_ARGUMENT with a sentence for a person. */
gboolean bfy_program_check (const BfyProgram *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* {"argv":[…],"deliver":"env","variable":"TOKEN","pass":[…],"share":[…],"sandbox":true,
 * "network":true}: on the wire and in the store. */
JsonObject *bfy_program_to_json (const BfyProgram *self);
/* Checked. Unknown members are refused: a restriction that is not understood must not be ignored.
 * BFY_ERROR_BAD_REQUEST or _INVALID_ARGUMENT. */
BfyProgram *bfy_program_from_json (JsonObject *object, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The whole command on one line as a shell would take it, with everything invisible made visible:
 * for a person's eyes. Free with g_free(). */
char *bfy_program_format_command (const BfyProgram *self);

/* "in $TOKEN", "on a pipe, its number in $TOKEN_FD", "none": for a person. Free with g_free(). */
char *bfy_program_describe_secret (const BfyProgram *self);

/* Takes an element of share apart. @path is newly allocated. */
char *bfy_share_parse (const char *share, gboolean *is_writable);
