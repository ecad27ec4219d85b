/* What has to be there before anything is encoded or decoded. */
import { buildHeadChecks } from "../http2/head/validate-head.ts";
import { buildHuffman } from "./huffman-tables.ts";
import { buildIndexing } from "./indexing.ts";
import { buildStaticTable } from "./static-table.ts";

/** Builds the tables. Called once when the module starts, after the names and the characters. */
export function buildHpack(): void {
  buildHuffman();
  buildHeadChecks();
  buildStaticTable();
  buildIndexing();
}
