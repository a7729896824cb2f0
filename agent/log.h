/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

/* Every line that this process logs loses what looks like a credential before it is written
 * (behaviour 20). To be called once, before anything is logged. */
void bfy_log_init (void);
