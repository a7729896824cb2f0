/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/database/toolbox.h"
#include "agent/toolbox/sdk.h"
#include "agent/toolbox/toolbox.h"
#include "agent/toolbox/wake.h"

/* One row for each type of binding with methods. */
static const BfyToolboxKind *const kinds[] = {
  &bfy_sdk_kind,
  &bfy_database_toolbox,
  &bfy_wake_toolbox,
};

const BfyToolboxKind *
bfy_toolbox_find (const BfyBinding *binding)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (kinds[i]->type == binding->type && (kinds[i]->is_for == NULL || kinds[i]->is_for (binding)))
      return kinds[i];

  return NULL;
}
