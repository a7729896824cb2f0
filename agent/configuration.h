/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"
#include "agent/setting.h"
#include "agent/settings.h"

/* bindify.conf while the agent runs: what it says, what of that the agent goes by, and changes. The
 * file is read anew each time, because people edit it; a change writes one line of it and leaves
 * the rest as it is. */
typedef struct _BfyConfiguration BfyConfiguration;

/* @settings: what the agent has started with, borrowed for as long as this lives; changes that
 * apply at once are made in it. */
BfyConfiguration *bfy_configuration_new (BfyAgent *agent, const char *path, BfySettings *settings);
void bfy_configuration_free (BfyConfiguration *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyConfiguration, bfy_configuration_free)

/* The command line says otherwise, now and after a restart. @value: as the file would say it. */
void bfy_configuration_override (BfyConfiguration *self, const char *name, const char *value);
const char *bfy_configuration_get_path (const BfyConfiguration *self);
/* {"file", "settings": [{"name", "value", "default", "running", "is_set", "is_overridden",
 * "applies", "needs_restart", "meaning"}], "problems"}. (transfer full) */
JsonObject *bfy_configuration_describe (BfyConfiguration *self);

/* One of several changes that are made together. */
typedef struct
{
  const BfySetting *setting;
  const char *value; /* (nullable) checked; NULL: what is built in */
} BfyConfigurationChange;

/* Writes them all or none, and applies what can be applied at once. BFY_ERROR_UNSAFE_PATH when the
 * file, or its folder, is not ours alone to write, BFY_ERROR_STORAGE, BFY_ERROR_TOO_LARGE; each
 * sentence says what to do. */
gboolean bfy_configuration_change (BfyConfiguration *self,
                                   const BfyConfigurationChange *changes,
                                   gsize n_changes,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
