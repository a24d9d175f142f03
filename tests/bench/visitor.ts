// Somebody of the office who asks for pages, as a browser would, without a network between.

import { originOf } from "../../config.ts";
import { addSession } from "../../db/sessions.ts";
import { findSettings } from "../../db/settings.ts";
import { hashToken, newToken } from "../../lib/keys.ts";
import { createApp } from "../../routes/mod.ts";
import type { Services } from "../../services.ts";

/** Opens a session of an administrator. @returns what asks for a page; anything but 200 is an error */
export async function signInTo(services: Services): Promise<(path: string) => Promise<Response>> {
  const { sql, clock } = services;
  const [admin] = await sql<
    [{ id: number }]
  >`select min(id) as id from admins where role = 'Administrator'`;
  const token = newToken();
  const owner = { adminId: admin.id, tfaStep: null };
  const visitor = { ip: null, userAgent: null };
  const settings = await findSettings(sql);
  await addSession(sql, owner, hashToken(token), visitor, settings, clock.now());
  const app = createApp(services);
  const origin = originOf(services.config);
  return async (path) => {
    const response = await app.fetch(
      new Request(origin + path, { headers: { cookie: `office=${token}` } }),
      { remoteAddr: { transport: "tcp", hostname: "127.0.0.1", port: 1 } },
    );
    if (response.status !== 200) throw new Error(`${path} answered ${response.status}`);
    return response;
  };
}
