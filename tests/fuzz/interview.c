/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The input is lines of a server in its trial run. Whatever they are, what it is sent is one JSON
 * value on one line each, and it is asked no more than it answers. */

#include "agent/child/interview.h"

#include <string.h>

#include "protocol/json.h"
#include "tests/fuzz/fuzz.h"

static void
check_line (const char *line)
{
  gsize length = strlen (line);

  g_assert_null (memchr (line, '\n', length));
  g_assert_true (bfy_json_check (line, length, NULL));
}

static BfyInterviewState
take (BfyInterview *interview, const char *line, gsize length)
{
  g_autoptr (GPtrArray) replies = g_ptr_array_new_with_free_func (g_free);
  BfyInterviewState state = bfy_interview_take (interview, line, length, replies);

  g_assert_cmpuint (replies->len, <=, 2);
  for (guint i = 0; i < replies->len; i++)
    check_line (g_ptr_array_index (replies, i));
  if (state != BFY_INTERVIEW_GOES_ON)
    g_assert_cmpuint (replies->len, ==, 0);

  return state;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (BfyInterview) interview = bfy_interview_new ();
  g_autofree char *first = bfy_interview_begin (interview);
  BfyInterviewState state = BFY_INTERVIEW_GOES_ON;
  const char *text = (const char *) data;
  const char *end = text + size;

  check_line (first);
  while (text < end && state == BFY_INTERVIEW_GOES_ON)
    {
      const char *stop = memchr (text, '\n', (gsize) (end - text));
      gsize length = (gsize) ((stop != NULL ? stop : end) - text);
      /* A copy, so that reading beyond the line is found. */
      g_autofree char *line = g_memdup2 (text, length);

      state = take (interview, line, length);
      text += length + 1;
    }
  g_assert_cmpint (bfy_interview_n_tools (interview), >=, -1);

  return 0;
}
