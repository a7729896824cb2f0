/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

/* What the agent runs on, for who looks for a fault: {name, version} of each library, as it is
 * loaded where the library tells, else as we were built with it. (transfer full) */
JsonArray *bfy_api_describe_libraries (void);
