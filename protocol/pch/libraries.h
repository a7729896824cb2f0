/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <gio/gio.h>
#include <json-glib/json-glib.h>
