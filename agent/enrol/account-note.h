/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"
#include "agent/enrol/probe.h"

/* Makes @account (nullable), which a service named, that of a binding which has none. What a person
 * called it stands, and so does what was found before. */
void bfy_account_note (BfyAgent *agent, const char *binding_id, const char *account);

/* The request by which the service of @binding tells whose key @credential is. FALSE when it has
 * none, or the credential is no key of that service. @probe borrows from both. */
gboolean bfy_account_probe_init (BfyProbe *probe,
                                 BfyAgent *agent,
                                 const BfyBinding *binding,
                                 const BfyCredential *credential);
