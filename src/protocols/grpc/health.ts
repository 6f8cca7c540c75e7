/**
 * `grpc.health.v1.Health/Check` of the server as a whole, without its proto: an empty request, and an answer
 * whose field 1 is the status.
 */
import { notAnAnswer } from '../../system/foreign-bytes.ts';
import { ServerWord } from '../line/line.ts';

export const HEALTH_PATH = '/grpc.health.v1.Health/Check';
const STATUS = ['unknown', 'serving', 'not-serving', 'service-unknown'] as const;
const VARINT_1 = 0x08;

/** @throws ServerWord unless it is serving. */
export function judgeHealth(answer: Buffer): void {
  // Proto3 leaves out a field that is 0.
  if (answer.length > 0 && (answer.length !== 2 || answer[0] !== VARINT_1)) throw notAnAnswer('gRPC');
  const word = STATUS[answer[1] ?? 0] ?? `status ${answer[1]}`;
  if (word !== 'serving') throw new ServerWord(word);
}
