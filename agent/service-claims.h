/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/service.h"

/* Records of a person's own may say that their credential is right at a host of a service that is
 * installed. Then nobody could tell from the host whose credential belongs there, and one service's
 * token could go to another by a file that somebody else wrote: such a claim does not count. */

/* Takes from @service what it claims of @other's hosts, unless @before (nullable), the installed
 * record that it replaces, claims it as well. Gives the first claim that was taken, or NULL; free
 * with g_free(). */
char *
bfy_service_claims_take (BfyService *service, const BfyService *before, const BfyService *other);
