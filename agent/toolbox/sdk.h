/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/toolbox/toolbox.h"

/* Bindings whose methods the catalogue lists (protocol/method.h): each call becomes one request to
 * the service's REST interface, on the way that requests of http bindings take. */
extern const BfyToolboxKind bfy_sdk_kind;
