/**
 * How an address is entered: TLS and a login, as plain data. It names secrets and files of keys and never
 * holds one, so that a plan, a journal and the state of a run can carry it.
 */
import type { Login } from './login.ts';
import type { SecretRef } from './receivers.ts';

export interface Access {
  /** Absent: plain. */
  readonly tls?: TlsAccess;
  /** Absent: nobody in particular. */
  readonly login?: Login;
}

/** Without any key: the authorities of this machine, and no certificate of ours. */
export interface TlsAccess {
  /** Of the authorities that are trusted, and no others. Absent: those of this machine. */
  readonly ca?: SecretRef;
  /** Ours, with its chain; never without `key`. */
  readonly cert?: SecretRef;
  readonly key?: SecretRef;
  /** The name that its certificate must have. Absent: the host of the address. */
  readonly serverName?: string;
  /** Its certificate is not checked. */
  readonly insecure?: true;
}
