/** Which addresses a host stands for, and whether they are those of this machine. */
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { isLoopback } from '../../core/address.ts';

/** A name that nobody knows is asked for at several servers, one after another. */
const DEADLINE_MS = 1000;
/** Of this machine, as containers may call it. */
const OF_ENGINE = 'host.docker.internal';

export interface Host {
  readonly addresses: readonly string[];
  readonly isHere: boolean;
}

/** A name that is not known here has no address. */
export async function hostOf(name: string): Promise<Host> {
  const addresses = isIP(name) > 0 ? [name] : isLoopback(name) ? ['127.0.0.1', '::1'] : await resolved(name);
  return { addresses, isHere: name === OF_ENGINE || addresses.some(isOwn) };
}

async function resolved(name: string): Promise<readonly string[]> {
  const late = new Promise<readonly []>((resolve) => setTimeout(resolve, DEADLINE_MS, []).unref());
  const found = lookup(name, { all: true }).then(
    (all) => all.map((one) => one.address),
    () => [],
  );
  return await Promise.race([found, late]);
}

const isOwn = (address: string): boolean =>
  isLoopback(address) ||
  Object.values(networkInterfaces()).some((some) => some?.some((one) => one.address === address));
