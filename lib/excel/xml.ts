// A fast pull reader of namespaced XML that refuses document types and anything cut or ill-formed.

import { broken, type Refusal, refusal } from "./refusal.ts";

const MAX_DEPTH = 256;
const MAX_ATTRIBUTES = 1_000;
const XML_NAMESPACE = "http://www.w3.org/XML/1998/namespace";
const COMPATIBILITY = "http://schemas.openxmlformats.org/markup-compatibility/2006";
/** What Excel adds to the standard; of other extensions nobody knows whether it understands them. */
const EXTENSIONS = "http://schemas.microsoft.com/office/";

const TAB = 9;
const LINE_FEED = 10;
const RETURN = 13;
const SPACE = 32;
const BANG = 33;
const DOUBLE_QUOTE = 34;
const SINGLE_QUOTE = 39;
const SLASH = 47;
const COLON = 58;
const LESS = 60;
const EQUALS = 61;
const GREATER = 62;
const QUESTION = 63;

const NAMED: Readonly<Record<string, string>> = {
  amp: "&",
  apos: "'",
  gt: ">",
  lt: "<",
  quot: '"',
};

// What XML 1.0 (2.2 Char) leaves out, other than lone surrogates, which decoding never yields.
// deno-lint-ignore no-control-regex -- control characters are what is looked for
const FORBIDDEN = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/;

function isSpace(code: number): boolean {
  return code === SPACE || code === LINE_FEED || code === TAB || code === RETURN;
}

function endsName(code: number): boolean {
  return isSpace(code) || code === SLASH || code === GREATER || code === EQUALS ||
    code === LESS || code === DOUBLE_QUOTE || code === SINGLE_QUOTE || Number.isNaN(code);
}

/** What `XmlReader.next` found. */
export type XmlEvent = "close" | "end" | "open" | "text";

type Replaced = {
  readonly depth: number;
  readonly prefix: string;
  readonly namespace: string | undefined;
};

/** An AlternateContent that is open. */
type Alternatives = { readonly depth: number; isChosen: boolean };

/**
 * Reads a document event by event; an empty element gives an open and a close event. Of the
 * alternatives in an AlternateContent (ECMA-376 part 3, 7.5) the one that Excel takes comes as if
 * it stood there by itself, but that it is deeper.
 * The properties describe the last event and are valid until the next call of `next`.
 */
export class XmlReader {
  /** Local name of the element just opened or closed. */
  name = "";
  /** Namespace of the element just opened; "" for none. */
  namespace = "";
  /** Decoded characters of a text event. */
  text = "";

  readonly #source: string;
  readonly #part: string;
  #at = 0;
  /** Up to where lines are counted, and how many there were: only who asks for a line pays for it. */
  #counted = 0;
  #line = 1;
  #rootSeen = false;
  #isEmptyElement = false;
  /** Qualified names of the open elements, outermost first. */
  readonly #open: string[] = [];
  /** Qualified names and raw values of the open tag's attributes. */
  #attributeNames: string[] = [];
  #attributeValues: string[] = [];
  readonly #bindings = new Map<string, string>([["xml", XML_NAMESPACE], ["", ""]]);
  readonly #replaced: Replaced[] = [];
  /** Outermost first. */
  readonly #alternatives: Alternatives[] = [];

  /**
   * @param part the document's name, for the sentence of a refusal
   * @throws Refusal of kind broken if the text holds characters which XML forbids
   */
  constructor(source: string, part: string) {
    this.#source = source;
    this.#part = part;
    if (FORBIDDEN.test(source)) throw this.#fault();
  }

  /** How many elements are open: counts the one just opened, not the one just closed. */
  get depth(): number {
    return this.#open.length;
  }

  /** The line that the last event ends on, from 1. */
  get line(): number {
    for (; this.#counted < this.#at; this.#counted++) {
      if (this.#source.charCodeAt(this.#counted) === LINE_FEED) this.#line++;
    }
    return this.#line;
  }

  /**
   * Moves on; "end" comes once the root element is closed and only comments follow.
   * @throws Refusal of kind broken (ill-formed or cut) or dtd
   */
  next(): XmlEvent {
    for (;;) {
      const event = this.#next();
      if (event === "open" && this.#opensAlternative()) continue;
      if (event === "close" && this.#closesAlternative()) continue;
      return event;
    }
  }

  /** As `next`, alternatives included. */
  #next(): XmlEvent {
    if (this.#isEmptyElement) {
      this.#isEmptyElement = false;
      return this.#close();
    }
    const source = this.#source;
    while (this.#at < source.length) {
      if (source.charCodeAt(this.#at) !== LESS) {
        if (this.#readText()) return "text";
        continue;
      }
      const code = source.charCodeAt(this.#at + 1);
      if (code === SLASH) return this.#readCloseTag();
      if (code !== QUESTION && code !== BANG) return this.#readOpenTag();
      if (code === QUESTION) this.#skipPast("?>");
      else if (this.#readDeclaration()) return "text";
    }
    if (!this.#rootSeen || this.depth > 0) throw this.#fault();
    return "end";
  }

  /** Moves to the close of the element that was just opened. */
  passOver(): void {
    const outside = this.depth - 1;
    while (this.#next() !== "close" || this.depth > outside) {
      // What is inside is checked for soundness and otherwise ignored.
    }
  }

  /** The text directly inside the element that was just opened, up to its close. */
  readText(): string {
    const outside = this.depth - 1;
    let text = "";
    for (;;) {
      const event = this.next();
      if (event === "text" && this.depth === outside + 1) text += this.text;
      else if (event === "close" && this.depth === outside) return text;
    }
  }

  /** The value of an attribute without a prefix. */
  attribute(name: string): string | undefined {
    const index = this.#attributeNames.indexOf(name);
    return index < 0 ? undefined : this.#attributeValue(index);
  }

  /** The value of the attribute with this local name in a namespace that ends in `ending`. */
  attributeIn(ending: string, localName: string): string | undefined {
    const suffix = ":" + localName;
    const index = this.#attributeNames.findIndex((name) =>
      name.endsWith(suffix) &&
      this.#bindings.get(name.slice(0, -suffix.length))?.endsWith(ending) === true
    );
    return index < 0 ? undefined : this.#attributeValue(index);
  }

  /** Whether the element just opened only wraps alternatives; one that is not taken is passed over. */
  #opensAlternative(): boolean {
    const { depth, name } = this;
    const isCompatibility = this.namespace === COMPATIBILITY;
    const outer = this.#alternatives.at(-1);
    if (outer?.depth !== depth - 1) {
      if (!isCompatibility || name !== "AlternateContent") return false;
      this.#alternatives.push({ depth, isChosen: false });
      return true;
    }
    if (
      isCompatibility && !outer.isChosen &&
      (name === "Fallback" || (name === "Choice" && this.#isUnderstood()))
    ) {
      outer.isChosen = true;
    } else {
      this.passOver();
    }
    return true;
  }

  /** Whether the element just closed only wrapped alternatives. */
  #closesAlternative(): boolean {
    const last = this.#alternatives.at(-1);
    if (last === undefined || this.depth > last.depth) return false;
    if (this.depth < last.depth) this.#alternatives.pop();
    return true;
  }

  /** Whether Excel knows all that the Choice just opened requires. */
  #isUnderstood(): boolean {
    const prefixes = (this.attribute("Requires") ?? "").trim().split(/\s+/);
    return prefixes.every((prefix) => this.#bindings.get(prefix)?.startsWith(EXTENSIONS) === true);
  }

  #fault(): Refusal {
    return broken(`its part ${this.#part} is cut off or not sound XML`);
  }

  #attributeValue(index: number): string {
    const raw = this.#attributeValues[index] ?? "";
    // XML 1.0, 3.3.3: line ends and tabs in attributes are blanks, unless written as references.
    return this.#decode(/[\t\n\r]/.test(raw) ? raw.replace(/\r\n|[\t\n\r]/g, " ") : raw);
  }

  #decode(raw: string): string {
    if (!raw.includes("&")) return raw;
    return raw.replace(/&([^;&]*);|&/g, (_match: string, name: string | undefined) => {
      const character = name === undefined ? undefined : reference(name);
      if (character === undefined) throw this.#fault();
      return character;
    });
  }

  #skipPast(ending: string): void {
    const end = this.#source.indexOf(ending, this.#at + 2);
    if (end < 0) throw this.#fault();
    this.#at = end + ending.length;
  }

  /** Whether the text counts: between the tags of the root element. */
  #readText(): boolean {
    const start = this.#at;
    const found = this.#source.indexOf("<", start);
    this.#at = found < 0 ? this.#source.length : found;
    const raw = this.#source.slice(start, this.#at);
    if (this.depth > 0) {
      this.text = this.#decode(unifyLineEnds(raw));
      return true;
    }
    if (/[^ \t\r\n]/.test(raw)) throw this.#fault();
    return false;
  }

  /** Reads what starts with "<!"; whether it was text (CDATA). */
  #readDeclaration(): boolean {
    if (this.#source.startsWith("<!--", this.#at)) {
      this.#at += 2;
      this.#skipPast("-->");
      return false;
    }
    if (this.depth > 0 && this.#source.startsWith("<![CDATA[", this.#at)) {
      const start = this.#at + 9;
      this.#skipPast("]]>");
      this.text = unifyLineEnds(this.#source.slice(start, this.#at - 3));
      return true;
    }
    if (/^<!(?:DOCTYPE|ENTITY|ELEMENT|ATTLIST|NOTATION)/i.test(this.#head())) throw refusal("dtd");
    throw this.#fault();
  }

  #head(): string {
    return this.#source.slice(this.#at, this.#at + 12);
  }

  #readCloseTag(): XmlEvent {
    const name = this.#open.at(-1);
    if (name === undefined || !this.#source.startsWith(name, this.#at + 2)) throw this.#fault();
    let at = this.#at + 2 + name.length;
    while (isSpace(this.#source.charCodeAt(at))) at++;
    if (this.#source.charCodeAt(at) !== GREATER) throw this.#fault();
    this.#at = at + 1;
    return this.#close();
  }

  #close(): XmlEvent {
    const name = this.#open.pop() ?? "";
    this.name = name.slice(name.indexOf(":") + 1);
    const depth = this.depth;
    for (let last = this.#replaced.at(-1); last !== undefined && last.depth > depth;) {
      if (last.namespace === undefined) this.#bindings.delete(last.prefix);
      else this.#bindings.set(last.prefix, last.namespace);
      this.#replaced.pop();
      last = this.#replaced.at(-1);
    }
    return "close";
  }

  #readOpenTag(): XmlEvent {
    if (this.depth === 0 && this.#rootSeen) throw this.#fault();
    this.#rootSeen = true;
    const start = this.#at + 1;
    const end = this.#endOfName(start);
    const qualified = this.#source.slice(start, end);
    this.#open.push(qualified);
    if (this.depth > MAX_DEPTH) throw this.#fault();
    this.#at = end;
    this.#readAttributes();
    const colon = qualified.indexOf(":");
    const namespace = this.#bindings.get(colon < 0 ? "" : qualified.slice(0, colon));
    if (namespace === undefined) throw this.#fault();
    this.namespace = namespace;
    this.name = colon < 0 ? qualified : qualified.slice(colon + 1);
    return "open";
  }

  #endOfName(start: number): number {
    let at = start;
    while (!endsName(this.#source.charCodeAt(at))) at++;
    if (at === start) throw this.#fault();
    return at;
  }

  #skipSpace(): boolean {
    const start = this.#at;
    while (isSpace(this.#source.charCodeAt(this.#at))) this.#at++;
    return this.#at > start;
  }

  #readAttributes(): void {
    this.#attributeNames = [];
    this.#attributeValues = [];
    for (;;) {
      const spaced = this.#skipSpace();
      const code = this.#source.charCodeAt(this.#at);
      if (code === GREATER) {
        this.#at++;
        break;
      }
      if (code === SLASH && this.#source.charCodeAt(this.#at + 1) === GREATER) {
        this.#at += 2;
        this.#isEmptyElement = true;
        break;
      }
      if (!spaced) throw this.#fault();
      this.#readAttribute();
    }
    if (this.#attributeNames.length > 1) this.#refuseDoubledAttributes();
  }

  #readAttribute(): void {
    const start = this.#at;
    this.#at = this.#endOfName(start);
    const name = this.#source.slice(start, this.#at);
    this.#skipSpace();
    if (this.#source.charCodeAt(this.#at) !== EQUALS) throw this.#fault();
    this.#at++;
    this.#skipSpace();
    const quote = this.#source.charCodeAt(this.#at);
    if (quote !== DOUBLE_QUOTE && quote !== SINGLE_QUOTE) throw this.#fault();
    const end = this.#source.indexOf(quote === DOUBLE_QUOTE ? '"' : "'", this.#at + 1);
    if (end < 0) throw this.#fault();
    const value = this.#source.slice(this.#at + 1, end);
    if (value.includes("<")) throw this.#fault();
    this.#at = end + 1;
    this.#attributeNames.push(name);
    this.#attributeValues.push(value);
    if (name.startsWith("xmlns")) this.#bind(name, this.#decode(value));
  }

  #bind(attribute: string, namespace: string): void {
    if (attribute !== "xmlns" && attribute.charCodeAt(5) !== COLON) return;
    const prefix = attribute.slice(6);
    this.#replaced.push({ depth: this.depth, prefix, namespace: this.#bindings.get(prefix) });
    this.#bindings.set(prefix, namespace);
  }

  #refuseDoubledAttributes(): void {
    const names = this.#attributeNames;
    if (names.length > MAX_ATTRIBUTES) throw this.#fault();
    const isDoubled = names.length > 16
      ? new Set(names).size < names.length
      : names.some((name, index) => names.indexOf(name) < index);
    if (isDoubled) throw this.#fault();
  }
}

function unifyLineEnds(text: string): string {
  return text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text;
}

/** The character of an entity or numeric reference (XML 1.0, 4.1), if there is such. */
function reference(name: string): string | undefined {
  if (!name.startsWith("#")) return Object.hasOwn(NAMED, name) ? NAMED[name] : undefined;
  const isHex = name.startsWith("#x");
  const digits = name.slice(isHex ? 2 : 1);
  if (!(isHex ? /^[0-9A-Fa-f]+$/ : /^[0-9]+$/).test(digits)) return undefined;
  const code = Number.parseInt(digits, isHex ? 16 : 10);
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return undefined;
  const character = String.fromCodePoint(code);
  return FORBIDDEN.test(character) ? undefined : character;
}
