/** A gRPC server of a stand-in: its service from a proto of the system, bound to one address. */
import { join } from 'node:path';
import * as grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { formatAddress } from '../../../../src/core/address.ts';
import { projectRoot } from '../../../../src/system/project.ts';

export type GrpcReply = Readonly<Record<string, unknown>>;
export type Answer<Asked> = (
  call: grpc.ServerUnaryCall<Asked, GrpcReply>,
  callback: grpc.sendUnaryData<GrpcReply>,
) => void;

export const loadProtos = (files: readonly string[]): grpc.GrpcObject =>
  grpc.loadPackageDefinition(
    loadSync([...files], {
      includeDirs: [join(projectRoot, 'systems/neural-hive-mind/proto')],
      keepCase: true,
      longs: Number,
      enums: String,
      defaults: true,
    }),
  );

export function serviceOf(loaded: grpc.GrpcObject, name: string): grpc.ServiceDefinition {
  let at: unknown = loaded;
  for (const part of name.split('.')) at = (at as Record<string, unknown>)[part];
  return (at as grpc.ServiceClientConstructor).service;
}

export interface GrpcApp {
  readonly address: string;
  /** Refuses new calls; resolves when those in progress have ended. */
  stop(): Promise<void>;
}

/** @throws when the port cannot be bound. */
export async function bindGrpc(server: grpc.Server, host: string, port: number): Promise<GrpcApp> {
  const bound = await new Promise<number>((resolve, reject) => {
    const credentials = grpc.ServerCredentials.createInsecure();
    server.bindAsync(formatAddress({ host, port }), credentials, (error, at) =>
      error ? reject(error) : resolve(at),
    );
  });
  return {
    address: formatAddress({ host, port: bound }),
    stop: () => new Promise<void>((resolve) => server.tryShutdown(() => resolve())),
  };
}
