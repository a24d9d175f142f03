// No core files: what the system writes when a process breaks down is its memory, with the passwords that are in it.

/** RLIMIT_CORE of setrlimit(2), the same on Linux and macOS. */
const RLIMIT_CORE = 4;
const LIBRARIES: Partial<Record<typeof Deno.build.os, string>> = {
  linux: "libc.so.6",
  darwin: "libSystem.B.dylib",
};

/**
 * Forbids core files to this process and to all that it starts, for good. Windows writes none.
 *
 * On Linux the limit is one byte: too little for a file, and the one value with which the kernel starts no handler either
 * (core(5), "Piping core dumps to a program": a limit of 0 is not looked at there). Where it is 0 already, it stays so.
 * @returns whether none is written now
 */
export function forbidCoreFiles(): boolean {
  const name = LIBRARIES[Deno.build.os];
  if (name === undefined) return Deno.build.os === "windows";
  const library = Deno.dlopen(name, {
    setrlimit: { parameters: ["i32", "buffer"], result: "i32" },
  });
  // struct rlimit: two numbers of 64 bits, the limit now and the most that it can be set to.
  const set = (bytes: bigint): boolean =>
    library.symbols.setrlimit(RLIMIT_CORE, new BigUint64Array([bytes, bytes])) === 0;
  try {
    return Deno.build.os === "linux" && set(1n) || set(0n);
  } finally {
    library.close();
  }
}
