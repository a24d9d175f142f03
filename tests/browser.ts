// Finds a browser for the journeys: one that is installed, else Debian's, else the one that Playwright fetches.

/** Without windows it starts and paints in less time; it is the same browser. */
const HEADLESS = "chromium-headless-shell";
const NAMES = [
  HEADLESS,
  "chromium",
  "chromium-browser",
  "google-chrome",
  "google-chrome-stable",
  "microsoft-edge",
  "msedge",
];
const PLACES = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
  "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
];

/** The path of a browser; installs one if there is none. @throws if none can be had */
export async function findBrowser(): Promise<string> {
  const found = await installed();
  if (found !== undefined) return found;
  if (await run("id", ["-u"]) === "0\n" && await run("which", ["apt-get"]) !== "") {
    await run("apt-get", ["update"]);
    await run("apt-get", ["install", "--yes", "--no-install-recommends", HEADLESS]);
    const debian = await installed();
    if (debian !== undefined) return debian;
  }
  await run(Deno.execPath(), [
    "run",
    "-A",
    "npm:playwright-core@1.65.1",
    "install",
    HEADLESS,
  ]);
  const { chromium } = await import("playwright-core");
  const fetched = chromium.executablePath();
  if (await exists(fetched)) return fetched;
  throw new Error(
    "The journeys need Chromium, Chrome or Edge, and none could be found or installed.",
  );
}

async function installed(): Promise<string | undefined> {
  const folders = (Deno.env.get("PATH") ?? "").split(Deno.build.os === "windows" ? ";" : ":");
  const places = [
    ...NAMES.flatMap((name) => folders.map((folder) => `${folder}/${name}`)),
    ...PLACES,
  ];
  for (const place of places) if (await exists(place)) return place;
  return undefined;
}

async function run(program: string, args: string[]): Promise<string> {
  try {
    const { stdout } = await new Deno.Command(program, { args, stdout: "piped", stderr: "null" })
      .output();
    return new TextDecoder().decode(stdout);
  } catch {
    return "";
  }
}

function exists(path: string): Promise<boolean> {
  return Deno.stat(path).then((info) => info.isFile, () => false);
}
