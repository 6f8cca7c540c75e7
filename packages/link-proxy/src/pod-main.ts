/**
 * The link proxy as a pod of its own, for links on which a delay cannot be left to a kernel's time-out. argv[2] is its
 * configuration itself (JSON, ProxyConfig). It ends by itself with 0 once nothing was in place for a minute, and on SIGTERM at
 * once: connections through it are reset, so that callers dial again and reach their servers straight.
 */
import { messageOf } from '../../../src/core/errors.ts';
import { startProxy } from './proxy.ts';
import { parseProxyConfig } from './wire.ts';

/** Longer than a harness needs from its start to the first impairment, and between two of the same fault. */
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
