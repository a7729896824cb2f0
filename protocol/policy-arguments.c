/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Whether an argument is as a rule says. There are three answers, because a server need not see an
 * argument as we do: it may take "5" for 5, MAIN for main, a missing one for its default, and a
 * path for another. Where the answers of servers may differ it is “unsure”, which fits no rule that
 * allows and every rule that does not; “not” leaves it as it is. */

#include <math.h>

#include "protocol/policy-private.h"

static gboolean
is_number (const BfyPolicyArgument *self, double number)
{
  if (!self->is_range)
    return number == self->number;

  return (!self->has_min || number >= self->min) && (!self->has_max || number <= self->max);
}

/* Some cut a fraction off, some round it. */
static BfyFit
number_fits (const BfyPolicyArgument *self, const BfyPolicyPlace *place)
{
  gboolean fits = is_number (self, place->number);

  if (!place->is_exact || is_number (self, floor (place->number)) != fits ||
      is_number (self, ceil (place->number)) != fits)
    return BFY_FIT_UNSURE;

  return fits ? BFY_FIT_YES : BFY_FIT_NO;
}

static BfyFit
text_fits (const BfyPolicyArgument *self, const BfyPolicyPlace *place)
{
  gboolean fits;

  if (self->is_glob && self->is_all)
    return BFY_FIT_YES;
  if (place->text == NULL)
    return BFY_FIT_UNSURE;
  fits = bfy_glob_fits (&self->glob, place->text, place->length);
  if (fits && !self->is_glob)
    return BFY_FIT_YES;
  if (place->has_dots || (self->is_path && place->has_odd_slashes))
    return BFY_FIT_UNSURE;
  if (fits)
    return BFY_FIT_YES;
  if (self->is_folded && place->is_folded)
    return BFY_FIT_NO;

  return bfy_glob_fits (&self->folded_glob, place->folded, place->folded_length) ? BFY_FIT_UNSURE
                                                                                 : BFY_FIT_NO;
}

static BfyFit
value_fits (const BfyPolicyArgument *self, const BfyPolicyPlace *place)
{
  BfyJsonType wanted = self->is_range ? BFY_JSON_NUMBER : self->type;
  BfyJsonType type = place->value.type;

  if (wanted == BFY_JSON_NUMBER && type == BFY_JSON_NUMBER)
    return number_fits (self, place);
  if (wanted == BFY_JSON_STRING && type == BFY_JSON_STRING)
    return text_fits (self, place);
  if (wanted == type)
    return BFY_FIT_YES;
  if (wanted == BFY_JSON_NULL || ((wanted == BFY_JSON_TRUE || wanted == BFY_JSON_FALSE) &&
                                  (type == BFY_JSON_TRUE || type == BFY_JSON_FALSE)))
    return BFY_FIT_NO;

  return BFY_FIT_UNSURE;
}

static BfyFit
fits_at (const BfyPolicyArgument *self, const BfyPolicyPlace *place)
{
  BfyFit fit;

  if (!place->is_there)
    return BFY_FIT_UNSURE;
  fit = value_fits (self, place);

  return self->is_negated ? BFY_FIT_YES - fit : fit;
}

static const BfyPolicyPlace *
find_place (const BfyPolicyArgument *self, const BfyJsonSlice *root, BfyPolicyPlaces *places)
{
  BfyPolicyPlace *place = &places->all[self->place];

  if ((places->known & (1u << self->place)) == 0)
    {
      bfy_policy_place_read (place, (const char *const *) self->tokens, root);
      places->known |= 1u << self->place;
    }

  return place;
}

BfyFit
bfy_policy_argument_fits (const BfyPolicyArgument *self,
                          const BfyJsonSlice *root,
                          BfyPolicyPlaces *places)
{
  g_auto (BfyPolicyPlace) own = { .large = NULL };

  if (places != NULL && self->place < BFY_PLACES_MAX)
    return fits_at (self, find_place (self, root, places));
  bfy_policy_place_read (&own, (const char *const *) self->tokens, root);

  return fits_at (self, &own);
}
