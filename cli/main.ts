import { runCommandLine } from "./dispatch.ts";
import { openTerminal } from "./line/terminal.ts";

// Ends the process by hand: what a command leaves open must not keep it alive.
process.exit(await runCommandLine(process.argv.slice(2), openTerminal()));
