/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/proxies.h"

/* @variables: the environment that the agent was started with; what is about proxies in it was
 * unset in its own. @setting: (nullable) bfy_proxies_new() */
BfyProxies *bfy_environment_read_proxies (const char *const *variables, const char *setting);
