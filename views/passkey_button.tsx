// The button at both doors that signs in with a passkey.

import type { JSX } from "hono/jsx/jsx-runtime";
import { Icon } from "./ui.tsx";

/** Static files that a page with a passkey form needs, in their order. */
export const PASSKEY_SCRIPTS = ["webauthn.js", "passkeys.js"] as const;

/** Signs in with a passkey; hidden until the page's script finds that the browser can. */
export function PasskeyButton(
  props: { door: "/portal/sign-in" | "/sign-in"; next: string },
): JSX.Element {
  const action = `${props.door}/passkey`;
  return (
    <form
      method="post"
      action={action}
      data-passkey="use"
      data-options={`${action}/options`}
      hidden
    >
      <input type="hidden" name="next" value={props.next} />
      <input type="hidden" name="passkey" value="" />
      <p class="summary" role="alert" data-says hidden></p>
      <button type="submit" class="button whole">
        <Icon name="key-round" /> Use a passkey
      </button>
    </form>
  );
}
