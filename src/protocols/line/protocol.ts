/**
 * A protocol that services speak: how its questions are written, dialled, asked and judged, and where it can
 * send. One file each, and one line in registry.ts.
 */
import type { Question } from '../../core/system.ts';
import type { Words } from '../../core/template.ts';
import type { AddressAt, EndpointAt } from '../../core/topology.ts';
import type { AskForm } from './form.ts';
import type { Dialler } from './line.ts';
import type { LoginForm } from './login-form.ts';

/** A question to one address of an endpoint. */
export interface Asked {
  readonly service: string;
  /** `ready`, `contract`, or as the file names it. */
  readonly ask: string;
  readonly endpoint: EndpointAt;
  readonly at: AddressAt;
  /** Null: none is written, so the usual one of the protocol. */
  readonly question: Question | null;
}

/** What surrounds a question. */
export interface Around {
  /** `${id}`, `${now}` and addresses, for one question: each call gives a new id. */
  words(): Words;
  /** Opens the way to another service. @throws usage when it has no address, or nothing can be sent there. */
  sender(to: string, place: SendPlace): Sender;
}

/** Where something is sent in another service: a topic, a channel. */
export interface SendPlace {
  readonly topic?: string;
  readonly channel?: string;
}

export interface Sender {
  /** Opens a connection where there is none; rejects with why it was not sent. */
  send(payload: string, deadlineMs: number): Promise<void>;
  close(): void;
}

export interface Said {
  /** What is asked: `GET /health`. */
  readonly asks: string;
  /** What a good answer is: `200 to 299`. */
  readonly expects: string;
}

export interface ContractOptions {
  /** The token that the load sends. */
  readonly bearer?: string;
  /** Whether the load follows redirects. */
  readonly follow: boolean;
  readonly timeoutMs: number;
}

export interface ProtocolFile {
  readonly name: string;
  /** Null: the system or the target says it. */
  readonly defaultPort: number | null;
  /** Besides `connect`, which every protocol has. */
  readonly forms: readonly AskForm[];
  /** Asked of every endpoint of it, under these names, unless the file has its own. */
  readonly builtIn: readonly string[];
  /** A probe for each of several addresses, by their id. */
  readonly isPerAddress?: true;
  /** Its contract is asked before every load: it changes nothing, and load reaches it through others. */
  readonly isStore?: true;
  /** How a target file writes its login. Absent: it has none. */
  readonly login?: LoginForm;
  say(asked: Asked): Said;
  /** @throws usage for a question that cannot be asked: a method that the proto does not have. */
  dialler(asked: Asked, around: Around): Dialler;
  /**
   * Where a contract is asked in another way than a probe: with credentials. Null: as a probe. Rejects as
   * `Line.ask`.
   */
  contract?(asked: Asked, around: Around, options: ContractOptions): Promise<void> | null;
  /**
   * Who an address that stands for several servers leads to, for people. Null: it does not. Rejects with
   * ServerWord for a list that is wrong.
   */
  members?(at: AddressAt, timeoutMs: number): Promise<string> | null;
  sender?(at: readonly AddressAt[], place: SendPlace): Sender;
  /** The key of `send` that names a place in it: `topic`. */
  readonly sendsTo?: keyof SendPlace;
}
