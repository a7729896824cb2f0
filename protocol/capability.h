/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/access.h"
#include "protocol/json.h"

/* What a person calls something that a service can do ("Merge pull requests"), and by which tools
 * and HTTP requests it is done: member "capabilities" of a catalogue record.
 *
 *   {"id": "delete-repository", "name": "Delete repositories", "access": "danger",
 *    "tools": ["delete_repository"], "http": ["DELETE /repos/acme/shop"]} */
typedef struct
{
  char *id;   /* (owned) bfy_name_check() */
  char *name; /* (owned) one line for people */
  BfyAccess access;
  GStrv tools;        /* (owned) globs (glob.h); may be empty */
  GStrv http;         /* (owned) patterns (http-path.h); may be empty */
  GStrv folded_tools; /* (owned) both again, without regard to case */
  GStrv folded_http;  /* (owned) */
} BfyCapability;

#define BFY_CAPABILITY_PATTERNS_MAX 256 /* tools, and the same for HTTP */
#define BFY_CAPABILITY_PATTERN_BYTES_MAX 256

/* @object: of a checked record. BFY_ERROR_INVALID_ARGUMENT that names the member. */
BfyCapability *bfy_capability_read (const BfyJsonSlice *object,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
void bfy_capability_free (BfyCapability *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyCapability, bfy_capability_free)

/* Whether it is done by this tool; @folded_tool: by one that a server may take for it, without
 * regard to case. */
gboolean bfy_capability_has_tool (const BfyCapability *self, const char *tool);
gboolean bfy_capability_has_folded_tool (const BfyCapability *self, const char *folded_tool);
/* The same for HTTP requests. The path is in its form (http-path.h), folded in lower case. */
gboolean bfy_capability_has_http (const BfyCapability *self, const char *method, const char *path);
gboolean bfy_capability_has_folded_http (const BfyCapability *self,
                                         const char *folded_method,
                                         const char *folded_path);

/* The first of @capabilities (nullable) (element-type BfyCapability) that has this tool, or NULL.
 */
const BfyCapability *bfy_capability_find_tool (GPtrArray *capabilities, const char *tool);
const BfyCapability *
bfy_capability_find_http (GPtrArray *capabilities, const char *method, const char *path);
/* By id. */
const BfyCapability *bfy_capability_find (GPtrArray *capabilities, const char *id);
