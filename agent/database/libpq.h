/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>
#include <libpq-fe.h>

/* PostgreSQL's own library, which brings a dozen others: it is loaded with the first PostgreSQL
 * database that is opened, and agents that have none stay as small as they are. What is called
 * is in this table, by its own names, so that nothing links against it. */
#define BFY_LIBPQ_FUNCTIONS(F)                                                                     \
  F (PQclear)                                                                                      \
  F (PQcmdTuples)                                                                                  \
  F (PQconnectPoll)                                                                                \
  F (PQconnectStartParams)                                                                         \
  F (PQconsumeInput)                                                                               \
  F (PQerrorMessage)                                                                               \
  F (PQfinish)                                                                                     \
  F (PQflush)                                                                                      \
  F (PQfname)                                                                                      \
  F (PQftype)                                                                                      \
  F (PQgetResult)                                                                                  \
  F (PQgetisnull)                                                                                  \
  F (PQgetlength)                                                                                  \
  F (PQgetvalue)                                                                                   \
  F (PQisBusy)                                                                                     \
  F (PQnfields)                                                                                    \
  F (PQresultErrorField)                                                                           \
  F (PQresultStatus)                                                                               \
  F (PQsendQuery)                                                                                  \
  F (PQsendQueryParams)                                                                            \
  F (PQserverVersion)                                                                              \
  F (PQsetErrorVerbosity)                                                                          \
  F (PQsetNoticeReceiver)                                                                          \
  F (PQsetSingleRowMode)                                                                           \
  F (PQsetnonblocking)                                                                             \
  F (PQsocket)                                                                                     \
  F (PQstatus)                                                                                     \
  F (PQtransactionStatus)

#define BFY_LIBPQ_MEMBER(name) __typeof__ (&name) name;

typedef struct
{
  BFY_LIBPQ_FUNCTIONS (BFY_LIBPQ_MEMBER)
} BfyLibpq;

/* Filled by bfy_libpq_load(); nothing of it may be called before. */
extern BfyLibpq bfy_libpq;

/* Once is enough: it stays. BFY_ERROR_UNSUPPORTED when it is not installed, or too old. */
gboolean bfy_libpq_load (GError **error) G_GNUC_WARN_UNUSED_RESULT;
