/**
 * The link proxy as a process of its own: its timing must not depend on the harness, and it must outlive the
 * harness. argv[2] is the path of a JSON file (ProxyConfig). Prints {"listening":true} when every link
 * listens; ends when its stdin reaches EOF (its supervisor has exited) or on SIGTERM. Exit 1 with every
 * reason on stderr when it cannot start.
 */
import { readFileSync } from 'node:fs';
import { messageOf } from '../../../src/core/errors.ts';
import { startProxy } from './proxy.ts';
import { parseProxyConfig } from './wire.ts';

const leave = (): never => process.exit(0);

try {
  const config: unknown = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'));
  const links = parseProxyConfig(config);
  await startProxy(links);
  process.stdin.on('end', leave).on('error', leave).resume();
  process.on('SIGTERM', leave);
  process.stdout.write(`${JSON.stringify({ listening: true })}\n`);
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exit(1);
}
