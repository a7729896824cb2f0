/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "tray/window/catalogue.h"

/* The first step: which service, or something else. Actions: add.service (s), add.address,
 * add.program. */
GtkWidget *bfy_add_choose_new (BfyCatalogue *catalogue);
