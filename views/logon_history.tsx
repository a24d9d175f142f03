// The window with a logon's history.

import type { JSX } from "hono/jsx/jsx-runtime";
import type { HistoryPage } from "../db/logon_history.ts";
import { HistoryList } from "./history.tsx";
import type { Times } from "./times.ts";
import { Cancel, DialogContent, DialogFoot, Name } from "./ui.tsx";

export function LogonHistoryDialog(
  props: {
    logon: { id: number; firstName: string; surname: string };
    page: HistoryPage;
    /** Whether newer changes stand on the page before. */
    later: boolean;
    times: Times;
    query: string;
  },
): JSX.Element {
  const { logon, page } = props;
  const first = `/logons/${logon.id}/history`;
  const next = `${first}?before=${page.next ?? ""}`;
  return (
    <DialogContent title="History" wide>
      <div class="body history">
        <p>
          What was done to the logon of{" "}
          <strong>
            <Name of={logon} />
          </strong>, newest first. What was mailed stands under{" "}
          <a href={`/credential-mails?logon=${logon.id}`}>Mails</a>.
        </p>
        <HistoryList entries={page.entries} times={props.times} />
      </div>
      <DialogFoot>
        {props.later && <a class="button start" href={first} data-opens>Newest</a>}
        {page.next !== null && <a class="button" href={next} data-opens>Older</a>}
        <Cancel href={`/logons${props.query}`} label="Close" />
      </DialogFoot>
    </DialogContent>
  );
}
