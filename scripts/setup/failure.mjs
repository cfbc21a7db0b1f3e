// Expected failures (a tool is missing, a test failed) are told in words; only a bug in these scripts shows a stack trace.

/** Something that can go wrong on a healthy machine. Its message says what, and what to do about it. */
export class Failure extends Error {
  constructor(message, { exitCode = 1 } = {}) {
    super(message);
    this.name = 'Failure';
    this.exitCode = exitCode;
  }
}

/** Runs a command's body, then sets the exit code; a `Failure` prints its message alone. */
export async function main(body) {
  try {
    process.exitCode = (await body()) ?? 0;
  } catch (error) {
    console.error(`\n${describe(error)}`);
    process.exitCode = error instanceof Failure ? error.exitCode : 1;
  }
}

/** What to show of an error. */
export function describe(error) {
  return error instanceof Failure ? error.message : (error?.stack ?? String(error));
}
