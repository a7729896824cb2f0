/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

/* Finds services by words of a person: "mail", "git hub", "api.linear.app". Pure. */

/* Those of @services, as the agent describes them, in which each word of @words is found: in the
 * id, the name, the keywords or a host; the best first, then by id. @words of blanks finds all.
 * (transfer container) (element-type JsonObject) borrowed from @services. */
GPtrArray *bfy_service_search (JsonArray *services, const char *words);
