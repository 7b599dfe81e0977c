import { inspect } from 'node:util';
import { refusal } from './refusal';

/** What a client says, and what comes of it; or what the refusal says, `Kind: sentence`. */
export type FieldRow<Given, Result> = readonly [given: Given, outcome: Result | RegExp];

/** Rows for every field of a message: the compiler misses a field that nobody thought of. */
export type FieldTable<Message, Given, Result> = {
  readonly [Field in keyof Message]: readonly FieldRow<Given, Result>[];
};

/** A test for each row: `translate` makes of what was given what the row says. */
export function testFields<Message, Given, Result>(
  table: FieldTable<Message, Given, Result>,
  translate: (given: Given) => unknown,
): void {
  for (const [field, rows] of Object.entries<readonly FieldRow<Given, Result>[]>(table)) {
    describe(`${field}:`, () => {
      test.each(rows.map(([given, outcome]) => ({ title: inline(given), given, outcome })))('$title', (row) => {
        if (row.outcome instanceof RegExp) expect(refusal(() => translate(row.given))).toMatch(row.outcome);
        else expect(translate(row.given)).toEqual(row.outcome);
      });
    });
  }
}

function inline(given: unknown): string {
  return inspect(given, { breakLength: Infinity, compact: true, depth: 5 });
}
