// Where a key moves the cursor of a list.

/** The next place after `key` from place `at` (-1: none yet) of `size`; null when the key does not move. */
export function nextIndex(key: string, at: number, size: number, page: number): number | null {
  if (size === 0) return null;
  const to = (index: number) => Math.min(size - 1, Math.max(0, index));
  switch (key) {
    case "j":
    case "ArrowDown":
      return to(at + 1);
    case "k":
    case "ArrowUp":
      return to(at < 0 ? 0 : at - 1);
    case "PageDown":
      return to(at + page);
    case "PageUp":
      return to(at - page);
    case "Home":
      return 0;
    case "End":
      return size - 1;
    default:
      return null;
  }
}
