/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

/* What @target is after the merge patch @patch (RFC 7396): members of @patch replace those of
 * @target, objects member by member, and null takes a member away. @target may be NULL. Both stay
 * as they are; the result shares what it has of them and is not to be changed. (transfer full) */
JsonObject *bfy_json_merge (JsonObject *target, JsonObject *patch);
