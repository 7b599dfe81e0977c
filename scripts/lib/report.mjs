/** A reason why the work can't go on, in a sentence or two for the person at the terminal: no stack trace is shown. */
export class CannotGoOn extends Error {}

/** One plain line about what is being done. */
export function say(sentence) {
  process.stdout.write(`${sentence}\n`);
}

/** Does the work and then prints one line: what it was, whether it failed, and how long it took. */
export async function phase(name, work) {
  const began = performance.now();
  const took = () => `${((performance.now() - began) / 1000).toFixed(1)} s`;
  try {
    const result = await work();
    say(`${name}: done in ${took()}`);
    return result;
  } catch (error) {
    say(`${name}: failed after ${took()}`);
    throw error;
  }
}

/** Runs a script's main function, whose answer is the exit code. */
export async function runMain(main) {
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof CannotGoOn ? error.message : error.stack}\n`);
    process.exitCode = 1;
  }
}
