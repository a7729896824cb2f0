/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/toolbox/toolbox.h"

/* Devices in the local network whose hardware address is known: beside their paths, they have the
 * one method that does not need them to be on. */
extern const BfyToolboxKind bfy_wake_toolbox;

/* (element-type BfyCapability) Borrowed. */
GPtrArray *bfy_wake_capabilities (void);
