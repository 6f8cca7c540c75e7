/**
 * A request as JSON → as the proto takes it. A map in the place of bytes is sent as its JSON; a text there is
 * base64, as proto3 writes bytes. A field that the message does not have is a mistake: it would be left out.
 */
import { didYouMean } from '../../core/did-you-mean.ts';

/** The parts of a descriptor that decide this. */
export interface MessageType {
  readonly field: readonly {
    readonly name: string;
    readonly type: string;
    readonly label: string;
    readonly typeName: string;
  }[];
}

export interface Messages {
  /** By the name that a field of this message uses; undefined where it cannot be found: then it is not looked into. */
  find(typeName: string, within: MessageType): MessageType | undefined;
}

export class NoSuchField extends Error {
  readonly next: string | undefined;

  constructor(path: string, names: readonly string[], next: string | undefined) {
    super(`${path}, where it has ${names.join(', ') || 'no field'}`);
    this.next = next;
  }
}

/** @throws NoSuchField. */
export function requestFrom(json: object, message: MessageType, messages: Messages, at = ''): object {
  const entries = Object.entries(json).map(([name, value]) => {
    const field = message.field.find((one) => one.name === name);
    if (field === undefined) {
      const names = message.field.map((one) => one.name);
      throw new NoSuchField(`${at}${name}`, names, didYouMean(name, names).next);
    }
    const each = (one: unknown): unknown => {
      if (!isObject(one)) return one;
      if (field.type === 'TYPE_BYTES') return Buffer.from(JSON.stringify(one));
      const inner = field.type === 'TYPE_MESSAGE' ? messages.find(field.typeName, message) : undefined;
      return inner === undefined ? one : requestFrom(one, inner, messages, `${at}${name}.`);
    };
    const isList = field.label === 'LABEL_REPEATED' && Array.isArray(value);
    return [name, isList ? value.map(each) : each(value)] as const;
  });
  return Object.fromEntries(entries);
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
