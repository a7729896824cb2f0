/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/binding.h"

/* Gives @binding the hardware address of its device, as a person wrote it; NULL takes it away.
 * BFY_ERROR_INVALID_ARGUMENT for what is none, and for a binding of another type: only devices in
 * the local network can be woken. */
gboolean
bfy_wakeable_set (BfyBinding *binding, const char *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;
