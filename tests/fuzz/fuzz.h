/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* What each target defines, under the name that libFuzzer knows. @data is a block of exactly @size
 * bytes, never NULL. A target states properties with the g_assert_… functions; g_assert() itself
 * may be compiled out. */
int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);
