// What doctor looks at in the work there is to do: tasks that nobody works on, and mails that do not get out.

import { findTime } from "../db/connect.ts";
import { countWorkload, type Workload } from "../db/workload.ts";
import { countStuck } from "../jobs/queue.ts";
import type { Database } from "../services.ts";
import type { Finding } from "./doctor.ts";

/** Seconds for which a task waits without anybody wondering. */
const LONG_WAIT = 600;
/** Seconds after which a mail with login details should be out. */
const LONG_MAIL = 3600;

/** Tasks that wait or stand still, and mails that are open for long. */
export async function checkWork({ sql }: Database): Promise<Finding[]> {
  const workload = await countWorkload(sql, await findTime(sql));
  return [describeTasks(workload, await countStuck(sql)), describeMails(workload)];
}

function describeTasks({ tasks }: Workload, stuck: number): Finding {
  const name = "tasks";
  const waiting = tasks.filter(({ state, age }) => state === "queued" && age > LONG_WAIT);
  if (stuck > 0) {
    const sentence =
      `${stuck} stand still: their worker is gone. Start work (or serve); they go on within half a minute.`;
    return { name, state: "look at this", sentence };
  }
  if (waiting.length > 0) {
    const oldest = spanOf(Math.max(...waiting.map(({ age }) => age)));
    const kinds = waiting.map(({ kind }) => kind).join(", ");
    const sentence = `Some wait, the oldest for ${oldest} (${kinds}). Does work (or serve) run?`;
    return { name, state: "look at this", sentence };
  }
  return { name, state: "well", sentence: "None waits for long, none stands still" };
}

function describeMails({ mails }: Workload): Finding {
  const name = "resets";
  const open = mails.filter(({ age }) => age > LONG_MAIL);
  if (open.length === 0) {
    return { name, state: "well", sentence: "No mail with login details is open for long" };
  }
  const oldest = spanOf(Math.max(...open.map(({ age }) => age)));
  const states = open.map(({ state, count }) => `${count} ${state}`).join(", ");
  return {
    name,
    state: "look at this",
    sentence: `Mails with login details are open, the oldest for ${oldest} (${states}). ` +
      "Mails in the office shows the mail server’s words.",
  };
}

function spanOf(seconds: number): string {
  const hours = Math.floor(seconds / 3600);
  return hours > 0 ? `${hours} h` : `${Math.floor(seconds / 60)} min`;
}
