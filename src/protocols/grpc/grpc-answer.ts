/** Whether the bytes of a gRPC answer are a good answer. */
import { mismatchOf, mismatchText, mismatchWord } from '../../core/good-answer.ts';
import { redact } from '../../core/secrets.ts';
import type { WantedFields } from '../../core/system.ts';
import { notAnAnswer } from '../../system/foreign-bytes.ts';
import { ServerWord } from '../line/line.ts';
import type { GrpcMethod } from './method.ts';

export interface GrpcQuestion {
  readonly method: Pick<GrpcMethod, 'decode'>;
  readonly fields: WantedFields;
}

/** @throws ServerWord when it is not good, ForeignBytes when it is no message of the method. */
export function checkAnswer({ method, fields }: GrpcQuestion, answer: Buffer): void {
  const message = messageIn(method, answer);
  const wrong = mismatchOf(fields, message);
  if (wrong !== null) throw new ServerWord(mismatchWord(wrong), redact(mismatchText(wrong)));
}

function messageIn(method: GrpcQuestion['method'], answer: Buffer): unknown {
  try {
    return method.decode(answer);
  } catch {
    throw notAnAnswer('gRPC');
  }
}
