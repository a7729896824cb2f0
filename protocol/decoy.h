/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

#include "protocol/secret.h"

/* A token that looks like one of a service and opens nothing. It lies where a real one would lie,
 * and whoever uses it has gone through what was not theirs: it works nowhere, and rings a bell here
 * (behaviour 21.9, `security_violation`). Checksums are right where the service's tokens have one,
 * because tools that look for tokens go by them. */

/* @service: an id of the catalogue; NULL, or one whose tokens have no shape of their own: something
 * that might be anybody's. */
BfySecret *bfy_decoy_new (const char *service, GError **error) G_GNUC_WARN_UNUSED_RESULT;
