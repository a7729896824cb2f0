/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/door/framing.h"

/* The connection has switched to another protocol: all that comes from now on is one body without
 * an end. Between two requests only. */
void bfy_framing_open (BfyFraming *self);
