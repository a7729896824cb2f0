/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* Lines of a label and what it stands for. The values stand below each other however wide the
 * labels are in the language of the person, so all labels have to be known before one is shown. */
typedef struct _BfyLabels BfyLabels;

/* @indent: blanks before each label; @columns_min: of the labels, so that lists look alike. */
BfyLabels *bfy_labels_new (guint indent, guint columns_min);
void bfy_labels_free (BfyLabels *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyLabels, bfy_labels_free)

/* Both have been translated, and made harmless; a @label of "" goes on with the one before. */
void bfy_labels_add (BfyLabels *self, const char *label, const char *value);
/* Each pair as a line. Free with g_free(). */
char *bfy_labels_format (const BfyLabels *self);
