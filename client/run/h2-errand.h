/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/run/h2.h"
#include "client/run/request.h"

/* The way of one stream of HTTP/2 to the agent, and back: what relay.c is for HTTP/1.1. */

/* Answers @stream, now or later. @place is borrowed for that long. */
void bfy_run_errand_begin (BfyRunStream *stream, const BfyRunPlace *place);
/* What was appended to the answer is on its way. */
void bfy_run_errand_go_on (BfyRunStream *stream);
/* Nobody waits any more. */
void bfy_run_errand_forget (BfyRunStream *stream);
