/**
 * The server whose behaviour is known: a thread of its own that follows its script, over HTTP (the answers of the gateway) or
 * gRPC (those of a specialist). It knows nothing of how it is measured; the closed forms stand in truth-model.ts.
 */
import { createServer } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';
import { loadPackageDefinition, Server, ServerCredentials, status } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

const { protocol, script, proto } = workerData;
let count = 0;
let failed = 0;
let firstAt;
/** How many of a backlog have been told their turn, and how many it holds. */
let backlog = { told: 0, size: 0 };
let stallEnd = 0;

/** When the request that came now is answered, in ms from now, and whether well. */
function verdictNow() {
  const now = performance.now();
  if (firstAt === undefined) {
    firstAt = now;
    for (const { atMs, forMs } of script.freezes ?? []) setTimeout(() => freeze(forMs), atMs);
  }
  const at = now - firstAt;
  const index = count;
  count += 1;
  let wait = script.baseMs;
  if (script.ramp) wait += (script.ramp.addMs * at) / script.ramp.overMs;
  if (script.slow && index % script.slow.every === 0) wait += script.slow.addMs;
  if (script.stall) {
    const phase = at % script.stall.everyMs;
    const begins = script.stall.everyMs - script.stall.forMs;
    if (phase >= begins) {
      const end = at + script.stall.everyMs - phase;
      if (end - stallEnd > 1) {
        stallEnd = end;
        backlog = { told: 0, size: Number.POSITIVE_INFINITY };
      }
      wait += script.stall.everyMs - phase + turn();
    }
  }
  if (script.stall === undefined && backlog.told < backlog.size) wait += turn();
  const isBad = script.errors !== undefined && at >= script.errors.fromMs && at < script.errors.toMs;
  if (isBad) failed += 1;
  return { wait, isBad };
}

/** The whole thread stands still: nothing is accepted, read or answered, as under a long garbage collection. */
function freeze(forMs) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, forMs);
  backlog = { told: 0, size: (script.rate * forMs) / 1000 };
}

/** A backlog is answered one by one: a burst of hundreds at once would measure how fast this thread writes. */
function turn() {
  backlog.told += 1;
  return (backlog.told - 1) * script.paceMs;
}

const after = (wait, answer) => (wait <= 0 ? answer() : setTimeout(answer, wait));

function serveHttp() {
  const body = JSON.stringify({ intent_id: 'i', status: 'processed', confidence: 0.9, domain: 'BUSINESS' });
  const server = createServer((request, response) => {
    const { wait, isBad } = verdictNow();
    request.resume();
    after(wait, () => {
      response.writeHead(isBad ? 500 : 200, { 'content-type': 'application/json' });
      response.end(body);
    });
  });
  server.keepAliveTimeout = 60_000;
  // 600 VUs connect within a second; the default backlog of 511 would make some of them wait for a retransmission.
  server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
    parentPort.postMessage({ address: `127.0.0.1:${server.address().port}` });
  });
}

function serveGrpc() {
  const loaded = loadPackageDefinition(loadSync(proto, { keepCase: true }));
  const server = new Server();
  server.addService(loaded.neural_hive.specialist.SpecialistService.service, {
    EvaluatePlan(_call, reply) {
      const { wait, isBad } = verdictNow();
      after(wait, () => {
        if (isBad) reply({ code: status.UNAVAILABLE, details: 'scripted' });
        else reply(null, { opinion_id: 'o', opinion: { confidence_score: 0.8, recommendation: 'approve' } });
      });
    },
    HealthCheck: (_call, reply) => reply(null, { status: 1 }),
    GetCapabilities: (_call, reply) => reply({ code: status.UNIMPLEMENTED }),
  });
  server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
    if (error) throw error;
    parentPort.postMessage({ address: `127.0.0.1:${port}` });
  });
}

parentPort.on('message', () => parentPort.postMessage({ count, failed }));
if (protocol === 'http') serveHttp();
else serveGrpc();
