/**
 * One start of a broker with `-XX:ArchiveClassesAtExit`: later starts map the classes that this one loaded.
 */
import { existsSync } from 'node:fs';
import { createServer, connect as dial } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { findOnPath } from '../../../../src/system/toolchain/command.ts';
import type { Fetched } from '../../../../src/system/toolchain/download.ts';
import type { ToolContext } from '../../../../src/system/toolchain/part.ts';
import type { Java } from './java.ts';
import type { Jars } from './kafka-jars.ts';

/** The options of the sandbox's brokers: Java uses the archive only with the same garbage collector. */
const JVM = ['-Xmx64m', '-Xms48m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xss512k'];
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 60_000;
const POLL_MS = 50;
/** After the port opens the broker still registers and elects, which loads further classes. */
const SETTLE_MS = 500;

export interface Training {
  readonly properties: string;
  /** The client port of the properties, on 127.0.0.1. */
  readonly port: number;
  /** The path of the archive. */
  readonly archive: string;
}

/** Starts a broker, waits until it listens, ends it, and waits for the archive that it writes at its exit. */
export async function recordClasses(
  ctx: ToolContext,
  java: Java,
  jars: Jars,
  training: Training,
): Promise<Fetched> {
  const log = '-Dorg.slf4j.simpleLogger.defaultLogLevel=error';
  const main = ['-cp', jars.classPath.join(':'), 'kafka.Kafka', training.properties];
  const command = [java.path, log, ...JVM, `-XX:ArchiveClassesAtExit=${training.archive}`, ...main];
  // Without it a broker would be left behind when this process is killed with SIGKILL.
  const setpriv = findOnPath('setpriv', ctx.env);
  const guard = setpriv === undefined ? [] : [setpriv, '--pdeathsig', 'KILL', '--'];
  const [file = '', ...args] = [...guard, ...command];
  const env = Object.fromEntries(Object.entries(ctx.env).filter(([, value]) => value !== undefined));
  const broker = execa(file, args, {
    env: env as Record<string, string>,
    extendEnv: false,
    stdin: 'ignore',
    all: true,
    reject: false,
    timeout: START_TIMEOUT_MS + STOP_TIMEOUT_MS,
    forceKillAfterDelay: STOP_TIMEOUT_MS,
  });
  let ended = false;
  const end = broker.then((result) => {
    ended = true;
    return result;
  });
  const deadline = performance.now() + START_TIMEOUT_MS;
  let listens = false;
  while (!listens && !ended && performance.now() < deadline) {
    listens = await accepts(training.port);
    if (!listens) await sleep(POLL_MS);
  }
  if (listens) await sleep(SETTLE_MS);
  broker.kill('SIGTERM');
  const result = await end;
  if (!listens) return { ok: false, why: `the broker did not start: ${lastLine(result.all)}` };
  return existsSync(training.archive)
    ? { ok: true }
    : { ok: false, why: `java wrote no archive: ${lastLine(result.all)}` };
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1)?.slice(0, 200) ?? '';

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = dial(port, '127.0.0.1');
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

/** Ports of 127.0.0.1 that are free now; all are bound at the same time, so that they differ. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
          const server = createServer();
          server.once('error', reject);
          server.listen(0, '127.0.0.1', () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
