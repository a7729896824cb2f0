/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <math.h>
#include <string.h>

#include "protocol/json-private.h"

#define INTEGER_BYTES_MAX 20 /* of a number that fits 64 bits, with its sign */

static gboolean
is_digit (const char *at, const char *end)
{
  return at < end && g_ascii_isdigit (*at);
}

static const char *
take_escape (const char **at, const char *end)
{
  static const char simple[] = "\"\\/bfnrt";
  guint high, low;

  if (end - *at >= 2 && memchr (simple, (*at)[1], sizeof simple - 1) != NULL)
    {
      *at += 2;
      return NULL;
    }
  if (!bfy_json_take_utf16_unit (at, end, &high))
    return "bad escape";
  if (high == 0)
    return "escaped NUL";
  if (high >= 0xdc00 && high <= 0xdfff)
    return "lone surrogate";
  if (high < 0xd800 || high > 0xdbff)
    return NULL;
  if (!bfy_json_take_utf16_unit (at, end, &low) || low < 0xdc00 || low > 0xdfff)
    return "lone surrogate";

  return NULL;
}

const char *
bfy_json_take_string (const char **at, const char *end)
{
  (*at)++;
  while (*at < end)
    {
      const char *problem = NULL;
      guchar byte = (guchar) * *at;

      if (byte < 0x20)
        return "control character in a string";
      if (byte == '\\')
        problem = take_escape (at, end);
      else
        (*at)++;
      if (problem != NULL)
        return problem;
      if (byte == '"')
        return NULL;
    }

  return "unterminated string";
}

static const char *
take_digits (const char **at, const char *end)
{
  if (!is_digit (*at, end))
    return "number without digits";
  while (is_digit (*at, end))
    (*at)++;

  return NULL;
}

static gboolean
is_in_range (const char *number, gsize length, gboolean is_integer)
{
  g_autofree char *text = NULL;

  if (is_integer && length > INTEGER_BYTES_MAX)
    return FALSE;

  text = g_strndup (number, length);
  errno = 0;
  if (!is_integer)
    return isfinite (g_ascii_strtod (text, NULL));
  (void) g_ascii_strtoll (text, NULL, 10);

  return errno != ERANGE;
}

static const char *
take_number (const char **at, const char *end, gboolean is_bounded)
{
  const char *number = *at;
  gboolean is_integer = TRUE;
  const char *problem = NULL;

  *at += **at == '-';
  if (end - *at >= 2 && (*at)[0] == '0' && g_ascii_isdigit ((*at)[1]))
    return "number with a leading zero";
  problem = take_digits (at, end);
  if (problem == NULL && *at < end && **at == '.')
    {
      is_integer = FALSE;
      (*at)++;
      problem = take_digits (at, end);
    }
  if (problem == NULL && *at < end && (**at == 'e' || **at == 'E'))
    {
      is_integer = FALSE;
      (*at)++;
      *at += *at < end && (**at == '+' || **at == '-');
      problem = take_digits (at, end);
    }
  if (problem != NULL || !is_bounded || is_in_range (number, (gsize) (*at - number), is_integer))
    return problem;
  *at = number;

  return "number out of range";
}

static const char *
take_literal (const char **at, const char *end)
{
  static const char *const literals[] = { "true", "false", "null" };

  for (guint i = 0; i < G_N_ELEMENTS (literals); i++)
    {
      gsize length = strlen (literals[i]);

      if ((gsize) (end - *at) >= length && memcmp (*at, literals[i], length) == 0)
        {
          *at += length;
          return NULL;
        }
    }

  return "unexpected byte";
}

const char *
bfy_json_take_plain (const char **at, const char *end, gboolean is_bounded)
{
  return **at == '-' || is_digit (*at, end) ? take_number (at, end, is_bounded)
                                            : take_literal (at, end);
}
