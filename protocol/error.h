/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* One domain for everything that can go wrong, because an error crosses the whole product: it is
 * raised in the agent, written into a JSON reply, read by a client and becomes an exit status.
 * The table in error.c maps each code to its wire name, HTTP status, JSON-RPC code, exit status and
 * hint (behaviour 4). Append only: the wire names are API. */
typedef enum
{
  BFY_ERROR_FAILED,               /* a fault of ours */
  BFY_ERROR_CANCELLED,            /* the caller went away */
  BFY_ERROR_BAD_REQUEST,          /* well-formed bytes, wrong meaning */
  BFY_ERROR_PARSE,                /* not JSON, or not strict enough */
  BFY_ERROR_INVALID_ARGUMENT,     /* a name, URL or header that cannot be used */
  BFY_ERROR_NOT_FOUND,            /* unknown binding, bad key: deliberately the same */
  BFY_ERROR_SESSION_LOST,         /* MCP session id unknown for this binding */
  BFY_ERROR_EXISTS,               /* the name is taken */
  BFY_ERROR_METHOD_NOT_ALLOWED,   /* HTTP method */
  BFY_ERROR_FOREIGN_ORIGIN,       /* Host or Origin is not ours */
  BFY_ERROR_TOO_LARGE,            /* request body over the cap */
  BFY_ERROR_UNSUPPORTED_MEDIA,    /* not application/json, or a Content-Encoding */
  BFY_ERROR_UNSUPPORTED,          /* known, but this build or version cannot do it */
  BFY_ERROR_PAUSED,               /* by the user */
  BFY_ERROR_CREDENTIAL_MISSING,   /* the record is there, its secret is not */
  BFY_ERROR_CREDENTIAL_DAMAGED,   /* the secret is there and cannot be understood */
  BFY_ERROR_CREDENTIAL_REFUSED,   /* the service refused it while it was being added */
  BFY_ERROR_KEYRING_UNAVAILABLE,  /* no Secret Service, no vault file */
  BFY_ERROR_LOCKED,               /* keyring, vault or sealed binding */
  BFY_ERROR_VAULT_DAMAGED,        /* refuses to read and to write */
  BFY_ERROR_STORE_DAMAGED,        /* the database refuses to be read */
  BFY_ERROR_STORAGE,              /* disk full, read-only, permission */
  BFY_ERROR_UNSAFE_PATH,          /* wrong owner, mode or a symlink */
  BFY_ERROR_DENIED,               /* policy or the person said no */
  BFY_ERROR_NEEDS_LOGIN,          /* the upstream refuses the credential */
  BFY_ERROR_NO_SERVICE,           /* the service record of the binding is gone */
  BFY_ERROR_REFRESH_COOLDOWN,     /* refresh fails for the moment */
  BFY_ERROR_APPROVAL_PENDING,     /* the prompt is open */
  BFY_ERROR_APPROVAL_TIMEOUT,     /* nobody answered */
  BFY_ERROR_APPROVAL_UNAVAILABLE, /* nobody can be asked */
  BFY_ERROR_RATE_LIMITED,         /* the binding's own limit */
  BFY_ERROR_LOCAL_ADDRESS,        /* loopback or private upstream without consent */
  BFY_ERROR_UPSTREAM_FAILED,      /* unreachable, refused redirect, oversize, broken */
  BFY_ERROR_UPSTREAM_TIMEOUT,     /* a deadline passed */
  BFY_ERROR_RESPONSE_TOO_LARGE,   /* upstream sent more than the cap */
  BFY_ERROR_IN_USE,               /* another agent has the socket, port or state */
  BFY_ERROR_NO_AGENT,             /* client side: nothing answers on the socket */
  BFY_ERROR_HEADER_MISMATCH,      /* MCP headers and body contradict each other */
  BFY_ERROR_BAD_PARAMS,           /* what every request must carry is missing or malformed */
  BFY_ERROR_APPROVAL_DISMISSED,   /* the person put the question away */
  BFY_ERROR_FROZEN,               /* by the user: nothing goes until “thaw” */
  BFY_ERROR_TOO_MANY,             /* bindings, as bindify.conf says */
  BFY_ERROR_METHOD_NOT_FOUND,     /* the binding has no method of that name */
  BFY_N_ERRORS,
} BfyErrorCode;

#define BFY_ERROR (bfy_error_quark ())
GQuark bfy_error_quark (void);

/* The wire name, for example "not_found": also the `reason` slug of JSON-RPC errors. Static. */
const char *bfy_error_to_wire (BfyErrorCode code);
/* Returns FALSE for a name this version does not know. */
gboolean bfy_error_from_wire (const char *wire_name, BfyErrorCode *code);
/* Status on the control API; on the data routes once the caller is authenticated see
 * bfy_error_to_data_status(). */
guint bfy_error_to_http_status (BfyErrorCode code);
/* Status on /mcp and /http: refusals after authentication travel as 200 (behaviour 4). */
guint bfy_error_to_data_status (BfyErrorCode code);
int bfy_error_to_rpc_code (BfyErrorCode code);
/* What went wrong, in a few words that are the same whatever the case, to stand before the sentence
 * about it: "Not found". Marked for translation, but not translated. Static. */
const char *bfy_error_to_headline (BfyErrorCode code);
/* 0 is never returned. 1 failed, 2 no agent, 3 denied, 4 login needed or locked (design). */
int bfy_error_to_exit_status (BfyErrorCode code);
/* The next command to type, or NULL. @name is the binding's, or NULL. Free with g_free(). */
char *bfy_error_format_hint (BfyErrorCode code, const char *name);

/* The code of any error: foreign domains are BFY_ERROR_FAILED, G_IO_ERROR_CANCELLED is
 * BFY_ERROR_CANCELLED. */
BfyErrorCode bfy_error_code (const GError *error);
