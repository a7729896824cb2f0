/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/secret.h"

/* A recovery code: 20 random bytes that a person writes down and types in years later. On paper it
 * is 8 groups of 4 characters of Crockford's base32 and a ninth that checks them:
 * “7ZK2-…-9QF4”. What is a secret here is the code in both forms. */
#define BFY_RECOVERY_BYTES 20
#define BFY_RECOVERY_GROUPS 9
#define BFY_RECOVERY_GROUP_LENGTH 4
/* Groups with the dashes between them. */
#define BFY_RECOVERY_TEXT_LENGTH (BFY_RECOVERY_GROUPS * (BFY_RECOVERY_GROUP_LENGTH + 1) - 1)

/* BFY_RECOVERY_BYTES random bytes: the input of bfy_kdf_derive() with HKDF. */
BfySecret *bfy_recovery_new (GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The text to write down; @code has BFY_RECOVERY_BYTES. */
BfySecret *bfy_recovery_to_text (const BfySecret *code);

/* Reads what was typed: capital or small letters, with dashes and blanks anywhere or nowhere, “O”
 * for 0, “I” and “L” for 1. BFY_ERROR_INVALID_ARGUMENT with a message that tells a foreign
 * character, a wrong length and a typing mistake (the last group does not fit) apart and repeats
 * nothing that was typed. */
BfySecret *bfy_recovery_parse (const BfySecret *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;
