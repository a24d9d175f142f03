// The one shape of a job: what runs for a task, with its options beside it.

import type { Author } from "../db/audit.ts";
import type { Sql } from "../db/connect.ts";
import type { Claim, Facts, Failure, Task } from "../db/tasks.ts";
import type { Services } from "../services.ts";

/** What a running job is given. */
export type Running = {
  readonly services: Services;
  /** Where a job that {@link Job.readsMuch} asks what it only reads, if that is not `services.sql`. */
  readonly reads?: Sql;
  /** The task as it was when this run began. */
  readonly task: Task;
  /** Held for this run: see `claimed` in db/tasks.ts. */
  readonly claim: Claim;
  /** The request that asked for the task, if it was one. */
  readonly requestId?: string | null;
  /** Aborted when the program is about to stop: end at the next safe place by throwing {@link HandedBack}. */
  readonly stopping: AbortSignal;
};

/** Who does what a task does, as every change records it. @param otherwise the name, where no admin asked for it */
export function authorOfTask({ task, requestId }: Running, otherwise = "a former admin"): Author {
  return {
    adminId: task.adminId,
    who: task.adminName ?? otherwise,
    ...requestId ? { requestId } : {},
  };
}

export type JobOutcome = { readonly state: "done" | "needs review"; readonly facts?: Facts };

export type Job = {
  /** The queue's name, and the kind of the tasks it works on. */
  readonly kind: string;
  /** Runs after one that broke (a bug, or Postgres away), before the admin is told that it failed. */
  readonly retries: number;
  /** Seconds a run may take; its heart beats meanwhile, so that a dead worker is noticed sooner. */
  readonly expiresIn: number;
  /** Reads much and writes only about its own task: a run that loses the standby is begun anew. */
  readonly readsMuch?: true;
  /** Does the work. It may run twice, even at once: every write goes through the claim. */
  run(running: Running): Promise<JobOutcome>;
};

/** An expected end without success: shown to the admin, never retried. */
export class TaskFailed extends Error {
  override readonly name = "TaskFailed";
  constructor(readonly failure: Failure) {
    super(`task failed: ${failure.code}`);
  }
}

/** The program stops: another run goes on from here. */
export class HandedBack extends Error {
  override readonly name = "HandedBack";
}

/** Ends this run if the program is about to stop. @throws {HandedBack} */
export function checkStopping(running: Running): void {
  if (running.stopping.aborted) throw new HandedBack();
}
