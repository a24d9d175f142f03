// After the server key was replaced: seals the secrets of two factor authentication under the present key.

import { listSecretsToReseal, replaceSealed, sealOwner } from "../db/tfa.ts";
import type { Services } from "../services.ts";

const LOT = 200;

/**
 * Seals under the present key whatever opens under the former. Each secret by itself: killed in the middle, the next run
 * goes on with the rest, and two at once do no harm.
 * @returns how many were sealed anew, and how many open under no key that is live
 */
export async function resealSecrets(
  { sql, keys, log }: Pick<Services, "sql" | "keys" | "log">,
): Promise<{ sealed: number; lost: number }> {
  const sealer = keys.sealer("totp secret");
  const keyPrint = await sealer.keyPrint();
  const counts = { sealed: 0, lost: 0 };
  for (let after = 0;;) {
    const lot = await listSecretsToReseal(sql, keyPrint, after, LOT);
    const last = lot.at(-1);
    if (last === undefined) break;
    for (const { id, owner: whose, sealed } of lot) {
      const owner = sealOwner(whose);
      const secret = await sealer.open(sealed, owner);
      if (secret === null) {
        counts.lost++;
        continue;
      }
      await replaceSealed(sql, id, sealed, await sealer.seal(secret, owner));
      counts.sealed++;
    }
    after = last.id;
  }
  if (counts.sealed + counts.lost > 0) log.info("secrets sealed under the present key", counts);
  return counts;
}
