// Devices that are not asked for a code: remembering one after a code, knowing it again, and forgetting it.

import { transaction } from "../db/connect.ts";
import {
  addRememberedDevice,
  deleteRememberedDevice,
  isRemembered,
  listRememberedDevices,
} from "../db/remembered_devices.ts";
import type { Transaction } from "../db/connect.ts";
import { describeDevice } from "../lib/devices.ts";
import { hashToken, newToken } from "../lib/keys.ts";
import type { ShownDevice } from "../views/remembered_devices.tsx";
import { type Ctx, factory, type Fields, readId } from "./context.ts";
import { deviceHash, setDeviceCookie } from "./guards.ts";
import { notFound } from "./errors.tsx";

export const rememberedDevices = factory.createApp()
  .post("/:id/deletion", async (c) => {
    const { services, parent, requestId } = c.var;
    const id = readId(c.req.param("id")) ?? notFound();
    const author = { adminId: null, who: `${parent.firstName} ${parent.surname}`, requestId };
    await transaction(
      services.sql,
      (tx) => deleteRememberedDevice(tx, parent.logonId, id, author),
    );
    return c.redirect("/portal/tfa?saved=device", 303);
  });

/** What a form of a code wants: null unless it is to be remembered and the school offers that. */
export type Remembering = {
  store(tx: Transaction): Promise<void>;
  /** Once it is stored. */
  giveCookie(): void;
};

export function readRemembering(c: Ctx, form: Fields): Remembering | null {
  const { parent, visitor, services, settings } = c.var;
  const days = settings.remember_device_days;
  if (form.text("remember") !== "yes" || days === 0) return null;
  const token = newToken();
  const device = { tokenHash: hashToken(token), visitor };
  return {
    store: (tx) => addRememberedDevice(tx, parent.logonId, device, services.clock.now()),
    giveCookie: () => setDeviceCookie(c, parent.logonId, token, days),
  };
}

/** Tells, within the transaction of a sign-in, whether the browser is one that was remembered for the logon. */
export function knownDevice(c: Ctx, logonId: number): (tx: Transaction) => Promise<boolean> {
  const { services, settings } = c.var;
  const hash = deviceHash(c, logonId);
  const moment = { at: services.clock.now(), days: settings.remember_device_days };
  return (tx) => hash === null ? Promise.resolve(false) : isRemembered(tx, logonId, hash, moment);
}

/** The parent's own, for their page. */
export async function ownDevices(c: Ctx): Promise<ShownDevice[]> {
  const { services, settings, parent } = c.var;
  const moment = { at: services.clock.now(), days: settings.remember_device_days };
  const devices = await listRememberedDevices(services.sql, parent.logonId, moment);
  return devices.map(({ userAgent, ...device }) => ({
    ...device,
    device: describeDevice(userAgent),
  }));
}
