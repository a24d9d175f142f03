// No core files: what the system writes when a process breaks down is its memory, with the passwords that are in it.

/** RLIMIT_CORE of setrlimit(2), the same on Linux and macOS. */
const RLIMIT_CORE = 4;
const LIBRARIES: Partial<Record<typeof Deno.build.os, string>> = {
  linux: "libc.so.6",
  darwin: "libSystem.B.dylib",
};

/**
 * Forbids core files to this process and to all that it starts, for good: soft and hard limit are 0. Windows writes none.
 * @throws if the system refuses it
 */
export function forbidCoreFiles(): void {
  const name = LIBRARIES[Deno.build.os];
  if (name === undefined) return;
  const library = Deno.dlopen(name, {
    setrlimit: { parameters: ["i32", "buffer"], result: "i32" },
  });
  try {
    // struct rlimit: two numbers of 64 bits.
    const none = new BigUint64Array([0n, 0n]);
    if (library.symbols.setrlimit(RLIMIT_CORE, none) !== 0) throw new Error("setrlimit failed");
  } finally {
    library.close();
  }
}
