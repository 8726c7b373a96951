import type { TextKey, TextValues } from "./texts";

/** Something that cannot be done, with the words that tell the reader what to do next. */
export class Refusal extends Error {
  constructor(
    readonly key: TextKey,
    readonly values: TextValues = {},
  ) {
    super(key);
  }
}
