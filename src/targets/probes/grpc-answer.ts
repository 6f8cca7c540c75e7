/** Whether the bytes of a gRPC answer are a good answer. */
import { mismatchOf, mismatchWord } from '../../core/good-answer.ts';
import type { WantedFields } from '../../core/system.ts';
import type { GrpcMethod } from '../../protocols/grpc/method.ts';
import { notAnAnswer } from '../../system/foreign-bytes.ts';
import { ServerWord } from './line.ts';

export interface GrpcQuestion {
  readonly method: GrpcMethod;
  readonly request: Buffer;
  readonly fields: WantedFields;
}

/** @throws ServerWord when it is not good, ForeignBytes when it is no message of the method. */
export function checkAnswer(
  { method, fields }: Pick<GrpcQuestion, 'method' | 'fields'>,
  answer: Buffer,
): void {
  const wrong = mismatchOf(fields, messageIn(method, answer));
  if (wrong !== null) throw new ServerWord(mismatchWord(wrong));
}

function messageIn(method: GrpcMethod, answer: Buffer): unknown {
  try {
    return method.decode(answer);
  } catch {
    throw notAnAnswer('gRPC');
  }
}
