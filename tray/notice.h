/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

/* Notifications of the desktop. One draws attention and carries no decision: its only button opens
 * a window of ours, because not every desktop shows more than one, and none of them makes sure that
 * a person has read it. Whoever shows them may be missing or never answer; nobody waits for it. */
typedef struct _BfyNotices BfyNotices;

typedef struct
{
  const char *id;     /* a new one with the same id takes the place of the old one */
  const char *title;  /* plain text, as the others */
  const char *body;   /* "" for none */
  const char *icon;   /* name of an icon */
  const char *action; /* of the application, without "app.": what the button does */
  const char *target; /* (nullable) its text parameter */
  gboolean is_urgent; /* stays until it has been seen */
} BfyNotice;

BfyNotices *bfy_notices_new (GApplication *application);
void bfy_notices_free (BfyNotices *self);

void bfy_notices_show (BfyNotices *self, const BfyNotice *notice);
/* Nothing if it has gone already. */
void bfy_notices_withdraw (BfyNotices *self, const char *id);
