/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/access.h"
#include "protocol/json.h"

/* What a person calls something that a service can do ("Merge pull requests"), and by which tools
 * and HTTP requests it is done: member "capabilities" of a catalogue record.
 *
 *   {"id": "delete-repository", "name": "Delete repositories", "access": "danger",
 *    "tools": ["delete_repository"], "http": ["DELETE /repos/acme/shop"]}
 *
 * In a path pattern one star stands for any characters of one segment, two for any at all. */
typedef struct
{
  char *id;   /* (owned) bfy_name_check() */
  char *name; /* (owned) one line for people */
  BfyAccess access;
  GStrv tools; /* (owned) globs (glob.h); may be empty */
  GStrv http;  /* (owned) "METHOD /path/pattern"; may be empty */
} BfyCapability;

/* @object: of a checked record. BFY_ERROR_INVALID_ARGUMENT that names the member. */
BfyCapability *bfy_capability_read (const BfyJsonSlice *object,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
void bfy_capability_free (BfyCapability *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyCapability, bfy_capability_free)

/* The first of @capabilities (nullable) (element-type BfyCapability) that has this tool, or NULL.
 */
const BfyCapability *bfy_capability_find_tool (GPtrArray *capabilities, const char *tool);
const BfyCapability *
bfy_capability_find_http (GPtrArray *capabilities, const char *method, const char *path);
/* By id. */
const BfyCapability *bfy_capability_find (GPtrArray *capabilities, const char *id);
