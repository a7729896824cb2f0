/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/cli.h"

/* What `bindify services` and its commands share. */

/* "browser, or token": what `bindify-add` does by itself stands first. @service: as the agent
 * describes it. */
const char *bfy_service_sign_in_text (JsonObject *service);

/* services-show.c, services-check.c, services-openapi.c */
gboolean bfy_command_services_show (BfyCli *cli, GStrv words, GError **error);
gboolean bfy_command_services_check (BfyCli *cli, GStrv words, GError **error);
gboolean bfy_command_services_from_openapi (BfyCli *cli, GStrv words, GError **error);
