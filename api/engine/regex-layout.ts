// The byte layout of a compiled regular expression, shared by its writer (`proxy/config/regex`) and
// its reader (`filters/regex`). Little endian. Offsets count from the start of the table, which may
// lie anywhere at a multiple of eight.
//
//   +--------+---------+-----------------+-----------------+---------+--------------+---------+
//   | header | byte    | forward DFA     | backward DFA    | program | predecessors | byte    |
//   | 88     | classes | (may be absent) | (may be absent) |         |              | sets    |
//   |        | 256 u8  | moves | accepts | moves | alive   | 8 each  | u32s | u16s  | 32 each |
//   +--------+---------+-------+---------+-------+---------+---------+------+-------+---------+
//
// A DFA's moves: u16 [state << classShift | class] → state. In the forward DFA states are written
// already shifted; state 0 is dead, and `accepts` has one u8 for each state. The backward DFA runs
// from the end of the input to its start; the state at a position stands for the instructions from
// which a match can still be reached there. `alive` lists them: for each state a row of `rowBytes`,
// with a bit for each instruction.
//
// The program: instructions that consume a byte come first, then the one that matches, then the
// rest. Predecessors: for instruction i, the instructions that lead to it are
// list[index[i]] … list[index[i + 1] - 1].

/** Bytes of the header. */
export const REGEX_HEADER_BYTES = 88;
/** u32: bytes of the whole table. */
export const REGEX_TABLE_BYTES = 0;
/** u32: offset of the map from byte to byte class. */
export const REGEX_CLASSES = 4;
/** u32: how far a state is shifted in the index of a move. */
export const REGEX_CLASS_SHIFT = 8;
/** u32: offset of the forward DFA's moves, or 0 if there is none. */
export const REGEX_FORWARD_MOVES = 12;
/** u32: offset of the forward DFA's accept flags. */
export const REGEX_FORWARD_ACCEPTS = 16;
/** u32: the forward DFA's first state, shifted. */
export const REGEX_FORWARD_START = 20;
/** u32: offset of the backward DFA's moves, or 0 if there is none. */
export const REGEX_BACKWARD_MOVES = 24;
/** u32: offset of the backward DFA's rows of live instructions. */
export const REGEX_BACKWARD_ALIVE = 28;
/** u32: the backward DFA's first state. */
export const REGEX_BACKWARD_START = 32;
/** u32: offset of the program. */
export const REGEX_PROGRAM = 36;
/** u32: number of instructions. */
export const REGEX_INSTRUCTION_COUNT = 40;
/** u32: number of instructions that consume a byte; also the index of the one that matches. */
export const REGEX_BYTE_INSTRUCTION_COUNT = 44;
/** u32: the instruction to begin with. */
export const REGEX_START = 48;
/** u32: offset of the predecessor index, (number of instructions + 1) × u32. */
export const REGEX_PREDECESSOR_INDEX = 52;
/** u32: offset of the predecessor list, u16 each. */
export const REGEX_PREDECESSOR_LIST = 56;
/** u32: offset of the byte sets, 32 bytes each, bit = byte. */
export const REGEX_SETS = 60;
/** u32: bytes of one row of instruction bits, a multiple of eight. */
export const REGEX_ROW_BYTES = 64;
/** u32: capturing groups, the whole match not counted. */
export const REGEX_GROUP_COUNT = 68;
/** u32: bytes that a caller must lend as scratch memory, 8-byte aligned; contents do not matter. */
export const REGEX_SCRATCH_BYTES = 72;
/** u32: offset in scratch of the stack, 8 bytes for each instruction. */
export const REGEX_SCRATCH_STACK = 76;
/** u32: offset in scratch of the rows. */
export const REGEX_SCRATCH_ROWS = 80;

/** Bytes of one instruction: u8 operation, u8 argument, u16 set, u16 next, u16 other. */
export const REGEX_INSTRUCTION_BYTES = 8;
/** Offset of the argument: the slot of a save, the flags of an assertion. */
export const REGEX_INSTRUCTION_ARGUMENT = 1;
/** Offset of the set of bytes that a byte instruction accepts. */
export const REGEX_INSTRUCTION_SET = 2;
/** Offset of the instruction that follows; of a split, the one that it prefers. */
export const REGEX_INSTRUCTION_NEXT = 4;
/** Offset of a split's other instruction. */
export const REGEX_INSTRUCTION_OTHER = 6;

/** Consumes one byte out of a set. */
export const REGEX_BYTE = 0;
/** The pattern has matched. */
export const REGEX_MATCH = 1;
/** Goes on at `next`, and at `other` if that fails. */
export const REGEX_SPLIT = 2;
/** Notes the position in a capture slot: 2n for the start of group n, 2n + 1 for its end. */
export const REGEX_SAVE = 3;
/** Goes on if all the flags in the argument hold at this position. */
export const REGEX_ASSERT = 4;

/** Flag: the start of the text. */
export const REGEX_TEXT_START = 1;
/** Flag: the end of the text. */
export const REGEX_TEXT_END = 2;
/** Flag: the start of the text, or behind a newline. */
export const REGEX_LINE_START = 4;
/** Flag: the end of the text, or before a newline. */
export const REGEX_LINE_END = 8;
/** Flag: an ASCII word character on exactly one side. */
export const REGEX_WORD_BOUNDARY = 16;
/** Flag: an ASCII word character on both sides or on neither. */
export const REGEX_NOT_WORD_BOUNDARY = 32;

/** Capture slots: two for each of `\0` to `\9`, which is all that a substitution can name. */
export const REGEX_SLOT_COUNT = 20;

/** In scratch, u32: how many program edges the last call that ran the program looked at. */
export const REGEX_SCRATCH_STEPS = 0;
/** In scratch: the capture slots, i32 each. */
export const REGEX_SCRATCH_CAPTURES = 8;
/** In scratch: the marks, one u32 for each instruction. */
export const REGEX_SCRATCH_MARKS = 88;

/** Positions whose rows are kept at one time while a text is rewritten. */
export const REGEX_BLOCK_POSITIONS = 1024;
/** Blocks whose first row is kept while a text is rewritten. */
export const REGEX_BLOCK_COUNT_MAX = 1024;
/** Longest text that is rewritten, in bytes: 1 MiB less one. */
export const REGEX_REPLACE_BYTES_MAX = 1048575;

/** What a replacement returns instead of a length when the output has no room for it. */
export const REGEX_OUT_TOO_SMALL = -1;
/** What a replacement returns for a text over `REGEX_REPLACE_BYTES_MAX`. */
export const REGEX_TEXT_TOO_LONG = -2;
