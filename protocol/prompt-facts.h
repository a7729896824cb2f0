/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/prompt.h"

/* What a question is made of, beside its words: whoever shows it may say it in the language of the
 * person. Every text has become one harmless line, cut as in the question itself; what is not known
 * is left out. */
JsonObject *bfy_prompt_facts_to_json (const BfyPromptFacts *facts);
