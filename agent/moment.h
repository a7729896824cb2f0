/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/expiry.h"

/* The present moment, by all clocks that an end is reckoned by. */
BfyMoment bfy_moment_now (void);
