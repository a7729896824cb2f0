/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <glib/gi18n-lib.h>

#include "protocol/error.h"

static const char *const headlines[BFY_N_ERRORS] = {
  [BFY_ERROR_FAILED] = N_ ("Something went wrong"),
  [BFY_ERROR_CANCELLED] = N_ ("Cancelled"),
  [BFY_ERROR_BAD_REQUEST] = N_ ("The request makes no sense"),
  [BFY_ERROR_PARSE] = N_ ("The request cannot be read"),
  [BFY_ERROR_INVALID_ARGUMENT] = N_ ("That cannot be used"),
  [BFY_ERROR_NOT_FOUND] = N_ ("Not found"),
  [BFY_ERROR_SESSION_LOST] = N_ ("The session is not known"),
  [BFY_ERROR_EXISTS] = N_ ("The name is taken"),
  [BFY_ERROR_METHOD_NOT_ALLOWED] = N_ ("That cannot be done here"),
  [BFY_ERROR_FOREIGN_ORIGIN] = N_ ("The request comes from elsewhere"),
  [BFY_ERROR_TOO_LARGE] = N_ ("The request is too large"),
  [BFY_ERROR_UNSUPPORTED_MEDIA] = N_ ("The request has a form that is not understood"),
  [BFY_ERROR_UNSUPPORTED] = N_ ("This version cannot do that"),
  [BFY_ERROR_PAUSED] = N_ ("The binding is paused"),
  [BFY_ERROR_CREDENTIAL_MISSING] = N_ ("The credential is missing"),
  [BFY_ERROR_CREDENTIAL_DAMAGED] = N_ ("The credential is damaged"),
  [BFY_ERROR_CREDENTIAL_REFUSED] = N_ ("The service refused the credential"),
  [BFY_ERROR_KEYRING_UNAVAILABLE] = N_ ("The keyring is not there"),
  [BFY_ERROR_LOCKED] = N_ ("Locked"),
  [BFY_ERROR_VAULT_DAMAGED] = N_ ("The vault is damaged"),
  [BFY_ERROR_STORE_DAMAGED] = N_ ("The agent’s records are damaged"),
  [BFY_ERROR_STORAGE] = N_ ("It cannot be stored"),
  [BFY_ERROR_UNSAFE_PATH] = N_ ("A file is not safe to use"),
  [BFY_ERROR_DENIED] = N_ ("Not allowed"),
  [BFY_ERROR_NEEDS_LOGIN] = N_ ("A new sign-in is needed"),
  [BFY_ERROR_NO_SERVICE] = N_ ("The service is no longer known"),
  [BFY_ERROR_REFRESH_COOLDOWN] = N_ ("The token cannot be renewed at the moment"),
  [BFY_ERROR_APPROVAL_PENDING] = N_ ("The question is still open"),
  [BFY_ERROR_APPROVAL_TIMEOUT] = N_ ("Nobody answered"),
  [BFY_ERROR_APPROVAL_UNAVAILABLE] = N_ ("Nobody can be asked"),
  [BFY_ERROR_RATE_LIMITED] = N_ ("A limit has been reached"),
  [BFY_ERROR_LOCAL_ADDRESS] = N_ ("The address is on this computer or in the local network"),
  [BFY_ERROR_UPSTREAM_FAILED] = N_ ("The service could not be used"),
  [BFY_ERROR_UPSTREAM_TIMEOUT] = N_ ("The service took too long"),
  [BFY_ERROR_RESPONSE_TOO_LARGE] = N_ ("The service’s answer is too large"),
  [BFY_ERROR_IN_USE] = N_ ("Another agent is running"),
  [BFY_ERROR_NO_AGENT] = N_ ("The agent is not running"),
  [BFY_ERROR_HEADER_MISMATCH] = N_ ("The request contradicts itself"),
  [BFY_ERROR_BAD_PARAMS] = N_ ("The request lacks something"),
  [BFY_ERROR_APPROVAL_DISMISSED] = N_ ("The question was put away"),
  [BFY_ERROR_FROZEN] = N_ ("Everything is frozen"),
};

const char *
bfy_error_to_headline (BfyErrorCode code)
{
  return headlines[code < BFY_N_ERRORS ? code : BFY_ERROR_FAILED];
}
