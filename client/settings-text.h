/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* Settings (bindify.conf) for a report that goes to somebody else: of settings that we know, one
 * each, "[group] key=value" where the value is a number or a word of ours, else "[group] key is
 * set"; then how many lines there are that we do not know. People paste tokens into the wrong
 * place, so nothing else of the file is repeated. @text: NUL-terminated. Free with g_strfreev(). */
GStrv bfy_settings_text_describe (const char *text);
