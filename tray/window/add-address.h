/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <adwaita.h>

#include "tray/agent-link.h"

/* The step in which the address of an MCP server is typed. The agent asks the server what
 * credential it wants, and the person is asked before anything goes to this machine or a private
 * network. */
#define BFY_TYPE_ADD_ADDRESS (bfy_add_address_get_type ())
G_DECLARE_FINAL_TYPE (BfyAddAddress, bfy_add_address, BFY, ADD_ADDRESS, AdwBin)

/* @on_found: what POST /v1/probe calls @auth. */
typedef void (*BfyAddressFunc) (const char *url,
                                const char *auth,
                                gboolean allow_local,
                                gpointer user_data);

GtkWidget *bfy_add_address_new (BfyAgentLink *link, BfyAddressFunc on_found, gpointer user_data);
