/** A gRPC method that a system file names: its path, and its messages as JSON, by its proto. */
import { readdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { loadSync, type MethodDefinition, type PackageDefinition } from '@grpc/proto-loader';
import { didYouMean } from '../../core/did-you-mean.ts';
import { GauntletError, messageOf, usageError } from '../../core/errors.ts';
import { type Messages, type MessageType, NoSuchField, requestFrom } from './request-json.ts';

export interface GrpcMethod {
  /** `/package.Service/Method`. */
  readonly path: string;
  /**
   * @param request as JSON; bytes are base64, or a map that is sent as its JSON.
   * @throws usage when it is no such message.
   */
  encode(request: unknown): Buffer;
  /** @throws when the bytes are no such message. */
  decode(answer: Buffer): unknown;
}

const AS_JSON = { keepCase: true, longs: String, enums: String, bytes: String, defaults: true } as const;

/**
 * @param proto its absolute path, a file or a folder; null: only the empty request can be sent, and of the
 * answer only the status is known.
 * @throws usage when the proto cannot be read or has no such method.
 */
export function grpcMethod(service: string, method: string, proto: string | null): GrpcMethod {
  const path = `/${service}/${method}`;
  const subject = `${service}/${method}`;
  if (proto === null) return { path, encode: () => Buffer.alloc(0), decode: () => ({}) };
  const package_ = packageIn(proto, subject);
  const found = methodIn(package_, { service, method, proto });
  const messages = messagesOf(package_, service);
  return {
    path,
    decode: (answer) => found.responseDeserialize(answer),
    encode: (request) => {
      const expected = `a request of ${subject}`;
      if (typeof request !== 'object' || request === null || Array.isArray(request))
        throw usageError({ subject, expected: 'a map as its request', got: JSON.stringify(request) });
      try {
        return found.requestSerialize(
          requestFrom(request, found.requestType.type as unknown as MessageType, messages),
        );
      } catch (error) {
        const next = error instanceof NoSuchField ? error.next : undefined;
        throw usageError({ subject, expected, got: messageOf(error), ...(next !== undefined && { next }) });
      }
    },
  };
}

function packageIn(proto: string, subject: string): PackageDefinition {
  try {
    const isFolder = statSync(proto).isDirectory();
    const files = isFolder ? readdirSync(proto).filter((name) => name.endsWith('.proto')) : [proto];
    return loadSync(files.sort(), { ...AS_JSON, includeDirs: [isFolder ? proto : dirname(proto)] });
  } catch (error) {
    throw usageError({ subject, expected: `a proto in ${proto}`, got: messageOf(error) });
  }
}

interface Named {
  readonly service: string;
  readonly method: string;
  readonly proto: string;
}

type Methods = Readonly<Record<string, MethodDefinition<object, object>>>;

function methodIn(
  package_: PackageDefinition,
  { service, method, proto }: Named,
): MethodDefinition<object, object> {
  const subject = `${service}/${method}`;
  const services = Object.entries(package_).filter(([, one]) => !('format' in one)) as [string, Methods][];
  const all = services.flatMap(([name, methods]) => Object.keys(methods).map((one) => `${name}/${one}`));
  const found = services.find(([name]) => name === service)?.[1][method];
  if (found === undefined)
    throw usageError({
      ...{ subject, expected: `this method in ${proto}`, got: 'none' },
      ...didYouMean(subject, all),
    });
  if (!found.requestStream && !found.responseStream) return found;
  throw new GauntletError('usage', [{ subject, expected: 'a method with one answer', got: 'a stream' }]);
}

/** A field names a message inside its own, or relative to its package. */
function messagesOf(package_: PackageDefinition, service: string): Messages {
  const parts = service.split('.').slice(0, -1);
  const scopes = parts.map((_, index) => `${parts.slice(0, parts.length - index).join('.')}.`);
  return {
    find(typeName, within) {
      const inner = (within as { readonly nestedType?: readonly Nested[] }).nestedType ?? [];
      const own = inner.find((one) => one.name === typeName);
      // The entries of a map have keys of their own.
      if (own !== undefined) return own.options?.mapEntry === true ? undefined : own;
      const bare = typeName.replace(/^\./, '');
      const found = [...scopes, '']
        .map((scope) => package_[`${scope}${bare}`])
        .find((one) => one !== undefined);
      return found !== undefined && 'type' in found ? (found.type as unknown as MessageType) : undefined;
    },
  };
}

interface Nested extends MessageType {
  readonly name: string;
  readonly options: { readonly mapEntry?: boolean } | null;
}
