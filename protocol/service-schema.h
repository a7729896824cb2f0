/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

/* What a catalogue record may hold. BFY_ERROR_INVALID_ARGUMENT with the path of the member that is
 * unknown, missing or of another type, "api_key.probe.url" for example. */
gboolean bfy_service_schema_check (JsonObject *record, GError **error) G_GNUC_WARN_UNUSED_RESULT;
