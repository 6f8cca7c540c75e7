/** The two requests of a login (Kafka protocol guide), in their last versions without tagged fields. */
import type { Request } from './requests.ts';
import { type WireReader, WireWriter } from './wire.ts';

export const saslHandshakeRequest = (mechanism: string): Request => ({
  name: 'SaslHandshake',
  key: 17,
  version: 1,
  body: new WireWriter().string(mechanism).finish(),
});

export interface SaslHandshake {
  /** The error code, 0 = none. */
  readonly error: number;
  /** Those that the listener offers. */
  readonly mechanisms: readonly string[];
}

export const readSaslHandshake = (reader: WireReader): SaslHandshake => ({
  error: reader.int16(),
  mechanisms: reader.array(() => reader.string() ?? ''),
});

export const saslAuthenticateRequest = (message: Buffer): Request => ({
  name: 'SaslAuthenticate',
  key: 36,
  version: 1,
  body: new WireWriter().bytes(message).finish(),
});

export interface SaslAuthenticated {
  readonly error: number;
  readonly why: string | null;
  readonly challenge: Buffer;
  /** How long the session lasts without another login; 0: as long as the connection. */
  readonly lifetimeMs: number;
}

export const readSaslAuthenticate = (reader: WireReader): SaslAuthenticated => ({
  error: reader.int16(),
  why: reader.string(),
  challenge: reader.bytes(),
  lifetimeMs: Number(reader.int64()),
});
