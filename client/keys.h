/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* What a terminal sends when somebody types, cut into keys. Pure; whatever comes, nothing of a
 * sequence that is not known is taken for letters. */
typedef enum
{
  BFY_KEY_NONE, /* not complete, or of no meaning */
  BFY_KEY_LETTER,
  BFY_KEY_ENTER,
  BFY_KEY_UP,
  BFY_KEY_DOWN,
  BFY_KEY_LEFT,
  BFY_KEY_RIGHT,
  BFY_KEY_TAB,
  BFY_KEY_BACK_TAB,
  BFY_KEY_INTERRUPT, /* Ctrl-C */
  BFY_KEY_SUSPEND,   /* Ctrl-Z */
  BFY_KEY_REDRAW,    /* Ctrl-L */
} BfyKeyKind;

typedef struct
{
  BfyKeyKind kind;
  char letter; /* of BFY_KEY_LETTER: printable ASCII */
} BfyKey;

typedef enum
{
  BFY_KEYS_PLAIN,
  BFY_KEYS_ESCAPE,   /* behind ESC */
  BFY_KEYS_SEQUENCE, /* behind ESC [ or ESC O, until its last byte */
  BFY_KEYS_FUNCTION, /* behind ESC [ [, as Linux' own terminal has it: one byte more */
  BFY_KEYS_STRING,   /* a terminal's answer in a string, until its end */
} BfyKeysState;

/* Zero-initialised. */
typedef struct
{
  BfyKeysState state;
  guint n_bytes; /* of the sequence */
} BfyKeys;

BfyKey bfy_keys_feed (BfyKeys *self, guint8 byte);
/* Nothing more has come for a while: a sequence that has begun was an Escape key. */
void bfy_keys_reset (BfyKeys *self);
