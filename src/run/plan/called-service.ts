/** A service that a scenario calls, as k6 dials it. */
import { addressOf, formatAddress } from '../../core/address.ts';
import type { AddressAt } from '../../core/topology.ts';

export interface Called {
  readonly service: string;
  readonly at: AddressAt;
}

/** By the name of its certificate, which leads to the address (src/core/load-tls.ts). */
export function dialledByK6({ address, access }: AddressAt): string {
  const name = access?.tls?.serverName;
  if (name === undefined) return address;
  const own = addressOf(address, 443);
  return address.replace(formatAddress(own), formatAddress({ ...own, host: name }));
}
