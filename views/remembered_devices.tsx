// Devices that are not asked for a code: the offer below the code, and the list on the page of two factor authentication.

import type { JSX } from "hono/jsx/jsx-runtime";
import { count, type Times } from "./times.ts";

/** A device in words. */
export type ShownDevice = {
  readonly id: number;
  /** "Chrome on Android"; null where the browser did not say. */
  readonly device: string | null;
  readonly rememberedAt: Date;
  readonly usedAt: Date;
};

/** Never ticked beforehand: on a shared device it were wrong. @param props.days 0 for no offer */
export function RememberOffer(props: { days: number }): JSX.Element | null {
  if (props.days === 0) return null;
  return (
    <div class="tick">
      <input type="checkbox" id="field-remember" name="remember" value="yes" />
      <label for="field-remember">
        Do not ask for a code on this device for {count(props.days, "day")}
        <span class="hint">Only if nobody else uses it.</span>
      </label>
    </div>
  );
}

export function RememberedDevices(
  props: { devices: readonly ShownDevice[]; days: number; times: Times },
): JSX.Element | null {
  const { devices, days, times } = props;
  if (devices.length === 0) return null;
  return (
    <section aria-labelledby="remembered">
      <h2 id="remembered">Remembered devices</h2>
      <p>
        There you sign in without a code, for {count(days, "day")}{" "}
        after you entered one. Forget those that are not yours any more.
      </p>
      <ul class="rows">
        {devices.map((one) => (
          <li>
            <span>
              <strong>{one.device ?? "Unknown device"}</strong>
              <span class="below soft">
                Remembered on {times.full(one.rememberedAt)}; last used {times.full(one.usedAt)}
              </span>
            </span>
            <form method="post" action={`/portal/devices/${one.id}/deletion`}>
              <button
                type="submit"
                class="button"
                aria-label={`Forget ${one.device ?? "unknown device"}, remembered on ${
                  times.full(one.rememberedAt)
                }`}
              >
                Forget
              </button>
            </form>
          </li>
        ))}
      </ul>
    </section>
  );
}
