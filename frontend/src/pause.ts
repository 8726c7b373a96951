/** Hands the thread back, so that the page paints, scrolls and answers. */
export function pause(milliseconds = 0): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
