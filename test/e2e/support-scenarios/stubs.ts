/** A gateway and a specialist on loopback with answers set by a test; they record their requests. */

import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net';
import { join } from 'node:path';
import {
  loadPackageDefinition,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  status,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { projectRoot } from '../../../src/system/project.ts';

export interface HttpRequestSeen {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly afterMs?: number;
  readonly location?: string;
  /** Cuts the connection instead of answering. */
  readonly reset?: boolean;
}

export const processed = { intent_id: 'i', status: 'processed', confidence: 0.95, domain: 'BUSINESS' };

/** @param idleMs after which a connection without a request is closed. */
export async function httpStub(
  answer: (index: number, asked: HttpRequestSeen) => HttpAnswer,
  idleMs?: number,
) {
  const seen: HttpRequestSeen[] = [];
  let connections = 0;
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const asked = { path: incoming.url ?? '', headers: incoming.headers, body: Buffer.concat(chunks) };
      seen.push(asked);
      const { status: code, body, afterMs, reset, location } = answer(seen.length - 1, asked);
      if (reset === true) {
        incoming.socket.resetAndDestroy();
        return;
      }
      setTimeout(() => {
        outgoing.writeHead(code, { 'content-type': 'application/json', ...(location && { location }) });
        outgoing.end(typeof body === 'string' ? body : JSON.stringify(body));
      }, afterMs ?? 0);
    });
  });
  server.on('connection', () => {
    connections += 1;
  });
  if (idleMs !== undefined) server.keepAliveTimeout = idleMs;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    connections: () => connections,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export interface PlanSeen {
  readonly plan_id: string;
  readonly correlation_id: string;
  readonly cognitive_plan: Buffer;
}

export interface PlanAnswer {
  readonly recommendation?: string;
  readonly code?: status;
  readonly afterMs?: number;
}

export async function grpcStub(answer: (index: number) => PlanAnswer, specialistType?: string) {
  const seen: PlanSeen[] = [];
  const loaded = loadPackageDefinition(
    loadSync(join(projectRoot, 'systems/neural-hive-mind/proto/specialist.proto'), { keepCase: true }),
  ) as unknown as { neural_hive: { specialist: { SpecialistService: { service: ServiceDefinition } } } };
  const server = new Server();
  server.addService(loaded.neural_hive.specialist.SpecialistService.service, {
    EvaluatePlan(call: { request: PlanSeen }, reply: (error: object | null, value?: object) => void) {
      seen.push(call.request);
      const { recommendation, code, afterMs } = answer(seen.length - 1);
      const opinion = { confidence_score: 0.8, recommendation: recommendation ?? 'approve' };
      setTimeout(() => {
        if (code === undefined)
          reply(null, { opinion_id: 'o', specialist_type: specialistType ?? '', opinion });
        else reply({ code, details: 'told to' });
      }, afterMs ?? 0);
    },
    HealthCheck: (_call: unknown, reply: (error: null, value: object) => void) => reply(null, { status: 1 }),
    GetCapabilities: (_call: unknown, reply: (error: object) => void) => reply({ code: status.INTERNAL }),
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return { address: `127.0.0.1:${port}`, seen, stop: () => server.forceShutdown() };
}

/** A TCP relay that accepts at once and lets nothing through for a while: setting up gRPC takes that long, calls do not. */
export async function slowDoor(address: string, openAfterMs: number) {
  const [host, port] = address.split(':');
  const sockets = new Set<Socket>();
  const server = createTcpServer((near) => {
    sockets.add(near);
    near.on('error', () => undefined);
    near.pause();
    setTimeout(() => {
      const far = connect(Number(port), host);
      sockets.add(far);
      far.on('error', () => near.destroy());
      near.pipe(far).pipe(near);
    }, openAfterMs);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
