/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/question.h"

/* The words of a question in the language of the person. The agent's own are English; they stay
 * when there is no other language, and when it tells no facts (an older one). @object: the question
 * as the agent tells it, which @self has been read from. */
void bfy_question_words_translate (BfyQuestion *self, JsonObject *object);
