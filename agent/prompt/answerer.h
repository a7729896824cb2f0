/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/caller/caller.h"

/* Who may show questions and answer them: a local process that has nothing to do with the one that
 * asked (craft 5.2, J03 and J20). The same user can take precautions against being recognised, so
 * this keeps a program from agreeing with itself by the ways that are open to it by chance, and a
 * passphrase from all others. */
typedef enum
{
  BFY_ANSWERER_MAY,
  BFY_ANSWERER_HAS_KEY,       /* a client key says that it is a client, not the person */
  BFY_ANSWERER_UNVERIFIED,    /* the kernel does not vouch for what it is */
  BFY_ANSWERER_SANDBOXED,     /* or in a PID namespace of its own */
  BFY_ANSWERER_OTHER_PROCESS, /* not the one that registered */
  BFY_ANSWERER_IS_KIN,        /* of the program that asked */
  BFY_ANSWERER_NO_TERMINAL,
  BFY_ANSWERER_CONTROLLED, /* its terminal is in the hands of the program that asked */
  BFY_N_ANSWERERS,
} BfyAnswerer;

typedef struct
{
  gboolean presents_key;
  const BfyCaller *process;    /* (nullable) who answers */
  const BfyCaller *registered; /* (nullable) who registered; NULL: is about to */
  gboolean needs_terminal;
  int terminal; /* its number, 0 = none */
  BfyKin kin;   /* of the process to whom it has asked, the closest */
  gboolean is_controlled;
} BfyAnswererFacts;

BfyAnswerer bfy_answerer_judge (const BfyAnswererFacts *facts);
/* Why not, for a person. Static. */
const char *bfy_answerer_explain (BfyAnswerer answerer);
/* As the category of prompter_refused. Static. */
const char *bfy_answerer_to_category (BfyAnswerer answerer);

/* The number of the terminal that controls @pid, as /proc has it; 0 = none. */
int bfy_answerer_find_terminal (int pid);
/* The processes that hold the other end of that pseudo-terminal, and so could type there: (transfer
 * full) (element-type int). Looks at all processes of the user. */
GArray *bfy_answerer_find_holders (int terminal);
/* Whether one of them is @pid or descends from it. */
gboolean bfy_answerer_controls (int pid, const GArray *holders);
/* How @pid stands to @other, where one that is gone counts as no kin. With @in_session one that was
 * started in the same terminal is kin, too: what stands beside the one that asked may be its. */
BfyKin bfy_answerer_kin (int pid, int other, gboolean in_session);
