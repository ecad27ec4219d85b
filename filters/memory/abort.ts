/** Called by a failed assertion: stops the instance, so that the supervisor replaces the worker. */
export function abort(message: usize, file: usize, line: u32, column: u32): void {
  unreachable();
}
