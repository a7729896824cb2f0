/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"
#include "agent/proxy/greeting.h"
#include "agent/proxy/leg.h"
#include "agent/proxy/meter.h"
#include "agent/proxy/upload.h"
#include "protocol/rpc.h"

/* The inside of an exchange, shared by the files that make it up: exchange.c carries the request
 * up, exchange-upload.c a large body, renewal.c sees to an OAuth token, relay.c and view.c take the
 * answer down, event-stream.c the events of a GET, outcome.c ends it and writes down how. */

typedef enum
{
  EXCHANGE_CREDENTIAL, /* waiting for the keyring */
  EXCHANGE_SENDING,    /* no response head yet */
  EXCHANGE_STREAMING,  /* the body is being passed on */
  EXCHANGE_ANSWERED,   /* the client has everything; the upstream may still have to say the end */
  EXCHANGE_OVER,
} ExchangeState;

/* view.c */
typedef struct _BfyView BfyView;

void bfy_view_free (BfyView *self);

/* What only a GET's event stream needs. */
typedef struct _BfyEventStream BfyEventStream;

typedef struct
{
  gatomicrefcount ref_count;
  ExchangeState state;
  BfyAgent *agent;     /* borrowed: it outlives all exchanges */
  BfyRequest *request; /* (owned) */
  BfyBinding *binding; /* (owned) as it was when the request came */
  BfyRpc *rpc;         /* (owned) (nullable) */
  BfyLimits limits;
  BfyEvent *event;         /* (owned) (nullable) until it is recorded */
  BfyCredential *unsealed; /* (owned) (nullable) of a sealed binding, for this exchange only */
  BfySecret *sent;         /* (owned) (nullable) the OAuth token, until there is an answer to it */
  char *rest_url;          /* (owned) (nullable) where a request of an http binding goes */
  char *url;               /* (owned) (nullable) of the message, without the credential */
  gboolean is_rest;        /* no MCP: @rpc is a request of an http binding */
  BfyUpstreams *expected_from; /* (owned) (nullable) while a connection is made ready there */
  BfyLeg *leg;                 /* (owned) (nullable) */
  BfyEventStream *stream;      /* (owned) (nullable) */
  BfyPostbox *postbox;         /* (owned) (nullable) that this message was posted to */
  GCancellable *cancellable;   /* (owned) */
  gulong gone_id;
  gulong locked_id;
  gulong changed_id;
  gulong removed_id;
  GSource *deadline; /* (owned) (nullable) */
  gint64 ends_at_us; /* 0 = not; the end of all of it, by the policy, from when it was first sent */
  gboolean has_connection;
  gboolean has_timed_out;
  gboolean is_reading; /* the upstream's body, just now */
  guint n_redirects;
  gboolean has_replayed; /* with another token, after a 401 */
  BfyMeter meter;
  BfyView *view;         /* (owned) (nullable) when the policy has a say in the answer */
  BfyGreeting *greeting; /* (owned) (nullable) while a new session's version is not known */
  char *session_id;      /* (owned) (nullable) of that session */
  goffset length;        /* announced by the upstream, -1 if not */
  gint64 begun_us;
  gint64 progress_us;        /* of REST: when something last went up or came down */
  BfyUpload *upload;         /* (owned) (nullable) while a body goes up as it comes */
  gboolean has_body_ended;   /* that one */
  gboolean is_upgrade;       /* a WebSocket is asked for */
  gboolean is_upgraded;      /* and has been agreed on */
  gboolean waits_for_client; /* for more of it, or to take more of the answer */
} BfyExchange;

/* exchange.c */
BfyExchange *bfy_exchange_ref (BfyExchange *self);
void bfy_exchange_unref (BfyExchange *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyExchange, bfy_exchange_unref)
void bfy_exchange_send_to (BfyExchange *self, const char *url);
/* To where it belongs, with the credential that is there now. */
void bfy_exchange_send (BfyExchange *self);
void bfy_exchange_set_deadline (BfyExchange *self, gint64 timeout_ms);
void bfy_exchange_clear_deadline (BfyExchange *self);
/* The patience with the upstream begins anew. */
void bfy_exchange_note_progress (BfyExchange *self);
/* Of a sealed binding: it will not be needed again, nor the key that opened it. */
void bfy_exchange_forget_credential (BfyExchange *self);

/* exchange-upload.c: the request's body goes up as it comes. */
gboolean bfy_exchange_streams_up (const BfyExchange *self);
/* The next piece of it. */
void bfy_exchange_read_up (BfyExchange *self);
void bfy_exchange_stop_upload (BfyExchange *self);

/* exchange-watch.c: what ends it from outside. */
void bfy_exchange_watch (BfyExchange *self);
void bfy_exchange_unwatch (BfyExchange *self);

/* renewal.c: sends, if need be with a token that is renewed first. */
void bfy_exchange_send_fresh (BfyExchange *self);
/* The upstream answered 401. TRUE when the request is sent once more, with another token; FALSE
 * when that would not help. */
gboolean bfy_exchange_replay (BfyExchange *self);
/* After that, and after a 403. */
void bfy_exchange_refuse_login (BfyExchange *self, SoupMessageHeaders *headers);
/* A 401 that the client gets to see as it is. */
void bfy_exchange_note_refusal (BfyExchange *self, SoupMessageHeaders *headers);
/* The upstream takes the credential, for this at least. */
void bfy_exchange_note_success (BfyExchange *self);

/* relay.c: the head of the upstream's response is there, and then its body. */
void bfy_exchange_relay (BfyExchange *self);
void bfy_exchange_take_body (BfyExchange *self, GBytes *bytes);
/* More of the body; it goes to the client, or to the view. */
void bfy_exchange_read_more (BfyExchange *self);

/* rest.c: cookies that the agent keeps for the binding, up and down, and headers down. */
void bfy_exchange_put_cookies (BfyExchange *self);
void bfy_exchange_take_cookies (BfyExchange *self);
void bfy_exchange_copy_rest_down (BfyExchange *self, SoupMessageHeaders *to);

/* event-stream.c: the head of the answer to a GET is there, and events follow. */
void bfy_event_stream_begin (BfyExchange *self);
/* NULL: the end, or the failure. */
void bfy_event_stream_take (BfyExchange *self, GBytes *bytes, const GError *failure);
/* Messages are posted to it: its last event says why it ends, so it sees to that itself. */
gboolean bfy_event_stream_is_session (const BfyExchange *self);
/* The exchange is over: nothing can be posted to its stream any more. */
void bfy_event_stream_stop (BfyExchange *self);
void bfy_event_stream_free (BfyEventStream *stream);

/* outcome.c: what the event says from the start on. */
BfyEvent *bfy_exchange_new_event (BfyExchange *self);
/* The end, whatever happened. @code: BFY_N_ERRORS when nothing of ours went wrong. */
void bfy_exchange_finish (BfyExchange *self, BfyErrorCode code);
/* Ends the exchange with an error of ours, in whatever shape the client can still be told. */
void bfy_exchange_fail (BfyExchange *self, BfyErrorCode code, const char *message);
void bfy_exchange_fail_with (BfyExchange *self, const GError *error);
/* The upstream could not be reached, or broke off. */
void bfy_exchange_fail_upstream (BfyExchange *self, const GError *error);
/* "The service behind NAME" + @what. */
void bfy_exchange_fail_response (BfyExchange *self, BfyErrorCode code, const char *what);
