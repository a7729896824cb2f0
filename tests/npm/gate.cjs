// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// node --require gate.cjs PROGRAM: puts a lock before every HTTP server of PROGRAM. A request without
// the credential is answered 401; one with it goes on as if nobody had ever sent it. What a program
// behind the gate can echo is therefore never what bindify put in.
//
//   GATE_SECRET       the credential (for basic: user:password), or
//   GATE_SECRET_FILE  a file with it, read again for each request: a test can revoke and rotate it
//   GATE_MODE         header (the default), basic, query, or open (only records)
//   GATE_NAME         the header or query parameter, by default Authorization or api_key
//   GATE_PREFIX       what stands before the secret in the header, by default "Bearer " in Authorization
//   GATE_LOG          a file that gets one JSON line per request:
//                     {"method","path","credential":BOOL,"names":[…],"headers":{…}}
//                     names are the headers as they came, repeated ones too, in lower case; the secret
//                     is blotted out wherever it stands, as ***
//
// The variables are removed from the environment before PROGRAM runs.

'use strict';

const fs = require('node:fs');
const http = require('node:http');

function take(name, otherwise) {
  const value = process.env[name] ?? otherwise;
  delete process.env[name];
  return value;
}

const mode = take('GATE_MODE', 'header');
const name = take('GATE_NAME', mode === 'query' ? 'api_key' : 'Authorization');
const isAuthorization = name.toLowerCase() === 'authorization';
const prefix = take('GATE_PREFIX', isAuthorization && mode === 'header' ? 'Bearer ' : '');
const fixedSecret = take('GATE_SECRET');
const secretFile = take('GATE_SECRET_FILE');
const log = take('GATE_LOG');

if (!['header', 'basic', 'query', 'open'].includes(mode))
  throw new Error(`gate: GATE_MODE=${mode} is unknown`);
if (mode !== 'open' && !fixedSecret && !secretFile)
  throw new Error('gate: GATE_SECRET or GATE_SECRET_FILE is missing');

function currentSecret() {
  return secretFile ? fs.readFileSync(secretFile, 'utf8').replace(/\n$/, '') : fixedSecret ?? '';
}

// The values of a header as they came: Node itself keeps only the first of two Authorization lines.
function headerValues(request, wanted) {
  const values = [];
  for (let i = 0; i < request.rawHeaders.length; i += 2)
    if (request.rawHeaders[i].toLowerCase() === wanted)
      values.push(request.rawHeaders[i + 1]);
  return values;
}

function dropHeader(request, unwanted) {
  delete request.headers[unwanted];
  for (let i = request.rawHeaders.length - 2; i >= 0; i -= 2)
    if (request.rawHeaders[i].toLowerCase() === unwanted)
      request.rawHeaders.splice(i, 2);
}

function expectedHeader(secret) {
  return mode === 'basic' ? `Basic ${Buffer.from(secret).toString('base64')}` : prefix + secret;
}

// Exactly one credential, exactly the right one.
const checks = {
  header(request, secret) {
    const values = headerValues(request, name.toLowerCase());
    dropHeader(request, name.toLowerCase());
    return values.length === 1 && values[0] === expectedHeader(secret);
  },
  query(request, secret) {
    const url = new URL(request.url, 'http://gate.invalid');
    const values = url.searchParams.getAll(name);
    url.searchParams.delete(name);
    request.url = url.pathname + url.search;
    return values.length === 1 && values[0] === secret;
  },
  open: () => true,
};
checks.basic = checks.header;

function blot(text, secret) {
  for (const form of [Buffer.from(secret).toString('base64'), encodeURIComponent(secret), secret])
    if (form !== '')
      text = text.split(form).join('***');
  return text;
}

function record(request, secret) {
  const names = request.rawHeaders.filter((_, i) => i % 2 === 0).map((header) => header.toLowerCase());
  const headers = {};
  for (const header of new Set(names))
    headers[header] = blot(headerValues(request, header).join(', '), secret);
  return { method: request.method, path: blot(request.url, secret), credential: false, names, headers };
}

function refuse(response) {
  response.writeHead(401, {
    'WWW-Authenticate': mode === 'basic' ? 'Basic realm="gate"' : 'Bearer realm="gate"',
    'Content-Type': 'text/plain',
    Connection: 'close',
  });
  response.end('The gate is closed\n');
}

const emit = http.Server.prototype.emit;

http.Server.prototype.emit = function (event, ...args) {
  if (event === 'upgrade' || event === 'connect') {
    args[1].destroy();
    return true;
  }
  if (event !== 'request' && event !== 'checkContinue' && event !== 'checkExpectation')
    return emit.call(this, event, ...args);

  const [request, response] = args;
  const secret = currentSecret();
  const line = record(request, secret);
  line.credential = checks[mode](request, secret);
  if (log)
    fs.appendFileSync(log, JSON.stringify(line) + '\n');
  if (line.credential)
    return emit.call(this, event, ...args);
  refuse(response);
  return true;
};
