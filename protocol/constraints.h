/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

/* What a credential may be used for at all, said when it was added (ssh-add -h): narrower than the
 * policy, which may change without it. What does not fit is not there, rather than refused
 * later. Immutable. */
typedef struct
{
  gatomicrefcount ref_count;
  char *host;      /* (owned) (nullable) canonical; the credential goes nowhere else */
  char *path;      /* (owned) (nullable) in its one form (http-path.h): requests to it and below */
  GStrv tools;     /* (owned) (nullable) patterns (glob.h); only these tools */
  GStrv clients;   /* (owned) (nullable) ids of client keys, and "local" for local processes */
  gint64 uses_max; /* 0 = any number; those that there were are counted in the registry */
} BfyConstraints;

#define BFY_CONSTRAINTS_LIST_MAX 64    /* tools, clients */
#define BFY_CONSTRAINTS_WORD_BYTES 256 /* of one tool or client, as in a policy */
#define BFY_CONSTRAINTS_PATH_BYTES 1024
#define BFY_CONSTRAINTS_USES_MAX 1000000000
#define BFY_CONSTRAINTS_LOCAL "local" /* stands for programs without a client key */

BfyConstraints *bfy_constraints_ref (BfyConstraints *self);
void bfy_constraints_unref (BfyConstraints *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyConstraints, bfy_constraints_unref)

/* {"host","path","tools","clients","uses"}: absent is no limit. An unknown member, one that is
 * there twice, a word that is there twice and an empty list are errors, BFY_ERROR_INVALID_ARGUMENT
 * (craft 1.7, C12). Members that are there twice are found when the text is parsed (json.h). */
BfyConstraints *bfy_constraints_from_json (JsonObject *object,
                                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
JsonObject *bfy_constraints_to_json (const BfyConstraints *self);

/* As typed behind -h: "HOST", "host=HOST", "path=/PREFIX", "tool=GLOB", "client=LABEL", "uses=N",
 * into an object as above, where clients are what was typed. All but tool and client once only. */
gboolean bfy_constraints_add_word (JsonObject *object,
                                   const char *word,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* @self may be NULL: no limit. */
gboolean bfy_constraints_allow_url (const BfyConstraints *self, const char *url);
gboolean bfy_constraints_allow_tool (const BfyConstraints *self, const char *tool);
/* @client_id (nullable): NULL for a local process. */
gboolean bfy_constraints_allow_client (const BfyConstraints *self, const char *client_id);
