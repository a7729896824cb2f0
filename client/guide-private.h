/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/guide.h"

/* Shared by guide.c, which takes answers, and guide-text.c, which words questions. */

#define BFY_GUIDE_LIST_MAX 15 /* more are found by more words */

struct _BfyGuide
{
  BfyGuideStep step;
  JsonArray *services; /* (owned) that can be added */
  GStrv names;         /* (owned) that are taken */
  GPtrArray *found;    /* (owned) (element-type JsonObject) what can be chosen by its number */
  JsonObject *service; /* (owned) (nullable) that was chosen */
  char *note;          /* (owned) (nullable) what was wrong with the last answer */
  char *target;        /* (owned) (nullable) */
  char *base;          /* (owned) (nullable) what the name is made of */
  char *name;          /* (owned) (nullable) */
  char *account;       /* (owned) (nullable) */
  gboolean is_name_given;
  gboolean has_way;       /* which is not asked for */
  gboolean is_way_chosen; /* it was */
  gboolean is_sign_in;
  gboolean has_token;
};

/* Which way is offered first: where signing in just works, that. */
gboolean bfy_guide_prefers_sign_in (const BfyGuide *self);
