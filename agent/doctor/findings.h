/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

#include "protocol/binding.h"

/* What `bindify doctor` found: each with a code for programs, a sentence, and the next command. */
typedef struct
{
  const char *code; /* static */
  char *message;    /* (owned) */
  char *next;       /* (owned) (nullable) what to type */
  char *binding_id; /* (owned) (nullable) */
  char *binding;    /* (owned) (nullable) its name */
  char *path;       /* (owned) (nullable) whose mode is to be repaired */
  gboolean is_fixable;
} BfyFinding;

/* Appends one and gives it, borrowed, to be filled further; of a binding there is one of each code
 * (behaviour 22.2), and the first stays. @message and @next are taken; @binding
 * may be NULL. */
BfyFinding *bfy_findings_add (
    GPtrArray *findings, const char *code, const BfyBinding *binding, char *message, char *next);
/* (element-type BfyFinding) */
GPtrArray *bfy_findings_new (void);
/* (transfer full) */
JsonArray *bfy_findings_to_json (GPtrArray *findings);
