/**
 * The candidate that `word` was most likely meant to be, or `null` when none is near: no more than
 * a third of its letters changed, left out or added.
 */
export function pickNearest(word: string, candidates: readonly string[]): string | null {
  let nearest: string | null = null;
  let nearestCount = Math.floor(Math.max(word.length, 3) / 3) + 1;
  for (const candidate of candidates) {
    const count = countEdits(word, candidate);
    if (count >= nearestCount) continue;
    nearest = candidate;
    nearestCount = count;
  }
  return nearest;
}

/** Levenshtein's distance: the fewest letters to change, remove or add. */
function countEdits(left: string, right: string): number {
  let above = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let row = 1; row <= left.length; row++) {
    const line = [row];
    for (let column = 1; column <= right.length; column++) {
      const isSame = left[row - 1] === right[column - 1];
      const change = above[column - 1] + (isSame ? 0 : 1);
      line.push(Math.min(change, above[column] + 1, line[column - 1] + 1));
    }
    above = line;
  }
  return above[right.length];
}
