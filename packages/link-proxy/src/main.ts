/**
 * The link proxy as a process of its own: its timing must not depend on the harness, and it must outlive the
 * harness. argv[2] is the path of a JSON file (ProxyConfig). Prints {"listening":true} when every link
 * listens. Ends on SIGTERM, and when its stdin reaches EOF (its supervisor has exited); with argv[3], the path
 * of a state file, no supervisor holds it: it writes that file itself, so that a caller that is killed leaves
 * no proxy that nobody can find. Exit 1 with every reason on stderr when it cannot start.
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { messageOf } from '../../../src/core/errors.ts';
import { thisHolder } from '../../../src/system/holder.ts';
import { startProxy } from './proxy.ts';
import { parseProxyConfig } from './wire.ts';

const [, , file = '', stateFile] = process.argv;

const leave = (): never => {
  if (stateFile !== undefined) rmSync(stateFile, { force: true });
  process.exit(0);
};

try {
  const config = JSON.parse(readFileSync(file, 'utf8')) as { readonly state?: object };
  await startProxy(parseProxyConfig(config));
  process.on('SIGTERM', leave);
  if (stateFile === undefined) process.stdin.on('end', leave).on('error', leave).resume();
  else {
    writeFileSync(`${stateFile}.new`, JSON.stringify({ ...config.state, proxy: thisHolder() }), {
      mode: 0o600,
    });
    renameSync(`${stateFile}.new`, stateFile);
  }
  // Whoever started it may be gone by now.
  process.stdout.on('error', () => undefined);
  process.stdout.write(`${JSON.stringify({ listening: true })}\n`);
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exit(1);
}
