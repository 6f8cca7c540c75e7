/** A real Redis for a test. */
import type { Tools } from '../../../src/core/tools.ts';
import { freePorts } from './free-port.ts';
import { run, until } from './spawned.ts';

export interface TestRedis {
  readonly host: string;
  readonly port: number;
  signal(signal: NodeJS.Signals): void;
  stop(): Promise<void>;
}

/** @param more settings, such as TLS in the place of the plain port. */
export async function startRedis(
  tools: Tools,
  wantedPort?: number,
  more: readonly string[] = [],
): Promise<TestRedis> {
  if (!tools.redis) throw new Error('redis is needed');
  const port = wantedPort ?? (await freePorts(1))[0] ?? 0;
  const environment: Record<string, string> = tools.redis.libraryPath
    ? { LD_LIBRARY_PATH: tools.redis.libraryPath }
    : {};
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', ...more];
  const process = run(tools.redis.server, args, environment);
  await until(() => process.output().includes('Ready to accept connections'), {
    timeoutMs: 10_000,
    explain: process.output,
  });
  return {
    host: '127.0.0.1',
    port,
    signal: (signal) => process.child.kill(signal),
    stop: () => process.stop(),
  };
}
