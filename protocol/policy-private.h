/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/policy.h"

/* Shared by the document (policy.c) and its use (policy-decide.c). */

typedef struct
{
  BfyPolicyKind kind;
  BfyPolicyEffect effect;
  gboolean is_list; /* as written: an array */
  GStrv globs;      /* (owned) */
  GStrv folded;     /* (owned) (nullable) without regard to case: of what is denied or asked for */
} BfyPolicyRule;

struct _BfyPolicy
{
  gatomicrefcount ref_count;
  char *text; /* (owned) the document as it was given */
  BfyPolicyEffect fallback;
  GArray *rules; /* (owned) (element-type BfyPolicyRule) */
  gboolean has_quotas;
  BfyQuotas quotas;
};
