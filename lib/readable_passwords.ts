// Temporary passwords of four readable words, derived from a key and an id, so that the same mail says the same again.

import { dictionary } from "@zxcvbn-ts/language-common";

/** Words that no school wants to mail to a parent. */
const AWKWARD =
  /^(abdomen|abscess|absinthe|addict|alcohol|ammo|ammonia|arson|ashamed|ashes|assault|attack|awful|badass|bikini|blood|bloody|bomb|bondage|booze|bully|butcher|cancel|casino|choking|cocaine|coffin|corpse|crime|cruel|cult|damned|dead|death|decay|defect|demon|devil|dirt|dirty|disease|dislike|drown|drug|drunk|dumb|dying|enemy|evil|exorcist|explode|fatal|fatality|fetus|fiend|fighter|flesh|foul|gamble|ghetto|grave|grenade|gross|guilt|guilty|gun|hanging|hatred|heroin|hostage|idiot|insane|jail|kidnap|kill|killer|lethal|liar|liquor|loser|molest|morgue|mortal|murder|naked|nude|outlaw|panic|pathetic|perverse|poison|prison|pervert|puke|punish|rabid|racism|reject|rifle|risky|savage|sedate|sewage|sex|sexual|sexy|shady|shame|shank|skull|slain|slap|slave|smoking|spank|spit|squad|stab|stench|strip|stupid|suicide|swear|theft|thief|threat|thug|thong|toxic|trash|traitor|ugly|undead|urine|useless|vermin|vicious|victim|violate|violence|vomit|vulgar|weapon|weak|whip|whisky|wound|wreck|zombie)$/;

const WORDS: readonly string[] = (dictionary["diceware-common"] ?? []).map(String)
  .filter((word) => /^[a-z]{3,8}$/.test(word) && !AWKWARD.test(word));

/** Words in one password. */
const COUNT = 4;
/** Bits that a password holds: how many there are, as a power of two. */
export const BITS = COUNT * Math.log2(WORDS.length);

/**
 * The password of an id: four words from a list of some 6,100 (EFF's large list, CC BY 3.0 US, by way of
 * @zxcvbn-ts/language-common), drawn without bias from HKDF (RFC 5869) by rejection.
 * @param secret the server key
 * @param id of the mail: each has its own, and the same id gives the same password for ever
 */
export async function derivePassword(secret: Uint8Array<ArrayBuffer>, id: string): Promise<string> {
  const root = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"]);
  const bytes = new Uint8Array(
    await crypto.subtle.deriveBits(
      {
        name: "HKDF",
        hash: "SHA-256",
        salt: new TextEncoder().encode(id),
        info: new TextEncoder().encode("temporary password"),
      },
      root,
      8 * 256,
    ),
  );
  const numbers = new Uint16Array(bytes.buffer);
  // Numbers from here on would favour the words at the list's beginning.
  const fair = 65_536 - (65_536 % WORDS.length);
  const drawn = [...numbers].filter((number) => number < fair).slice(0, COUNT);
  return drawn.map((number) => WORDS[number % WORDS.length]).join("-");
}
