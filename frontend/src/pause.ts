/** Hands the thread back, so that the page paints, scrolls and answers. */
export function pause(milliseconds = 0): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** How long a form that was sent is not sent again. After that it may be: the network may have failed, or the answer was a file. */
export const ANSWER_MS = 10_000;
