import { Refusal } from "../refusal";

/** Iterations of our own files: more than 300,000 fails in .NET, more than 600,000 on some Windows releases. */
export const FILE_ITERATIONS = 250_000;

const MOST_ITERATIONS = 5_000_000;

/** Refuses an iteration count that is no count, or that would keep the page busy for minutes. */
export function checkIterations(iterations: number): number {
  if (!Number.isInteger(iterations) || iterations < 1) throw new Refusal("error-file-format");
  if (iterations > MOST_ITERATIONS) throw new Refusal("error-file-iterations");
  return iterations;
}
