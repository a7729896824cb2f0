/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/doctor/findings.h"
#include "protocol/credential.h"
#include "protocol/schedule.h"

/* What is wrong with tokens (behaviour 22.1, 22.2). Report only: tokens come from a sign-in. Paused
 * bindings are left alone, and of sealed ones only their keys could tell. Pure. */

/* By the record: ended without a way to new ones, or not looked after for too long. */
void bfy_token_findings_of_record (GPtrArray *findings,
                                   const BfyBinding *binding,
                                   const BfyRhythm *rhythm,
                                   gint64 now_s);
/* By the clock: something happened later than now, so that times of tokens cannot be believed. One
 * finding for all. */
void bfy_token_findings_of_clock (GPtrArray *findings, GPtrArray *bindings, gint64 now_s);
/* By the credential: it ends, and does not say where the next one comes from. */
void bfy_token_findings_of_credential (GPtrArray *findings,
                                       const BfyBinding *binding,
                                       const BfyCredential *credential);
/* Tokens that were received and could not be put into the keyring. @directory: where they wait;
 * @ids: of their bindings; @bindings (element-type BfyBinding): all that there are. */
void bfy_token_findings_of_recovery (GPtrArray *findings,
                                     const char *directory,
                                     const char *const *ids,
                                     GPtrArray *bindings);
