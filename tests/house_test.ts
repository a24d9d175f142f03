// The rules of the house that a machine can keep: who may import whom, where markup and SQL live, and no silenced types.

import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

type Source = { readonly path: string; readonly text: string };

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const CODE = ["routes", "views", "db", "jobs", "lib", "commands", "tests", "static"];

/** What each folder may import of ours; the root's config.ts and services.ts count as folders of their own. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "lib": ["lib"],
  "db": ["db", "lib"],
  "jobs": ["jobs", "db", "lib", "services.ts", "config.ts", "views"],
  "views": ["views", "db", "lib"],
  "routes": ["routes", "views", "jobs", "db", "lib", "services.ts", "config.ts"],
  "config.ts": ["lib"],
  "services.ts": ["config.ts", "jobs", "db", "lib"],
};

const sources = await readSources();

async function readSources(): Promise<Source[]> {
  const found: Source[] = [];
  async function walk(folder: string): Promise<void> {
    for await (const entry of Deno.readDir(folder)) {
      const path = join(folder, entry.name);
      if (entry.isDirectory && !/^(\..*|node_modules)$/.test(entry.name)) await walk(path);
      else if (entry.isFile && /\.tsx?$/.test(entry.name)) {
        found.push({ path: relative(ROOT, path), text: await Deno.readTextFile(path) });
      }
    }
  }
  await walk(ROOT);
  return found.sort((one, other) => one.path < other.path ? -1 : 1);
}

function folderOf(path: string): string {
  return path.split("/")[0] ?? "";
}

function inFolders(...folders: readonly string[]): Source[] {
  return sources.filter(({ path }) => folders.includes(folderOf(path)));
}

/** Runs the visitors over the syntax of every source and gives "path:line what" for each finding. */
function findings(
  among: readonly Source[],
  visit: (
    source: Source,
    found: (node: Deno.lint.Node, what: string) => void,
  ) => Deno.lint.LintVisitor,
): string[] {
  return among.flatMap((source) => {
    const found: string[] = [];
    const plugin: Deno.lint.Plugin = {
      name: "house",
      rules: {
        house: {
          create: () =>
            visit(source, (node, what) => {
              const line = source.text.slice(0, node.range[0]).split("\n").length;
              found.push(`${source.path}:${line} ${what}`);
            }),
        },
      },
    };
    Deno.lint.runPlugin(plugin, source.path.endsWith("x") ? "house.tsx" : "house.ts", source.text);
    return found;
  });
}

/** The place of ours that an import names, as "db/logons.ts"; null for packages. */
function targetOf(source: Source, specifier: string): string | null {
  if (!specifier.startsWith(".")) return null;
  return relative(ROOT, join(ROOT, source.path, "..", specifier));
}

describe("the house", () => {
  it("has only the folders and files at the top that it is to have", async () => {
    const allowed = new Set([
      "README.md",
      "LICENSE",
      "commands",
      "config.ts",
      "db",
      "deno.json",
      "deno.lock",
      "docs",
      "jobs",
      "lib",
      "main.ts",
      "routes",
      "services.ts",
      "static",
      "tests",
      "views",
      "node_modules",
    ]);
    const found: string[] = [];
    for await (const { name } of Deno.readDir(ROOT)) {
      if (!name.startsWith(".") && !allowed.has(name)) found.push(name);
    }
    assert.deepEqual(found, []);
  });

  it("has imports that go one way", () => {
    const wrong = findings(
      sources.filter(({ path }) => MAY_IMPORT[folderOf(path)] !== undefined),
      (source, found) => ({
        "ImportDeclaration, ExportNamedDeclaration, ExportAllDeclaration, ImportExpression"(
          node: Deno.lint.Node,
        ): void {
          if (!("source" in node) || node.source?.type !== "Literal") return;
          const target = targetOf(source, String(node.source.value));
          if (target === null) return;
          const typeOnly = node.type === "ImportDeclaration" && node.importKind === "type";
          const from = folderOf(source.path);
          const allowed = MAY_IMPORT[from]?.includes(folderOf(target)) ?? true;
          // The queue and the services know each other by type.
          const byType = typeOnly && from === "jobs" && folderOf(target) === "services.ts";
          if (!allowed && !byType) found(node, `imports ${target}`);
        },
      }),
    );
    assert.deepEqual(wrong, []);
  });

  it("has views that import nothing but types from db and lib", () => {
    const wrong = findings(inFolders("views"), (source, found) => ({
      ImportDeclaration(node): void {
        const target = targetOf(source, node.source.value);
        const below = target !== null && ["db", "lib"].includes(folderOf(target));
        if (below && node.importKind !== "type") {
          found(node, `imports values of ${target}`);
        }
      },
    }));
    assert.deepEqual(wrong, []);
  });

  it("has no markup of its own in routes: components only", () => {
    const wrong = findings(inFolders("routes"), (_source, found) => ({
      JSXOpeningElement(node): void {
        if (node.name.type === "JSXIdentifier" && /^[a-z]/.test(node.name.name)) {
          found(node, `<${node.name.name}>`);
        }
      },
    }));
    assert.deepEqual(wrong, []);
  });

  it("knows htmx in one file only, and there only attributes that htmx has", async () => {
    const elsewhere = inFolders("routes", "views", "db", "jobs").filter(({ path }) =>
      path !== "views/swap.tsx"
    );
    const wrong = elsewhere.flatMap(({ path, text }) =>
      [...text.matchAll(/["'`\s<]hx-(?!target"\)|current-url)[a-z-]+/g)].map((match) =>
        `${path} ${match[0].trim()}`
      )
    );
    // Names of request headers are not attributes: they are read by c.req.header.
    assert.deepEqual(wrong.filter((one) => !/"hx-(target|current-url|source)$/.test(one)), []);
    const swap = sources.find(({ path }) => path === "views/swap.tsx");
    const used = new Set(
      [...swap?.text.matchAll(/"(hx-[a-z-]+)"/g) ?? []].map((match) => match[1]),
    );
    const htmx = await Deno.readTextFile(new URL(import.meta.resolve("htmx.org/dist/htmx.js")));
    const unknown = [...used].filter((name) => name === undefined || !htmx.includes(name));
    assert.ok(used.size > 5);
    assert.deepEqual(unknown, []);
    assert.ok(![...used].some((name) => name?.startsWith("hx-on")), "no text is evaluated");
  });

  it("has SQL in tagged templates only", () => {
    const wrong = findings(
      sources.filter(({ path }) => !path.startsWith("tests/") && path !== "jobs/queue.ts"),
      (_source, found) => ({
        MemberExpression(node): void {
          if (node.property.type === "Identifier" && node.property.name === "unsafe") {
            found(node, ".unsafe");
          }
        },
      }),
    );
    assert.deepEqual(wrong, []);
  });

  it("has no SQL in routes and views", () => {
    const wrong = findings(inFolders("routes", "views"), (_source, found) => ({
      TaggedTemplateExpression(node): void {
        if (node.tag.type === "Identifier" && /^(sql|tx)$/.test(node.tag.name)) found(node, "SQL");
      },
    }));
    assert.deepEqual(wrong, []);
  });

  it("silences no type: no any, no cast, no exclamation mark", () => {
    const wrong = findings(sources, (_source, found) => ({
      TSAnyKeyword: (node): void => found(node, "any"),
      TSTypeAssertion: (node): void => found(node, "a cast"),
      TSNonNullExpression: (node): void => found(node, "!"),
      TSAsExpression(node): void {
        const { typeAnnotation } = node;
        const isConst = typeAnnotation.type === "TSTypeReference" &&
          typeAnnotation.typeName.type === "Identifier" && typeAnnotation.typeName.name === "const";
        if (!isConst) found(node, "a cast");
      },
    }));
    assert.deepEqual(wrong, []);
  });

  it("silences no rule without saying why, and no type at all", () => {
    const wrong = sources.filter(({ path }) => path !== "tests/house_test.ts").flatMap(
      ({ path, text }) =>
        text.split("\n").flatMap((line, at) => {
          const bare = /deno-lint-ignore(?!.* -- \S)/.test(line) ||
            /@ts-(ignore|expect-error|nocheck)/.test(line) || /deno-fmt-ignore/.test(line);
          return bare ? [`${path}:${at + 1}`] : [];
        }),
    );
    assert.deepEqual(wrong, []);
  });

  it("opens every file with a comment that says what it is", () => {
    const wrong = inFolders(...CODE).filter(({ text }) => !/^(\/\/|\/\*\*) \S/.test(text));
    assert.deepEqual(wrong.map(({ path }) => path), []);
  });

  it("leaves nothing to be done in comments", () => {
    const wrong = sources.filter(({ path, text }) =>
      path !== "tests/house_test.ts" && /\b(TODO|FIXME|XXX|HACK)\b/.test(text)
    );
    assert.deepEqual(wrong.map(({ path }) => path), []);
  });

  it("takes no file's path from an address, where a space is three characters", () => {
    const wrong = sources.filter(({ text }) => /import\.meta\.[^;]*\)\.pathname/.test(text));
    assert.deepEqual(wrong.map(({ path }) => path), []);
  });

  it("has no drawer for everything", () => {
    const wrong = sources.filter(({ path }) =>
      /(^|\/)(utils?|helpers?|common|types|constants|controllers?|misc)(\/|\.tsx?$)/.test(path)
    );
    assert.deepEqual(wrong.map(({ path }) => path), []);
  });

  it("names files in small letters with underscores", () => {
    const wrong = sources.filter(({ path }) => !/^[a-z0-9_/.]+\.tsx?$/.test(path));
    assert.deepEqual(wrong.map(({ path }) => path), []);
  });
});
