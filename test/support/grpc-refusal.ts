import { status } from '@grpc/grpc-js';

/** What a refused call is rejected with, for `toMatchObject`: its code and words that its sentence must have. */
export function refusal(code: keyof typeof status, words: RegExp = /./): object {
  return { code: status[code], details: expect.stringMatching(words) };
}
