/** A command that Envoy has and we have not: who asks for it is told so, with 501. */
export interface AbsentEndpoint {
  readonly path: string;
  /** Takes POST only, in Envoy. */
  readonly isMutation: boolean;
  readonly reason: string;
}

const NO_ALLOCATOR = "memory is not managed by an allocator that could tell";
const NO_PROFILER = "no profiler is built in; node --inspect or --prof shows where time goes";
const NO_LOOKUPS = "names of statistics are not looked up while requests are served";

/** Every such command. */
export const ABSENT_ENDPOINTS: readonly AbsentEndpoint[] = [
  action("/allocprofiler", NO_ALLOCATOR),
  action("/cpuprofiler", NO_PROFILER),
  page("/heap_dump", NO_ALLOCATOR),
  action("/heapprofiler", NO_ALLOCATOR),
  page("/memory/tcmalloc", NO_ALLOCATOR),
  page("/peak_heap_dump", NO_ALLOCATOR),
  action("/runtime_modify", "runtime keys have the values of the configuration for good"),
  page("/stats/recentlookups", NO_LOOKUPS),
  action("/stats/recentlookups/clear", NO_LOOKUPS),
  action("/stats/recentlookups/disable", NO_LOOKUPS),
  action("/stats/recentlookups/enable", NO_LOOKUPS),
];

function page(path: string, reason: string): AbsentEndpoint {
  return { path, isMutation: false, reason };
}

function action(path: string, reason: string): AbsentEndpoint {
  return { path, isMutation: true, reason };
}
