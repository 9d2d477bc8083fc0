/**
 * Which test stands against which vector of the threat model's table? Rows of the engine; each place is a file and a test
 * that is named in it, or attacks of the corpus by the beginning of their names.
 */

/** A file and words of a test's name that stand in it. */
export type Place = readonly [file: string, test: string];

export interface Vector {
  readonly row: number;
  readonly name: string;
  readonly places: readonly Place[];
  /** Attacks of the corpus, by the beginning of their names. */
  readonly attacks: readonly string[];
}

const SANDBOX = "tests/sandbox";
const HOST = "tests/host";

export const vectors: readonly Vector[] = [
  {
    row: 1,
    name: "Endless loops, wherever they stand",
    places: [
      [`${SANDBOX}/attacks.test.ts`, "loops that never end are stopped by fuel"],
      [`${SANDBOX}/attacks.test.ts`, "a clock that stands still helps nobody"],
      [`${HOST}/failures.test.ts`, "that throw or loop change nothing of the save, its publication or the page"],
    ],
    attacks: ["while(true){}", "loop: ", "top: a loop"],
  },
  {
    row: 2,
    name: "A stop swallowed in promises",
    places: [
      [`${SANDBOX}/attacks.test.ts`, "a stop that promises swallow"],
      [`${SANDBOX}/entry.test.ts`, "is dropped with its VM after a stop, and every later entry says why"],
    ],
    attacks: ["promise restart", "caught async loop", "loop: catching what ends it"],
  },
  {
    row: 3,
    name: "Floods of jobs",
    places: [
      [`${SANDBOX}/attacks.test.ts`, "floods are stopped by the job budget"],
      [`${SANDBOX}/limits.test.ts`, "the job that is one too many stops"],
    ],
    attacks: ["jobs: ", "async for await 0", "thenable loop", "microtask busy"],
  },
  {
    row: 4,
    name: "Native loops that cannot be interrupted",
    places: [
      [`${SANDBOX}/build-engine.test.ts`, "each loop begins with its charge"],
      [`${SANDBOX}/build-engine.test.ts`, "pay for memory moved and filled before it is"],
    ],
    attacks: ["reverse length", "join length", "indexOf quadratic", "bulk: ", "array: "],
  },
  {
    row: 5,
    name: "Catastrophic regular expressions",
    places: [[`${SANDBOX}/attacks.test.ts`, "a catastrophic regex"]],
    attacks: ["redos ", "regex: "],
  },
  {
    row: 6,
    name: "Memory in many small blocks",
    places: [
      [`${SANDBOX}/attacks.test.ts`, "memory bombs are stopped by the cap"],
      [`${SANDBOX}/limits.test.ts`, "to the page: one page more than the cap is refused"],
    ],
    attacks: ["memory: ", "many ArrayBuffers", "Map forever", "push forever"],
  },
  {
    row: 7,
    name: "Memory of the host, through what it hands in",
    places: [
      [`${HOST}/bodies.test.ts`, "of the largest size comes byte for byte, one byte more is refused"],
      [`${HOST}/bodies.source.test.ts`, "a length that is declared"],
      [`${HOST}/own-data.test.ts`, "is refused by size before it is read, in kv and storage alike"],
      [`${SANDBOX}/limits.test.ts`, "results of the host: at the limit pass, one over is an error of that call"],
    ],
    attacks: ["host: a call that is too large", "host: calls with much text", "result: too large"],
  },
  {
    row: 8,
    name: "Deep recursion and nesting",
    places: [
      [`${SANDBOX}/attacks.test.ts`, "recursion ends as an error of the guest or a stop, never as a broken host"],
      [`${SANDBOX}/calls.test.ts`, "an answer nested too deeply stops the VM"],
    ],
    attacks: ["stack: ", "source: deep", "result: deep", "host: a deep", "JSON.parse deep"],
  },
  {
    row: 9,
    name: "Out of memory, then the next",
    places: [
      [`${SANDBOX}/attacks.test.ts`, "thirty runs out of memory leave the sandbox as it was"],
      [`${SANDBOX}/memory.test.ts`, "VMs of one program share an instance, also after running out of memory"],
    ],
    attacks: ["memory: out in a job", "memory: out in a finalizer", "oom inside finally"],
  },
  {
    row: 10,
    name: "Guest code that runs while a value crosses",
    places: [
      [`${SANDBOX}/primordials.test.ts`, "values with traps cross as what the guest's own encoder makes of them"],
      [`${SANDBOX}/primordials.test.ts`, "an object with every trap and hook there is"],
      [`${SANDBOX}/primordials.test.ts`, "a bundle that adds toJSON"],
    ],
    attacks: ["trap: ", "toJSON loop", "getter on prototype"],
  },
  {
    row: 11,
    name: "Pollution of the host's prototypes",
    places: [
      [`${SANDBOX}/primordials.test.ts`, "nothing a guest sends pollutes the host"],
      [`${HOST}/prototype-keys.test.ts`, "in every argument of every bridge method change nothing and are not stored"],
    ],
    attacks: [],
  },
  {
    row: 12,
    name: "Built-ins replaced under the prelude",
    places: [
      [`${SANDBOX}/primordials.test.ts`, "the prelude looks nothing up that a bundle could have replaced"],
      [`${SANDBOX}/primordials.test.ts`, "a bundle that replaces"],
    ],
    attacks: ["trap: RegExp exec", "trap: Symbol.iterator of arrays"],
  },
  {
    row: 13,
    name: "Errors of the host told to the guest",
    places: [
      [`${SANDBOX}/calls.test.ts`, "a host that %s tells the guest nothing"],
      [`${HOST}/traces.test.ts`, "shows a guest nothing of itself in the error of a call, its stack included"],
    ],
    attacks: [],
  },
  {
    row: 14,
    name: "Errors of the guest told to visitors, and forged log lines",
    places: [
      [`${HOST}/traces.test.ts`, "gets the message of what failed and no place of it, at a route, a save and a page"],
      [
        `${HOST}/traces.test.ts`,
        "is inert: in messages, names, sources and code, on the screen and in the answer to a visitor",
      ],
      [`${SANDBOX}/surface-errors.test.ts`, "cannot be forged by toJSON, nor widened by what is in the text"],
    ],
    attacks: ["result: an error with a long"],
  },
  {
    row: 15,
    name: "Entering the VM from within a host call",
    places: [
      [`${SANDBOX}/calls.test.ts`, "a host function never enters the VM: a nested use of the same VM is refused"],
      [`${SANDBOX}/calls.test.ts`, "a VM closed while it waits ends its entry and nothing else"],
      [`${SANDBOX}/calls.test.ts`, "what is under way at the end is called off and its late answer goes nowhere"],
    ],
    attacks: [],
  },
  {
    row: 16,
    name: "Floods of host calls",
    places: [
      [`${SANDBOX}/attacks.test.ts`, "of host calls"],
      [`${SANDBOX}/calls.test.ts`, "run at most N at once while the rest queue, and all are answered"],
      [`${HOST}/pool.test.ts`, "are parked within its quarter while another answers as before"],
    ],
    attacks: ["host: calls not awaited"],
  },
  {
    row: 17,
    name: "Floods of log lines",
    places: [
      [`${SANDBOX}/attacks.test.ts`, "of log lines"],
      [`${SANDBOX}/limits.test.ts`, "lines over either budget are counted and told in one line"],
      [`${HOST}/attacks.test.ts`, "by a flood of lines loses no other record, and the flood is cut with a word"],
    ],
    attacks: ["host: log lines", "host: long log lines"],
  },
  {
    row: 18,
    name: "Timers that outlive their entry",
    places: [[`${SANDBOX}/entry.test.ts`, "are dropped at the end of the entry"]],
    attacks: ["host: timers", "host: intervals of nothing"],
  },
  {
    row: 19,
    name: "State that reaches the next visitor",
    places: [
      [`${SANDBOX}/isolation.test.ts`, "is pristine in the next VM of the same program, also after a stop"],
      [`${SANDBOX}/image.test.ts`, "holds nothing of what one visitor left, in heap, stack or static data"],
      [`${SANDBOX}/corpus.test.ts`, "ends, and nothing of it is left in any byte of memory"],
    ],
    attacks: [],
  },
  {
    row: 20,
    name: "Randomness that repeats after a restore",
    places: [
      [`${SANDBOX}/isolation.test.ts`, "differs between VMs and between entries of one"],
      [
        `${SANDBOX}/isolation.test.ts`,
        "of a thousand draws in each of two restored VMs never meets, nor do 100,000 UUIDs of twenty",
      ],
    ],
    attacks: [],
  },
  {
    row: 21,
    name: "Time as a side channel",
    places: [
      [`${SANDBOX}/isolation.test.ts`, "stands still within a synchronous section and moves with the host's answers"],
      [`${SANDBOX}/surface-web.test.ts`, "time stands still until something is waited for"],
    ],
    attacks: [],
  },
  {
    row: 22,
    name: "Another's image, or a changed one",
    places: [
      [`${SANDBOX}/image.test.ts`, "with one flipped byte anywhere are not loaded, and are replaced"],
      [`${SANDBOX}/image.test.ts`, "of two programs that were swapped are not loaded"],
      [`${SANDBOX}/image.test.ts`, "have another key for other code, another half of the embedder, another stack"],
      [`${HOST}/images.source.test.ts`, "makes images that are missing since the engine changed"],
    ],
    attacks: [],
  },
  {
    row: 40,
    name: "Memory of another plugin",
    places: [[`${SANDBOX}/isolation.test.ts`, "never holds the canary of the first, while both live"]],
    attacks: [],
  },
  {
    row: 41,
    name: "Code that is hidden from readers",
    places: [
      [`${SANDBOX}/dynamic-code.test.ts`, "no code out of strings"],
      [`${SANDBOX}/dynamic-code.test.ts`, "dynamic import is refused at top level as well, with and without await"],
    ],
    attacks: ["eval deep [", "eval big source", "Function many args"],
  },
];

/** Attacks whose repetition must leave no memory of the host behind: one of each way to end, and those that reach it. */
export const repeated: readonly string[] = [
  "while(true){}",
  "many ArrayBuffers",
  "recursion f(){f()}",
  "jobs: microtasks that double",
  "memory: out in a job",
  "memory: finalizers that register",
  "trap: an error of proxies",
  "result: too large",
  "host: calls not awaited",
  "host: long log lines",
  "host: timers",
  "top: a flood of jobs",
];
