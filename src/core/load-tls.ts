/** How k6 enters the addresses of one scenario that are TLS, as plain data: references, never a key. */
import type { TlsAccess } from './access.ts';

export interface LoadTls {
  /** By service. */
  readonly services: Readonly<Record<string, TlsAccess>>;
  /**
   * A name in the place of an address, for a certificate of that name: `web.shop:8443` is dialled at
   * `10.0.0.7:8443`.
   */
  readonly hosts: Readonly<Record<string, string>>;
}
