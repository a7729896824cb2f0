/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "tray/agent-link.h"

/* Names of bindings as they are typed here. */

/* Why there cannot be another binding of that name, a sentence; NULL when there can. Free with
 * g_free(). */
char *bfy_binding_names_refuse (BfyAgentLink *link, const char *name);
/* @wanted, or with a number behind it the first that is free. Free with g_free(). */
char *bfy_binding_names_propose (BfyAgentLink *link, const char *wanted);
/* (nullable) the binding of that name as the list has it; borrowed. */
JsonObject *bfy_binding_names_find (BfyAgentLink *link, const char *name);
