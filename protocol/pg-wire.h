/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* As much of PostgreSQL's protocol (version 3.0) as a relay has to understand: how a session begins
 * on either side. From then on bytes are passed on as they are. Pure. */

/* What a client says first. */
typedef enum
{
  BFY_PG_START_MORE,       /* it is not all there yet */
  BFY_PG_START_ENCRYPTION, /* asks for TLS or GSSAPI; the answer is one byte, and it says more */
  BFY_PG_START_CANCEL,     /* the statement of another session is to be called off */
  BFY_PG_START_SESSION,
  BFY_PG_START_BAD,
} BfyPgStartKind;

typedef struct
{
  gsize n_bytes; /* that it takes, of the kinds that are whole */
  guint32 pid;   /* of BFY_PG_START_CANCEL, like this */
  guint32 key;
} BfyPgStart;

/* As much as a server takes. */
#define BFY_PG_START_BYTES_MAX 10000

BfyPgStartKind bfy_pg_start_read (const guint8 *bytes, gsize length, BfyPgStart *start);
/* The same session with that user and database; what is not known to be harmless is left out.
 * @bytes: of BFY_PG_START_SESSION. (transfer full) */
GByteArray *
bfy_pg_start_rewrite (const guint8 *bytes, gsize length, const char *user, const char *database);

#define BFY_PG_ASK_TLS_BYTES 8
#define BFY_PG_CANCEL_BYTES 16

/* Each fills that many bytes. */
void bfy_pg_format_ask_tls (guint8 *bytes);
void bfy_pg_format_cancel (guint8 *bytes, guint32 pid, guint32 key);
/* A message of the client with one byte of type. (transfer full) */
GByteArray *bfy_pg_format_message (char type, const void *body, gsize length);
/* SASLInitialResponse. (transfer full) */
GByteArray *bfy_pg_format_sasl_begin (const char *mechanism, const char *text);
/* What a server says to end a session: @message is for people. (transfer full) */
GByteArray *bfy_pg_format_error (const char *state, const char *message);

/* What a server says. */
typedef struct
{
  char type;
  const guint8 *body; /* borrowed */
  gsize length;       /* of it */
  gsize n_bytes;      /* of the whole message; 0: it is not all there yet */
} BfyPgMessage;

/* While signing in. */
#define BFY_PG_MESSAGE_BYTES_MAX (64 * 1024)

/* FALSE when it is none, or too large. */
gboolean bfy_pg_message_read (const guint8 *bytes,
                              gsize length,
                              BfyPgMessage *message) G_GNUC_WARN_UNUSED_RESULT;
/* The first four bytes of its body from @offset on; FALSE when it ends before. */
gboolean bfy_pg_message_get_number (const BfyPgMessage *message,
                                    gsize offset,
                                    guint32 *number) G_GNUC_WARN_UNUSED_RESULT;
/* A field of an ErrorResponse by its letter, or NULL. Free with g_free(). */
char *bfy_pg_message_get_field (const BfyPgMessage *message, char field);
/* Whether AuthenticationSASL offers that way. */
gboolean bfy_pg_message_offers (const BfyPgMessage *message, const char *mechanism);
