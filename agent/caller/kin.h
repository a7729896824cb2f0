/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/caller/caller.h"

#define BFY_KIN_DEPTH_MAX 1024 /* ancestors that are followed; more are no answer */

/* The parent of @pid: 0 when it has none, -1 when it cannot be seen. */
typedef int (*BfyParentFunc) (int pid, gpointer user_data);

/* bfy_kin_of() on what @parent_of tells. Parents may change between two calls, and be wrong. */
BfyKin bfy_kin_find (int pid, int other, BfyParentFunc parent_of, gpointer user_data);
