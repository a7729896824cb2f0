/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/cli.h"

/* What the catalogue says of the service that a binding is for. @binding is as the agent shows it.
 */

/* Its record; an empty object when there is none. */
JsonObject *bfy_binding_service_load (BfyCli *cli, JsonObject *binding);
/* Whether the binding leads to where the service has git. */
gboolean bfy_binding_service_is_git (JsonObject *binding, JsonObject *service);
