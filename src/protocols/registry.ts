/** The protocols that services may speak: one line each. */
import { grpc } from './grpc/grpc.ts';
import { http } from './http/http.ts';
import { kafka } from './kafka/kafka.ts';
import type { ProtocolFile } from './line/protocol.ts';
import { postgres } from './postgres/postgres.ts';
import { redis } from './redis/redis.ts';
import { tcp } from './tcp/tcp.ts';

export const REGISTRY: readonly ProtocolFile[] = [http, grpc, kafka, redis, postgres, tcp];
