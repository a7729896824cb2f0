/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/cli.h"

/* On what conditions a credential may be used: -t, -c and -h of ssh-add, which `bindify-add` and
 * `bindify set` have in common. */
typedef struct
{
  char *lifetime; /* (owned) (nullable) -t as typed */
  GStrv words;    /* (owned) (nullable) -h as typed */
  gboolean confirms;
  gboolean reveals;
  /* What takes them away again. */
  gboolean no_end;
  gboolean no_confirm;
  gboolean no_reveal;
  gboolean no_limits;
} BfyConditionOptions;

void bfy_condition_options_clear (BfyConditionOptions *self);

/* @entries with ours behind them. The strings stay where they are; free with g_free(). */
GOptionEntry *bfy_condition_options_join (BfyConditionOptions *self, const GOptionEntry *entries);
/* The same with those that take them away. */
GOptionEntry *bfy_condition_options_join_all (BfyConditionOptions *self,
                                              const GOptionEntry *entries);
/* Whether one of them was typed. */
gboolean bfy_condition_options_is_set (const BfyConditionOptions *self);
/* BFY_ERROR_INVALID_ARGUMENT for what does not go together or is not understood. */
gboolean bfy_condition_options_check (const BfyConditionOptions *self,
                                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Members of a control request, of those that were typed. They have been checked. */
void bfy_condition_options_put (const BfyConditionOptions *self, JsonObject *request);
