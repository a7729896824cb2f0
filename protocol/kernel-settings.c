/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/kernel-settings.h"

#include <stddef.h>

const char *const bfy_kernel_settings[] = { "/proc/bus", "/proc/irq", "/proc/sys",
                                            "/proc/sysrq-trigger", NULL };
