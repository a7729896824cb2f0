/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/toolbox/sdk.h"

/* One row for each type of binding with methods. */
static const BfyToolboxKind *const kinds[] = {
  &bfy_sdk_kind,
};

const BfyToolboxKind *
bfy_toolbox_find (BfyBindingType type)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (kinds[i]->type == type)
      return kinds[i];

  return NULL;
}
