/** A gRPC method that a system file names: its path, and its messages as JSON, by its proto. */
import type { MethodDefinition } from '@grpc/proto-loader';
import { loadSync } from '@grpc/proto-loader';
import { messageOf, usageError } from '../../core/errors.ts';

export interface GrpcMethod {
  /** `/package.Service/Method`. */
  readonly path: string;
  /** @param request as JSON; bytes are base64. */
  encode(request: object): Buffer;
  /** @throws when the bytes are no such message. */
  decode(answer: Buffer): unknown;
}

const AS_JSON = { keepCase: true, longs: String, enums: String, bytes: String, defaults: true } as const;

/**
 * @param proto its absolute path; null: only the empty request can be sent, and of the answer only the status
 * is known.
 * @throws usage when the proto cannot be read or has no such method.
 */
export function grpcMethod(service: string, method: string, proto: string | null): GrpcMethod {
  const path = `/${service}/${method}`;
  if (proto === null) return { path, encode: () => Buffer.alloc(0), decode: () => ({}) };
  const found = definitionOf(proto, service, method);
  return {
    path,
    encode: (request) => found.requestSerialize(request),
    decode: (answer) => found.responseDeserialize(answer),
  };
}

function definitionOf(proto: string, service: string, method: string): MethodDefinition<object, object> {
  const subject = `${service}/${method}`;
  try {
    const methods = loadSync(proto, AS_JSON)[service] as
      | Readonly<Record<string, MethodDefinition<object, object>>>
      | undefined;
    const found = methods?.[method];
    if (found !== undefined) return found;
  } catch (error) {
    throw usageError({ subject, expected: `a proto in ${proto}`, got: messageOf(error) });
  }
  throw usageError({ subject, expected: `this method in ${proto}`, got: 'none' });
}
