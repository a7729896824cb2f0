/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

/* Settings of the kernel for all of the machine, which sandboxes show for reading only. Root may
 * change them without any capability, and bubblewrap leaves them as they are then. Ends with NULL.
 */
extern const char *const bfy_kernel_settings[];
