/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* From now on every record is one line of JSON on stderr (`[log] format=json`), unless that is the
 * journal, which gets the fields themselves. */
void bfy_log_lines_start (void);
