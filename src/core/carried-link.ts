import type { Address } from './address.ts';

/** A link that Gauntlet's own proxy carries. The service `from` is configured with `listen`. */
export interface CarriedLink {
  /** `web->cache`. */
  readonly name: string;
  readonly from: string;
  readonly to: string;
  /** Where the proxy listens. */
  readonly listen: Address;
  /** What the proxy dials. */
  readonly dial: Address;
}
