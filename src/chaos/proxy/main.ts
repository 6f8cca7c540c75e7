/**
 * The link proxy as a process of its own: its timing must not depend on the harness, and it must outlive it.
 * argv[2] is the path of a JSON file (ProxyConfig). Prints {"listening":true,"nice":n} when every link listens; ends when its
 * stdin reaches EOF (its supervisor is gone) or on SIGTERM. Exit 1 with every reason on stderr when it cannot start.
 */
import { readFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import { messageOf } from '../../core/errors.ts';
import { startProxy } from './proxy.ts';
import { parseProxyConfig } from './wire.ts';

/** A wire does not queue for a CPU behind what it connects; -20 measured no better (docs/decisions/019-proxy-tail.md). */
const NICE = -10;

/** Needs root or CAP_SYS_NICE; without, the proxy runs as it was started, and its `nice` says so. */
function takePrecedence(): number {
  try {
    if (getPriority() > NICE) setPriority(NICE);
  } catch (error) {
    const { code } = (error as { readonly info?: { readonly code?: string } }).info ?? {};
    if (code !== 'EACCES' && code !== 'EPERM') throw error;
  }
  return getPriority();
}

const leave = (): never => process.exit(0);

try {
  const config: unknown = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'));
  const links = parseProxyConfig(config);
  // Before threads are started, which inherit it.
  const nice = takePrecedence();
  await startProxy(links);
  process.stdin.on('end', leave).on('error', leave).resume();
  process.on('SIGTERM', leave);
  process.stdout.write(`${JSON.stringify({ listening: true, nice })}\n`);
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exit(1);
}
