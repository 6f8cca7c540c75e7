/**
 * The link proxy as a pod, for links on which a delay cannot depend on a kernel timeout to end. argv[2] is
 * its configuration (JSON, ProxyConfig). It ends with exit code 0 after a minute without any impairment, and
 * immediately on SIGTERM. It then resets the connections through it, so that callers dial again and reach
 * their servers directly.
 */
import { messageOf } from '../../../src/core/errors.ts';
import { startProxy } from './proxy.ts';
import { parseProxyConfig } from './wire.ts';

/**
 * Longer than a harness needs from the proxy's start to the first impairment, and between two of the same
 * fault.
 */
const IDLE_MS = 60_000;
const LOOK_MS = 1000;

try {
  const proxy = await startProxy(parseProxyConfig(JSON.parse(process.argv[2] ?? '')));
  const leave = (): void => void proxy.close().then(() => process.exit(0));
  process.on('SIGTERM', leave);
  let idleSince = performance.now();
  setInterval(() => {
    if (!proxy.isIdle()) idleSince = performance.now();
    else if (performance.now() - idleSince > IDLE_MS) leave();
  }, LOOK_MS);
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exit(1);
}
